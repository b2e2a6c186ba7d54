"""Scoring drafts: the rows that belong together, and the card that comes out."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from clinicalblip.evaluation.baseline_rows import draft_baselines
from clinicalblip.evaluation.baselines import Embed, ReportBank
from clinicalblip.evaluation.consistency import check_consistency, find_hint_source, mark_other_texts
from clinicalblip.evaluation.leaks import (
    count_copies,
    count_hints,
    digest_text,
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
from clinicalblip.evaluation.scoring import Scorer
from clinicalblip.evaluation.selection import Selection, collect_train_reports, select_studies
from clinicalblip.evaluation.statistics.statistic import RESAMPLES, Statistic
from clinicalblip.evaluation.target import scored_text
from clinicalblip.version import __version__

_PACKAGES: Final = ("nltk", "numpy", "pycocoevalcap", "rouge-score", "scikit-learn")


def evaluate(asked: EvaluationRequest, embed: Embed | None = None) -> Scorecard:
    """Score what was asked for; the same question gives the same card.

    `embed` is what finds the nearest film; without it that row is absent. Raises DatasetError, and SettingsError for
    a figure of findings that there is none of.
    """
    files = {kind: read_predictions(asked.files[kind]) for kind in OPTIONS if kind in asked.files}
    if files:
        check_consistency(files)
        files = mark_other_texts(files, asked.studies, asked.split)
    chosen = select_studies(asked.studies, asked.split, asked.target, files, allow_missing=asked.allow_missing)
    learnt = None
    if asked.train_studies is not None:
        learnt = find_trained_on(chosen.studies, read_train_digests(asked.train_studies))
    bank = ReportBank((), ()) if asked.split == "train" else collect_train_reports(asked.studies, asked.target)
    with MeteorJava() as java:
        scoring = Scorer(asked, chosen.references, frozenset(map(digest_text, bank.texts)) or None, java)
        rows, absent, differences = _rows(asked, files, chosen, bank, scoring, embed)
    without = (files[RowKind.SCORED].given.without if files else None) or ()
    in_prompts = find_references_in_prompts(chosen.studies, without)
    leaks = Leaks(
        {slot: len(ids) for slot, ids in in_prompts.items()},
        count_hints(chosen.studies),
        None if learnt is None else len(learnt),
        count_copies(chosen.references, scoring.train),
    )
    return Scorecard(
        data=ScoredData(chosen.digest, asked.split, len(chosen.studies), chosen.left_out, len(bank.texts)),
        protocol=ScoringProtocol(asked.target, str(asked.cleaning), asked.cut, asked.seed, RESAMPLES),
        command=asked.command,
        versions=_versions(),
        rows=tuple(rows),
        absent=tuple(absent),
        missing=scoring.missing,
        differences=tuple(differences),
        references=scoring.varied,
        leaks=leaks,
        warnings=tuple(_warnings(bool(files), len(chosen.studies), rows, absent, in_prompts, learnt)),
    )


def _rows(
    asked: EvaluationRequest,
    files: Mapping[RowKind, Predictions],
    chosen: Selection,
    bank: ReportBank,
    scoring: Scorer,
    embed: Embed | None,
) -> tuple[list[Row], list[AbsentRow], list[Difference]]:
    """The rows of the predictions files and the baselines, those that are not there, and the headline's differences."""
    rows: list[Row] = []
    absent: list[AbsentRow] = []
    differences: list[Difference] = []
    hinted = any(study.context.hints.strip() for study in chosen.studies)
    own: Mapping[str, Statistic] = {}
    for kind, option in OPTIONS.items():
        if kind in files:
            given = files[kind].given
            drafts = [scored_text(files[kind].drafts[study.study_id], asked.target) for study in chosen.studies]
            hints = find_hint_source(given, hinted, asked.hints)
            row, measured = scoring.score(kind, drafts, given=given, hints=hints)
            rows.append(row)
            if kind is RowKind.SCORED:
                own = measured
            else:
                differences.append(scoring.compare(own, kind, measured))
        elif files and kind in ABLATIONS:
            needed = kind in _companions_of(files[RowKind.SCORED].given)
            why = f"--{option} names its drafts" if needed else "the headline itself had no film"
            absent.append(AbsentRow(kind, why))
    for drafted in draft_baselines(asked, chosen.studies, bank, embed):
        if isinstance(drafted, AbsentRow):
            absent.append(drafted)
            continue
        row, measured = scoring.score(drafted.kind, drafted.texts, note=drafted.note)
        rows.append(row)
        if own and drafted.kind is RowKind.CONSTANT:
            differences.append(scoring.compare(own, drafted.kind, measured))
    return rows, absent, differences


def _companions_of(given: Provenance) -> tuple[RowKind, ...]:
    """The rows that a headline is not to be read without; one that was drafted from no film needs none of films."""
    return (RowKind.WITHOUT_PRIOR,) if given.films == "blank" else ABLATIONS


def _warnings(
    is_scored: bool,
    studies: int,
    rows: Sequence[Row],
    absent: Sequence[AbsentRow],
    in_prompts: Mapping[str, Sequence[str]],
    learnt: Sequence[str] | None,
) -> Iterator[str]:
    """What is to be read with the headline, in whole sentences."""
    if studies == 1:
        yield "One study alone was scored: its figures have no interval."
    needed = next((_companions_of(row.given) for row in rows if row.kind is RowKind.SCORED and row.given), ())
    if lacking := [str(row.kind) for row in absent if row.kind in needed]:
        yield f"The headline stands without these rows: {', '.join(lacking)}. What it owes to them is not known."
    if learnt:
        yield f"The adapter was trained on {name_studies(learnt)} of those scored: the headline is no test of it."
    elif is_scored and learnt is None:
        yield "Whether the model was trained on the scored studies was not checked: no list was named."
    for slot, ids in in_prompts.items() if is_scored else ():
        yield f"The reference's own text stands in the prompt's {slot.replace('_', ' ')} of {name_studies(ids)}."
    for row in rows:
        if row.hints is HintSource.ORACLE:
            yield f"The row '{row.kind}' had oracle hints: they are derived from what it is scored against."
        if row.given is not None and row.given.other_texts:
            yield f"The drafts of the row '{row.kind}' were made from other texts than the studies file has."
        if row.collapsed and row.given is not None:
            yield f"The drafts of the row '{row.kind}' have collapsed into a template."


def _versions() -> dict[str, str]:
    found = {"clinicalblip": __version__}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    return found
