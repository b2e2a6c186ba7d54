"""The items of CLAIM 2024, with where each is answered for a reader study, or that it is not reported.

Tejani et al., "Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 Update", Radiology: Artificial
Intelligence 2024;6(4):e240300. Numbers are theirs, words are ours; their text is what counts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from clinicalblip.reader_study.results.markdown import Section, Table
from clinicalblip.reader_study.results.study_data import StudyData

NOT_REPORTED: Final = "not reported"

_HEAD: Final = (
    "The items of CLAIM 2024 (Tejani et al., Radiol Artif Intell 2024;6(4):e240300) in our own short words; theirs "
    "count. What a study's design and records say is answered where the third column says; everything else is not "
    "reported, and is for the authors to write. Items on a model's making are for those who made it: its drafts are "
    "named by digest."
)

Where = str | Callable[[StudyData], str]


@dataclass(frozen=True)
class Item:
    """One item: its part of a paper, what it asks in our words, and where it is answered."""

    part: str
    asks: str
    where: Where = NOT_REPORTED


def methods(*headings: str) -> str:
    """Parts of methods.md."""
    return f"methods.md: {', '.join(headings)}"


def results(*headings: str) -> str:
    """Parts of report.md."""
    return f"report.md: {', '.join(headings)}"


def _comparisons(data: StudyData) -> str:
    return methods("Outcomes and statistics") if data.design.analysis.comparisons else NOT_REPORTED


def _between_readers(data: StudyData) -> str:
    """Of readers, that is, not of whoever wrote the reference."""
    return f"{NOT_REPORTED} of the reference; of the study's readers, {results('Agreement between readers')}"


def _errors(data: StudyData) -> str:
    return results("Content errors", "Errors that were put in") if data.drafted else NOT_REPORTED


def _confidence(data: StudyData) -> str:
    shown = any(arm.show.confidence or arm.show.evidence for arm in data.design.arms)
    return (
        f"what is shown, {methods('Arms and drafts')}; whether it is right, {NOT_REPORTED}" if shown else "not applied"
    )


ITEMS: Final = (
    Item("Title and abstract", "the title says that AI is studied, and which kind"),
    Item("Title and abstract", "a structured abstract"),
    Item("Introduction", "background, intended use and clinical role"),
    Item("Introduction", "aims and hypotheses", _comparisons),
    Item("Methods: study design", "prospective or retrospective", f"of readings, {methods('Design', 'Conduct')}"),
    Item("Methods: study design", "what the study is for", methods("Design")),
    Item("Methods: data", "where the data come from"),
    Item("Methods: data", "who is included and excluded", f"how cases were drawn, {methods('Cases')}"),
    Item("Methods: data", "preprocessing"),
    Item("Methods: data", "which part of the data was used", methods("Cases")),
    Item("Methods: data", "how data were de-identified"),
    Item("Methods: data", "missing data", methods("Exclusions and flags")),
    Item("Methods: data", "how images were acquired"),
    Item("Methods: reference standard", "what the reference standard is", methods("Outcomes and statistics")),
    Item("Methods: reference standard", "why it was chosen"),
    Item("Methods: reference standard", "who made it, and their qualification"),
    Item("Methods: reference standard", "how the test set was annotated", methods("Outcomes and statistics")),
    Item("Methods: reference standard", "how far annotators differ", _between_readers),
    Item("Methods: data partitions", "how data were split"),
    Item("Methods: data partitions", "at which level partitions are disjoint"),
    Item("Methods: testing data", "the intended sample size", methods("Sample size")),
    Item("Methods: model", "the model, in detail", f"by digest, {methods('Arms and drafts')}"),
    Item("Methods: model", "software and versions", methods("Software")),
    Item("Methods: model", "how parameters were initialised"),
    Item("Methods: training", "how the model was trained"),
    Item("Methods: training", "how the final model was chosen"),
    Item("Methods: training", "ensembles"),
    Item("Methods: evaluation", "measures of performance", methods("Outcomes and statistics")),
    Item("Methods: evaluation", "uncertainty and statistical tests", methods("Outcomes and statistics")),
    Item("Methods: evaluation", "robustness and sensitivity analyses", results("Reading time", "Flags", "Order")),
    Item("Methods: evaluation", "explainability", _confidence),
    Item("Methods: evaluation", "testing on internal data"),
    Item("Methods: evaluation", "testing on external data"),
    Item("Methods: evaluation", "registration as a trial"),
    Item(
        "Results: data",
        "numbers included and excluded, with a flow diagram",
        f"numbers, {results('Who read what')}; the diagram, {NOT_REPORTED}",
    ),
    Item("Results: data", "characteristics of patients and cases", f"strata alone, {methods('Cases')}"),
    Item(
        "Results: model performance",
        "performance against the reference standard",
        f"of final reports and drafts, {results('Agreement with the reference')}",
    ),
    Item(
        "Results: model performance",
        "accuracy with its precision",
        f"of final reports, {results('Agreement with the reference')}",
    ),
    Item("Results: model performance", "analysis of failures", _errors),
    Item("Discussion", "limitations"),
    Item("Discussion", "what it means for practice"),
    Item(
        "Other information",
        "the full protocol",
        lambda data: f"the design file, SHA-256 {data.assignment.design}",
    ),
    Item("Other information", "whether software, model and data can be had"),
    Item("Other information", "funding"),
)
"""The 44 items, in their order."""


def write_claim(data: StudyData) -> str:
    """The checklist as Markdown."""
    lines = tuple(
        (str(number), item.part, item.asks, item.where if isinstance(item.where, str) else item.where(data))
        for number, item in enumerate(ITEMS, start=1)
    )
    table = Table("Items", ("item", "part", "what it asks", "where it is answered"), lines, words=4)
    return Section("CLAIM 2024", (_HEAD,), (table,)).markdown() + "\n"
