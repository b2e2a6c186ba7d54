"""Options that several commands take, and what is read from them."""

import argparse
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import get_args

from clinicalblip.errors import SettingsError
from clinicalblip.radiology.report import SLOTS
from clinicalblip.settings import CONFIG, Precision, Settings, find_config, read_settings

PRECISIONS = get_args(Precision)
SPLITS = ("train", "validate", "test")


def add_config(parser: argparse.ArgumentParser) -> None:
    """Add `--config`."""
    parser.add_argument("--config", type=Path, default=find_config(), metavar="F", help=f"settings (default: {CONFIG})")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Add `--config` and what overrides its model: `--base`, `--adapter`, `--precision`, `--book` and `--no-book`."""
    add_config(parser)
    parser.add_argument("--base", metavar="B", help="an InstructBLIP folder or hub name (default: the settings')")
    parser.add_argument("--adapter", metavar="B", help="a ClinicalBLIP adapter folder made for that base")
    parser.add_argument("--precision", choices=PRECISIONS, help="(default: the settings')")
    book = parser.add_mutually_exclusive_group()
    book.add_argument("--book", metavar="B", help="a book of drafts for that base (default: the one beside it)")
    book.add_argument("--no-book", action="store_true", help="draft without a book, one word a step")


def add_finding_bias(parser: argparse.ArgumentParser) -> None:
    """Add `--finding-bias`, in nats."""
    parser.add_argument(
        "--finding-bias",
        type=_nats,
        metavar="N",
        help="above 0 misses fewer findings, below 0 invents fewer (nats)",
    )


def add_without(parser: argparse.ArgumentParser) -> None:
    """Add `--without`, which `prompt_slots` reads."""
    parser.add_argument(
        "--without", default="", metavar="SLOTS", help="slots of the prompt left empty: prior_report,hints,..."
    )


def settings_from(options: argparse.Namespace) -> Settings:
    """Read the settings file, overridden by the model and the finding bias that were given.

    A base, an adapter or a precision is loaded here, also where the settings name replicas. Raises SettingsError.
    """
    settings = read_settings(options.config)
    model = settings.model.model_dump()
    bias, at = (getattr(options, name, None) for name in ("finding_bias", "at"))
    is_here = options.base or getattr(options, "adapter", None) or getattr(options, "precision", None)
    model |= {"at": None if is_here else at or settings.model.at}
    if (at and is_here) or (model["at"] and bias is not None):
        raise SettingsError(
            "Replicas draft with the model and the finding bias that they were started with; name either their address "
            "or what is to be loaded here."
        )
    if options.base:
        # Another base has no use for the adapter of the one in the settings.
        model |= {"base": str(Path(options.base).resolve()) if Path(options.base).is_dir() else options.base}
        model |= {"adapter": None}
    if getattr(options, "adapter", None):
        model |= {"adapter": str(Path(options.adapter).resolve())}
    if getattr(options, "precision", None):
        model |= {"precision": options.precision}
    if getattr(options, "no_book", False):
        model |= {"book": None}
    elif getattr(options, "book", None):
        model |= {"book": str(Path(options.book).resolve())}
    generation = settings.generation
    if bias is not None:
        generation = generation.model_copy(update={"finding_bias": bias})
    return settings.model_copy(update={"model": type(settings.model)(**model), "generation": generation})


def prompt_slots(names: str) -> tuple[str, ...]:
    """The slots of the prompt that a list with commas names. Raises SettingsError for a name that is none."""
    named = tuple(name.strip().replace("-", "_") for name in names.split(",") if name.strip())
    if unknown := [name for name in named if name not in SLOTS]:
        raise SettingsError(f"The prompt has no slot {', '.join(unknown)}; its slots are {', '.join(SLOTS)}.")
    return named


def whole_number(lowest: int, highest: int, what: str) -> Callable[[str], int]:
    """The type of an option that is a whole number within limits; `what` says of what."""

    def read(text: str) -> int:
        if not text.isdecimal() or not lowest <= int(text) <= highest:
            raise argparse.ArgumentTypeError(f"a number of {what} from {lowest} to {highest}")
        return int(text)

    return read


def _nats(text: str) -> float:
    with suppress(ValueError):
        if -10 <= float(text) <= 10:
            return float(text)
    raise argparse.ArgumentTypeError("a number of nats from -10 to 10")
