"""How often what is wrong in a draft stands in the final report, and what a draft changes in a reader's impression."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from clinicalblip.radiology.observation import Observation
from clinicalblip.reader_study.results.estimates import ByArm, Estimates
from clinicalblip.reader_study.results.markdown import ABSENT, Section, Table, estimate, mean, notes_of, number, share
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.sections.readers import NAMED
from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements


class Wrong(StrEnum):
    """In which way a report differs from the reference in an observation."""

    SAID = "said, not in the reference"
    LEFT_OUT = "in the reference, not said"


WrongFinding = tuple[Observation, Wrong]


@dataclass(frozen=True)
class Kept:
    """Whether a reader's final report has a wrong finding of an arm's draft; `row` may be of an arm without a draft."""

    row: ReadingRow
    wrong: WrongFinding
    kept: bool


def wrong_findings(said: frozenset[Observation], true: frozenset[Observation]) -> frozenset[WrongFinding]:
    """In which observations a report differs from the reference, No Finding aside, which follows from the others."""
    differ = [name for name in NAMED if (name in said) is not (name in true)]
    return frozenset((name, Wrong.SAID if name in said else Wrong.LEFT_OUT) for name in differ)


def kept_wrong(data: StudyData, arm: str) -> list[Kept]:
    """For each wrong finding of an arm's drafts: who kept it, and who said the same of the case without a draft."""
    wrong: dict[int, frozenset[WrongFinding]] = {}
    for row in data.compared:
        if row.arm == arm and row.draft_findings is not None and row.reference_findings is not None:
            wrong[row.case] = wrong_findings(row.draft_findings, row.reference_findings)
    return [
        Kept(row, each, each in wrong_findings(row.final_findings, row.reference_findings))
        for row in data.compared
        if row.arm == arm or row.arm in data.undrafted
        if row.final_findings is not None and row.reference_findings is not None
        for each in sorted(wrong.get(row.case, ()))
    ]


def automation(data: StudyData, ask: Estimates) -> Section:
    """The section on automation bias."""
    title = "What is wrong in drafts and stays"
    if not data.drafted:
        return Section(title, ("No arm shows a draft.",))
    beside = (
        "beside it how often readers without a draft wrote the same of the same cases"
        if data.undrafted
        else "the design has no arm without a draft to set it against"
    )
    tables = [_kept_table(data, ask)]
    if any(row.first_findings is not None for row in data.compared):
        tables += [_taken_over(data), _first_and_final(data, ask)]
    return Section(
        title,
        (
            "A finding of a draft is wrong where it differs from the reference's: said and not there, or there and not "
            f"said. It is kept where the final report differs in the same way; {beside}.",
        ),
        tuple(tables),
    )


def _kept_table(data: StudyData, ask: Estimates) -> Table:
    lines, found = [], []
    without = data.undrafted[0] if data.undrafted else None
    for arm in data.drafted:
        every = kept_wrong(data, arm)
        for what in (None, *Wrong):
            some = [each for each in every if what is None or each.wrong[1] is what]
            measured = _measure(each for each in some if each.row.arm in (arm, without))
            shares = ask.shares(measured)
            differences: ByArm = {} if without is None else ask.differences(measured, without)
            found += [*shares.values(), *differences.values()]
            cells = [_kept_cells(some, shares, name) for name in (arm, without)]
            lines.append((arm, str(what or "either"), *cells[0], *cells[1], _difference(differences.get(arm))))
    header = (
        *("arm", "what is wrong", "kept", "share kept", "the same without a draft", "share without"),
        "difference",
    )
    return Table("Wrong findings of drafts that stand in final reports", header, tuple(lines), notes_of(found), words=2)


def _kept_cells(some: list[Kept], shares: ByArm, arm: str | None) -> tuple[str, str]:
    own = [each for each in some if each.row.arm == arm]
    if not own or arm is None:
        return ABSENT, ABSENT
    return share(sum(each.kept for each in own), len(own)), estimate(shares.get(arm), 1, scale=100, unit=" %")


def _difference(found: Estimate | None) -> str:
    """In percentage points; a t-interval can reach beyond what a difference of shares can be, and is cut there."""
    if found is not None and found.low is not None and found.high is not None:
        found = replace(found, low=max(-1.0, found.low), high=min(1.0, found.high))
    return estimate(found, 1, scale=100, unit=" points")


def _measure(found: Iterable[Kept]) -> Measurements:
    each = list(found)
    return Measurements(
        [one.row.reader for one in each],
        [one.row.case for one in each],
        [one.row.arm for one in each],
        [float(one.kept) for one in each],
    )


@dataclass(frozen=True)
class Disagreement:
    """An observation in which a reader's first impression and the draft differ."""

    draft_right: bool
    taken_over: bool


def disagreements(rows: Iterable[ReadingRow]) -> Iterator[Disagreement]:
    """All of them, of readings with an impression before the draft."""
    for row in rows:
        first, draft, final, true = row.first_findings, row.draft_findings, row.final_findings, row.reference_findings
        if first is None or draft is None or final is None or true is None:
            continue
        for name in NAMED:
            if (name in first) is not (name in draft):
                yield Disagreement((name in draft) is (name in true), (name in final) is (name in draft))


def _taken_over(data: StudyData) -> Table:
    lines = []
    for arm in data.drafted:
        counts: dict[bool, list[bool]] = defaultdict(list)
        for each in disagreements(row for row in data.compared if row.arm == arm):
            counts[each.draft_right].append(each.taken_over)
        cells = [share(sum(counts[right]), len(counts[right])) for right in (True, False)]
        lines.append((arm, *cells))
    return Table(
        "Where the first impression and the draft differ: how often the final report says what the draft says",
        ("arm", "the draft was right", "the draft was wrong"),
        tuple(lines),
        ("Right and wrong are by the reference.",),
    )


def _first_and_final(data: StudyData, ask: Estimates) -> Table:
    lines, found = [], []
    for arm in data.drafted:
        both = [
            row
            for row in data.compared
            if row.arm == arm and row.first_agreement is not None and row.agreement is not None
        ]
        stages = [("first", row, row.first_agreement) for row in both] + [("final", row, row.agreement) for row in both]
        measured = Measurements(
            [row.reader for _, row, _ in stages],
            [row.case for _, row, _ in stages],
            [stage for stage, _, _ in stages],
            [float(value or 0) for _, _, value in stages],
        )
        difference = ask.differences(measured, "first").get("final")
        found.append(difference)
        means = [
            mean([float(value or 0) for name, _, value in stages if name == stage]) for stage in ("first", "final")
        ]
        lines.append((arm, str(len(both)), *(number(each, 3) for each in means), estimate(difference, 3)))
    return Table(
        "F1 with the reference before and after the draft",
        ("arm", "readings", "first impression, mean", "final report, mean", "difference of means"),
        tuple(lines),
        notes_of(found),
    )
