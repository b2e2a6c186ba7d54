"""The steps in which a reader's report came about, so that each can be taken back and done again.

They lie on the server, with the text itself: only there are they one history over reloads, another page of the session
and a restart, and only there is it known what the page wrote into the boxes and when another study began. What is
typed is there within half a second, so that all a key needs is one short call. While the server cannot be reached the
page leaves the browser's own undo alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.origins import MarkedText, Origin
from clinicalblip.web.report_origins import ReportOrigins, Runs

MOST_STEPS: Final = 100
MOST_CHARACTERS: Final = 200_000
"""Of all steps together, removed and inserted ones."""

_PAUSE: Final = 2.0
"""Seconds without a key that end a run of typing: a slow line brings several keys at a time."""

_LONGEST_RUN: Final = 100  # characters
_MOST_KEYS: Final = 20  # characters that come at once where somebody types; more were pasted, or cut


@dataclass(frozen=True)
class Edit:
    """A part of a text, `at` so many characters from its beginning, in the place of another."""

    at: int = 0
    removed: str = ""
    inserted: str = ""

    @property
    def is_none(self) -> bool:
        """Whether it changes nothing."""
        return not (self.removed or self.inserted)

    @property
    def length(self) -> int:
        """Its characters."""
        return len(self.removed) + len(self.inserted)

    def redo(self, text: str) -> str:
        """The text with it. Raises ValueError where it does not fit."""
        return _replaced(text, self.at, self.removed, self.inserted)

    def undo(self, text: str) -> str:
        """The text without it. Raises ValueError where it does not fit."""
        return _replaced(text, self.at, self.inserted, self.removed)


def _replaced(text: str, at: int, old: str, new: str) -> str:
    if at > len(text) or not text.startswith(old, at):
        raise ValueError("an edit of another text")
    return text[:at] + new + text[at + len(old) :]


@dataclass(frozen=True)
class Step:
    """One step, in one of the report's boxes or in both; `origin` says how what it inserted came into the report.

    `origins_before` and `origins_after` are those of the whole report.
    """

    findings: Edit = Edit()
    impression: Edit = Edit()
    origin: Origin = Origin.TYPED
    origins_before: Runs = ("", "")
    origins_after: Runs = ("", "")

    @classmethod
    def between(cls, before: Report, after: Report, origin: Origin = Origin.TYPED) -> "Step":
        """What makes one report of another."""
        return cls(_edit(before.findings, after.findings), _edit(before.impression, after.impression), origin)

    @property
    def is_none(self) -> bool:
        """Whether it changes nothing."""
        return self.findings.is_none and self.impression.is_none

    @property
    def length(self) -> int:
        """Its characters."""
        return self.findings.length + self.impression.length

    @property
    def only(self) -> tuple[str, Edit] | None:
        """The one box that it changes, and how; None where it changes both, or none."""
        if self.findings.is_none == self.impression.is_none:
            return None
        return ("impression", self.impression) if self.findings.is_none else ("findings", self.findings)

    def redo(self, report: Report) -> Report:
        """The report with it. Raises ValueError where it does not fit."""
        return Report(self.findings.redo(report.findings), self.impression.redo(report.impression))

    def undo(self, report: Report) -> Report:
        """The report without it. Raises ValueError where it does not fit."""
        return Report(self.findings.undo(report.findings), self.impression.undo(report.impression))


def _edit(before: str, after: str) -> Edit:
    start = _alike(before, after)
    end = _alike(before[start:][::-1], after[start:][::-1])
    return Edit(start, before[start : len(before) - end], after[start : len(after) - end])


def _alike(one: str, other: str) -> int:
    """With how many of the same characters two texts begin."""
    return next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


@dataclass
class ReportHistory:
    """The last steps of one study's report; after another edit those that were taken back are gone.

    `steps`: of which `done` stand in the report. More than `MOST_STEPS` of them, or than `MOST_CHARACTERS` together,
    are not kept, the oldest go first. `clock` gives seconds. `origins`: how each character of the report came in.
    """

    steps: list[Step] = field(default_factory=list)
    done: int = 0
    clock: Callable[[], float] = time.monotonic
    origins: ReportOrigins = field(default_factory=ReportOrigins)
    _cut: MarkedText | None = None  # what was cut out last
    _typed_at: float | None = None  # when the last step went on, if it is a run of typing that still may

    def note(
        self,
        before: Report,
        after: Report,
        *,
        whole: bool = False,
        origin: Origin = Origin.TYPED,
        is_new: bool = False,
    ) -> None:
        """The report changed: as a step of its own where it is `whole`, or goes on a run of typing.

        `is_new`: all of it came in by `origin`, and not only what differs.
        """
        step, now = Step.between(before, after, origin), self.clock()
        if step.is_none:
            return
        origins_before = self._origins_of(before)
        self.origins = self._origins_after(before, after, origin, whole=whole, is_new=is_new)
        if whole:
            self._cut = origins_before.removed_by(after) or self._cut
        step = replace(step, origins_before=origins_before.runs, origins_after=self.origins.runs)
        keys = not whole and _are_keys(step)
        del self.steps[self.done :]
        run = None
        if keys and self._typed_at is not None and now - self._typed_at < _PAUSE:
            run = _run(self.steps[-1], step, before, after)
        if run:
            step = replace(run, origins_before=self.steps[-1].origins_before, origins_after=self.origins.runs)
        self.steps[-1 if run else len(self.steps) :] = [step]
        while len(self.steps) > MOST_STEPS or sum(one.length for one in self.steps) > MOST_CHARACTERS:
            del self.steps[0]
        self.done = len(self.steps)
        self._typed_at = now if keys and self.steps else None

    def undo(self, report: Report) -> tuple[Report, Step] | None:
        """The report a step before, and that step; None before the first."""
        return self._take(report, self.done - 1, Step.undo, -1)

    def redo(self, report: Report) -> tuple[Report, Step] | None:
        """The report with the step that was taken back last, and that step; None where none was."""
        return self._take(report, self.done, Step.redo, 1)

    def clear(self) -> None:
        """Another report begins."""
        self.steps, self.done, self._typed_at = [], 0, None
        self.origins, self._cut = ReportOrigins(), None

    def origins_at(self, report: Report, origin: Origin = Origin.TYPED) -> ReportOrigins:
        """How each character of this report came in, which may have changed by `origin` since the last step."""
        return self.origins.changed_to(report, origin)

    def _origins_of(self, report: Report) -> ReportOrigins:
        """The origins of the report as it stands; what nobody saw come in counts as typed."""
        return self.origins if self.origins.report == report else ReportOrigins.of(report, Origin.TYPED)

    def _origins_after(
        self, before: Report, after: Report, origin: Origin, *, whole: bool, is_new: bool
    ) -> ReportOrigins:
        if is_new:
            return ReportOrigins.of(after, origin)
        if whole and origin not in (Origin.KEPT, Origin.PASTED) and (stood := self._stood_here(before, after)):
            return stood
        cut = self._cut if origin is Origin.PASTED else None
        return self._origins_of(before).changed_to(after, origin, cut=cut)

    def _stood_here(self, report: Report, again: Report) -> ReportOrigins | None:
        """The origins of a report that is brought back as it stood after one of the steps; None where it never did.

        So comes back what the draft took the place of, what the browser's own undo takes back, and a tick.
        """
        for step in reversed(self.steps[: self.done]):
            try:
                report = step.undo(report)
            except ValueError:  # steps of another report
                return None
            if report == again:
                return ReportOrigins.from_runs(report, step.origins_before)
        return None

    def _take(
        self, report: Report, place: int, change: Callable[[Step, Report], Report], moved: int
    ) -> tuple[Report, Step] | None:
        if not 0 <= place < len(self.steps):
            return None
        step, self._typed_at = self.steps[place], None
        try:
            changed = change(step, report)
        except ValueError:  # the report is another one: no step of this history leads anywhere
            self.clear()
            return None
        self.origins = ReportOrigins.from_runs(changed, step.origins_before if moved < 0 else step.origins_after)
        self.done += moved
        return changed, step


def _are_keys(step: Step) -> bool:
    """Whether it is as small as what keys do, in one box, between two looks at it."""
    return step.only is not None and max(len(step.only[1].removed), len(step.only[1].inserted)) <= _MOST_KEYS


def _run(last: Step, step: Step, before: Report, after: Report) -> Step | None:
    """The two steps as one: a run of keys in one place, or of deletions; None where they are two."""
    both = Step.between(last.undo(before), after, step.origin)
    if last.only is None or step.only is None or both.only is None:
        return None
    (box, began), (other, goes_on), (_, run) = last.only, step.only, both.only
    typed, deleted = bool(began.inserted) and not goes_on.removed, not began.inserted and not goes_on.inserted
    in_one_place = run.length == began.length + goes_on.length
    ended = began.length >= _LONGEST_RUN or began.inserted.endswith("\n")
    return both if box == other and (typed or deleted) and in_one_place and not ended else None
