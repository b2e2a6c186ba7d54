"""Rules across the fields of a design, each with what would be possible."""

from typing import Any

import pytest

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.check_design import check_design, find_faults
from clinicalblip.reader_study.design.fault import field_name
from tests.fixtures.study_designs import study_design

NONE = {"name": "unaided", "draft": "none"}
MODEL = {"name": "assisted", "draft": "model"}
PAIRS = {"arms": ["model-1", "model-2"], "cases": 6}
SCALE = {"name": "sure", "text": "How sure?"}


def injected(of: str | None, name: str = "wrong", **fields: Any) -> dict[str, Any]:
    """An arm whose reports are another's with errors."""
    return {"name": name, "draft": "injected", "of": of, **fields}


def compared(outcome: str, arm: str = "model-1", against: str = "model-2", **fields: Any) -> dict[str, Any]:
    """The analysis with one comparison."""
    return {"comparisons": [{"outcome": outcome, "arm": arm, "against": against, **fields}]}


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"arms": 3, "readers": 4, "main": 39}, "reading.readers", "4 readers cannot read each case"),
        ({"arms": 3, "readers": 4, "main": 39}, "reading.readers", "3 or 6 can"),
        ({"arms": 3, "readers": 1, "main": 39}, "reading.readers", "with 3 arms; 3 can"),
        ({"arms": 3, "readers": 3, "main": 40}, "studies.count", "a count of 39 or 42 can"),
        ({"arms": 3, "readers": 3, "main": 40, "gold": 4}, "studies.count", "(44 less 4 gold ones)"),
        ({"arms": 3, "readers": 3, "main": 40, "gold": 4}, "studies.count", "a count of 43 or 46 can"),
        ({"readers": 3, "reading": {"kind": "parallel"}}, "reading.readers", "have one arm each, equally often with 2"),
        ({"main": 0, "gold": 4}, "gold.count", "have at least 5 cases, or up to 3 gold ones"),
        ({"main": -3, "gold": 4}, "gold.count", "4 gold cases cannot be among 1 case"),
        ({"main": 4, "studies": {"repeated": 5}}, "studies.repeated", "up to 4 can"),
        ({"arms": [NONE], "gold": 1, "readers": 1}, "gold.count", "no arm shows a draft that could have errors"),
        ({"studies": {"strata": {"normal": 0.6, "Edema": 0.5}}}, "studies.strata", "1.1 together; they can be 1"),
        ({"studies": {"strata": {"Oedema": 0.5}}}, "studies.strata.Oedema", "known are normal, Enlarged Cardiomed"),
        ({"studies": {"strata": {"No Finding": 0.5}}}, "studies.strata.No Finding", "there is no such stratum"),
        ({"studies": {"strata": {"Edema": 0.5, "edema": 0.1}}}, "studies.strata.edema", "Edema stands there twice"),
        ({"reading": {"kind": "parallel", "periods": 2}}, "reading.periods", "have 1 period"),
        ({"arms": [MODEL], "reading": {"periods": 2}}, "reading.periods", "have 1 period, or a second arm"),
        ({"arms": [NONE], "reading": {"reader_first": True}}, "reading.reader_first", "no arm shows a draft after"),
        ({"readers": 500, "main": 500}, "reading.readers", "250000 readings by all readers are more"),
        ({"gold": {"count": 2, "errors": {"least": 3}}}, "gold.errors.least", "at least 3 errors cannot be at most 1"),
        ({"gold": {"count": 2, "errors": {"kinds": []}}}, "gold.errors.kinds", "no kind of error is named"),
        ({"arms": [MODEL, MODEL]}, "arms[2].name", "arm 1 has the name assisted already"),
        ({"arms": [NONE, {"name": "reference", "draft": "model"}]}, "arms[2].name", "name the arm otherwise"),
        ({"arms": [NONE, {"name": "a", "draft": "predictions"}]}, "arms[2].file", "name the predictions file"),
        ({"arms": [NONE, {**MODEL, "file": "p.jsonl"}]}, "arms[2].file", "only an arm with the draft `predictions`"),
        ({"arms": [{**NONE, "base": "b"}, MODEL]}, "arms[1].base", "only an arm with the draft `model` has this"),
        ({"arms": [NONE, {**MODEL, "precision": "fp16"}]}, "arms[2].precision", "known are auto, nf4, int8, bf16"),
        ({"arms": [NONE, {**MODEL, "slots": ["prior"]}]}, "arms[2].slots[1]", "its slots are indication, history,"),
        ({"arms": [NONE, {**MODEL, "slots": ["hints"] * 2}]}, "arms[2].slots[2]", "the slot hints stands there twice"),
        ({"arms": [NONE, {**MODEL, "errors": {"most": 2}}]}, "arms[2].errors", "only an arm with the draft `injected`"),
        ({"arms": [NONE, injected(None)]}, "arms[2].of", "name the arm whose reports get errors, or `reference`"),
        (
            {"arms": [MODEL, injected("other")]},
            "arms[2].of",
            "there is no arm 'other' to put errors into; possible are",
        ),
        ({"arms": [MODEL, injected("other")]}, "arms[2].of", "possible are reference, assisted"),
        ({"arms": [NONE, injected("unaided")]}, "arms[2].of", "shows no draft to put errors into"),
        ({"arms": [NONE, injected("wrong")]}, "arms[2].of", "the reports of wrong would be made of its own"),
        ({"arms": [injected("two", "one"), injected("one", "two")]}, "arms[1].of", "would be made of its own"),
        (
            {"arms": [injected("reference", "one"), injected("one", "two")]},
            "arms[2].of",
            "the reports of one have errors already; possible are reference",
        ),
        ({"arms": [NONE, injected("reference", errors={"least": 2})]}, "arms[2].errors.least", "set `most` as high"),
        ({"arms": [{**NONE, "show": {"ticks": True}}, MODEL]}, "arms[1].show.ticks", "this arm shows no draft"),
        (
            {"arms": [NONE, {"name": "r", "draft": "reference", "show": {"confidence": True}}]},
            "arms[2].show.confidence",
            "only a model that is loaded for the arm knows this",
        ),
        (
            {"arms": [{**MODEL, "show": {"model": True}}, {**MODEL, "name": "b"}]},
            "arms[1].show.model",
            "where several arms show a draft this tells readers the arm",
        ),
        ({"questions": {"case": [SCALE, SCALE]}}, "questions.case[2].name", "under the name sure already"),
        ({"questions": {"case": [SCALE], "end": ["sus", SCALE]}}, "questions.end[2].name", "under the name sure"),
        ({"questions": {"end": ["sus", "sus"]}}, "questions.end[2]", "under the name sus already"),
        ({"questions": {"case": [{**SCALE, "name": "sus"}]}}, "questions.case[1].name", "is a questionnaire's name"),
        ({"questions": {"case": [{**SCALE, "least": 5}]}}, "questions.case[1].least", "least has to be below most"),
        ({"questions": {"case": [{**SCALE, "least": -90}]}}, "questions.case[1].least", "it can have 11 at most"),
        ({"questions": {"case": [{**SCALE, "choices": ["a"]}]}}, "questions.case[1].choices", "two choices at least"),
        ({"questions": {"case": [{**SCALE, "choices": ["a", "a"]}]}}, "questions.case[1].choices", "name each once"),
        (
            {"questions": {"case": [{**SCALE, "choices": ["a", "b"], "most": 7}]}},
            "questions.case[1].most",
            "a question with choices has no scale",
        ),
        ({"pairwise": {"arms": ["unaided", "model-1"], "cases": 2}}, "pairwise.arms[1]", "arms with one: model-1"),
        ({"pairwise": {"arms": ["other", "model-1"], "cases": 2}}, "pairwise.arms[1]", "there is no arm other"),
        ({"pairwise": {"arms": ["model-1", "model-1"], "cases": 2}}, "pairwise.arms", "stands beside itself"),
        (
            {"arms": 3, "readers": 3, "main": 6, "pairwise": PAIRS | {"cases": 7}},
            "pairwise.cases",
            "up to 6 are possible",
        ),
        (
            {"arms": 3, "main": 6, "pairwise": PAIRS | {"alone": True}, "gold": 1},
            "gold.count",
            "with `pairwise.alone` nothing is read but pairs",
        ),
        (
            {"arms": 3, "main": 6, "pairwise": PAIRS | {"cases": 5, "alone": True}},
            "pairwise.cases",
            "studies.count is 6; set both alike",
        ),
        (
            {"arms": 3, "main": 6, "pairwise": PAIRS | {"alone": True}, "reading": {"periods": 2}},
            "reading.periods",
            "there is 1 period",
        ),
        (
            {"analysis": compared("decision")},
            "analysis.comparisons[1].against",
            "there is no arm model-2; the arms are",
        ),
        ({"analysis": compared("decision", "a", "a")}, "analysis.comparisons[1].against", "compared with itself"),
        (
            {"analysis": compared("edit distance", "model-1", "unaided")},
            "analysis.comparisons[1].outcome",
            "the arm unaided shows none",
        ),
        (
            {"analysis": compared("preference", "model-1", "unaided")},
            "analysis.comparisons[1].outcome",
            "name these two arms in `pairwise`",
        ),
        (
            {"arms": 3, "readers": 3, "main": 6, "analysis": compared("caught errors")},
            "analysis.comparisons[1].outcome",
            "have gold cases, or errors in both arms",
        ),
        (
            {"arms": 3, "main": 6, "pairwise": PAIRS | {"alone": True}, "analysis": compared("decision")},
            "analysis.comparisons[1].outcome",
            "there is no other outcome than `preference`",
        ),
        (
            {"analysis": {"comparisons": compared("decision", "model-1", "unaided")["comparisons"] * 2}},
            "analysis.comparisons[2]",
            "compared by decision already",
        ),
        ({"analysis": compared("reading seconds", margin=0.9)}, "analysis.comparisons[1].margin", "a ratio above 1"),
        ({"analysis": compared("edit distance", margin=-2)}, "analysis.comparisons[1].margin", "above 0, and -2 was"),
        ({"analysis": compared("caught errors", margin=5)}, "analysis.comparisons[1].margin", "between 0 and 1, and 5"),
    ],
)
def test_what_cannot_be_is_said_with_what_could(changes: dict[str, Any], field: str, said: str) -> None:
    """The rule names its field."""
    design = study_design(**changes)
    found = {field_name(fault.place): fault.what for fault in find_faults(design)}
    assert said in found[field]
    with pytest.raises(ReaderStudyError, match="The design's "):
        check_design(design)


@pytest.mark.parametrize(
    "changes",
    [
        {"arms": 1, "readers": 1, "main": 1},
        {"arms": 3, "readers": 6, "main": 6, "gold": 5, "studies": {"training": 2, "repeated": 6}},
        {"arms": 2, "readers": 2, "main": 4, "reading": {"periods": 2, "reader_first": True}},
        {"arms": 3, "readers": 3, "main": 7, "reading": {"kind": "parallel"}},
        {"readers": 5, "main": 5, "arms": 3, "pairwise": {"arms": ["model-1", "model-2"], "cases": 5, "alone": True}},
        {"studies": {"strata": {"normal": 0.9, "pleural_effusion": 0.1}}},
        {"analysis": compared("reading seconds", "model-1", "unaided", margin=1.1)},
    ],
)
def test_what_can_be_is_accepted(changes: dict[str, Any]) -> None:
    """Without a word."""
    check_design(study_design(**changes))


def test_a_model_whose_reports_get_errors_may_show_how_sure_it_is() -> None:
    """Under both arms: so it can be seen what the marks do for errors."""
    show = {"confidence": True, "evidence": True}
    arms = [{**MODEL, "show": show}, injected("assisted", show=show)]
    check_design(study_design(arms))
