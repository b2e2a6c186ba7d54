"""A stage's loss curve, drawn from its log."""

from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from clinicalblip.datasets.files.json_lines import recover_json_lines


def plot_loss(log: Path, output: Path, *, title: str) -> None:
    """Draw the loss, and where it was measured the validation loss, over the steps, as SVG.

    The same log gives the same bytes: no date and no random ids are in the file.
    """
    rows = recover_json_lines(log)
    with matplotlib.rc_context({"svg.hashsalt": "loss", "svg.fonttype": "none"}):
        figure = Figure(figsize=(7, 4), layout="constrained")
        axes = figure.add_subplot()
        for key, label, style in (("loss", "loss", "-"), ("validation_loss", "validation loss", "o--")):
            points = [(row["step"], row[key]) for row in rows if key in row]
            if points:
                axes.plot(*zip(*points, strict=True), style, label=label, markersize=4)
        axes.set(title=title, xlabel="step", ylabel="cross entropy a report token")
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(output, format="svg", metadata={"Date": None})
