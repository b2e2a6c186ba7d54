"""A scorecard as Markdown: its rows in tables, and what has to be read with them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from clinicalblip.evaluation.scorecard.scorecard import AbsentFigure, Figure, Row, RowKind, Scorecard

GROUPS: Final = (
    ("BLEU and CIDEr", re.compile(r"bleu|cider")),
    ("METEOR: three measures, never to be compared with one another", re.compile(r"meteor")),
    ("ROUGE", re.compile(r"rouge")),
    ("Findings, micro", re.compile(r"findings-(\d+-)?micro")),
    ("Findings, macro", re.compile(r"findings-(\d+-)?macro")),
)
"""The tables of figures, and the names that belong in each; figures that belong in none are of one observation."""

NOT_GIVEN: Final = "not given"


def write_table(card: Scorecard) -> str:
    """The card as Markdown, without a heading."""
    parts = [_protocol(card), *(f"**{warning}**" for warning in card.warnings)]
    names = _names(card.rows)
    for title, belongs in GROUPS:
        columns = [name for name in names if belongs.match(name)]
        if columns:
            parts.append(f"{title}:\n\n{_figures(card, columns)}")
    if single := [name for name in names if not any(belongs.match(name) for _, belongs in GROUPS)]:
        parts.append(f"Observation by observation, {card.rows[0].label}:\n\n{_observations(card.rows[0], single)}")
    if card.differences:
        parts.append(_differences(card))
    parts += [_diversity(card), _leaks(card)]
    parts += [f"`{missing.name}` is missing{_of_rows(card, missing)}: {missing.reason}" for missing in card.missing]
    parts += [f"{row.kind.capitalize()}: {row.note}" for row in card.rows if row.note]
    parts += [f"{row.kind.capitalize()}, not given: {row.reason}." for row in card.absent]
    versions = ", ".join(f"{name} {number}" for name, number in card.versions.items())
    parts.append(f"`{card.command}`\n\n{versions}.")
    return "\n\n".join(parts) + "\n"


def format_figure(figure: Figure | None) -> str:
    """A figure with its interval, as the text of a cell."""
    if figure is None or figure.value is None:
        return "–"
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are figures."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def row_cells(card: Scorecard, columns: Sequence[str]) -> Iterator[list[str]]:
    """Yield the card's rows as cells, in order, absent ones included."""
    there = {row.kind: row for row in card.rows}
    absent = {row.kind for row in card.absent}
    for kind in RowKind:
        if kind in there:
            row = there[kind]
            yield [row.label, *(format_figure(row.figures.get(name)) for name in columns)]
        elif kind in absent:
            yield [str(kind), *[NOT_GIVEN] * len(columns)]


def _names(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.figures))


def _protocol(card: Scorecard) -> str:
    data, how = card.data, card.protocol
    left_out = "; ".join(f"{number} {reason}" for reason, number in data.left_out.items())
    references = "whole references" if how.cut is None else f"references cut to {how.cut} tokens"
    return (
        f"{data.studies} studies of the split {data.split} (digest {data.digest[:12]}), "
        f"left out: {left_out or 'none'}. Target {how.target}, cleaning {how.cleaning}, {references}; 95 % intervals "
        f"from {how.resamples} resamples of the studies, seed {how.seed}."
    )


def _figures(card: Scorecard, columns: Sequence[str]) -> str:
    return markdown_table(["", *columns], row_cells(card, columns))


def _observations(row: Row, names: Sequence[str]) -> str:
    """One line an observation, one column a measure (the last part of a figure's name)."""
    found: dict[str, dict[str, str]] = {}
    for name in names:
        observation, _, measure = name.removeprefix("findings-").rpartition("-")
        found.setdefault(observation, {})[measure] = _cell(row.figures[name], measure)
    measures = list(dict.fromkeys(measure for each in found.values() for measure in each))
    lines = ([observation, *(each.get(measure, "–") for measure in measures)] for observation, each in found.items())
    return markdown_table(["", *measures], lines)


def _cell(figure: Figure, measure: str) -> str:
    return f"{figure.value:.0f}" if measure == "positives" and figure.value is not None else format_figure(figure)


def _differences(card: Scorecard) -> str:
    names = [
        name
        for name in dict.fromkeys(name for each in card.differences for name in each.figures)
        if any(belongs.match(name) for _, belongs in GROUPS)
    ]
    lines = ([name, *(format_figure(each.figures.get(name)) for each in card.differences)] for name in names)
    header = ["", *(f"less: {each.kind}" for each in card.differences)]
    return f"The headline less another row, paired:\n\n{markdown_table(header, lines)}"


def _diversity(card: Scorecard) -> str:
    of_references = card.leaks.references
    lines = [
        [
            row.label + (" (template)" if row.collapsed else ""),
            f"{row.diversity.distinct} of {row.diversity.texts}",
            f"{row.diversity.commonest_fraction:.1%}",
            f"{row.diversity.mean_words:.1f}",
            str(row.diversity.empty),
            _fraction(row.copies.in_train, row.copies.texts),
            _fraction(row.copies.equal_reference, row.copies.texts),
        ]
        for row in card.rows
    ]
    own = card.references
    lines.append(
        [
            "the references themselves",
            f"{own.distinct} of {own.texts}",
            f"{own.commonest_fraction:.1%}",
            f"{own.mean_words:.1f}",
            str(own.empty),
            _fraction(of_references.in_train, of_references.texts),
            "",
        ]
    )
    header = ["", "distinct", "commonest", "mean words", "empty", "stand in train", "equal the reference"]
    return f"How the texts vary, and which are copies word for word:\n\n{markdown_table(header, lines)}"


def _of_rows(card: Scorecard, missing: AbsentFigure) -> str:
    """Which rows lack the figure, where others have it."""
    some = len(missing.kinds) < len(card.rows)
    return f" of the rows {', '.join(missing.kinds)}" if some else ""


def _fraction(count: int | None, texts: int) -> str:
    return "no train reports" if count is None else f"{count} ({count / texts:.1%})"


def _leaks(card: Scorecard) -> str:
    leaks = card.leaks
    slots = ", ".join(f"{slot.replace('_', ' ')} {count}" for slot, count in leaks.in_prompts.items())
    trained = "not checked" if leaks.trained_on is None else f"{leaks.trained_on} of {card.data.studies}"
    hints = f"{leaks.hints.hinted} studies" + (
        f", {leaks.hints.from_tags} of them in no words but those of their own tags" if leaks.hints.hinted else ""
    )
    return (
        f"Leaks. References in the studies' own prompts: {slots or 'none'}. Scored studies among those trained on: "
        f"{trained}. With hints: {hints}."
    )
