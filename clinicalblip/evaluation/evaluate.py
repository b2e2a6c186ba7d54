"""Scoring drafts: the rows that belong together, and the card that comes out."""

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from clinicalblip.evaluation.baseline_rows import draft_baselines
from clinicalblip.evaluation.baselines import Bank, Embed
from clinicalblip.evaluation.consistency import check_together, compare_texts, hints_of
from clinicalblip.evaluation.leaks import (
    count_copies,
    digest_text,
    find_in_prompts,
    find_trained_on,
    look_at_hints,
    read_train_digests,
)
from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.predictions import Given, Hints, Predicted, name_some, read_predicted
from clinicalblip.evaluation.request import OPTIONS, Asked
from clinicalblip.evaluation.scorecard.scorecard import (
    COMPANIONS,
    AbsentRow,
    Data,
    Difference,
    Kind,
    Leaks,
    Protocol,
    Row,
    Scorecard,
)
from clinicalblip.evaluation.scoring import Scoring
from clinicalblip.evaluation.selection import Selection, collect_train, select
from clinicalblip.evaluation.statistics.statistic import RESAMPLES, Measured
from clinicalblip.evaluation.target import text_of
from clinicalblip.version import __version__

_PACKAGES: Final = ("nltk", "numpy", "pycocoevalcap", "rouge-score", "scikit-learn")


def evaluate(asked: Asked, embed: Embed | None = None) -> Scorecard:
    """Score what was asked for; the same question gives the same card.

    `embed` is what finds the nearest film; without it that row is absent. Raises DatasetError, and SettingsError for
    a figure of findings that there is none of.
    """
    files = {kind: read_predicted(asked.files[kind]) for kind in OPTIONS if kind in asked.files}
    if files:
        check_together(files)
        files = compare_texts(files, asked.studies, asked.split)
    chosen = select(asked.studies, asked.split, asked.target, files, allow_missing=asked.allow_missing)
    learnt = None
    if asked.train_studies is not None:
        learnt = find_trained_on(chosen.studies, read_train_digests(asked.train_studies))
    bank = Bank((), ()) if asked.split == "train" else collect_train(asked.studies, asked.target)
    with MeteorJava() as java:
        scoring = Scoring(asked, chosen.references, frozenset(map(digest_text, bank.texts)) or None, java)
        rows, absent, differences = _rows(asked, files, chosen, bank, scoring, embed)
    without = (files[Kind.SCORED].given.without if files else None) or ()
    in_prompts = find_in_prompts(chosen.studies, without)
    leaks = Leaks(
        {slot: len(ids) for slot, ids in in_prompts.items()},
        look_at_hints(chosen.studies),
        None if learnt is None else len(learnt),
        count_copies(chosen.references, scoring.train),
    )
    return Scorecard(
        data=Data(chosen.digest, asked.split, len(chosen.studies), chosen.left_out, len(bank.texts)),
        protocol=Protocol(asked.target, str(asked.cleaning), asked.cut, asked.seed, RESAMPLES),
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
    asked: Asked,
    files: Mapping[Kind, Predicted],
    chosen: Selection,
    bank: Bank,
    scoring: Scoring,
    embed: Embed | None,
) -> tuple[list[Row], list[AbsentRow], list[Difference]]:
    """The rows of the predictions files and the baselines, those that are not there, and the headline's differences."""
    rows: list[Row] = []
    absent: list[AbsentRow] = []
    differences: list[Difference] = []
    hinted = any(study.context.hints.strip() for study in chosen.studies)
    own: Mapping[str, Measured] = {}
    for kind, option in OPTIONS.items():
        if kind in files:
            given = files[kind].given
            drafts = [text_of(files[kind].drafts[study.study_id], asked.target) for study in chosen.studies]
            hints = hints_of(given, hinted, asked.hints)
            row, measured = scoring.score(kind, drafts, given=given, hints=hints)
            rows.append(row)
            if kind is Kind.SCORED:
                own = measured
            else:
                differences.append(scoring.compare(own, kind, measured))
        elif files and kind in COMPANIONS:
            needed = kind in _companions_of(files[Kind.SCORED].given)
            why = f"--{option} names its drafts" if needed else "the headline itself had no film"
            absent.append(AbsentRow(kind, why))
    for drafted in draft_baselines(asked, chosen.studies, bank, embed):
        if isinstance(drafted, AbsentRow):
            absent.append(drafted)
            continue
        row, measured = scoring.score(drafted.kind, drafted.texts, note=drafted.note)
        rows.append(row)
        if own and drafted.kind is Kind.CONSTANT:
            differences.append(scoring.compare(own, drafted.kind, measured))
    return rows, absent, differences


def _companions_of(given: Given) -> tuple[Kind, ...]:
    """The rows that a headline is not to be read without; one that was drafted from no film needs none of films."""
    return (Kind.WITHOUT_PRIOR,) if given.films == "blank" else COMPANIONS


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
    needed = next((_companions_of(row.given) for row in rows if row.kind is Kind.SCORED and row.given), ())
    if lacking := [str(row.kind) for row in absent if row.kind in needed]:
        yield f"The headline stands without these rows: {', '.join(lacking)}. What it owes to them is not known."
    if learnt:
        yield f"The adapter was trained on {name_some(learnt)} of those scored: the headline is no test of it."
    elif is_scored and learnt is None:
        yield "Whether the model was trained on the scored studies was not checked: no list was named."
    for slot, ids in in_prompts.items() if is_scored else ():
        yield f"The reference's own text stands in the prompt's {slot.replace('_', ' ')} of {name_some(ids)}."
    for row in rows:
        if row.hints is Hints.ORACLE:
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
