"""What the commands of the command line take: nothing is run here, and nothing heavy imported."""

import argparse
import os
from contextlib import suppress
from pathlib import Path

from clinicalblip.asset_folder import ASSETS
from clinicalblip.settings import CONFIG, find_config
from clinicalblip.version import __version__

NO_BASE = "none"
"""What `evaluate --base` is given where no encoder is to be asked."""


def make_parser() -> argparse.ArgumentParser:
    """The parser of the command line; what was asked for is `command`: "draft", "feedback export"."""
    parser = argparse.ArgumentParser(
        prog="python -m clinicalblip",
        description="Drafts chest radiograph reports for a radiologist to correct. Research use only.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="say what is being done")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    draft = commands.add_parser("draft", help="draft the report of one examination")
    draft.set_defaults(command="draft")
    draft.add_argument("radiograph", type=Path, metavar="RADIOGRAPH", help="the frontal film: DICOM, PNG or JPEG")
    draft.add_argument("--lateral", type=Path, metavar="F", help="the lateral film")
    draft.add_argument("--prior-image", type=Path, metavar="F", help="the earlier film")
    for name, what in (
        ("indication", "why the film was taken"),
        ("history", "what is known of the patient"),
        ("technique", "how the film was taken"),
        ("comparison", "what it is compared with"),
        ("hints", "key words of your own"),
    ):
        draft.add_argument(f"--{name}", default="", metavar="T", help=what)
    draft.add_argument("--prior-report", type=Path, metavar="F", help="a text file with the report of the earlier film")
    draft.add_argument("--mask-text", action="store_true", help="make text in the films black before they are used")
    draft.add_argument(
        "--mask-identifiers", action="store_true", help="mask names, numbers and addresses in the texts before use"
    )
    _add_model(draft)
    _add_bias(draft)
    draft.add_argument("--seed", type=int, metavar="N", help="the seed where drafting samples")
    draft.add_argument(
        "--json", action="store_true", help="print one JSON object with the draft and where it came from"
    )

    feedback = commands.add_parser("feedback", help="export the reviews, or erase the texts of one")
    reviews = feedback.add_subparsers(required=True, metavar="COMMAND")
    export = reviews.add_parser("export", help="write all reviews to a file")
    export.set_defaults(command="feedback export")
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    export.add_argument("--output", type=Path, required=True, metavar="F")
    _add_config(export)
    forget = reviews.add_parser("forget", help="withdraw consent: erase the texts of a review, keep the rest")
    forget.set_defaults(command="feedback forget")
    forget.add_argument("review", metavar="ID", help="the id that saving showed")
    _add_config(forget)

    prepare = commands.add_parser("prepare", help="turn a public data set into a studies file")
    sets = prepare.add_subparsers(required=True, metavar="DATASET")
    iu = sets.add_parser("iu-xray", help="IU X-RAY (Open-i): the original XML reports")
    iu.set_defaults(command="prepare iu-xray")
    iu.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    iu.add_argument("--output", type=Path, required=True, metavar="F", help="the studies file to write (JSON lines)")
    iu.add_argument("--split-file", type=Path, metavar="F", help="R2Gen's annotation.json, whose ids then decide")
    mimic = sets.add_parser("mimic-cxr", help="MIMIC-CXR: the original tables, reports and films")
    mimic.set_defaults(command="prepare mimic-cxr")
    mimic.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with tables and files/")
    mimic.add_argument("--output", type=Path, required=True, metavar="F", help="the studies file to write (JSON lines)")
    for data_set in (iu, mimic):
        data_set.add_argument("--without-images", action="store_true", help="keep studies whose images are not there")
        data_set.add_argument(
            "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
        )

    train = commands.add_parser("train", help="train a ClinicalBLIP adapter in stages")
    train.set_defaults(command="train")
    train.add_argument(
        "--plan", required=True, metavar="NAME", help="clinicalblip, single-stage, without-prior or mini"
    )
    train.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    train.add_argument(
        "--run",
        "--run-folder",  # torchrun takes --run for the beginning of an option of its own
        dest="run_folder",
        type=Path,
        required=True,
        metavar="DIR",
        help="where the run is kept",
    )
    train.add_argument(
        "--base",
        default=str(ASSETS / "mini" / "instructblip-mini"),
        metavar="B",
        help="an InstructBLIP folder or hub name",
    )
    train.add_argument("--precision", choices=("auto", "nf4", "int8", "bf16", "fp32"))
    _add_without(train)
    train.add_argument("--workers", type=int, default=0, metavar="N", help="processes that read films beside it")
    train.add_argument("--strict", action="store_true", help="stop at a film that cannot be read")
    train.add_argument(
        "--activation-checkpointing", action="store_true", help="compute activations twice instead of keeping them"
    )
    train.add_argument("--dry-run", action="store_true", help="say what would be trained, and how much memory it takes")

    rehearse = commands.add_parser("rehearse", help="a full-size model with random weights: a step a stage, a draft")
    rehearse.set_defaults(command="rehearse")
    rehearse.add_argument(
        "--shape", required=True, metavar="NAME", help="instructblip-vicuna-7b, instructblip-flan-t5-xl or tiny"
    )
    rehearse.add_argument("--plan", default="clinicalblip", metavar="NAME", help="whose stages take a step")
    rehearse.add_argument("--precision", choices=("nf4", "bf16", "fp32"), default="nf4")
    rehearse.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    rehearse.add_argument("--tokens", type=int, default=20, metavar="N", help="how many tokens are drafted")

    many = commands.add_parser("draft-all", help="draft every study of a file; resumable, also under torchrun")
    many.set_defaults(command="draft-all")
    many.add_argument("--batch", type=int, default=8, metavar="N", help="studies drafted together")
    _add_every_study(many, "predictions")
    _add_bias(many)

    score = commands.add_parser("score", help="how likely each finding is, for every study; as draft-all")
    score.set_defaults(command="score")
    _add_every_study(score, "scores")

    evaluation = commands.add_parser("evaluate", help="score the drafts of a split, with the baselines beside them")
    evaluation.set_defaults(command="evaluate", adapter=None, precision=None)
    evaluation.add_argument(
        "--predictions", type=Path, metavar="P", help="the drafts (JSON lines); without, the card has the baselines"
    )
    evaluation.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    evaluation.add_argument("--split", choices=("train", "validate", "test"), required=True)
    evaluation.add_argument("--target", choices=("findings", "impression", "report"), required=True)
    evaluation.add_argument(
        "--output", type=Path, metavar="F", help="the card to write as JSON; the table and the plot lie beside it"
    )
    for name, what in (
        ("against", "other drafts, for the paired difference"),
        ("without-prior", "the same model's drafts with slots of the prompt left empty"),
        ("shuffled", "the same model's drafts from other studies' films"),
        ("blank", "the same model's drafts from a blank film"),
    ):
        evaluation.add_argument(f"--{name}", type=Path, metavar="P", help=what)
    evaluation.add_argument("--cleaning", choices=("r2gen", "raw"), default="r2gen", help="(default: r2gen)")
    evaluation.add_argument(
        "--cut", type=int, metavar="N", help="tokens that references are cut to: 60 as R2Gen does (default: whole)"
    )
    evaluation.add_argument("--metrics", default="", metavar="NAMES", help="bleu-4,findings,... (default: all)")
    evaluation.add_argument(
        "--train-studies", type=Path, metavar="F", help="the adapter's training-studies.txt, to look for leaks"
    )
    evaluation.add_argument(
        "--hints",
        choices=("oracle", "reader"),
        help="where the prompts' hints came from (default: taken from the references' tags)",
    )
    evaluation.add_argument("--allow-missing", action="store_true", help="leave out studies without a draft")
    evaluation.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of the intervals")
    evaluation.add_argument(
        "--base", metavar="B", help=f"whose encoder finds the nearest film (default: the settings'; {NO_BASE})"
    )
    _add_config(evaluation)
    return parser


def _add_every_study(parser: argparse.ArgumentParser, written: str) -> None:
    parser.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    parser.add_argument("--split", choices=("train", "validate", "test"), help="(default: all studies)")
    parser.add_argument("--output", type=Path, required=True, metavar="F", help=f"the {written} file (JSON lines)")
    parser.add_argument(
        "--films", choices=("right", "shuffled", "blank"), default="right", help="which films the model is given"
    )
    _add_without(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="the seed of sampling and of shuffled films")
    _add_model(parser)


def _add_bias(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--finding-bias", type=_bias, metavar="N", help="above 0 misses fewer findings, below 0 invents fewer (nats)"
    )


def _add_without(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without", default="", metavar="SLOTS", help="slots of the prompt left empty: prior_report,hints,..."
    )


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, default=find_config(), metavar="F", help=f"settings (default: {CONFIG})")


def _add_model(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument("--base", metavar="B", help="an InstructBLIP folder or hub name (default: the settings')")
    parser.add_argument("--adapter", metavar="B", help="a ClinicalBLIP adapter folder made for that base")
    parser.add_argument("--precision", choices=("auto", "nf4", "int8", "bf16", "fp32"), help="(default: the settings')")


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("a number of processes from 1 to 256")
    return int(text)


def _bias(text: str) -> float:
    with suppress(ValueError):
        if -10 <= float(text) <= 10:
            return float(text)
    raise argparse.ArgumentTypeError("a number of nats from -10 to 10")
