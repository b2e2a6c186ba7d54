"""Small charts as SVG: bars and dots. Widths are parts of the whole, so that letters keep their size on a phone.

Every text is escaped; nothing here knows what is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

_ROW: Final = 38  # pixels a row, of which the lower part is the bar
_DOT_ROW: Final = 52  # of which two lines are words
_BAR: Final = 11
_TEXT: Final = 13  # the line of a row's words
_CAP: Final = 3.5  # half of the line at either end of an interval
_ABOVE: Final = 20
_BELOW: Final = 22
_UNIT: Final = 13  # the second line below a column


@dataclass(frozen=True)
class Row:
    """One row: what it is, what is said of it, and its bar's parts, each a share of the whole width.

    `interval`: the shares between which a line is drawn.
    """

    label: str
    said: str
    parts: Sequence[float]
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Column:
    """One column: its height as a share of the whole; what stands above and below it, and a unit under that."""

    height: float
    above: str = ""
    below: str = ""
    unit: str = ""


def bars(title: str, description: str, rows: Sequence[Row]) -> str:
    """Rows of bars, the words above each."""
    drawn = []
    for number, row in enumerate(rows):
        top = number * _ROW
        drawn += [_words(row, top), _rect("track", 0, top + _TEXT + 6, 1, _BAR)]
        left = 0.0
        for place, share in enumerate(row.parts):
            if share > 0:
                drawn.append(_rect(f"part part-{place}", left, top + _TEXT + 6, share, _BAR))
                left += share
        if row.interval is not None:
            drawn.append(_interval(row.interval, top + _TEXT + 6 + _BAR / 2))
    return _svg(title, description, len(rows) * _ROW, drawn)


def dots(title: str, description: str, rows: Sequence[Row], ticks: Sequence[tuple[float, str]]) -> str:
    """Rows of dots on a scale with ticks, each at the first of the row's parts; one without parts has no dot."""
    height = len(rows) * _DOT_ROW
    drawn = []
    for number, row in enumerate(rows):
        top = number * _DOT_ROW
        middle = top + 2 * _TEXT + 14
        drawn += [_line("grid", share, middle - 9, share, middle + 9) for share, _ in ticks]
        drawn.append(f'<text x="0" y="{top + _TEXT}">{escape(row.label)}</text>')
        drawn.append(f'<text class="said" x="0" y="{top + 2 * _TEXT + 2}">{escape(row.said)}</text>')
        if row.parts:
            if row.interval is not None:
                drawn.append(_interval(row.interval, middle))
            drawn.append(f'<circle class="dot" cx="{_percent(row.parts[0])}" cy="{middle}" r="5"/>')
    drawn += [_tick(share, label, height + 15) for share, label in ticks]
    return _svg(title, description, height + _BELOW, drawn)


def columns(
    title: str, description: str, shown: Sequence[Column], grid: Sequence[tuple[float, str]] = (), *, plot: int = 120
) -> str:
    """Columns beside each other, the highest of `plot` pixels, with lines at parts of that and what each stands for."""
    base = _ABOVE + plot
    drawn = []
    for share, label in grid:
        y = base - share * plot
        drawn.append(_line("grid", 0, y, 1, y))
        drawn.append(f'<text class="quiet" x="0" y="{y - 4:.1f}">{escape(label)}</text>')
    width = 1 / max(1, len(shown))
    gap = width * (0.18 if len(shown) < 30 else 0.1)
    for number, column in enumerate(shown):
        height, middle = column.height * plot, (number + 0.5) * width
        if column.height > 0:
            drawn.append(_rect("part part-0", number * width + gap / 2, base - height, width - gap, height))
        if column.above:
            drawn.append(_label(middle, base - height - 5, column.above))
        if column.below:
            drawn.append(_tick(middle, column.below, base + 16))
        if column.unit:
            drawn.append(_tick(middle, column.unit, base + 16 + _UNIT))
    drawn.append(_line("axis", 0, base, 1, base))
    units = _UNIT if any(column.unit for column in shown) else 0
    return _svg(title, description, base + _BELOW + units, drawn)


def round_up(most: int) -> int:
    """The least number of 1, 2, 3, 4, 6, 8 or 10 times a power of ten that is not below `most`: where a scale ends."""
    power = 1
    while power * 10 < most:
        power *= 10
    return next(step * power for step in (1, 2, 3, 4, 6, 8, 10) if step * power >= most)


def _words(row: Row, top: float) -> str:
    y = top + _TEXT
    return (
        f'<text x="0" y="{y}">{escape(row.label)}</text>'
        f'<text class="said" x="100%" y="{y}" text-anchor="end">{escape(row.said)}</text>'
    )


def _label(middle: float, y: float, text: str) -> str:
    return f'<text class="said" x="{_percent(middle)}" y="{y:.1f}" text-anchor="middle">{escape(text)}</text>'


def _tick(share: float, label: str, y: float) -> str:
    anchor = "start" if share < 0.02 else "end" if share > 0.98 else "middle"
    return f'<text class="quiet" x="{_percent(share)}" y="{y:.1f}" text-anchor="{anchor}">{escape(label)}</text>'


def _interval(interval: tuple[float, float], y: float) -> str:
    low, high = interval
    ends = ((low, y, high, y), (low, y - _CAP, low, y + _CAP), (high, y - _CAP, high, y + _CAP))
    return "".join(_line(look, *end) for look in ("interval-ground", "interval") for end in ends)


def _rect(look: str, left: float, y: float, width: float, height: float) -> str:
    place = f'x="{_percent(left)}" y="{y:.1f}" width="{_percent(width)}" height="{max(height, 1):.1f}"'
    return f'<rect class="{look}" {place}/>'


def _line(look: str, left: float, y: float, right: float, end: float) -> str:
    return f'<line class="{look}" x1="{_percent(left)}" y1="{y:.1f}" x2="{_percent(right)}" y2="{end:.1f}"/>'


def _percent(share: float) -> str:
    return f"{100 * share:.2f}%"


def _svg(title: str, description: str, height: float, drawn: Sequence[str]) -> str:
    """The picture, which a screen reader names by its title and reads as its description."""
    return (
        f'<svg role="img" aria-label="{escape(f"{title}. {description}")}" width="100%" height="{height:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(drawn)}</svg>'
    )
