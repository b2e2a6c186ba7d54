"""What programs are told of any text: how two differ, its findings, what is worth another look, the text as ticks."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import gradio as gr
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import FindingNotWritten
from clinicalblip.labeler import mentions
from clinicalblip.screening.wording import TOO_LONG
from clinicalblip.web import wording
from clinicalblip.web.api.texts import Texts
from clinicalblip.web.app_context import AppContext
from tests.fixtures.walked_page import WalkedPage

NOBODY: Any = SimpleNamespace(session_hash="a program")
EFFUSION = {
    "observation": "Pleural Effusion",
    "certainty": "present",
    "sides": ["left"],
    "zones": [],
    "degree": "small",
    "change": None,
}


@pytest.fixture
def texts(app: AppContext) -> Texts:
    """The calls."""
    return Texts(app)


def refusal(call: Any, *values: Any, **named: Any) -> str:
    """The one sentence that a call is refused with."""
    with pytest.raises(gr.Error) as refused:
        call(*values, **named)
    assert not refused.value.print_exception
    return str(refused.value.message)


def test_findings_are_compared_in_the_words_of_the_page(texts: Texts) -> None:
    """With what either text says of them."""
    compared = texts.compare("Large left effusion.", "Small left effusion. The heart is enlarged.")
    heart, effusion = sorted(compared["findings"], key=lambda each: each["observation"])
    assert heart == {
        "observation": "Cardiomegaly",
        "differences": ["added"],
        "old": None,
        "new": {"observation": "Cardiomegaly", "certainty": "present", "sides": [], "zones": [], "degree": None}
        | {"change": None},
        "words": ["added: cardiomegaly"],
    }
    assert effusion["new"] == EFFUSION
    assert effusion["words"] == ["other degree: pleural effusion, left, large → pleural effusion, left, small"]


def test_the_findings_of_a_text_have_their_places_and_attributes(texts: Texts) -> None:
    """As the labeler reads them, and which sentences are in a language that it reads."""
    text = "Small left effusion. Kein Pneumothorax."
    read = texts.findings(text)
    first = read["mentions"][0]
    assert first == {"start": first["start"], "end": first["end"], "sentence": 0} | EFFUSION
    assert "effusion" in text[first["start"] : first["end"]]
    assert [each["english"] for each in read["sentences"]] == [True, False]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    text=st.text(max_size=300) | st.lists(st.sampled_from(["No ", "left ", "effusion", ". ", "\n", "ß"])).map("".join)
)
def test_every_mention_lies_in_the_text_and_is_the_labelers(texts: Texts, text: str) -> None:
    """Of whatever is sent."""
    read = texts.findings(text)
    assert [(each["start"], each["end"]) for each in read["mentions"]] == [
        (each.start, each.end) for each in mentions(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    ]
    assert all(0 <= each["start"] < each["end"] <= len(text) for each in read["sentences"])


def test_a_report_is_checked_with_what_was_known(texts: Texts) -> None:
    """Each remark with its place and the page's sentence; one on a key word has no place."""
    report = "No effusion. Small left effusion, unchanged. XXXX"
    found = texts.check(NOBODY, report, hints="pneumothorax")["remarks"]
    assert [each["check"] for each in found] == [
        "says_and_denies",
        "comparison_without_prior",
        "placeholder_left",
        "hint_missing",
    ]
    assert found[0]["words"] == wording.CHECKS["says_and_denies"].format(finding="Pleural effusion")
    assert report[found[2]["start"] : found[2]["end"]] == "XXXX"
    assert (found[3]["hint"], found[3]["start"]) == ("pneumothorax", None)
    assert len({each["key"] for each in found}) == 4
    with_prior = texts.check(NOBODY, report, hints="pneumothorax", has_prior=True)["remarks"]
    assert [each["check"] for each in with_prior] == ["says_and_denies", "placeholder_left", "hint_missing"]


def test_a_draft_brings_what_was_known_before_it(walked: WalkedPage, film_bytes: bytes) -> None:
    """Its own caller names it; with it nothing else is said of what was known."""
    walked.type(walked.components.context.box("hints"), "pneumothorax")
    walked.upload(film_bytes)
    walked.draft()
    shown = walked.session.report.shown
    assert shown is not None
    texts = Texts(walked.app)
    (remark,) = texts.check(walked.request, "The heart is normal.", draft_id=shown.id)["remarks"]
    assert remark["hint"] == "pneumothorax"
    assert refusal(texts.check, NOBODY, "", draft_id=shown.id) == wording.DRAFT_GONE
    assert refusal(texts.check, walked.request, "", draft_id=shown.id, hints="x") == wording.CONTEXT_TWICE


