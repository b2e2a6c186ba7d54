"""Findings that stand one a line or as a template's answers are scored as they are meant."""

import json
from pathlib import Path

import pytest

from clinicalblip.cli import main


@pytest.mark.shared_data
@pytest.mark.parametrize("kind", ["lines", "template"])
def test_findings_agree_with_drafts_that_say_the_same(shared_data: Path, tmp_path: Path, kind: str) -> None:
    """F1 of findings is 1 where a draft says in sentences what its reference says in lines."""
    field = shared_data.parent / "field"
    files = ("--studies", str(field / f"studies-{kind}.jsonl"), "--predictions", str(field / f"drafts-{kind}.jsonl"))
    what = ("--split", "test", "--target", "findings", "--metrics", "findings")
    assert main(["evaluate", *files, *what, "--output", str(tmp_path / "card.json")]) == 0
    figures = json.loads((tmp_path / "card.json").read_text("utf-8"))["rows"][0]["figures"]
    assert figures["findings-micro-f1"]["value"] == 1.0


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_studies_file_of_another_program_is_scored(tmp_path: Path, ending: str) -> None:
    """With a byte order mark and its line breaks: reference and draft say the same."""
    texts = {"s0": "No effusion\nCardiomegaly", "s1": "Effusion: no\nEdema: yes"}
    studies = [
        {
            **dict.fromkeys(("indication", "history", "technique", "comparison", "prior_report", "impression"), ""),
            **{"study_id": name, "patient_id": name, "split": "test", "images": [], "findings": text, "tags": []},
        }
        for name, text in texts.items()
    ]
    drafts = [
        {"study_id": "s0", "findings": "Cardiomegaly. No effusion.", "impression": ""},
        {"study_id": "s1", "findings": "There is edema. No effusion.", "impression": ""},
    ]
    for name, rows in (("studies", studies), ("drafts", drafts)):
        content = "".join(json.dumps(row) + ending for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(content, encoding="utf-8-sig", newline="")
    files = ("--studies", str(tmp_path / "studies.jsonl"), "--predictions", str(tmp_path / "drafts.jsonl"))
    what = ("--split", "test", "--target", "findings", "--metrics", "findings")
    assert main(["evaluate", *files, *what, "--output", str(tmp_path / "card.json")]) == 0
    figures = json.loads((tmp_path / "card.json").read_text("utf-8"))["rows"][0]["figures"]
    assert figures["findings-micro-f1"]["value"] == 1.0
