"""A report cut into sentences and joined again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.injection.report_pieces import Edits, cut_report, join_report

F, I = Section.FINDINGS, Section.IMPRESSION  # noqa: E741 - short names keep the table a table


@given(st.text(max_size=200), st.text(max_size=80))
def test_a_report_that_is_joined_again_is_the_same(findings: str, impression: str) -> None:
    """To the character, whatever it is."""
    report = Report(findings, impression)
    assert join_report(cut_report(report), Edits()) == report


@pytest.mark.parametrize(
    ("text", "edits", "after"),
    [
        ("1. A. 2. Bone. 3. Clear.", Edits({(F, 1): ""}), "1. A. 2. Clear."),
        ("1. Lungs clear. 2. Bones normal.", Edits(added={(F, 0): "New."}), "1. New. 2. Lungs clear. 3. Bones normal."),
        ("1. Lungs clear.", Edits(added={(F, 0): "New."}), "1. New. 2. Lungs clear."),
        ("- Lungs clear.\n- Bones normal.", Edits(added={(F, 2): "New."}), "- Lungs clear.\n- Bones normal.\n- New."),
        ("Lungs clear. Bones normal", Edits(added={(F, 2): "New."}), "Lungs clear. Bones normal. New."),
        ("Lungs clear.\n\nBones normal. Heart.", Edits({(F, 1): ""}), "Lungs clear.\n\nHeart."),
        ("Lungs clear. Bones normal.", Edits({(F, 0): ""}, {(F, 1): "New."}), "New. Bones normal."),
        ("Lungs clear; bones normal.", Edits({(F, 0): ""}), None),
        ("LUNGS: Clear.\nBONES: Normal.", Edits({(F, 1): ""}), None),
        ("", Edits(added={(F, 0): "New."}), "New."),
    ],
)
def test_sentences_go_and_come(text: str, edits: Edits, after: str | None) -> None:
    """With their marks, lines and numbers; where one cannot go without a trace there is no report."""
    joined = join_report(cut_report(Report(text)), edits)
    assert (joined.findings if joined else None) == after
