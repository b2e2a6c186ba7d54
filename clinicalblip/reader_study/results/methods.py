"""The methods text of a study, filled from its design and its records alone."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from platform import python_version
from typing import Final

from clinicalblip.reader_study.design.design import (
    ArmPart,
    DisplayPart,
    DraftSource,
    ErrorsPart,
    QuestionnaireName,
    QuestionPart,
)
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.results.markdown import percent, plain
from clinicalblip.reader_study.results.method_statistics import analysis, references
from clinicalblip.reader_study.results.sections.conduct import assigned, exclusions
from clinicalblip.reader_study.results.study_data import Maker, StudyData
from clinicalblip.version import __version__

PACKAGES: Final = ("numpy", "scipy", "pandas", "statsmodels", "choix", "matplotlib")

_NO_MODEL: Final = "none"  # the precision of what no model wrote

_DISPLAYS: Final[Mapping[str, str]] = {
    "confidence": "how sure the model is, at its sentences",
    "not_mentioned": "findings that the model thinks likely and the draft leaves out",
    "evidence": "where in the film a sentence came from",
    "ticks": "the report as ticks at first",
    "prior_report": "the report of the earlier film, where there is one",
    "model": "which model wrote",
}

_SOURCES: Final[Mapping[DraftSource, str]] = {
    DraftSource.NONE: "no draft: the reader writes the report",
    DraftSource.MODEL: "the draft of a model",
    DraftSource.PREDICTIONS: "a report that was made before by another program, from a predictions file",
    DraftSource.REFERENCE: "the reference report, offered as a draft",
    DraftSource.INJECTED: "a report with errors put in",
}


_NAMED: Final[Mapping[QuestionnaireName, str]] = {
    QuestionnaireName.SUS: "the System Usability Scale",
    QuestionnaireName.UMUX_LITE: "UMUX-Lite",
    QuestionnaireName.NASA_TLX: "the NASA Task Load Index, without weights",
}


def write_methods(data: StudyData) -> str:
    """The text as Markdown. It has no number that is not in the design, in the records, or a setting of analysis."""
    parts = [
        f"## {title}\n\n" + "\n\n".join(paragraph for paragraph in paragraphs(data) if paragraph)
        for title, paragraphs in SECTIONS.items()
    ]
    return "\n\n".join((f"# Methods: {plain(data.design.title)}", *parts)) + "\n"


def _design(data: StudyData) -> Iterator[str]:
    reading = data.design.reading
    arms = len(data.arms)
    if data.design.pairwise is not None and data.design.pairwise.alone:
        yield "Readers chose between two drafts of each case and read nothing else."
    elif reading.kind == "crossover":
        yield (
            f"A crossover study of {_count(arms, 'arm')}: every reader reads every case once in "
            f"{'the' if reading.periods == 1 else 'each'} period, under arms that are assigned by a Latin square."
        )
    else:
        yield f"A parallel study of {_count(arms, 'arm')}: every reader reads all cases under one arm."
    if reading.periods > 1:
        yield (
            f"There are {reading.periods} periods. The second one comes at least {reading.washout_days} days after the "
            "first, with other arms."
        )
    order = "an order of their own, by lot" if reading.shuffled else "the same order"
    yield (
        f"Readers have {order}. The assignment of readers, cases and arms was made once, from the seed "
        f"{data.design.seed}, before the first reading, and is kept as a file with its digest."
    )
    if reading.reader_first:
        yield "Under arms with a draft the reader commits an impression before the draft appears; both are kept."
    again = "can be opened again, without changing it" if reading.read_again else "cannot be opened again"
    yield f"A case that is done {again}. A break is proposed after {reading.break_minutes} minutes of reading."
    yield from _questions(data)
    if (pairs := data.design.pairwise) is not None:
        yield (
            f"Pairs: two drafts of one film stand side by side, those of {pairs.arms[0]} and {pairs.arms[1]}, for "
            f"{_count(pairs.cases, 'case')}, sides by lot; the reader says which they would rather start from, or that "
            "both are as good, or that neither is usable, and why."
        )


def _questions(data: StudyData) -> Iterator[str]:
    asked = data.design.questions
    if asked.case:
        yield f"Asked after each case: {'; '.join(map(_question, asked.case))}."
    if asked.end:
        own = (_question(each) if isinstance(each, QuestionPart) else _NAMED[each] for each in asked.end)
        yield f"Asked at the end: {'; '.join(own)}."


def _question(question: QuestionPart) -> str:
    scale = f"{question.least} to {question.most}"
    return f"\u201c{plain(question.text)}\u201d ({plain(', '.join(question.choices)) or scale})"


def _participants(data: StudyData) -> Iterator[str]:
    enrolled = len(data.enrolments)
    consented = sum(each.consented is not None for each in data.enrolments)
    left = sum(each.left is not None for each in data.enrolments)
    added = sum(event.kind is EventKind.READER_ADDED for event in data.events)
    yield (
        f"The design asks for {_count(data.design.reading.readers, 'reader')}. {enrolled} enrolled, {consented} "
        f"consented, {len(data.readers)} read or chose, and {left} left before their end; {added} were added after the "
        "assignment was made. Readers are known by pseudonyms. Their training and experience are not in the records."
    )
    yield f"What they consented to: \u201c{plain(data.design.consent)}\u201d"
    yield f"What they were told is kept: \u201c{plain(data.design.kept)}\u201d"


def _cases(data: StudyData) -> Iterator[str]:
    part, gold = data.design.studies, data.design.gold
    split = f"the {part.split} split of " if part.split else ""
    yield (
        f"Cases are drawn from {split}a studies file by lot, from the same seed. Each reader has "
        f"{_count(part.count, 'case')}, of which {gold.count} "
        f"{'is a gold case' if gold.count == 1 else 'are gold cases'}, after {_count(part.training, 'training case')}; "
        f"{_count(part.repeated, 'case')} {'comes' if part.repeated == 1 else 'come'} again at the end. "
        f"All are of {_count(data.patients, 'patient')}."
    )
    if part.strata:
        shares = "; ".join(f"{name} {percent(share)}" for name, share in part.strata.items())
        yield f"Strata by what the reference says: {shares}; what is left over is drawn from all."
    strata: dict[tuple[str, str], int] = {}
    for case in data.assignment.cases:
        strata[str(case.kind), case.stratum] = strata.get((str(case.kind), case.stratum), 0) + 1
    if strata:
        yield f"Drawn: {'; '.join(f'{kind}, {stratum}: {count}' for (kind, stratum), count in strata.items())}."
    if gold.count:
        yield (
            f"Gold cases have {_errors(gold.errors)} put into their draft, whatever the arm. The key is kept apart "
            "from the drafts."
        )


def _arms(data: StudyData) -> Iterator[str]:
    for arm in data.design.arms:
        made = "; ".join(map(_maker, data.makers.get(arm.name, ())))
        yield f"**{arm.name}**: {_source(arm)}. Shown: {_shown(arm.show)}." + (f" Drafts: {made}." if made else "")


def _source(arm: ArmPart) -> str:
    said = _SOURCES[arm.draft]
    if arm.draft is DraftSource.INJECTED:
        of = "the reference" if arm.of in (None, "reference") else f"the arm {arm.of}"
        said += f": {of}'s, with {_errors(arm.errors)}"
    if arm.slots is not None:
        said += f"; it is told {', '.join(arm.slots) or 'nothing'}"
    return said


def _errors(part: ErrorsPart) -> str:
    count = str(part.least) if part.least == part.most else f"{part.least} to {part.most}"
    return f"{count} {'error' if part.most == 1 else 'errors'} (kinds: {', '.join(part.kinds)})"


def _shown(show: DisplayPart) -> str:
    return "; ".join(means for name, means in _DISPLAYS.items() if getattr(show, name)) or "nothing beside it"


def _maker(maker: Maker) -> str:
    model, how = maker.model, maker.generation
    if model.precision == _NO_MODEL:
        return f"{maker.drafts} from {model.base} (SHA-256 {model.base_digest})"
    adapter = f", adapter {model.adapter} (SHA-256 {model.adapter_digest})" if model.adapter else ""
    seeds = ", ".join(map(str, maker.seeds))
    return (
        f"{maker.drafts} by {model.base} (SHA-256 {model.base_digest}){adapter}, precision {model.precision}, prompt "
        f"version {model.prompt_version}, at most {how.max_new_tokens} tokens, temperature {how.temperature:g}, top-p "
        f"{how.top_p:g}, repetition penalty {how.repetition_penalty:g}, finding bias {how.finding_bias:g}, seed {seeds}"
    )


def _blinding(data: StudyData) -> Iterator[str]:
    shown = [arm.name for arm in data.design.arms if arm.show.model]
    yield (
        "All drafts were made before the first reading and are shown whole. Their ids are by lot and do not tell the "
        "arm."
    )
    yield (
        f"Which model wrote is shown under {', '.join(shown)}."
        if shown
        else "Readers are not told which model, or what else, wrote a draft. That there is a draft, and what is shown "
        "beside it, cannot be hidden from them."
    )
    first = min((event.at for event in data.events if event.kind is EventKind.UNBLINDED), default=None)
    yield (
        "Outcomes by arm were not looked at before the end, as far as the records say."
        if first is None
        else f"Outcomes by arm were looked at before the end, for the first time on {first.date().isoformat()} (UTC)."
    )


def _conduct(data: StudyData) -> Iterator[str]:
    days = [moment.date().isoformat() for moment in data.saved]
    if days:
        yield f"Readings were saved from {days[0]} to {days[-1]} (UTC)."
    yield "The study has ended." if data.ended else "The study has not ended."
    reported = (
        *(EventKind.EXTENDED, EventKind.READER_ADDED, EventKind.READER_LEFT, EventKind.TOOK_OVER),
        EventKind.CLOCK_BACK,
    )
    counts = {kind: sum(event.kind is kind for event in data.events) for kind in reported}
    found = "; ".join(f"{kind}: {count}" for kind, count in counts.items() if count)
    yield f"On record, beside readings: {found or 'nothing'}."
    yield (
        f"{len(data.rows)} of {len(assigned(data))} readings that were assigned to readers who enrolled were made. "
        "Those of readers who left are used as far as they came."
    )


def _exclusions(data: StudyData) -> Iterator[str]:
    yield (
        f"Comparisons of arms are of {len(data.compared)} of {len(data.rows)} readings. Not in them, or not with all "
        "of their values (a reading may be in several lines):"
    )
    yield "\n".join(f"- {reason}: {count}" for reason, count in exclusions(data) if count) or "- none"
    flagged = len(data.compared) - len(data.unflagged)
    yield (
        f"{flagged} compared readings have a flag; none is left out for it, and report.md shows under "
        "\u201cFlags\u201d what leaving them out changes."
    )


def _sample_size(data: StudyData) -> Iterator[str]:
    yield (
        f"The design names {_count(data.design.reading.readers, 'reader')} and "
        f"{_count(data.design.studies.count, 'case')}. How these numbers were chosen is not in the records."
    )


def _software(data: StudyData) -> Iterator[str]:
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    yield f"Results: clinicalblip {__version__}, Python {python_version()}, {packages}."
    if data.package:
        yield f"The study was prepared on {data.made[:10]} (UTC) by clinicalblip {data.package}."
    digests = "; ".join(f"{name} {digest}" for name, digest in sorted(data.digests.items()))
    if digests:
        yield f"SHA-256 of the study's files: {digests}."


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


Paragraphs = Callable[[StudyData], Iterator[str]]

SECTIONS: Final[Mapping[str, Paragraphs]] = {
    "Design": _design,
    "Participants": _participants,
    "Cases": _cases,
    "Arms and drafts": _arms,
    "Blinding": _blinding,
    "Conduct": _conduct,
    "Exclusions and flags": _exclusions,
    "Sample size": _sample_size,
    "Outcomes and statistics": analysis,
    "Software": _software,
    "References": references,
}
"""The parts of the text, by their headings."""
