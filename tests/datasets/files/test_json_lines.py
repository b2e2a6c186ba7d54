"""JSON lines: what is written is read, strictly or as a killed process left it."""

import codecs
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.datasets.files.json_lines import (
    append_json_lines,
    read_json_lines,
    recover_json_lines,
    write_json_lines,
)
from clinicalblip.errors import MalformedStudy

ROWS: list[dict[str, Any]] = [{"study_id": "s1", "findings": "Löwe\u2028 clear."}, {"study_id": "s2", "loss": 0.1}]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """Written at once or one after the other, in UTF-8, one object a line."""
    whole, added = tmp_path / "whole.jsonl", tmp_path / "added.jsonl"
    assert write_json_lines(ROWS, whole) == 2
    for row in ROWS:
        append_json_lines([row], added)
    assert whole.read_bytes() == added.read_bytes()
    assert whole.read_bytes().count(b"\n") == 2
    assert list(read_json_lines(whole, dict, kind="table", advice="")) == recover_json_lines(added) == ROWS


def test_half_a_line_does_not_count(tmp_path: Path) -> None:
    """A process that was killed while it wrote leaves the lines before, and no file is no line."""
    path = tmp_path / "log.jsonl"
    assert recover_json_lines(path) == []
    write_json_lines(ROWS, path)
    path.write_bytes(path.read_bytes() + b'{"study_id": "s3", "fin')
    assert recover_json_lines(path) == ROWS


def test_a_broken_line_is_reported_by_its_number(tmp_path: Path) -> None:
    """The error names line, kind and reason, and what to do; a reason of the caller's is passed on."""

    def parse(fields: dict[str, Any]) -> str:
        if "study_id" not in fields:
            raise ValueError("it has no study_id")
        return str(fields["study_id"])

    path = tmp_path / "table.jsonl"
    for line, reason in (("{}", "it has no study_id"), ("[]", "it is no JSON object"), ("{", "it is no JSON in UTF-8")):
        path.write_text(f'{{"study_id": "s1"}}\n\n{line}\n', "utf-8")
        rows = read_json_lines(path, parse, kind="table", advice="Write it anew.")
        assert next(rows) == "s1"
        with pytest.raises(MalformedStudy) as caught:
            next(rows)
        assert str(caught.value) == f"Line 3 of the table file breaks the format: {reason}. Write it anew."


def test_a_byte_order_mark_and_other_line_breaks_are_read(tmp_path: Path) -> None:
    """At the beginning of the file or of a line, alone or not, with CR LF: what other programs make of a file."""
    mark, path = codecs.BOM_UTF8, tmp_path / "table.jsonl"
    for content in (
        mark + b'{"a": 1}\n{"a": 2}\n',
        b'{"a": 1}\r\n{"a": 2}\r\n',
        mark + b'{"a": 1}\r\n' + mark + b'{"a": 2}',
        mark + b"\r\n\r\n" + b'{"a": 1}\n{"a": 2}\n',
    ):
        path.write_bytes(content)
        assert list(read_json_lines(path, dict, kind="table", advice="")) == [{"a": 1}, {"a": 2}]
        assert recover_json_lines(path) == [{"a": 1}, {"a": 2}]
    path.write_bytes(mark)
    assert list(read_json_lines(path, dict, kind="table", advice="")) == []


def test_utf_16_is_named(tmp_path: Path) -> None:
    """It is what some editors call Unicode, and the sentence says what to do."""
    path = tmp_path / "table.jsonl"
    path.write_bytes('{"a": 1}\n'.encode("utf-16"))
    with pytest.raises(MalformedStudy, match=r"Line 1 .* UTF-16; save it as UTF-8"):
        list(read_json_lines(path, dict, kind="table", advice=""))


def test_a_row_is_one_line_to_every_program(tmp_path: Path) -> None:
    """No character that ends a line somewhere is written as it is, and half a character does not hinder the rest."""
    row = {"text": "a\u2028b\u2029c\x85d\ud83de\U0001fac1"}
    path = tmp_path / "table.jsonl"
    assert write_json_lines([row, row], path) == 2
    assert len(path.read_text(encoding="utf-8").splitlines()) == 2
    assert list(read_json_lines(path, dict, kind="table", advice="")) == [row, row]
