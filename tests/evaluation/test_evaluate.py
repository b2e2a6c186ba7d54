"""Scoring drafts: which rows come out, what is refused, and that nothing depends on the order of anything."""

import json
import random
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from clinicalblip.datasets.files.studies import digest_study
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy, SettingsError
from clinicalblip.evaluation.evaluate import evaluate
from clinicalblip.evaluation.metrics.registry import measure
from clinicalblip.evaluation.predictions import HintSource, read_predictions
from clinicalblip.evaluation.request import EvaluationRequest
from clinicalblip.evaluation.scorecard.scorecard import (
    ABLATIONS,
    BASELINES,
    Row,
    RowKind,
    Scorecard,
    to_figure,
    write_json,
)
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, bootstrap_difference
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report, Target
from clinicalblip.radiology.study import Study, StudyImage
from tests.fixtures.scored_studies import NORMAL, TEXTS, some_studies, study, write_drafts, write_split

QUICK = ("bleu-1", "bleu-4", "rouge-l-coco", "findings")


def request_for(path: Path, files: dict[RowKind, Path] | None = None, **changes: object) -> EvaluationRequest:
    """A request to score the findings of the test split that needs no Java."""
    return EvaluationRequest(
        path, **{"split": "test", "target": Target.FINDINGS, "metrics": QUICK, **changes}, files=files or {}
    )  # type: ignore[arg-type]


def scored(path: Path, drafts: Path, **changes: object) -> Scorecard:
    """The card of these drafts."""
    return evaluate(request_for(path, {RowKind.SCORED: drafts}, **changes))


def row(card: Scorecard, kind: RowKind = RowKind.SCORED) -> Row:
    """A row that has to be there."""
    found = card.row(kind)
    assert found is not None
    return found


def scored_of(studies: Sequence[Study]) -> list[Study]:
    """The studies of the test split."""
    return [each for each in studies if each.split == "test"]


def own_texts(studies: Sequence[Study]) -> dict[str, str]:
    """The test studies' own findings as drafts of them."""
    return {each.study_id: each.reference.findings for each in studies if each.split == "test"}


def test_the_baselines_are_always_in_the_card(tmp_path: Path) -> None:
    """With and without drafts; what cannot be made is named with its reason."""
    studies = some_studies()
    path = write_split(tmp_path, studies)
    for card in (evaluate(request_for(path)), scored(path, write_drafts(tmp_path / "p.jsonl", own_texts(studies)))):
        assert {RowKind.CONSTANT, RowKind.MEDOID, RowKind.BY_INDICATION} <= {each.kind for each in card.rows}
        assert {each.kind: each.reason for each in card.absent}[RowKind.BY_FILM].startswith("the films")


