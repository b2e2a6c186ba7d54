"""A report as ticks, as HTML: regions, under each what the report says of it, and what no row has as text.

The page's script (assets/ticks.js) puts it into its place, walks in it and sends what is ticked.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Finding, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.document_json import finding_to_json
from clinicalblip.structured_report.impression import impression_matches
from clinicalblip.structured_report.phrasings import degree_words
from clinicalblip.structured_report.regions import Region, regions_named
from clinicalblip.structured_report.row_changes import BOTH, Part, applicable_to
from clinicalblip.structured_report.table import Row
from clinicalblip.web import wording
from clinicalblip.web.ticking import Ticked
from clinicalblip.web.view.correction import short

_Span = tuple[int, int]
_LONGEST: Final = 160  # characters of a sentence that is shown beside the ticks


def view_switch() -> str:
    """Two buttons, of which one is pressed: the report as text, or ticked."""
    buttons = "".join(
        f'<button type="button" data-view="{name}" aria-pressed="{pressed}" title="Alt+T">{escape(label)}</button>'
        for name, label, pressed in (("text", wording.VIEW_TEXT, "true"), ("ticks", wording.VIEW_TICKS, "false"))
    )
    return f'<div class="cb-view" role="group" aria-label="{escape(wording.VIEW_SWITCH)}">{buttons}</div>'


def ticks_place() -> str:
    """Where the ticked report stands in the place of the findings' box, above what can be written by one press."""
    return (
        '<div class="cb-ticks-shown"></div><div class="cb-ticks-foot">'
        + _button("fill in", wording.FILL_IN, wording.FILL_IN_NOTE)
        + _button("impression", wording.MAKE_IMPRESSION, wording.MAKE_IMPRESSION_NOTE)
        + '<p class="cb-ticks-said" role="status"></p></div>'
    )


def _button(action: str, label: str, note: str) -> str:
    return f'<button type="button" data-action="{action}" title="{escape(note)}">{escape(label)}</button>'


def ticked_report(ticked: Ticked) -> str:
    """The rows of a report, the sentences that have none, and whether its impression fits.

    A row has the finding that it says as JSON. A sentence has its place in the text in UTF-16 units, as a browser
    counts.
    """
    document, table = ticked.document, ticked.document.table
    text = document.text
    places = _Places(text, [(each.start, each.end) for each in document.read_again])
    beside: dict[Region | None, list[_Span]] = {}
    for start, end in table.not_ticked:
        named = regions_named(text[places.behind_last(start) : end])  # with the label of a template
        beside.setdefault(next(iter(named)) if len(named) == 1 else None, []).append((start, end))
    regions = "".join(
        _region(region, [row for row in table.rows if row.region is region], beside.get(region, ()), places, ticked)
        for region in Region
    )
    if None in beside:
        sentences = "".join(map(places.not_ticked, beside[None]))
        regions += f'<div role="rowgroup">{_heading(wording.OTHER_TEXT)}{sentences}</div>'
    grid = f'<div role="grid" class="cb-ticks" aria-label="{escape(wording.TICKED_REPORT)}">{regions}</div>'
    return grid + _fit(document, ticked.report.impression)


class _Places:
    """The sentences of a text, shortened, and their places as a browser counts."""

    def __init__(self, text: str, sentences: Sequence[_Span]) -> None:
        self._text, self._sentences = text, sentences
        self._plain = max(text, default="") < "\U00010000"

    def of(self, span: _Span) -> _Span:
        """The sentence in which something stands."""
        return next(((start, end) for start, end in self._sentences if start <= span[0] < end), span)

    def behind_last(self, start: int) -> int:
        """Where the sentence before one that starts there has ended."""
        return max((end for _, end in self._sentences if end <= start), default=0)

    def words(self, span: _Span) -> str:
        """The words there, not too many."""
        return short(self._text[slice(*span)], _LONGEST)

    def data(self, span: _Span) -> str:
        """The attribute that says where it stands."""
        return f'data-span="{self._units(span[0])},{self._units(span[1])}"'

    def not_ticked(self, span: _Span) -> str:
        """A sentence that no row has."""
        return (
            f'<div role="row" class="cb-not-ticked" {self.data(span)}><span role="gridcell">{escape(self.words(span))} '
            f"<small>{escape(wording.NOT_TICKED)}</small></span></div>"
        )

    def _units(self, place: int) -> int:
        return place if self._plain else len(self._text[:place].encode("utf-16-le")) // 2


def _heading(name: str, rest: str = "") -> str:
    return f'<div role="row" class="cb-tick-region"><span role="rowheader">{escape(name)}</span>{rest}</div>'


def _region(region: Region, rows: Sequence[Row], beside: Iterable[_Span], places: _Places, ticked: Ticked) -> str:
    missing = sum(row.finding is None for row in rows)
    rest = ""
    if missing:
        said = escape(wording.REST_OF_REGION.format(count=missing))
        rest = (
            '<span role="gridcell"><button type="button" tabindex="-1" class="cb-tick-rest" aria-expanded="false">'
            f"{said}</button></span>"
        )
    numbers: dict[Observation, int] = {}
    lines = ""
    for row in rows:
        number = numbers[row.observation] = numbers.get(row.observation, -1) + 1
        lines += _row(row, f"{row.observation}#{number}", places, changed=row.finding == ticked.ticked)
    lines += "".join(map(places.not_ticked, beside))
    name = wording.REGION_NAMES[region]
    return f'<div role="rowgroup" data-region="{region}">{_heading(name, rest)}{lines}</div>'


