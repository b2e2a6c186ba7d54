"""What programs say of a draft: what became of its sentences, answers to what an edit points to, and the checks."""

from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest

from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate
from clinicalblip.web import wording
from clinicalblip.web.api.drafting import Drafting
from clinicalblip.web.api.reviewing import Reviewing
from clinicalblip.web.api.texts import Texts
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.upload_folder import upload_folder

SOMEBODY: Any = SimpleNamespace(session_hash="a program")
SOMEBODY_ELSE: Any = SimpleNamespace(session_hash="another program")
FINDINGS = "The heart is of normal size. Small left pleural effusion. Both lungs are clear, without consolidation."
LUNGS, PLEURA = 29, 74
"""Where two sentences of the draft start."""


@pytest.fixture
def calls(app: AppContext, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Reviewing:
    """The calls."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return Reviewing(app)


@pytest.fixture
def drafted(calls: Reviewing, app: AppContext, film_bytes: bytes) -> dict[str, Any]:
    """What /draft answered."""
    with upload_folder().create() as upload:
        upload.write(film_bytes)
    *_, answer = Drafting(app).draft(SOMEBODY, frontal={"file": upload.token})
    return answer


def test_a_draft_comes_with_the_places_of_its_sentences(drafted: dict[str, Any]) -> None:
    """So that an error or a decision can name them."""
    places = [(each["section"], each["start"], each["end"]) for each in drafted["sentences"]]
    assert [each[:2] for each in places] == [
        ("findings", 0),
        ("findings", LUNGS),
        ("findings", PLEURA),
        ("impression", 0),
    ]
    assert drafted["findings"][LUNGS : places[1][2]] == "Both lungs are clear, without consolidation."


def test_what_became_of_a_draft_is_what_the_page_shows(calls: Reviewing, drafted: dict[str, Any]) -> None:
    """Each sentence's fate, the findings in words, errors that are proposed, and the verdict that the edits come to."""
    corrected = calls.correction(SOMEBODY, drafted["draft_id"], FINDINGS, drafted["impression"])
    of_draft = [each for each in corrected["sentences"] if each["fate"]]
    assert [(each["start"], each["fate"]) for each in of_draft] == [
        (0, "kept"),
        (LUNGS, "kept"),
        (PLEURA, "edited"),
        (0, "kept"),
    ]
    words = [word for each in corrected["findings"] for word in each["words"]]
    assert "turned round: no pleural effusion → pleural effusion, left, small" in words
    assert [(each["category"], each["observation"]) for each in corrected["errors"]] == [
        ("missing finding", "Pleural Effusion")
    ]
    assert (corrected["content_edits"] > 0, corrected["style_edits"]) == (True, 0)
    assert corrected["verdict"] in ("minor edits", "major edits")


def test_a_review_has_answers_decisions_and_checks_as_from_the_page(
    calls: Reviewing, drafted: dict[str, Any], app: AppContext
) -> None:
    """With an error by hand, of a passage that is wrong in two ways."""
    identifier, impression = drafted["draft_id"], drafted["impression"]
    findings = f"{FINDINGS} XXXX"
    (proposed,) = calls.correction(SOMEBODY, identifier, findings, impression)["errors"]
    (remark,) = Texts(app).check(SOMEBODY, findings, impression, draft_id=identifier)["remarks"]
    passage = {"section": "findings", "start": 0, "end": 9}
    saved = calls.save_review(
        SOMEBODY,
        identifier,
        findings,
        impression,
        None,
        "minor edits",
        errors=[{"category": "severity", **passage}, {"category": "descriptor", **passage}],
        answers=[{"key": proposed["key"], "state": "confirmed", "significance": "actionable"}],
        sentences=[
            {"section": "findings", "start": 0, "decided_by": "key"},
            {"section": "findings", "start": PLEURA, "decided_by": "click"},
        ],
        checks=[{"key": remark["key"], "dismissed": True}, {"key": "says_and_denies:findings::1"}],
    )
    (review,) = app.store.reviews()
    assert review.id == saved
    assert review.verdict is Verdict.MINOR_EDITS
    answered, *named = review.errors
    assert (answered.category, answered.origin, answered.state, answered.significance) == (
        ErrorCategory.MISSING_FINDING,
        ErrorOrigin.PROPOSED,
        ErrorState.CONFIRMED,
        Significance.ACTIONABLE,
    )
    assert [(each.category, each.start, each.end) for each in named] == [
        (ErrorCategory.SEVERITY, 0, 9),
        (ErrorCategory.DESCRIPTOR, 0, 9),
    ]
    assert [(each.fate, each.decided_by) for each in review.sentences if not each.added] == [
        (SentenceFate.KEPT, DecidedBy.KEY),
        (SentenceFate.KEPT, None),
        (SentenceFate.EDITED, DecidedBy.CLICK),
        (SentenceFate.KEPT, None),
    ]
    assert set(review.checks) == {
        CheckOutcome(Check.PLACEHOLDER_LEFT, 1, 1),
        CheckOutcome(Check.SAYS_AND_DENIES, 1, 0),
    }


def test_a_passage_that_is_named_is_not_proposed_as_well(
    calls: Reviewing, drafted: dict[str, Any], app: AppContext
) -> None:
    """A reader who says first what an edit then says is taken at their word."""
    shorter = "The heart is of normal size. There is no pleural effusion and no pneumothorax."
    larger = "The heart is enlarged. " + drafted["findings"][LUNGS:]
    for final in (shorter, larger):
        proposed = calls.correction(SOMEBODY, drafted["draft_id"], final, drafted["impression"])["errors"]
        placed = [each for each in proposed if each["section"]]
        names = ("category", "section", "start", "end")
        named = [{name: each[name] for name in names} for each in placed]
        given = SOMEBODY, drafted["draft_id"], final, drafted["impression"], None, "minor edits"
        calls.save_review(*given, errors=named)
        review = list(app.store.reviews())[-1]
        assert [each.origin for each in review.errors if each.section] == [ErrorOrigin.BY_HAND] * len(placed)


PLACE = {"category": "severity", "section": "findings", "start": 0, "end": 9}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"errors": [PLACE, PLACE]}, "errors[1] cannot be taken: an error before it is of the same passage"),
        ({"errors": [PLACE | {"end": 5000}]}, "errors[0] cannot be taken: a span ends at 5000"),
        ({"errors": [PLACE | {"start": 9}]}, "a span is two whole numbers"),
        ({"errors": [PLACE | {"start": -1}]}, "a span is two whole numbers"),
        ({"errors": [PLACE | {"category": "ugly"}]}, "category: Input should be 'false finding'"),
        ({"errors": [PLACE | {"category": "missing finding"}]}, "unless it is a missing finding"),
        ({"errors": [PLACE | {"section": "history"}]}, "a report has findings and an impression"),
        ({"errors": [PLACE | {"significance": "urgent"}]}, "is not called urgent"),
        ({"errors": [PLACE | {"more": 1}]}, "more: Extra inputs are not permitted"),
        ({"errors": {"category": "location"}}, wording.NOT_A_LIST.format(name="errors", most=200)),
        ({"errors": [PLACE] * 201}, wording.NOT_A_LIST.format(name="errors", most=200)),
        ({"errors": ["wrong"]}, wording.NOT_A_LIST.format(name="errors", most=200)),
        ({"answers": [{"key": "location:findings:0:", "state": "confirmed"}]}, "answers[0] cannot be taken: its key"),
        ({"answers": [{"key": ["x"], "state": "confirmed"}]}, "answers[0] cannot be taken: its key"),
        ({"answers": [{"key": "PROPOSED", "state": "agreed"}]}, "state: Input should be"),
        ({"answers": [{"key": "PROPOSED", "state": "confirmed", "category": "location"}]}, "is not called so"),
        ({"answers": [{"key": "PROPOSED", "state": "confirmed", "significance": "negligible"}]}, "is not called so"),
        ({"answers": [{"key": "PROPOSED", "state": "discarded"}] * 2}, "answers[1] cannot be taken: its key"),
        (
            {"sentences": [{"section": "findings", "start": 3, "decided_by": "key"}]},
            "no sentence of the draft's findings",
        ),
        ({"sentences": [{"section": "findings", "start": 0, "decided_by": "magic"}]}, "decided_by: Input should be"),
        ({"sentences": [{"section": [], "start": {}, "decided_by": 1}]}, "sentences[0] cannot be taken"),
        ({"checks": [{"key": "spelling:findings::1"}]}, "its key is that of a remark of /check"),
        ({"checks": [{"key": "repeated_sentence:findings::1", "dismissed": "no"}]}, "dismissed: Input should be"),
        ({"findings": "x" * 2001}, "2,001 characters"),
        ({"findings": 7}, "has to be a text"),
        ({"draft_id": "d" * 32, "errors": [PLACE]}, wording.DRAFT_GONE),
        ({"draft_id": 7}, "has to be a text"),
    ],
)
def test_what_cannot_be_said_of_a_draft_is_one_sentence(
    calls: Reviewing, drafted: dict[str, Any], app: AppContext, given: dict[str, Any], said: str
) -> None:
    """Nothing is saved, and the same call without it goes on."""
    texts = {"draft_id": drafted["draft_id"], "findings": FINDINGS, "impression": drafted["impression"]}
    (proposed,) = calls.correction(SOMEBODY, **texts)["errors"]
    if "answers" in given:
        keyed = [
            each | {"key": proposed["key"] if each["key"] == "PROPOSED" else each["key"]} for each in given["answers"]
        ]
        given = {"answers": keyed}
    with pytest.raises(gr.Error) as refused:
        calls.save_review(SOMEBODY, **{**texts, "overall": 4, "verdict": "rejected", **given})
    assert said in str(refused.value.message)
    assert not refused.value.print_exception
    assert list(app.store.reviews()) == []
    assert calls.save_review(SOMEBODY, **texts, overall=4, verdict="rejected")


