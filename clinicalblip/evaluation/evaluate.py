"""An evaluation: from a request to its scorecard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from clinicalblip.evaluation.baseline_rows import draft_baselines
from clinicalblip.evaluation.baselines import Embed, ReportBank
from clinicalblip.evaluation.consistency import check_consistency, find_hint_source, mark_other_texts
from clinicalblip.evaluation.leaks import (
    count_hints,
    find_references_in_prompts,
    find_trained_on,
    read_train_digests,
)
from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.predictions import HintSource, Predictions, Provenance, name_studies, read_predictions
from clinicalblip.evaluation.request import OPTIONS, EvaluationRequest
from clinicalblip.evaluation.scorecard.scorecard import (
    ABLATIONS,
    AbsentRow,
    Difference,
    Leaks,
    Row,
    RowKind,
    Scorecard,
    ScoredData,
    ScoringProtocol,
)
from clinicalblip.evaluation.scoring import DraftSet, Scorer
from clinicalblip.evaluation.selection import (
    Selection,
    collect_train_reports,
    read_evaluation_studies,
    select_studies,
)
from clinicalblip.evaluation.statistics.statistic import RESAMPLES, Statistic
from clinicalblip.evaluation.target import scored_text
from clinicalblip.version import __version__

_PACKAGES: Final = ("nltk", "numpy", "pycocoevalcap", "rouge-score", "scikit-learn")


@dataclass(frozen=True)
class _Inputs:
    """All that rows are made of: the request, its predictions files, the scored studies and the train reports."""

    request: EvaluationRequest
    files: Mapping[RowKind, Predictions]
    selection: Selection
    bank: ReportBank


@dataclass
class _Rows:
    """The rows so far, those that are absent, and the headline's differences from others."""

    rows: list[Row] = field(default_factory=list)
    absent: list[AbsentRow] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    headline: Mapping[str, Statistic] = field(default_factory=dict)


@dataclass(frozen=True)
class _FoundLeaks:
    """The ids of studies whose reference stands in their prompt, by slot, and of those trained on, if looked for."""

    in_prompts: Mapping[str, Sequence[str]]
    trained_on: Sequence[str] | None


def evaluate(request: EvaluationRequest, embed: Embed | None = None) -> Scorecard:
    """Score what is requested; the same request gives the same card.

    `embed` finds the nearest film; without it that row is absent. Raises DatasetError, and SettingsError for a figure
    of findings that does not exist.
    """
    files = {kind: read_predictions(request.files[kind]) for kind in OPTIONS if kind in request.files}
    if files:
        check_consistency(files)
    studies = read_evaluation_studies(request.studies, request.split)
    files = mark_other_texts(files, studies.digests)
    selection = select_studies(studies.scored, request, files)
    found = _find_leaks(request, files, selection)
    inputs = _Inputs(request, files, selection, collect_train_reports(studies.train, request.target))
    with MeteorJava() as java:
        scorer = Scorer(request, selection.references, inputs.bank.texts, java)
        made = _Rows()
        _score_files(inputs, scorer, made)
        _score_baselines(inputs, scorer, embed, made)
    return Scorecard(
        data=ScoredData(
            selection.digest, request.split, len(selection.studies), selection.left_out, len(inputs.bank.texts)
        ),
        protocol=ScoringProtocol(request.target, str(request.cleaning), request.cut, request.seed, RESAMPLES),
        command=request.command,
        versions=_versions(),
        rows=tuple(made.rows),
        absent=tuple(made.absent),
        missing=scorer.missing,
        differences=tuple(made.differences),
        references=scorer.reference_diversity,
        leaks=Leaks(
            {slot: len(ids) for slot, ids in found.in_prompts.items()},
            count_hints(selection.studies),
            None if found.trained_on is None else len(found.trained_on),
            scorer.reference_copies,
        ),
        warnings=tuple(_warnings(inputs, made, found)),
    )


def _find_leaks(request: EvaluationRequest, files: Mapping[RowKind, Predictions], selection: Selection) -> _FoundLeaks:
    trained_on = None
    if request.train_studies is not None:
        trained_on = find_trained_on(selection.studies, read_train_digests(request.train_studies))
    without = (files[RowKind.SCORED].provenance.without if files else None) or ()
    return _FoundLeaks(find_references_in_prompts(selection.studies, without), trained_on)


def _score_files(inputs: _Inputs, scorer: Scorer, made: _Rows) -> None:
    """Add the rows of the predictions files, and those that the headline should have beside it."""
    files, studies = inputs.files, inputs.selection.studies
    hinted = any(study.context.hints.strip() for study in studies)
    for kind, option in OPTIONS.items():
        if kind in files:
            provenance = files[kind].provenance
            texts = [scored_text(files[kind].drafts[study.study_id], inputs.request.target) for study in studies]
            hints = find_hint_source(provenance, hinted, inputs.request.hints)
            row, statistics = scorer.score(DraftSet(kind, texts, provenance, hints))
            made.rows.append(row)
            if kind is RowKind.SCORED:
                made.headline = statistics
            else:
                made.differences.append(scorer.compare(made.headline, kind, statistics))
        elif files and kind in ABLATIONS:
            needed = kind in _ablations_of(files[RowKind.SCORED].provenance)
            why = f"--{option} names its drafts" if needed else "the headline itself had no film"
            made.absent.append(AbsentRow(kind, why))


def _score_baselines(inputs: _Inputs, scorer: Scorer, embed: Embed | None, made: _Rows) -> None:
    """Add the rows of the baselines."""
    for drafts in draft_baselines(inputs.request, inputs.selection.studies, inputs.bank, embed):
        if isinstance(drafts, AbsentRow):
            made.absent.append(drafts)
            continue
        row, statistics = scorer.score(drafts)
        made.rows.append(row)
        if made.headline and drafts.kind is RowKind.CONSTANT:
            made.differences.append(scorer.compare(made.headline, drafts.kind, statistics))


def _ablations_of(headline: Provenance) -> tuple[RowKind, ...]:
    """The ablations that a headline needs beside it; one that was drafted from no film needs none of films."""
    return (RowKind.WITHOUT_PRIOR,) if headline.films == "blank" else ABLATIONS


def _warnings(inputs: _Inputs, made: _Rows, found: _FoundLeaks) -> Iterator[str]:
    """Yield what is to be read with the headline, in whole sentences."""
    files = inputs.files
    if len(inputs.selection.studies) == 1:
        yield "One study alone was scored: its figures have no interval."
    needed = _ablations_of(files[RowKind.SCORED].provenance) if files else ()
    if lacking := [str(row.kind) for row in made.absent if row.kind in needed]:
        yield f"The headline stands without these rows: {', '.join(lacking)}. What it owes to them is not known."
    if found.trained_on:
        known = name_studies(found.trained_on)
        yield f"The adapter was trained on {known} of those scored: the headline is no test of it."
    elif files and found.trained_on is None:
        yield "Whether the model was trained on the scored studies was not checked: no list was named."
    for slot, ids in found.in_prompts.items() if files else ():
        yield f"The reference's own text stands in the prompt's {slot.replace('_', ' ')} of {name_studies(ids)}."
    for row in made.rows:
        if row.hints is HintSource.ORACLE:
            yield f"The row '{row.kind}' had oracle hints: they are derived from what it is scored against."
        if row.provenance is not None and row.provenance.other_texts:
            yield f"The drafts of the row '{row.kind}' were made from other texts than the studies file has."
        if row.collapsed and row.provenance is not None:
            yield f"The drafts of the row '{row.kind}' have collapsed into a template."


def _versions() -> dict[str, str]:
    found = {"clinicalblip": __version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
