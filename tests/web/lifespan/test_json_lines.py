"""The log as one JSON object a line."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.web.lifespan.json_lines import JsonLines, as_line

WORD = "Zebraword"


@given(message=st.text(), name=st.text(min_size=1))
def test_any_record_is_one_object_on_one_line(message: str, name: str) -> None:
    """Whatever its text has, line breaks and halves of characters too."""
    record = logging.LogRecord(name, logging.WARNING, "place.py", 7, "%s", (message,), None)
    line = JsonLines().format(record)
    assert len(line.splitlines()) == 1
    said = json.loads(line)
    assert list(said) == ["time", "level", "logger", "message"]
    assert (said["level"], said["logger"], said["message"]) == ("WARNING", name, message)


def test_the_time_is_that_of_the_record_in_utc() -> None:
    """To the millisecond, as log collectors read it."""
    record = logging.LogRecord("clinicalblip", logging.INFO, "", 0, "x", None, None)
    record.created = 1_000_000_000.0625
    assert json.loads(JsonLines().format(record))["time"] == "2001-09-09T01:46:40.062Z"


def test_an_error_is_a_type_and_a_place() -> None:
    """Neither its text nor what was added to the record."""
    try:
        raise KeyError(WORD)
    except KeyError:
        record = logging.LogRecord("clinicalblip", logging.ERROR, "", 0, "it failed", None, sys.exc_info())
    record.__dict__["color_message"] = record.stack_info = WORD
    said = json.loads(JsonLines().format(record))
    assert said["message"].startswith("it failed: KeyError at lifespan/test_json_lines.py:")
    assert WORD not in str(said)


def test_what_is_written_past_the_log_has_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain line where the log is text."""
    assert as_line("clinicalblip", "lost") == "lost\n"
    handler = logging.NullHandler()
    handler.setFormatter(JsonLines())
    monkeypatch.setattr(logging.getLogger(), "handlers", [handler])
    assert json.loads(as_line("clinicalblip", "lost"))["message"] == "lost"
