"""The command `serve`, and what app.py does: settings, then the reporter, then the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_config
from clinicalblip.cli.parser import add_command
from clinicalblip.settings import read_settings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `serve`."""
    parser = add_command(
        commands,
        "serve",
        lambda options: serve(options.config),
        "serve the page until it is stopped",
        ("", "--config spaces_config.yaml"),
    )
    add_config(parser)


def serve(config: Path) -> None:
    """Serve the page that a settings file describes until it is stopped.

    Raises ClinicalBlipError before the page is there: settings, model or reviews are not as they have to be.
    """
    settings = read_settings(config)

    from clinicalblip.imaging.sandbox.pool import shared_pool

    shared_pool().warm()  # what reads films starts while the model is loaded

    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.feedback.store import ReviewStore
    from clinicalblip.instructblip.reporter import load_reporter
    from clinicalblip.web.page import build_page, launch_arguments

    location = find_storage_path(settings)
    store = ReviewStore(location.path)
    page = build_page(settings, load_reporter(settings), store, location)
    page.launch(**launch_arguments(settings))