def test_a_headline_without_its_companions_says_so(tmp_path: Path) -> None:
    """The rows without prior, with shuffled films and with a blank one are named as absent, and in a warning."""
    studies = some_studies()
    card = scored(write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", own_texts(studies)))
    assert set(ABLATIONS) <= {each.kind for each in card.absent}
    assert any("without prior, shuffled films, blank film" in warning for warning in card.warnings)


def test_companions_stand_beside_the_headline_with_their_differences(tmp_path: Path) -> None:
    """Each companion is a row, and the headline less it a paired difference."""
    studies = some_studies()
    texts = own_texts(studies)
    worse = dict.fromkeys(texts, NORMAL)
    files = {
        RowKind.SCORED: write_drafts(tmp_path / "p.jsonl", texts, films="right", of=scored_of(studies)),
        RowKind.WITHOUT_PRIOR: write_drafts(
            tmp_path / "w.jsonl", worse, films="right", of=scored_of(studies), without=["indication"]
        ),
        RowKind.SHUFFLED: write_drafts(tmp_path / "s.jsonl", worse, films="shuffled", of=scored_of(studies)),
        RowKind.BLANK: write_drafts(tmp_path / "b.jsonl", worse, films="blank", of=scored_of(studies)),
        RowKind.AGAINST: write_drafts(
            tmp_path / "a.jsonl", worse, films="right", of=scored_of(studies), model="another"
        ),
    }
    card = evaluate(request_for(write_split(tmp_path, studies), files))
    assert [each.kind for each in card.rows][:5] == [*list(RowKind)[:5]]
    assert {each.kind for each in card.differences} == {*files, RowKind.CONSTANT} - {RowKind.SCORED}
    assert all(each.figures["bleu-1"].value > 0.1 for each in card.differences)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("kind", "about", "reason"),
    [
        (RowKind.SHUFFLED, {"films": "right"}, "not shuffled"),
        (RowKind.BLANK, {"films": "shuffled"}, "not blank"),
        (RowKind.BLANK, {"films": "blank", "without": ["hints"]}, "other slots"),
        (RowKind.WITHOUT_PRIOR, {"films": "right"}, "no slot left empty"),
        (RowKind.WITHOUT_PRIOR, {"films": "blank", "without": ["hints"]}, "other films"),
        (RowKind.SHUFFLED, {"films": "shuffled", "model": "another"}, "another model"),
        (RowKind.SHUFFLED, {"films": "shuffled", "finding_bias": 1.0}, "another finding bias"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_file_is_refused_as_what_it_is_not(
    tmp_path: Path, kind: RowKind, about: dict[str, object], reason: str
) -> None:
    """What stands beside the drafts decides whether they are that companion of that headline."""
    studies = some_studies()
    files = {
        RowKind.SCORED: write_drafts(tmp_path / "p.jsonl", own_texts(studies), films="right", of=scored_of(studies)),
        kind: write_drafts(tmp_path / "c.jsonl", own_texts(studies), **about),  # type: ignore[arg-type]
    }
    with pytest.raises(DatasetError, match=reason):
        evaluate(request_for(write_split(tmp_path, studies), files))


def test_a_headline_from_no_film_needs_no_rows_of_films(tmp_path: Path) -> None:
    """Drafts from a blank film are called so, and only the row without prior is missed."""
    studies = some_studies()
    drafts = write_drafts(tmp_path / "p.jsonl", own_texts(studies), films="blank", of=scored_of(studies))
    card = scored(write_split(tmp_path, studies), drafts)
    assert row(card).label == "base-1, no film"
    assert any("these rows: without prior." in warning for warning in card.warnings)


@pytest.mark.parametrize(
    ("without", "said", "hints"),
    [((), None, HintSource.ORACLE), ((), HintSource.READER, HintSource.READER), (("hints",), None, HintSource.NONE)],
    ids=["given", "a reader's", "left empty"],
)
def test_hints_are_oracle_unless_it_is_said_or_known_otherwise(
    tmp_path: Path, without: tuple[str, ...], said: HintSource | None, hints: HintSource
) -> None:
    """Where studies have hints and they may have reached the prompt, the row carries it in its label."""
    studies = [replace(study(0, hints="effusion"), tags=("effusion",)), study(1), study(2, "train")]
    drafts = write_drafts(
        tmp_path / "p.jsonl", own_texts(studies), films="right", of=scored_of(studies), without=without
    )
    card = scored(write_split(tmp_path, studies), drafts, hints=said)
    assert row(card).hints is hints
    assert (card.leaks.hints.hinted, card.leaks.hints.from_tags) == (1, 1)
    assert any("oracle" in warning for warning in card.warnings) is (hints is HintSource.ORACLE)


def test_hints_of_another_studies_file_do_not_go_unnoticed(tmp_path: Path) -> None:
    """Drafts from studies with hints, scored against the same studies without: the row says what is not known."""
    plain = [study(0), study(1), study(2, "train")]
    hinted = [replace(each, context=replace(each.context, hints="effusion")) for each in plain]
    path = write_split(tmp_path, plain)
    for of, label in (
        (scored_of(plain), "base-1"),
        (plain, "base-1"),
        (scored_of(hinted), "base-1, from other texts than those scored, hints not known"),
    ):
        card = scored(path, write_drafts(tmp_path / "p.jsonl", own_texts(plain), films="right", of=of))
        assert row(card).label == label
        assert any("other texts" in warning for warning in card.warnings) is ("other" in label)


def test_the_studies_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Selection, train reports and digests come of one reading, whatever the drafts' digest says."""
    studies = some_studies()
    path = write_split(tmp_path, studies)
    drafts = write_drafts(tmp_path / "p.jsonl", own_texts(studies), films="right", of=[study(3)])
    opened, open_path = [], Path.open

    def counting(self: Path, *arguments: object, **named: object) -> object:
        opened.append(self)
        return open_path(self, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", counting)
    scored(path, drafts)
    assert opened.count(path) == 1


def test_drafts_that_equal_their_references_have_the_highest_scores(tmp_path: Path) -> None:
    """One in every metric that has one as its maximum; and the copies are counted."""
    studies = some_studies()
    card = scored(write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", own_texts(studies)))
    for name in ("bleu-1", "bleu-4", "rouge-l-coco", "findings-micro-f1", "findings-macro-f1"):
        assert row(card).figures[name].value == pytest.approx(1.0)
    assert (row(card).copies.equal_reference, row(card).copies.in_train) == (8, 8)


def test_a_difference_is_the_paired_one(tmp_path: Path) -> None:
    """The card's difference is what `difference` gives of the two sets of drafts."""
    studies = some_studies()
    texts = own_texts(studies)
    other = dict(zip(texts, reversed(texts.values()), strict=True))
    files = {
        RowKind.SCORED: write_drafts(tmp_path / "p.jsonl", texts),
        RowKind.AGAINST: write_drafts(tmp_path / "a.jsonl", other),
    }
    card = evaluate(request_for(write_split(tmp_path, studies), files, metrics=("rouge-l-coco",)))
    from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean

    references = [clean(text, Cleaning.R2GEN) for text in texts.values()]
    own, less = (
        measure(["rouge-l-coco"], [clean(text, Cleaning.R2GEN) for text in drafts.values()], references)
        for drafts in (texts, other)
    )
    (found,) = (each for each in card.differences if each.kind is RowKind.AGAINST)
    assert found.figures["rouge-l-coco"] == to_figure(bootstrap_difference(own["rouge-l-coco"], less["rouge-l-coco"]))  # type: ignore[arg-type]


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000))
def test_the_order_of_studies_and_drafts_changes_nothing(tmp_path: Path, seed: int) -> None:
    """Shuffled files give the same card, byte by byte."""
    studies = some_studies(6, 6)
    texts = {each: TEXTS[number % 3] for number, each in enumerate(own_texts(studies))}
    card = scored(write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", texts))
    shuffled, drafts = list(studies), list(texts.items())
    random.Random(seed).shuffle(shuffled)
    random.Random(seed).shuffle(drafts)
    again = scored(write_split(tmp_path, shuffled), write_drafts(tmp_path / "p.jsonl", dict(drafts)))
    assert write_json(again) == write_json(card)


def test_another_seed_gives_other_intervals_only(tmp_path: Path) -> None:
    """The seed is that of the resamples; values do not depend on it."""
    texts = [" ".join(["the lungs are clear"] * (n % 7) + [f"finding {n}"]) for n in range(30)]
    path = write_split(tmp_path, [study(n, findings=text) for n, text in enumerate(texts)])
    first, second = (
        row(evaluate(request_for(path, seed=seed)), RowKind.CONSTANT).figures["rouge-l-coco"] for seed in (0, 1)
    )
    assert first.value == second.value
    assert (first.low, first.high) != (second.low, second.high)


@pytest.mark.parametrize(
    ("drafts", "sentence"),
    [
        ({"test0000": "a"}, r"no draft of 2 studies \(test0001, test0002\)"),
        ({f"test000{n}": "a" for n in range(4)}, r"drafts of 1 study \(test0003\) that the split test has not"),
    ],
    ids=["missing", "unknown"],
)
def test_unknown_and_missing_studies_are_named(tmp_path: Path, drafts: dict[str, str], sentence: str) -> None:
    """They are refused, or left out of every row and counted."""
    path = write_split(tmp_path, some_studies(3, 2))
    file = write_drafts(tmp_path / "p.jsonl", drafts)
    with pytest.raises(DatasetError, match=sentence):
        scored(path, file)
    card = scored(path, file, allow_missing=True)
    assert card.data.studies == len(drafts.keys() & {f"test000{n}" for n in range(3)})
    assert list(card.data.left_out.values()) in ([2], [1])
    assert all(each.diversity.texts == card.data.studies for each in card.rows)


def test_without_a_single_common_study_nothing_is_scored(tmp_path: Path) -> None:
    """A file of another split is no file of this one, even where studies may be missing."""
    path = write_split(tmp_path, some_studies(3, 2))
    with pytest.raises(DatasetError, match="No study has a draft"):
        scored(path, write_drafts(tmp_path / "p.jsonl", {"other": "a"}), allow_missing=True)


def test_a_study_that_comes_twice_is_refused(tmp_path: Path) -> None:
    """In the predictions and in the studies file."""
    path = write_split(tmp_path, some_studies(2, 2))
    line = json.dumps({"study_id": "test0000", "findings": "a", "impression": ""}) + "\n"
    (tmp_path / "p.jsonl").write_text(line * 2)
    with pytest.raises(DatasetError, match=r"1 study \(test0000\) come more than once"):
        scored(path, tmp_path / "p.jsonl")
    with pytest.raises(DatasetError, match="test0000 comes more than once in the studies file"):
        evaluate(request_for(write_split(tmp_path, [study(0), study(0)])))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no JSON in UTF-8"),
        ("[1]", "no JSON object"),
        ('{"findings": "a"}', "no study_id"),
        ('{"study_id": "a"}', "neither findings nor impression"),
        ('{"study_id": "a", "findings": 3}', "is no text"),
        ("[" * 100_000, "no JSON in UTF-8"),
    ],
    ids=["half a line", "a list", "no id", "no text", "a number", "too deep"],
)
def test_a_broken_line_is_named_by_its_number(tmp_path: Path, line: str, reason: str) -> None:
    """The sentence has the line and what is wrong with it, and nothing that stands in it."""
    (tmp_path / "p.jsonl").write_text(f'{{"study_id": "x", "findings": "y"}}\n\n{line}\n')
    with pytest.raises(MalformedStudy, match=f"Line 3 .*{reason}"):
        read_predictions(tmp_path / "p.jsonl")


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_drafts_or_a_sentence(tmp_path: Path, content: bytes) -> None:
    """Whatever a predictions file is, what comes of it is drafts or an error of the data set's family."""
    (tmp_path / "p.jsonl").write_bytes(content)
    with suppress(DatasetError):
        assert read_predictions(tmp_path / "p.jsonl").drafts


@pytest.mark.parametrize("about", ["{", "[]", "{}", '{"model": {}, "films": 1, "without": []}'])
def test_what_made_the_drafts_is_read_or_refused(tmp_path: Path, about: str) -> None:
    """A damaged .about.json is not passed over: it may hide what the drafts were given."""
    write_drafts(tmp_path / "p.jsonl", {"a": "b"})
    (tmp_path / "p.about.json").write_text(about)
    with pytest.raises(MalformedStudy, match=r"\.about\.json"):
        read_predictions(tmp_path / "p.jsonl")


def test_an_empty_draft_is_scored_as_empty(tmp_path: Path) -> None:
    """It counts, with nothing right in it, and is counted."""
    studies = some_studies(4, 2)
    texts = own_texts(studies) | {"test0000": "  "}
    card = scored(write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", texts))
    assert row(card).diversity.empty == 1
    assert row(card).figures["rouge-l-coco"].value == pytest.approx(0.75)


def test_a_study_without_the_target_is_left_out_and_counted(tmp_path: Path) -> None:
    """What has no reference cannot be scored, whether it was drafted or not."""
    studies = [*some_studies(3, 2), study(5, findings=" ")]
    path = write_split(tmp_path, studies)
    card = scored(path, write_drafts(tmp_path / "p.jsonl", {**own_texts(studies), "test0005": "a"}))
    assert (card.data.studies, dict(card.data.left_out)) == (3, {"without findings in the reference": 1})
    bare = write_split(tmp_path, [study(0, findings="")])
    with pytest.raises(DatasetError, match="has a reference for the target findings"):
        evaluate(request_for(bare))


def test_one_study_alone_has_no_interval(tmp_path: Path) -> None:
    """Its figures stand without one, and the card says so."""
    card = evaluate(request_for(write_split(tmp_path, some_studies(1, 2))))
    figure = row(card, RowKind.CONSTANT).figures["bleu-1"]
    assert figure.value is not None
    assert (figure.low, figure.high) == (None, None)
    assert any("no interval" in warning for warning in card.warnings)


def test_an_empty_or_unknown_split_is_refused(tmp_path: Path) -> None:
    """There is nothing to score in a split that the file has not."""
    path = write_split(tmp_path, some_studies(2, 2))
    for split in ("validate", "dev"):
        with pytest.raises(DatasetNotFound, match=split):
            evaluate(request_for(path, split=split))


@pytest.mark.parametrize(("split", "train"), [("train", 3), ("test", 0)], ids=["train itself", "no train split"])
def test_without_train_reports_their_baselines_are_absent(tmp_path: Path, split: str, train: int) -> None:
    """The constant report stays; the others are named with the reason."""
    card = evaluate(request_for(write_split(tmp_path, some_studies(3, train)), split=split))
    assert [each.kind for each in card.rows] == [RowKind.CONSTANT]
    assert {each.kind for each in card.absent} == {*BASELINES} - {RowKind.CONSTANT}
    assert all("train split" in each.reason for each in card.absent)
    assert card.leaks.references.in_train is None


def test_without_scikit_learn_its_baselines_are_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the sentence how to get it; the card is there all the same."""
    monkeypatch.setattr("clinicalblip.evaluation.baseline_rows.find_spec", lambda name: None)
    card = evaluate(request_for(write_split(tmp_path, some_studies(3, 3))))
    assert [each.kind for each in card.rows] == [RowKind.CONSTANT]
    assert all("pip install scikit-learn" in each.reason for each in card.absent)


@pytest.mark.parametrize("text", ["肺野清晰，無胸腔積液。", "clear " * 16_667, "!?", "\x00\u2028‮"])
def test_any_text_is_scored(tmp_path: Path, text: str) -> None:
    """Another language, a hundred thousand characters, no word, and signs that are not seen."""
    studies = some_studies(3, 3)
    card = scored(
        write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", dict.fromkeys(own_texts(studies), text))
    )
    assert row(card).figures["bleu-1"].value is not None


def test_studies_that_were_trained_on_are_said(tmp_path: Path) -> None:
    """The headline is then no test of the adapter; without a list, the card says that nobody looked."""
    studies = some_studies(3, 3)
    path, drafts = write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", own_texts(studies))
    (tmp_path / "training-studies.txt").write_text(f"{digest_study(studies[1])}\n")
    card = scored(path, drafts, train_studies=tmp_path / "training-studies.txt")
    assert card.leaks.trained_on == 1
    assert any(r"trained on 1 study (test0001)" in warning for warning in card.warnings)
    assert any("not checked" in warning for warning in scored(path, drafts).warnings)


def test_a_reference_in_its_own_prompt_is_said(tmp_path: Path) -> None:
    """With the slot and the study."""
    studies = [study(1, indication=f"Follow-up. {TEXTS[1]}"), study(2), study(0, "train")]
    card = scored(write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", own_texts(studies)))
    assert dict(card.leaks.in_prompts) == {"indication": 1}
    assert any("prompt's indication of 1 study (test0001)" in warning for warning in card.warnings)


def test_a_template_is_said(tmp_path: Path) -> None:
    """One text for every study is a collapse, of a model's drafts in a sentence of its own."""
    studies = [study(n, findings=f"Finding number {n} in the lung.") for n in range(24)]
    drafts = write_drafts(tmp_path / "p.jsonl", dict.fromkeys(own_texts(studies), NORMAL))
    card = scored(write_split(tmp_path, studies), drafts)
    assert row(card).collapsed
    assert any("collapsed" in warning for warning in card.warnings)


def test_the_nearest_film_is_found_where_there_are_films(tmp_path: Path) -> None:
    """With films and an encoder the row is there; with films alone the card says what is lacking."""
    film = tmp_path / "film.png"
    film.write_bytes(b"film")
    studies = [replace(each, images=(StudyImage(film, View.PA),)) for each in some_studies(3, 4)]
    path = write_split(tmp_path, studies)

    def embed(studies: Sequence[Study]) -> NDArray[np.float32]:
        return np.array([[1.0, int(each.study_id[-4:])] for each in studies], dtype=np.float32)

    card = evaluate(request_for(path), embed)
    assert row(card, RowKind.BY_FILM).copies.equal_reference == 3
    assert {each.kind: each.reason for each in evaluate(request_for(path)).absent}[RowKind.BY_FILM].endswith("--base")


@pytest.mark.parametrize("target", list(Target))
def test_every_target_has_its_constant_report(tmp_path: Path, target: Target) -> None:
    """Findings, impression, or both, against the same part of the reference."""
    card = evaluate(request_for(write_split(tmp_path, some_studies(3, 3)), target=target))
    words = {Target.FINDINGS: 27, Target.IMPRESSION: 4, Target.REPORT: 31}
    assert row(card, RowKind.CONSTANT).diversity.mean_words == words[target]


def test_references_are_cut_and_drafts_are_not(tmp_path: Path) -> None:
    """The card states the cut, and the scores follow it."""
    studies = some_studies(4, 2)
    path, drafts = write_split(tmp_path, studies), write_drafts(tmp_path / "p.jsonl", own_texts(studies))
    card = scored(path, drafts, cut=3)
    assert card.protocol.cut == 3
    assert row(card).figures["bleu-1"].value < 0.5  # type: ignore[operator]


@pytest.mark.parametrize(
    "changes",
    [{"metrics": ("meteor",)}, {"metrics": ("findings-sorrow-f1",)}, {"cut": 0}, {"files": {RowKind.BLANK: Path()}}],
)
def test_a_request_that_cannot_be_met_is_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    """A METEOR that could be any, an observation that there is not, a cut to nothing, a companion without headline."""
    path = write_split(tmp_path, some_studies(2, 2))
    with pytest.raises(SettingsError):
        evaluate(EvaluationRequest(path, "test", Target.FINDINGS, **changes))  # type: ignore[arg-type]


def test_only_what_was_asked_for_is_measured(tmp_path: Path) -> None:
    """Single figures of findings can be asked for beside metrics."""
    card = evaluate(request_for(write_split(tmp_path, some_studies(2, 2)), metrics=("findings-edema-f1", "bleu-2")))
    assert list(row(card, RowKind.CONSTANT).figures) == ["bleu-2", "findings-edema-f1"]


def test_a_draft_of_the_other_section_alone_is_an_empty_one(tmp_path: Path) -> None:
    """A line may have one section only; the target's text is then empty."""
    path = write_split(tmp_path, some_studies(1, 1))
    (tmp_path / "p.jsonl").write_text('{"study_id": "test0000", "impression": "Normal."}\n')
    assert read_predictions(tmp_path / "p.jsonl").drafts == {"test0000": Report("", "Normal.")}
    assert row(scored(path, tmp_path / "p.jsonl")).diversity.empty == 1


def test_what_cannot_be_measured_of_one_row_is_measured_of_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the card says of which it is missing, with the reason."""

    def measure_all_but(names: Sequence[str], drafts: Sequence[str], *others: object, **also: object) -> object:
        cannot = MissingStatistic("bleu-1", "Mend it.") if "xyzzy" in drafts[0] else None
        return {"bleu-1": cannot} if cannot else measure(names, drafts, *others)  # type: ignore[arg-type]

    monkeypatch.setattr("clinicalblip.evaluation.scoring.measure", measure_all_but)
    studies = some_studies(3, 3)
    drafts = write_drafts(tmp_path / "p.jsonl", dict.fromkeys(own_texts(studies), "xyzzy"))
    card = scored(write_split(tmp_path, studies), drafts, metrics=("bleu-1",))
    assert [(each.name, each.reason, each.kinds) for each in card.missing] == [
        ("bleu-1", "Mend it.", (RowKind.SCORED,))
    ]
    assert row(card).figures == {}
    assert "bleu-1" in row(card, RowKind.CONSTANT).figures
