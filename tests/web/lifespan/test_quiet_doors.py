"""What is put into the place of Python's own ways to a log goes away again, and leaves others' handlers alone."""

import io
import logging
import sys
import threading
import traceback
import warnings
from pathlib import Path

import pytest
import uvicorn

from clinicalblip.settings import Settings
from clinicalblip.web.lifespan.quiet import quiet_logs
from clinicalblip.web.lifespan.rate_limit import RateLimit
from clinicalblip.web.page import launch_arguments

WORD = "Zebraword"


def test_the_last_server_that_ends_puts_everything_back() -> None:
    """Two at once are as one; after both, every way is Python's own again."""
    import gradio.routes

    def doors() -> list[object]:
        return [
            logging.Logger.callHandlers,
            traceback.print_exception,
            traceback.print_exc,
            warnings.showwarning,
            sys.excepthook,
            sys.unraisablehook,
            threading.excepthook,
            vars(gradio.routes).get("print"),
        ]

    before = doors()
    with quiet_logs():
        with quiet_logs():
            during = doors()
        assert doors() == during
    assert doors() == before
    assert during[:4] != before[:4]


def test_what_somebody_put_over_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that was set while a page was served is not taken away with the page's own."""

    def theirs(*values: object, **named: object) -> None:
        """Show a warning."""

    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with quiet_logs():
        warnings.showwarning = theirs
    assert warnings.showwarning is theirs


def test_the_same_record_is_counted(caplog: pytest.LogCaptureFixture) -> None:
    """It is said as often as the limit says, and the count when the server ends."""
    with quiet_logs(RateLimit(2)):
        for number in range(12):
            logging.getLogger("uvicorn.error").error("upload %d broke off", number)
            logging.getLogger("clinicalblip.web").info("a worker was killed")
    said = [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"]
    assert [text.rpartition(": ")[2] for text in said] == [
        *["a message, not repeated here"] * 2,
        "a message, not repeated here ... 10 times more",
    ]


def test_a_record_of_ours_keeps_its_text_and_loses_that_of_its_error(caplog: pytest.LogCaptureFixture) -> None:
    """Its error is a type and a place."""
    caplog.set_level(logging.INFO)
    with quiet_logs():
        try:
            raise ValueError(WORD)
        except ValueError:
            logging.getLogger("clinicalblip.web").info("reading stopped, %s", "a step", exc_info=True)
    (record,) = caplog.records
    assert record.getMessage().startswith("reading stopped, a step: ValueError at lifespan/test_quiet_doors.py:")
    assert record.exc_info is None
    assert WORD not in caplog.text


def test_a_handler_that_fails_says_so_without_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    """Logging's own report of a broken handler goes to the stream that it names, not through the handler again."""

    class Broken(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            try:
                raise ValueError(WORD)
            except ValueError:
                self.handleError(record)

    logger, broken = logging.getLogger("tests.broken"), Broken()
    logger.addHandler(broken)
    try:
        with quiet_logs():
            logger.warning("about %s", WORD)
    finally:
        logger.removeHandler(broken)
    said = capsys.readouterr().err
    assert "--- Logging error ---" in said
    assert WORD not in said


def test_a_server_closes_no_handler_of_somebody_else(tmp_path: Path) -> None:
    """Uvicorn configures logging for the whole process when a server is made, which closes every handler in it."""
    stream = io.StringIO()

    class Closing(logging.StreamHandler[io.StringIO]):
        def close(self) -> None:
            self.stream.close()
            super().close()

    handler = Closing(stream)
    launch_arguments(Settings())
    uvicorn.Config(app=None, log_level="warning")
    handler.emit(logging.makeLogRecord({"msg": "still open"}))
    assert stream.getvalue() == "still open\n"
    assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.INFO)
    assert logging.getLogger("uvicorn").handlers == []
