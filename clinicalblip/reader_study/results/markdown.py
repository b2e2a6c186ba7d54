"""Tables and sections of a report, and how numbers stand in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from clinicalblip.reader_study.statistics.estimate import Estimate

ABSENT: Final = "–"
"""What stands where there is no number."""

_MANY: Final = 4
"""More estimates than this are not named one by one where a note is about all of them."""


@dataclass(frozen=True)
class Table:
    """A table with its title and what has to be read with it; the first `words` columns are words."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    words: int = 1

    def __post_init__(self) -> None:
        if any(len(row) != len(self.header) for row in self.rows):
            raise ValueError(f"a row of the table {self.title!r} has not {len(self.header)} cells")


@dataclass(frozen=True)
class Section:
    """A part of a report: paragraphs, then tables, then the names of its pictures."""

    title: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()  # the file, and what it shows

    def markdown(self) -> str:
        """The section under its heading."""
        pictures = (f"![{shows}]({file})" for file, shows in self.pictures)
        return "\n\n".join((f"## {self.title}", *self.paragraphs, *map(_table, self.tables), *pictures))


def _table(table: Table) -> str:
    if not table.rows:
        return f"**{table.title}.** None."
    rule = ["---" if number < table.words else "---:" for number in range(len(table.header))]
    lines = "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in (table.header, rule, *table.rows))
    notes = "".join(f"\n\n{note}" for note in table.notes)
    return f"**{table.title}.**\n\n{lines}{notes}"


def _cell(text: str) -> str:
    """One line, with nothing that a Markdown table takes for its own, and no HTML."""
    return plain(text.replace("|", "\\|"))


def plain(text: str) -> str:
    """A text of the design's in one line, none of which is taken for HTML."""
    return " ".join(text.replace("&", "&amp;").replace("<", "&lt;").split())


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many digits behind the point; whole numbers have none."""
    if value is None:
        return ABSENT
    if isinstance(value, int):
        return str(value)
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if not float(text) else text


def share(part: int, whole: int) -> str:
    """How many of how many."""
    return f"{part} of {whole}"


def percent(value: float) -> str:
    """A fraction in per cent, with no more digits than it has."""
    return f"{100 * value:.6g} %"


def estimate(found: Estimate | None, digits: int = 2, *, scale: float = 1.0, unit: str = "") -> str:
    """A number with its interval, a dash where there is none; the number alone never."""
    if found is None or found.value is None or found.low is None or found.high is None:
        return ABSENT
    value, low, high = (number(float(each) * scale, digits) for each in (found.value, found.low, found.high))
    return f"{value}{unit} [{low}, {high}]"


def p_value(p: float | None) -> str:
    """A p value with three digits."""
    return ABSENT if p is None else "< 0.001" if p < 0.001 else f"{p:.3f}"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the quartiles where there are four values or more."""
    if not values:
        return ABSENT
    if len(values) < 4:
        return number(float(median(values)), digits)
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return f"{number(middle, digits)} ({number(low, digits)} to {number(high, digits)})"


def mean(values: Sequence[float]) -> float | None:
    """The mean, None of nothing."""
    return sum(values) / len(values) if values else None


def notes_of(found: Iterable[Estimate | None]) -> tuple[str, ...]:
    """What estimates without a number, or with a caution, say of it, each once, and how the others were made."""
    said: dict[str, list[str]] = {}
    methods: dict[str, list[str]] = {}
    every = [each for each in found if each is not None]
    for each in every:
        if each.note:
            said.setdefault(each.note, []).append(each.name)
        if each.low is not None:
            methods.setdefault(each.method, []).append(each.name)
    many = len(every) > _MANY
    notes = [
        f"{'All' if many and len(names) == len(every) else _listed(names)}: {note.rstrip('.')}."
        for note, names in said.items()
    ]
    notes += [
        f"Estimate of {_listed(names)}: {method}." if len(methods) > 1 else f"Estimates: {method}."
        for method, names in methods.items()
    ]
    return tuple(notes)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"\u201c{name}\u201d" for name in dict.fromkeys(names))
