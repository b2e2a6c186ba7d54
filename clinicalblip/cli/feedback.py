"""The commands `feedback show`, `feedback summary`, `feedback export` and `feedback forget`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_config
from clinicalblip.cli.output import check_can_plot, check_installed, output_file
from clinicalblip.cli.parser import add_command, add_group
from clinicalblip.errors import SettingsError
from clinicalblip.settings import read_settings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.feedback.store import ReviewStore

_EXTRA = "export"


def add_commands(commands: Commands) -> None:
    """Add `feedback` with its commands."""
    feedback = add_group(
        commands,
        "feedback",
        "read, count and export the reviews, or erase the texts and the reading of one",
        ("show ID", "summary --by model", "export --output reviews.jsonl", "forget ID"),
    )
    show = add_command(feedback, "show", _show, "print all of one review in plain lines", ("ID",))
    summary = add_command(
        feedback,
        "summary",
        _summary,
        "count decisions, errors, edits and times over all reviews",
        ("", "--by reader", "--by model --format svg --output summary.svg"),
    )
    summary.add_argument("--by", choices=("reader", "model", "case"), help="count them apart (default: together)")
    summary.add_argument("--format", choices=("markdown", "svg"), default="markdown")
    summary.add_argument("--output", type=Path, metavar="F", help="the file to write (default, of Markdown: print it)")
    export = add_command(
        feedback,
        "export",
        _export,
        "write all reviews to a file, or to one a table",
        ("--output reviews.jsonl", "--format csv --output reviews.csv", "--format parquet --output reviews.parquet"),
    )
    export.add_argument("--format", choices=("jsonl", "csv", "parquet"), default="jsonl")
    export.add_argument(
        "--output", type=Path, required=True, metavar="F", help="of CSV and Parquet the other tables lie beside it"
    )
    forget = add_command(
        feedback,
        "forget",
        _forget,
        "withdraw consent: erase the texts and the reading of a review, keep the rest",
        ("ID",),
    )
    for command in (show, forget):
        command.add_argument("review", metavar="ID", help="the id that saving showed")
    for command in (show, summary, export, forget):
        add_config(command)


def _show(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.plain_lines import plain_lines

    review = _open_store(options.config).find(options.review)
    if review is None:
        raise SettingsError("There is no review with this id in the reviews file; check the id.")
    print(*plain_lines(review), sep="\n")


def _summary(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.summary.counts import GroupBy, summarise
    from clinicalblip.feedback.summary.files import write_summary
    from clinicalblip.feedback.summary.markdown import write_markdown

    output = output_file(options.output) if options.output else None
    if options.format == "svg":
        check_can_plot(_EXTRA)
        if output is None:
            raise SettingsError("A picture is written to a file; name one with --output.")
    summary = summarise(_open_store(options.config).reviews(), GroupBy(options.by) if options.by else None)
    if output is not None:
        write_summary(summary, output, options.format)
    else:
        print(write_markdown(summary), end="")


def _export(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.exports.write import export_reviews, table_files

    files = [output_file(path) for path in table_files(options.output, options.format).values()]
    if options.format == "parquet":
        check_installed("pyarrow", "writes Parquet", _EXTRA)
    count = export_reviews(_open_store(options.config), options.output, options.format)
    print(f"{count} reviews exported.")
    if len(files) > 1:
        print("Beside it:", *(path.name for path in files[1:]))


def _forget(options: argparse.Namespace) -> None:
    _open_store(options.config).forget(options.review)
    print(f"The texts and the reading of review {options.review} are erased; what rests on no consent stays.")


def _open_store(config: Path) -> ReviewStore:
    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.feedback.store import ReviewStore

    location = find_storage_path(read_settings(config))
    if not location.path.is_file():
        raise SettingsError(
            "There are no reviews where the settings say they are kept; name the file in storage.reviews."
        )
    return ReviewStore(location.path)
