"""The commands `feedback export` and `feedback forget`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_config
from clinicalblip.cli.output import output_file
from clinicalblip.cli.parser import add_command, add_group
from clinicalblip.errors import SettingsError
from clinicalblip.settings import read_settings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.feedback.store import ReviewStore


def add_commands(commands: Commands) -> None:
    """Add `feedback` with its two commands."""
    feedback = add_group(
        commands,
        "feedback",
        "export the reviews, or erase the texts of one",
        ("export --output reviews.jsonl", "forget ID"),
    )
    export = add_command(
        feedback,
        "export",
        _export,
        "write all reviews to a file",
        ("--output reviews.jsonl", "--format csv --output reviews.csv"),
    )
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    export.add_argument("--output", type=Path, required=True, metavar="F")
    add_config(export)
    forget = add_command(
        feedback,
        "forget",
        _forget,
        "withdraw consent: erase the texts of a review, keep the rest",
        ("ID",),
    )
    forget.add_argument("review", metavar="ID", help="the id that saving showed")
    add_config(forget)


def _export(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.export import export_reviews

    count = export_reviews(_open_store(options.config), output_file(options.output), options.format)
    print(f"{count} reviews exported.")


def _forget(options: argparse.Namespace) -> None:
    _open_store(options.config).forget(options.review)
    print(f"The texts of review {options.review} are erased; its ratings and digests stay.")


def _open_store(config: Path) -> ReviewStore:
    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.feedback.store import ReviewStore

    location = find_storage_path(read_settings(config))
    if not location.path.is_file():
        raise SettingsError(
            "There are no reviews where the settings say they are kept; name the file in storage.reviews."
        )
    return ReviewStore(location.path)
