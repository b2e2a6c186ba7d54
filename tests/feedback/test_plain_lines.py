"""One review in lines that a person reads at a terminal."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from clinicalblip.feedback.plain_lines import plain_lines
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review

Make = Callable[..., Review]


def lines_of(store: ReviewStore, identifier: str) -> list[str]:
    """The lines of one stored review."""
    stored = store.find(identifier)
    assert stored is not None
    return list(plain_lines(stored))


def test_all_of_a_review_is_there(
    store: ReviewStore, review: Make, parts: dict[str, Any], words: tuple[str, ...]
) -> None:
    """Decision, sentences and errors with the words they are about, checks, the reading and every text."""
    lines = lines_of(store, store.add(review(0, **parts)))
    for line in (
        "  verdict: minor edits",
        "  would sign: no",
        "  overall: –",
        '  0: findings, edited, by typing, in the draft 0 to 23 "Draftword heart normal.", '
        'in the report 0 to 25 "Finalword heart enlarged."',
        '  1: impression, dropped, by rest at once, in the draft 0 to 9 "Draftend."',
        '  2: impression, the reader\'s own, in the report 0 to 9 "Finalend."',
        "  severity, Cardiomegaly, significant, proposed, changed, findings 10 to 23 "
        '"heart normal." (ReXVal: incorrect severity of a finding)',
        "  side conflict: shown 2, dismissed 1",
        "  saved seconds: 61.5",
        "  seconds until each sentence was decided: 30.0, –, 45.0 (after the reference)",
        "  seconds until each error was answered: 50.0 (after the reference), –, –",
        "  verdict seconds: 58.0 (after the reference)",
    ):
        assert line in lines
    assert [word for word in words if word not in "\n".join(lines)] == []


def test_what_is_not_kept_is_said(store: ReviewStore, review: Make, parts: dict[str, Any]) -> None:
    """Without consent the places stand alone; what was erased is told apart from what never was."""
    without = lines_of(store, store.add(review(0, consent=False, **parts | {"reading": None})))
    assert {"Texts: not kept", "Reading: not kept"} <= set(without)
    assert "  1: impression, dropped, by rest at once, in the draft 0 to 9" in without
    identifier = store.add(review(1))
    store.forget(identifier)
    assert "Texts: erased" in lines_of(store, identifier)


def test_no_text_moves_the_terminals_cursor(store: ReviewStore, review: Make) -> None:
    """Escape sequences of a pasted text are characters among others."""
    saved = review(0)
    assert saved.texts is not None
    texts = replace(saved.texts, comment="a\x1b[2Jb", final=Report("one\x85two\r\nthree\u2028four"))
    printed = lines_of(store, store.add(replace(saved, texts=texts)))
    assert "  comment: a [2Jb" in printed
    assert [line for line in printed if line.startswith("    ")] == ["    one", "    two", "    three", "    four"]
    assert not [line for line in printed if any(ord(character) < 32 for character in line)]
