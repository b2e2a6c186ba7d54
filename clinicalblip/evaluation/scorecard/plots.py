"""A scorecard as a plot: one panel a metric, one line a row, each figure with its interval."""

from math import ceil
from pathlib import Path
from textwrap import fill
from typing import Final

from clinicalblip.evaluation.scorecard.scorecard import Row, Scorecard

DRAWN: Final = (
    "bleu-1",
    "bleu-4",
    "meteor-coco-1.5",
    "meteor-nltk-wordnet",
    "rouge-l-coco",
    "cider-coco",
    "findings-micro-f1",
    "findings-macro-f1",
)
"""The metrics that are drawn; where none of them was measured, the first twelve that were."""

_COLUMNS: Final = 4
_MOST: Final = 12
_WIDTH: Final = 44  # letters of a label's line


def plot_card(card: Scorecard, picture: Path) -> None:
    """Draw the card as SVG; the same card gives the same bytes: no date and no random ids are in the file."""
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    measured = list(dict.fromkeys(name for row in card.rows for name in row.figures))
    names = [name for name in DRAWN if name in measured] or measured[:_MOST]
    rows = card.rows
    columns = max(1, min(_COLUMNS, len(names)))
    lines = max(1, ceil(len(names) / columns))
    with matplotlib.rc_context({"svg.hashsalt": "scorecard", "svg.fonttype": "none"}):
        size = (4.0 + 2.4 * columns, lines * (0.9 + 0.42 * len(rows)) + 0.4)
        canvas = Canvas(figsize=size, layout="constrained")
        panels = canvas.subplots(lines, columns, sharey=True, squeeze=False).ravel()
        for panel, name in zip(panels, names, strict=False):
            for place, row in enumerate(rows):
                figure = row.figures.get(name)
                if figure is None or figure.value is None:
                    continue
                colour = f"C{place}"
                if figure.low is not None and figure.high is not None:
                    panel.plot([figure.low, figure.high], [place, place], color=colour, linewidth=2)
                panel.plot([figure.value], [place], "o", color=colour, markersize=5)
            panel.set(title=name, yticks=range(len(rows)))
            panel.set_yticklabels([_wrapped(row) for row in rows])
            panel.set_ylim(len(rows) - 0.5, -0.5)
            panel.set_xlim(left=0)
            panel.grid(alpha=0.3)
        for panel in panels[len(names) :]:
            panel.set_visible(False)
        canvas.suptitle(
            f"{card.protocol.target}, {card.data.split} split, {card.data.studies} studies, 95 % intervals", fontsize=11
        )
        canvas.savefig(picture, format="svg", metadata={"Date": None})


def _wrapped(row: Row) -> str:
    return fill(row.label, _WIDTH)
