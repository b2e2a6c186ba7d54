"""The command `book`: what a model tends to write, so that it writes it in fewer steps."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_config, settings_from
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import BookError

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `book`."""
    parser = add_command(
        commands,
        "book",
        _book,
        "make a book of a model's drafts, with which it drafts in fewer steps",
        (
            "--drafts predictions.jsonl --studies train.jsonl --output book",
            '--drafts predictions.jsonl --studies iu.jsonl --reports --terms "IU X-RAY, CC BY 4.0" --output book',
        ),
    )
    parser.add_argument("--drafts", type=Path, metavar="P", help="predictions.jsonl of train studies (draft-all)")
    parser.add_argument("--studies", type=Path, metavar="F", help="the studies file that was drafted: its split train")
    parser.add_argument(
        "--reports", action="store_true", help="also what the reports of ten patients or more have in common"
    )
    parser.add_argument("--terms", default="", metavar="T", help="the terms of the data, which the book names")
    parser.add_argument("--credentialed", action="store_true", help="the data are for credentialed people alone")
    parser.add_argument("--output", type=Path, required=True, metavar="B", help="the folder that the book becomes")
    parser.add_argument("--base", metavar="B", help="the model that drafted: its base (default: the settings')")
    add_config(parser)


def _book(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.files.studies import read_studies
    from clinicalblip.evaluation.predictions import read_predictions

    if not options.drafts and not options.reports:
        raise BookError("There is nothing to make a book from; give --drafts, or --studies with --reports.")
    if options.output.exists():
        raise BookError("Something is there under the name of the book; name a folder that is not there yet.")
    drafts = read_predictions(options.drafts).drafts if options.drafts else {}
    studies = list(read_studies(options.studies, "train")) if options.studies else []

    from clinicalblip.instructblip.base import load_base
    from clinicalblip.instructblip.book.draft_book import digest_vocabulary
    from clinicalblip.instructblip.book.make_book import BookSources, make_book
    from clinicalblip.instructblip.collate import encode_text

    sources = BookSources(drafts, studies, options.reports, options.terms, options.credentialed)
    settings = settings_from(options)
    base = load_base(settings.locate(settings.model.base), "fp32", "cpu", weights=False)
    runs = make_book(
        sources,
        lambda text: encode_text(base, text),
        base.eos_token_id,
        digest_vocabulary(base.tokenizer),
        options.output,
    )
    print(f"{runs} runs of tokens from {len(drafts)} drafts{' and reports' if options.reports else ''}.")