def test_nobody_elses_draft_is_corrected_or_named_errors_of(
    calls: Reviewing, drafted: dict[str, Any], app: AppContext
) -> None:
    """The sentence does not say whether there is one."""
    named = {"draft_id": drafted["draft_id"], "findings": "mine", "impression": ""}
    for call, more in ((calls.correction, {}), (calls.save_review, {"overall": 4, "verdict": "rejected"})):
        with pytest.raises(gr.Error) as refused:
            call(SOMEBODY_ELSE, **named, **more)  # type: ignore[operator]
        assert refused.value.message == wording.DRAFT_GONE
    assert list(app.store.reviews()) == []


def test_a_report_in_another_language_is_kept_to_the_letter(
    calls: Reviewing, drafted: dict[str, Any], app: AppContext
) -> None:
    """As one long sentence is."""
    for final in ("Kein Pneumothorax. Herz nicht vergrößert.", "word " * 390 + "."):
        calls.correction(SOMEBODY, drafted["draft_id"], final, "")
        calls.save_review(SOMEBODY, drafted["draft_id"], final, "", None, "rejected", consent=True)
        texts = list(app.store.reviews())[-1].texts
        assert texts is not None
        assert texts.final.findings == final


def test_how_a_study_was_read_is_said_with_a_consent_of_its_own(
    calls: Reviewing, app: AppContext, drafted: dict[str, Any]
) -> None:
    """Saved again without it, it is erased; what does not fit, or comes without the consent, is one sentence."""
    given = SOMEBODY, drafted["draft_id"], FINDINGS, drafted["impression"], None, "minor edits"
    length = len(FINDINGS) + len(drafted["impression"])
    reading = {
        "saved_seconds": 60,
        "active_seconds": 41.5,
        "characters": {"typed": 30, "kept": length - 30},
        "sentence_seconds": {f"findings:{LUNGS}": 12.5},
    }
    decided = [{"section": "findings", "start": LUNGS, "decided_by": "key"}]
    for wrong, why in (
        ({"reading": reading}, "reading_consent"),
        ({"reading": reading | {"active_seconds": 61}, "reading_consent": True}, "after saving"),
        ({"reading": reading | {"windows": -1}, "reading_consent": True}, "windows"),
        ({"reading": reading | {"characters": {"typed": 1}}, "reading_consent": True}, "sum"),
        ({"reading": [reading], "reading_consent": True}, "object"),
    ):
        with pytest.raises(gr.Error, match=f"reading does not fit .*{why}"):
            calls.save_review(*given, **wrong)
    assert list(app.store.reviews()) == []
    calls.save_review(*given, reading=reading, reading_consent=True, sentences=decided)
    (review,) = app.store.reviews()
    assert review.reading is not None
    assert (review.reading.characters_typed, review.reading.characters_kept) == (30, length - 30)
    assert 12.5 in review.reading.sentence_seconds
    calls.save_review(*given, sentences=decided)
    assert [review.reading for review in app.store.reviews()] == [None, None]
