"""The commands over stored reviews: `feedback show`, `summary`, `export`, `forget`, `status`, `backup`, `restore`.

`feedback inject`, which needs no reviews, is in `feedback_inject.py`.
"""

from __future__ import annotations

import argparse
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clinicalblip.cli.feedback_inject import add_inject
from clinicalblip.cli.options import add_config
from clinicalblip.cli.output import check_can_plot, check_installed, output_file
from clinicalblip.cli.parser import add_command, add_group
from clinicalblip.errors import SettingsError
from clinicalblip.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clinicalblip.cli.parser import Commands
    from clinicalblip.feedback.bucket.spool import Spool
    from clinicalblip.feedback.store import ReviewStore
    from clinicalblip.settings import Settings

_EXTRA = "export"


def add_commands(commands: Commands) -> None:
    """Add `feedback` with its commands."""
    feedback = add_group(
        commands,
        "feedback",
        "read, count, export and back up the reviews, or erase the texts and the reading of one",
        ("show ID", "summary --by model", "export --output reviews.jsonl", "forget ID", "backup reviews.backup"),
    )
    show = add_command(feedback, "show", _show, "print all of one review in plain lines", ("ID",))
    summary = add_command(
        feedback,
        "summary",
        _summary,
        "count decisions, errors, edits and times over all reviews",
        ("", "--by reader", "--by model --format svg --output summary.svg"),
    )
    summary.add_argument(
        "--by", choices=("reader", "model", "version", "day", "case"), help="count them apart (default: together)"
    )
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
    status = add_command(
        feedback, "status", _status, "say where the reviews are, and what is not in the bucket yet", ("",)
    )
    backup = add_command(
        feedback, "backup", _backup, "write all reviews to one file, while readers save", ("reviews.backup",)
    )
    backup.add_argument("file", type=Path, metavar="FILE", help="the file to write")
    restore = add_command(
        feedback, "restore", _restore, "put back the reviews of a backup that are not there", ("reviews.backup",)
    )
    restore.add_argument("file", type=Path, metavar="FILE", help="what `feedback backup` wrote")
    for command in (show, summary, export, forget, status, backup, restore):
        add_config(command)
    add_inject(feedback)


def _show(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.plain_lines import plain_lines

    with _open(options.config) as kept:
        review = kept.store.find(options.review)
    if review is None:
        raise SettingsError("There is no review with this id; check the id.")
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
    with _open(options.config) as kept:
        summary = summarise(kept.store.reviews(), GroupBy(options.by) if options.by else None)
    if output is not None:
        write_summary(summary, output, options.format)
    else:
        print(write_markdown(summary), end="")


def _export(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.exports.write import export_reviews, table_files

    files = [output_file(path) for path in table_files(options.output, options.format).values()]
    if options.format == "parquet":
        check_installed("pyarrow", "writes Parquet", _EXTRA)
    with _open(options.config) as kept:
        count = export_reviews(kept.store, options.output, options.format)
    print(f"{count} reviews exported.")
    if len(files) > 1:
        print("Beside it:", *(path.name for path in files[1:]))


def _forget(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.bucket.erase import erase_in_bucket
    from clinicalblip.feedback.open_store import open_bucket

    with _open(options.config) as kept:
        bucket = open_bucket(kept.settings)
        unreached = kept.store.forget(options.review)
        print(f"The texts and the reading of review {options.review} are erased; what rests on no consent stays.")
        if unreached:
            print(unreached)
        if bucket is not None:
            print(erase_in_bucket(bucket, kept.store, kept.spool))


def _status(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.open_store import open_bucket
    from clinicalblip.feedback.status import status_lines

    with _open(options.config) as kept:
        print(*status_lines(kept.store, kept.settings.storage, kept.spool, open_bucket(kept.settings)), sep="\n")


def _backup(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.backup import write_backup

    path = output_file(options.file)
    with _open(options.config) as kept:
        print(f"{write_backup(kept.store, path)} reviews are in the backup.")


def _restore(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.backup import restore_backup

    with _open(options.config, new=True) as kept:
        added, total = restore_backup(kept.store, options.file)
    print(f"{added} of {total} reviews were put back; the others were there.")


class _Kept(NamedTuple):
    settings: Settings
    store: ReviewStore
    spool: Spool


@contextmanager
def _open(config: Path, *, new: bool = False) -> Iterator[_Kept]:
    """What the settings describe, closed at the end; `new`: the reviews file may be made."""
    from clinicalblip.feedback.open_store import open_spool, open_store
    from clinicalblip.feedback.storage_path import find_storage_path

    settings = read_settings(config)
    location = find_storage_path(settings)
    if not new and settings.storage.url is None and not location.path.is_file():
        raise SettingsError(
            "There are no reviews where the settings say they are kept; name the file in storage.reviews."
        )
    spool = open_spool(location)
    with open_store(settings, location, spool) as store:
        yield _Kept(settings, store, spool)
