"""What a person or a Space starts: settings, then the reporter, then the page."""

import sys
from pathlib import Path

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.feedback.storage_path import find_storage_path
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.settings import CONFIG, read_settings
from clinicalblip.web.page import build_page, launch_arguments


def main() -> None:
    """Serve the page until it is stopped; what cannot start says why in one sentence."""
    try:
        settings = read_settings(Path(__file__).with_name(CONFIG))
        shared_pool().warm()  # what reads films starts while the model is loaded
        location = find_storage_path(settings)
        store = ReviewStore(location.path)
        page = build_page(settings, load_reporter(settings), store, location)
    except ClinicalBlipError as error:
        sys.exit(str(error))
    page.launch(**launch_arguments(settings))


if __name__ == "__main__":
    main()