def test_a_text_is_ticked(texts: Texts) -> None:
    """Only the sentence that says the row is changed; taken back, the words are back."""
    text = "There is a large left effusion. The heart is of normal size."
    (row,) = [row for row in texts.tick(text)["rows"] if row["observation"] == "Pleural Effusion"]
    assert row["finding"] == EFFUSION | {"degree": "large"}
    assert text[slice(*row["places"][0])] == "effusion"
    there = [{"now": row["finding"], "new": EFFUSION}]
    ticked = texts.tick(text, there)
    assert ticked["text"] == text.replace("large", "small")
    assert "small" in ticked["impression"]
    assert texts.tick(text, [*there, {"now": EFFUSION, "new": row["finding"]}])["text"] == text
    filled = texts.tick("", [], fill_in=True)
    assert "The lungs are clear." in filled["text"]
    assert texts.tick(filled["text"])["not_ticked"] == []


@pytest.mark.parametrize(
    ("ticks", "said"),
    [
        ([{"now": None}], "a tick has now and new"),
        ([{"now": None, "new": "effusion"}], "a finding has observation"),
        ([{"now": None, "new": {"observation": "Cough", "certainty": "present"}}], "'Cough' is not a valid"),
        ([{"now": None, "new": EFFUSION | {"sides": "left"}}], "sides and zones are lists"),
        ([{"now": None, "new": EFFUSION | {"degree": {}}}], "ticks[0] cannot be taken"),
        ([{"now": None, "new": {"observation": "Fracture", "certainty": "present", "degree": "small"}}], "not all of"),
        ([{"now": None, "new": {"observation": "No Finding", "certainty": "present"}}], "is not ticked"),
        ([{"now": None, "new": EFFUSION}, {"now": EFFUSION | {"degree": "large"}, "new": None}], "ticks[1]"),
        ([{"now": None, "new": EFFUSION}] * 51, wording.NOT_A_LIST.format(name="ticks", most=50)),
        ("all", wording.NOT_A_LIST.format(name="ticks", most=50)),
    ],
)
def test_what_cannot_be_ticked_is_one_sentence(texts: Texts, ticks: Any, said: str) -> None:
    """With the number of the tick."""
    assert said in refusal(texts.tick, "The heart is normal.", ticks)


def test_a_tick_that_no_words_say_is_one_sentence(texts: Texts) -> None:
    """The one of the structured report."""
    with pytest.raises(gr.Error) as refused:
        texts.tick("Right knee:\n", [{"now": None, "new": EFFUSION}])
    assert isinstance(refused.value.__context__, FindingNotWritten)


def test_bad_input_is_one_sentence(texts: Texts) -> None:
    """No text, too long a text, a switch that is none."""
    calls = [
        lambda text: texts.compare(text, "x"),
        texts.findings,
        lambda text: texts.check(NOBODY, text),
        texts.tick,
    ]
    for call in calls:
        assert "has to be a text" in refusal(call, 7)
        assert "2,001 characters" in refusal(call, "x" * 2001)
    too_long = TOO_LONG.format(label="Indication", found=2001, allowed=2000)
    assert refusal(texts.check, NOBODY, "x", indication="x" * 2001) == too_long
    assert refusal(texts.check, NOBODY, "x", has_prior="yes") == wording.NOT_A_SWITCH.format(name="has_prior")


def test_in_another_language_nothing_is_ticked_and_nothing_lost(texts: Texts) -> None:
    """Nor filled in."""
    german = "Kein Pneumothorax. Herz nicht vergrößert."
    ticked = texts.tick(german, [], fill_in=True)
    assert ticked["text"] == german
    assert not any(row["finding"] for row in ticked["rows"])
    assert len(ticked["not_ticked"]) == 2


@pytest.mark.parametrize(
    "text",
    ["effusion and " * 1538, "No effusion. Effusion. " * 869, "word " * 3000],
    ids=["one sentence of findings", "said and denied", "one sentence of 3,000 words"],
)
def test_long_texts_are_read_by_every_call(app: AppContext, text: str) -> None:
    """Of up to 20,000 characters, and nothing of them changes."""
    limits = app.settings.limits.model_copy(update={"text_characters": 20_000})
    texts = Texts(replace(app, settings=app.settings.model_copy(update={"limits": limits})))
    assert len(texts.findings(text)["mentions"]) == len(mentions(text))
    assert texts.compare(text, text)["findings"] == []
    assert all(each["words"] for each in texts.check(NOBODY, text, text)["remarks"])
    assert texts.tick(text)["text"] == text
