"""Coming in to a study: by a link that works once, in one browser at a time, after agreeing."""

import re
from collections.abc import Callable

import httpx
import pytest

from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.web.access.passwords import Role
from clinicalblip.web.served_study import wording
from tests.fixtures.page_passwords import OWNERS_WORD, WORD
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader, owner_of


def test_nobody_reads_without_a_link(page: ServedStudyPage) -> None:
    """The page sends to the study's entrance, and every other route refuses in a sentence."""
    with httpx.Client(base_url=page.url) as stranger:
        sent = stranger.get("")
        assert (sent.status_code, sent.headers["location"]) == (303, "reader-study")
        assert wording.OPEN_YOUR_LINK in stranger.get("reader-study").text
        for path in ("config", "reader-study/case", "reader-study/pair", "reader-study/pair/film", "owner/study"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.json()["detail"]) == (401, wording.CLOSED)
        own = {"origin": page.url.rstrip("/")}
        assert stranger.post("sign-in", data={"password": WORD}, headers=own).status_code == 401
        assert stranger.post("sign-in", data={"password": OWNERS_WORD}, headers=own).status_code == 303


def test_the_entrance_runs_its_own_script_alone(page: ServedStudyPage) -> None:
    """By its policy, and the code is nowhere in what the server is asked for."""
    shown = httpx.get(f"{page.url}reader-study").text
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', shown)
    assert policy is not None
    assert "script-src 'sha256-" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert shown.count("<script") == 1


def test_a_link_works_once(page: ServedStudyPage) -> None:
    """Then it is worth nothing, as one that nobody was given, and one that a newer one replaced."""
    reader, own = page.enrol(), {"origin": page.url.rstrip("/")}
    old = page.study.records.make_link(reader)
    token = page.study.records.make_link(reader)
    with httpx.Client(base_url=page.url, headers=own) as browser:
        for wrong in (old, "x" * 43, "", "short"):
            refused = browser.post("reader-study/enter", data={"token": wrong})
            assert refused.status_code == 403
            assert wording.LINK_USED in refused.text
            assert "set-cookie" not in refused.headers
        entered = browser.post("reader-study/enter", data={"token": token})
        assert (entered.status_code, entered.headers["location"]) == (303, "../reader-study")
        assert browser.get("").status_code == 200
    assert httpx.post(f"{page.url}reader-study/enter", data={"token": token}, headers=own).status_code == 403


def test_a_link_is_taken_from_our_own_page_alone(page: ServedStudyPage) -> None:
    """Another site cannot sign a reader in, and uses no link up."""
    token = page.study.records.make_link(page.enrol())
    for headers in ({}, {"origin": "https://elsewhere.example"}):
        refused = httpx.post(f"{page.url}reader-study/enter", data={"token": token}, headers=headers)
        assert refused.status_code == 403
    assert page.study.records.use_link(token) is not None


def test_a_reader_agrees_first(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """Before that the cases' page sends them to the question, and no case opens."""
    reader = come(consents=False)
    assert reader.get("").headers["location"] == "reader-study"
    asked = reader.get("reader-study").text
    assert page.study.design.consent in asked
    assert page.study.design.kept in asked
    assert reader.get("reader-study/case").json()["detail"] == wording.CONSENT_FIRST
    reader.post("reader-study/consent", answer="agree")
    assert wording.FIRST_CASE in reader.get("reader-study").text
    assert reader.get("").status_code == 200
    assert reader.case()["number"] == 1


def test_who_does_not_agree_has_left(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """As has who leaves later; what they read stays."""
    refuses, leaves = come(consents=False), come()
    refuses.post("reader-study/consent", answer="leave")
    leaves.read()
    assert wording.LEAVE_QUESTION in leaves.get("reader-study/leave").text
    leaves.post("reader-study/leave")
    for reader in (refuses, leaves):
        assert wording.LEFT in reader.get("reader-study").text
        assert reader.get("").headers["location"] == "reader-study"
        assert reader.get("reader-study/case").status_code == 409
    left = [event.reader for event in page.study.records.events() if event.kind is EventKind.READER_LEFT]
    assert {refuses.reader, leaves.reader} <= set(left)
    assert [each.reader for each in page.study.records.readings()].count(leaves.reader) == 1


def test_a_second_browser_takes_over(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """The first can save nothing any more, and is told so; what is done stands on both."""
    first = come()
    first.read()
    case = first.case()
    link = re.search(r"#([\w-]{43})", first.post("reader-study/link").text)
    assert link is not None
    second = come(first.reader)
    assert page.study.records.use_link(link[1]) is None  # a newer link was made for the second
    told = first.say(number=case["number"], final={"findings": "Clear."}, answers={"sure": 1}, verdict="accepted")
    assert (told.status_code, told.json()["detail"]) == (401, wording.READ_ELSEWHERE)
    assert second.case()["number"] == 2
    events = [event.kind for event in page.study.records.events() if event.reader == first.reader]
    assert EventKind.TOOK_OVER in events
    assert EventKind.LINK_MADE in events


def test_the_owner_comes_by_password_and_reads_nothing(page: ServedStudyPage) -> None:
    """They are sent to their own page; readers never see it."""
    with owner_of(page) as owner:
        assert owner.get("").headers["location"] == "owner/study"
        assert owner.get("owner/study").status_code == 200
        assert wording.OWNER_LINK in owner.get("owner").text
        assert owner.get("reader-study/case").json()["detail"] == wording.NOT_A_READER


@pytest.mark.parametrize("path", ["owner/study", "owner", "owner/export", "reviews", "reviews/export"])
def test_a_reader_sees_nothing_of_others(page: ServedStudyPage, come: Callable[..., StudyReader], path: str) -> None:
    """Neither the owner's page nor a review, which would name its model."""
    reader = come()
    reader.read()
    answer = reader.get(path)
    assert answer.status_code in (403, 409)
    assert "predictions" not in answer.text
    assert page.study.records.readings()[-1].arm not in answer.text


def test_an_owner_sees_no_review_of_a_study(page: ServedStudyPage) -> None:
    """The owner's other page says how the server stands, and no decision by model."""
    with owner_of(page) as owner:
        assert "predictions" not in owner.get("owner").text
        assert wording.NO_REVIEWS.split(";")[0] in owner.get("owner/export").text
    assert Role.OWNER


def test_nothing_is_uploaded_or_drafted(page: ServedStudyPage, come: Callable[..., StudyReader]) -> None:
    """Films come with the cases, and no program's call of the page is there."""
    reader = come()
    refused = reader.client.post("gradio_api/upload", files={"files": b"x"}, headers={"origin": reader.origin})
    assert (refused.status_code, refused.json()["detail"]) == (403, wording.NO_UPLOADS)
    names = {each["api_name"] for each in reader.client.get("config").json()["dependencies"]}
    assert not names & {"draft", "save_review", "ask", "upload", "choose_pseudonym", "start_new_study"}
