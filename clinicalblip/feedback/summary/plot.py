"""A summary of reviews as a picture: decisions of each group, and errors of each category."""

import warnings
from collections.abc import Sequence
from typing import IO, Any, Final

from clinicalblip.feedback.summary.counts import Summary
from clinicalblip.radiology.report_error import ErrorCategory, Significance
from clinicalblip.radiology.review import Verdict

MOST_GROUPS: Final = 30
"""How many groups are drawn, the largest ones; more would not be read."""

_LABEL: Final = 48  # characters


def plot_summary(summary: Summary, picture: IO[bytes]) -> None:
    """Draw a summary as SVG; the same one gives the same bytes: no date and no random ids are in the file."""
    import matplotlib
    from matplotlib.figure import Figure

    groups = list(summary.groups.items())[:MOST_GROUPS]
    errors = _errors(summary)
    heights = [1.0 + 0.35 * max(1, len(groups)), 1.0 + 0.3 * len(ErrorCategory)]
    # A name may have letters that no font here has; whoever shows the picture draws them with a font of their own.
    with matplotlib.rc_context({"svg.hashsalt": "summary", "svg.fonttype": "none"}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=(9, sum(heights)), layout="constrained")
        decisions, categories = figure.subplots(2, 1, height_ratios=heights)
        labels = [f"{label[:_LABEL]} (n = {counts.n})" for label, counts in groups]
        rows = [(str(verdict), [counts.verdicts[verdict] for _, counts in groups]) for verdict in Verdict]
        drawn = f", the {len(groups)} largest of {len(summary.groups)}" if len(groups) < len(summary.groups) else ""
        _stacked(decisions, labels, rows, f"Decisions{drawn}", "reviews")
        reviews = sum(counts.n for counts in summary.groups.values())
        _stacked(
            categories,
            [str(category) for category in ErrorCategory],
            errors,
            f"Errors that readers confirmed or named (n = {sum(sum(row) for _, row in errors)} in {reviews} reviews)",
            "errors",
        )
        figure.savefig(picture, format="svg", metadata={"Date": None})


def _errors(summary: Summary) -> list[tuple[str, list[int]]]:
    """For each significance the number of errors of every category, in all groups."""
    groups = summary.groups.values()
    return [
        (
            str(significance or "not set"),
            [sum(counts.errors[category, significance] for counts in groups) for category in ErrorCategory],
        )
        for significance in (*Significance, None)
    ]


def _stacked(
    axes: Any, labels: Sequence[str], rows: Sequence[tuple[str, Sequence[int]]], title: str, what: str
) -> None:
    """Bars, one a label, each made of the rows' numbers; rows without any are left out."""
    left = [0] * len(labels)
    for place, (name, numbers) in enumerate(rows):
        if any(numbers):
            axes.barh(range(len(labels)), numbers, left=left, label=name, color=f"C{place}")
            left = [before + number for before, number in zip(left, numbers, strict=True)]
    axes.set(title=title, yticks=range(len(labels)), xlabel=what)
    axes.set_yticklabels(labels, parse_math=False)
    axes.set_ylim(max(1, len(labels)) - 0.5, -0.5)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3, axis="x")
    if any(left):
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
