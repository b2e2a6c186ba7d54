"""A scorecard's three files: the card itself, its table and its plot, side by side."""

from pathlib import Path

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.errors import DatasetError
from clinicalblip.evaluation.scorecard.plots import plot_card
from clinicalblip.evaluation.scorecard.scorecard import Scorecard, write_json
from clinicalblip.evaluation.scorecard.table import write_table


def write_card(card: Scorecard, output: Path) -> None:
    """Write NAME.json, and NAME.md and NAME.svg beside it. Raises DatasetError where they cannot be written."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(output.with_suffix(".md"), write_table(card))
        plot_card(card, output.with_suffix(".svg"))
        write_atomically(output, write_json(card))
    except OSError as error:
        raise DatasetError(
            f"The scorecard cannot be written ({error.strerror or type(error).__name__}); "
            "name a folder that can be written to and has room."
        ) from error
