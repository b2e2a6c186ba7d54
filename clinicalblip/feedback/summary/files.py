"""A summary of reviews as a file, whole or not there."""

from pathlib import Path
from typing import Literal

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.summary.counts import Summary
from clinicalblip.feedback.summary.markdown import write_markdown
from clinicalblip.feedback.summary.plot import plot_summary


def write_summary(summary: Summary, output: Path, format: Literal["markdown", "svg"]) -> None:
    """Write a summary, readable by its owner alone. Raises ReviewNotSaved when the file cannot be written."""
    try:
        with open_atomically(output, "wb", private=True) as file:
            if format == "svg":
                plot_summary(summary, file)
            else:
                file.write(write_markdown(summary).encode())
    except OSError as error:
        raise ReviewNotSaved(
            f"The summary was not written ({reason_of(error)}); name a file in a writable folder with room."
        ) from error
