"""The command `evaluate`."""

from __future__ import annotations

import argparse
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import SPLITS, add_config, settings_from
from clinicalblip.cli.output import check_can_plot, output_file
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import SettingsError

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.evaluation.baselines import Embed
    from clinicalblip.settings import Settings

_NO_BASE = "none"
"""What `--base` is given where no encoder is to be asked."""


def add_commands(commands: Commands) -> None:
    """Add `evaluate`."""
    parser = add_command(
        commands,
        "evaluate",
        _evaluate,
        "score the drafts of a split, with the baselines beside them",
        (
            "--predictions predictions.jsonl --studies iu.jsonl --split test --target findings",
            "--predictions predictions.jsonl --studies iu.jsonl --split test --target report --output card.json",
            "--studies iu.jsonl --split test --target impression --base none",
        ),
    )
    parser.add_argument(
        "--predictions", type=Path, metavar="P", help="the drafts (JSON lines); without, the card has the baselines"
    )
    parser.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    parser.add_argument("--split", choices=SPLITS, required=True)
    parser.add_argument("--target", choices=("findings", "impression", "report"), required=True)
    parser.add_argument(
        "--output", type=Path, metavar="F", help="the card to write as JSON; the table and the plot lie beside it"
    )
    for name, what in (
        ("against", "other drafts, for the paired difference"),
        ("without-prior", "the same model's drafts with slots of the prompt left empty"),
        ("shuffled", "the same model's drafts from other studies' films"),
        ("blank", "the same model's drafts from a blank film"),
    ):
        parser.add_argument(f"--{name}", type=Path, metavar="P", help=what)
    parser.add_argument("--cleaning", choices=("r2gen", "raw"), default="r2gen", help="(default: r2gen)")
    parser.add_argument(
        "--cut", type=int, metavar="N", help="tokens that references are cut to: 60 as R2Gen does (default: whole)"
    )
    parser.add_argument("--metrics", default="", metavar="NAMES", help="bleu-4,findings,... (default: all)")
    parser.add_argument(
        "--train-studies", type=Path, metavar="F", help="the adapter's training-studies.txt, to look for leaks"
    )
    parser.add_argument(
        "--hints",
        choices=("oracle", "reader"),
        help="where the prompts' hints came from (default: taken from the references' tags)",
    )
    parser.add_argument("--allow-missing", action="store_true", help="leave out studies without a draft")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of the intervals")
    parser.add_argument(
        "--base", metavar="B", help=f"whose encoder finds the nearest film (default: the settings'; {_NO_BASE})"
    )
    add_config(parser)


def _evaluate(options: argparse.Namespace) -> None:
    from clinicalblip.evaluation.evaluate import evaluate
    from clinicalblip.evaluation.metrics.cleaning import Cleaning
    from clinicalblip.evaluation.predictions import HintSource
    from clinicalblip.evaluation.request import OPTIONS, EvaluationRequest
    from clinicalblip.evaluation.scorecard.files import write_card
    from clinicalblip.evaluation.scorecard.table import write_table
    from clinicalblip.radiology.report import Target

    named = {kind: getattr(options, name.replace("-", "_")) for kind, name in OPTIONS.items()}
    request = EvaluationRequest(
        studies=options.studies,
        split=options.split,
        target=Target(options.target),
        files={kind: path for kind, path in named.items() if path is not None},
        cleaning=Cleaning(options.cleaning),
        cut=options.cut,
        metrics=tuple(name.strip() for name in options.metrics.split(",") if name.strip()),
        train_studies=options.train_studies,
        hints=HintSource(options.hints) if options.hints else None,
        allow_missing=options.allow_missing,
        seed=options.seed,
    )
    output = output_file(options.output) if options.output else None
    if output is not None and output.suffix != ".json":
        raise SettingsError("The card is written as JSON; name an output that ends in .json.")
    if output is not None:
        check_can_plot("evaluate")
    card = evaluate(request, None if options.base == _NO_BASE else _embedder(settings_from(options)))
    print(write_table(card), end="")
    if output is not None:
        write_card(card, output)


def _embedder(settings: Settings) -> Embed:
    """The base's vision encoder; torch is loaded at its first use, which is where there are films to compare."""

    @cache
    def embedder() -> Embed:
        from clinicalblip.instructblip.vision.film_embedder import FilmEmbedder

        return FilmEmbedder(settings.locate(settings.model.base))

    return lambda studies: embedder()(studies)
