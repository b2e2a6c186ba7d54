"""What the page shows as HTML."""

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinicalblip.deid.identifiers import Identifier, IdentifierKind
from clinicalblip.radiology.report import Report
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.web.middleware.model_card import BUNDLED
from clinicalblip.web.view import html
from tests.fixtures.scripted_reporter import IDENTITY

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onclick='x' & </p>"


class Tags(HTMLParser):
    """The tags and the text of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        """Note the text."""
        self.text += data


@pytest.mark.parametrize(
    "markup",
    [
        html.message(ATTACK),
        html.status(ATTACK),
        html.saved(ATTACK),
        html.heading(ATTACK, ATTACK),
        html.nothing(ATTACK),
        html.ai_draft(Report(ATTACK, ATTACK), note=ATTACK),
        html.differences(Report(ATTACK, "a"), Report("b", ATTACK)),
        html.ai_draft(Report("a"), warnings=[ATTACK]),
        html.phi_panel(
            [PhiMatch(ATTACK, f"{ATTACK} Zebra {ATTACK}", (Identifier(IdentifierKind.NAME, 10, len(ATTACK) + 3),))],
            title=ATTACK,
        ),
        html.strip(
            replace(IDENTITY, base=ATTACK, adapter=ATTACK, reason=ATTACK),
            title=ATTACK,
            notice=ATTACK,
            storage_notice=ATTACK,
        ),
    ],
    ids=["message", "status", "saved", "heading", "nothing", "ai_draft", "differences", "warnings", "phi", "strip"],
)
def test_no_text_becomes_markup(markup: str) -> None:
    """Whatever a model, a reader or a deployer writes is shown as text."""
    found = Tags(markup)
    assert not found.tags & {"script", "img"}
    assert not found.attributes & {"onclick", "onerror", "src"}


@given(st.text(), st.text())
def test_differences_lose_no_word(before: str, after: str) -> None:
    """Every word of two texts that differ stands in the comparison, whatever characters it has."""
    assume(before != after)
    markup = html.differences(Report(before, "x"), Report(after, "x"))
    shown = unescape(re.sub(r"<[^>]*>", " ", markup))
    for text in (before, after):
        for word in re.findall(r"[a-z0-9]+", text):
            assert word in shown


def test_differences_are_told_apart_without_colour() -> None:
    """What went has a minus and <del>, what came a plus and <ins>."""
    markup = html.differences(Report("heart large"), Report("heart small"))
    assert "<del>−large</del>" in markup
    assert "<ins>+small</ins>" in markup
    assert "Words: 1 added, 1 removed." in markup


def test_the_same_text_has_no_difference() -> None:
    """Equal reports are said to be equal."""
    assert "No difference." in html.differences(Report("same", "text"), Report("same", "text"))


def test_an_empty_side_says_what_is_missing() -> None:
    """Without one of the two there is a sentence and no comparison."""
    markup = html.differences(Report(), Report("text"), absent="not yet")
    assert "not yet" in markup
    assert "<ins>" not in markup


def test_the_strip_names_model_precision_device_and_reason() -> None:
    """A reader sees which model writes, and that it is no clinical tool."""
    markup = html.strip(IDENTITY, title="T", notice="N", storage_notice="S")
    for part in ("recited", "by-heart", "fp32", "cpu", "Research use only", "written by an AI"):
        assert part in Tags(markup).text
    assert 'title="nothing is computed' in markup
    assert "without adapter" in html.strip(replace(IDENTITY, adapter=None), title="T", notice="", storage_notice="")


def test_the_bundled_model_says_its_limits_and_shows_its_card() -> None:
    """One line with the two most important limits and a link; of another model nothing is said that is not known."""
    bundled = html.strip(replace(IDENTITY, base=BUNDLED), title="T", notice="", storage_notice="")
    other = html.strip(IDENTITY, title="T", notice="", storage_notice="")
    assert "misses and invents findings" in bundled
    assert 'href="model-card"' in bundled
    assert "misses and invents findings" not in other


def test_an_empty_message_is_no_alert() -> None:
    """Screen readers are not disturbed by nothing."""
    assert html.message("") == ""
    assert 'role="alert"' in html.message("something")