def _row(row: Row, key: str, places: _Places, *, changed: bool) -> str:
    finding, name = row.finding, str(row.observation).lower()
    state = str(finding.certainty) if finding else ""
    attributes = ", ".join(_attributes(finding)) if finding else ""
    label = ": ".join((name, ", ".join(filter(None, (wording.CERTAINTIES[state][1], attributes)))))
    told = json.dumps(finding_to_json(finding)) if finding else ""
    place = places.of(row.spans[0]) if row.spans else None
    now = " data-ticked" if changed and finding else ""
    return (
        f'<div role="row" class="cb-tick" tabindex="-1" data-row="{escape(key)}" data-state="{state}"{now} '
        f'data-observation="{escape(row.observation)}" data-finding="{escape(told)}" aria-label="{escape(label)}"'
        f'{" " + places.data(place) if place else ""}><span role="rowheader" class="cb-tick-name">{escape(name)} '
        f'<small class="cb-tick-said">{escape(attributes)}</small></span>'
        f'<span role="gridcell" class="cb-tick-states">{_chips(Part.CERTAINTY, _certainties(), {state})}</span>'
        f"{_more(row, places.words(place) if place else '')}</div>"
    )


def _attributes(finding: Finding) -> Iterator[str]:
    if finding.sides:
        yield wording.BOTH_SIDES if len(finding.sides) > 1 else str(*finding.sides)
    yield from (wording.ZONES[zone] for zone in Zone if zone in finding.zones)
    if finding.degree:
        yield degree_words(finding.observation)[finding.degree]
    if finding.change:
        yield str(finding.change)


def _certainties() -> Iterator[tuple[str, str, str]]:
    return ((value, button, word) for value, (button, word) in wording.CERTAINTIES.items())


def _more(row: Row, sentence: str) -> str:
    """What else can be ticked in a row, and its sentence: shown of the row that one is at."""
    finding = row.finding or Finding(row.observation, Certainty.PRESENT)
    applicable = applicable_to(finding)
    side = BOTH if len(finding.sides) > 1 else "".join(finding.sides)
    chips = ""
    if applicable.sides:
        chips += _chips(Part.SIDE, ((value, word, word) for value, word in wording.SIDES.items()), {side})
    if applicable.zones:
        zones = {str(zone): wording.ZONE_SHORT[zone] for zone in Zone if zone in applicable.zones}
        chips += _choice(Part.ZONE, wording.NO_ZONE, zones, [zone for zone in Zone if zone in finding.zones])
    changes = {str(change): str(change) for change in Change if change in applicable.changes}
    if changes:
        chips += _choice(Part.CHANGE, wording.NO_CHANGE, changes, [finding.change] if finding.change else [])
    if applicable.degree:
        words = degree_words(row.observation)
        chips += _chips(Part.DEGREE, ((each, words[each], words[each]) for each in Degree), {finding.degree})
    said = f"<q>{escape(sentence)}</q>" if sentence else ""
    return f'<span role="gridcell" class="cb-tick-more">{chips}{said}</span>'


def _chips(part: Part, values: Iterable[tuple[str, str, str]], ticked: Iterable[object]) -> str:
    """A group of buttons, of which those that are ticked are pressed; each has its text and its whole word."""
    pressed = set(map(str, ticked))
    buttons = "".join(
        f'<button type="button" tabindex="-1" data-part="{part}" data-value="{value}" title="{escape(word)}" '
        f'aria-label="{escape(word)}" aria-pressed="{str(value in pressed).lower()}">{escape(text)}</button>'
        for value, text, word in values
    )
    return f'<span role="group" aria-label="{part}">{buttons}</span>'


def _choice(part: Part, label: str, words: Mapping[str, str], ticked: Sequence[str]) -> str:
    """A list to choose from; what a text says beyond it, as several zones, stands first."""
    value = ticked[0] if len(ticked) == 1 else "several" if ticked else ""
    options = f'<option value="">{escape(label)}</option>'
    if value and value not in words:
        said = " + ".join(wording.ZONE_SHORT.get(each, each) for each in ticked)
        options += f'<option value="several" selected disabled>{escape(said)}</option>'
    options += "".join(
        f'<option value="{name}"{" selected" if name == value else ""}>{escape(word)}</option>'
        for name, word in words.items()
    )
    return f'<select tabindex="-1" data-part="{part}" aria-label="{escape(label)}">{options}</select>'


def _fit(document: Document, impression: str) -> str:
    match = impression_matches(document.text, impression)
    lines = [
        sentence.format(findings=", ".join(str(name).lower() for name in names))
        for sentence, names in (
            (wording.IMPRESSION_MISSING, match.missing),
            (wording.IMPRESSION_OTHERWISE, match.otherwise),
        )
        if names
    ]
    return f'<p class="cb-impression-fit">{escape(" ".join(lines))}</p>' if lines else ""
