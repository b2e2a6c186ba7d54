"""Nothing that a visitor sends reaches a log or a standard stream, whoever prints it.

Gradio prints every value of a call that it cannot take, asyncio what a task was about, the parser of uploads every
byte. So while the page is served each way to a log leads through here. A record of another library keeps its logger,
its level, the type of its error and the place in the code, and loses its text; below WARNING it is dropped. Records of
this project keep their texts, which are written to hold no values, and lose those of errors. What comes over and over
is counted (rate_limit.py).
"""

import logging
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import uvicorn.config

from clinicalblip.web.lifespan.error_place import describe_error, place
from clinicalblip.web.lifespan.json_lines import as_line
from clinicalblip.web.lifespan.rate_limit import RateLimit

_OURS = "clinicalblip"
_log = logging.getLogger(__name__)

_PRINTS_ITS_ADDRESS = ("gradio.blocks", "gradio.http_server")  # when it starts and ends; no values of a visitor
_MISSING = object()
_Sample = tuple[logging.Logger, logging.LogRecord]


@contextmanager
def quiet_logs(limit: RateLimit[_Sample] | None = None) -> Iterator[None]:
    """Keep what visitors send out of every log and stream of the process, until the last server in it ends.

    Hooks for uncaught errors that somebody else has put into the place of Python's own are left to them.
    """
    global _served, _installed
    with _LOCK:
        if _served == 0:
            _installed = _Installed(limit or RateLimit())
        _served += 1
    try:
        yield
    finally:
        with _LOCK:
            _served -= 1
            if _served == 0 and _installed is not None:
                _installed.undo()
                _installed = None


def keep_log_handlers() -> None:
    """Keep uvicorn from configuring logging for the whole process when a server is made.

    It would close every handler of everybody, and with them files and streams that are still in use, and would add
    handlers of its own. Its records go to the root's handlers instead.
    """
    uvicorn.config.LOGGING_CONFIG.clear()
    uvicorn.config.LOGGING_CONFIG.update({"version": 1, "incremental": True})


class _Installed:
    """The doors as they are while a page is served, and how they were before."""

    def __init__(self, limit: RateLimit[_Sample]) -> None:
        self._limit = limit
        self._call_handlers = logging.Logger.callHandlers
        self._before: list[tuple[Any, str, Any, Any]] = []
        self._replace(logging.Logger, "callHandlers", self._quiet_call_handlers())
        self._replace(traceback, "print_exception", _print_exception)
        self._replace(traceback, "print_exc", _print_exc)
        self._replace(traceback, "print_last", _print_last)
        self._replace(warnings, "showwarning", _show_warning)
        if sys.excepthook is sys.__excepthook__:
            self._replace(sys, "excepthook", _uncaught)
        if sys.unraisablehook is sys.__unraisablehook__:
            self._replace(sys, "unraisablehook", _unraisable)
        if threading.excepthook is threading.__excepthook__:
            self._replace(threading, "excepthook", _uncaught_in_thread)
        for name, module in list(sys.modules.items()):
            if name.startswith("gradio.") and name not in _PRINTS_ITS_ADDRESS and isinstance(module, types.ModuleType):
                self._replace(module, "print", _print)

    def undo(self) -> None:
        """Say what was only counted, and put back what is still as it was put here."""
        self._say_counts(all_of_them=True)
        for owner, name, ours, before in reversed(self._before):
            if vars(owner).get(name) is not ours:
                continue  # somebody has put theirs over it meanwhile
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)

    def _replace(self, owner: Any, name: str, ours: Any) -> None:
        self._before.append((owner, name, ours, vars(owner).get(name, _MISSING)))
        setattr(owner, name, ours)

    def _quiet_call_handlers(self) -> Callable[[logging.Logger, logging.LogRecord], None]:
        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            quiet = _quieten(record)
            if quiet is None:
                return
            self._say_counts()
            if self._limit.admits((quiet.name, quiet.levelno, quiet.msg), (logger, quiet)):
                self._call_handlers(logger, quiet)

        return call_handlers

    def _say_counts(self, *, all_of_them: bool = False) -> None:
        for (logger, record), count in self._limit.take_counts(all_of_them=all_of_them):
            said = f"{record.msg} ... {count} times more"
            self._call_handlers(logger, _record(record, said))


_LOCK = threading.Lock()
_served = 0
_installed: _Installed | None = None


def _quieten(record: logging.LogRecord) -> logging.LogRecord | None:
    """The record without values, or None where it is not logged at all."""
    error = describe_error(record.exc_info[1]) if record.exc_info else ""
    if record.name == _OURS or record.name.startswith(f"{_OURS}."):
        text = record.getMessage()
        return _record(record, f"{text}: {error}" if error else text)
    if record.levelno < logging.WARNING:
        return None
    where = place(record.pathname, record.lineno)
    return _record(record, f"{record.name} at {where}: {error or 'a message, not repeated here'}")


def _record(record: logging.LogRecord, text: str) -> logging.LogRecord:
    """A record with this text and nothing else of the other one: neither its arguments nor what was added to it."""
    made = logging.LogRecord(
        record.name, record.levelno, record.pathname, record.lineno, text, None, None, record.funcName
    )
    made.__dict__["taskName"] = None  # Gradio names its tasks after the key that a visitor chose
    return made


def _print_exception(
    exc: Any, value: Any = _MISSING, tb: Any = None, limit: Any = None, file: TextIO | None = None, chain: bool = True
) -> None:
    """In the place of traceback.print_exception."""
    said = describe_error(exc if value is _MISSING else value)
    if file is None:
        _log.error("%s", said)
    else:
        file.write(as_line(_log.name, said))  # not through a logger: a handler that fails says so this way


def _print_exc(limit: Any = None, file: TextIO | None = None, chain: bool = True) -> None:
    """In the place of traceback.print_exc."""
    _print_exception(sys.exc_info()[1], file=file)


def _print_last(limit: Any = None, file: TextIO | None = None, chain: bool = True) -> None:
    """In the place of traceback.print_last."""
    _print_exception(getattr(sys, "last_value", None), file=file)


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """In the place of warnings.showwarning: the category and the place."""
    said = f"{category.__name__} at {place(filename, lineno)}"
    if file is None:
        _log.warning("%s", said)
    else:
        file.write(as_line(_log.name, said))


def _uncaught(kind: type[BaseException], error: BaseException, trace: types.TracebackType | None) -> None:
    """In the place of sys.excepthook."""
    _log.critical("uncaught: %s", describe_error(error))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    """In the place of threading.excepthook."""
    if arguments.exc_type is not SystemExit:
        _log.error("uncaught in a thread: %s", describe_error(arguments.exc_value))


def _unraisable(arguments: Any) -> None:
    """In the place of sys.unraisablehook, whose own says the object as well."""
    _log.error("ignored: %s", describe_error(arguments.exc_value))


def _print(*values: object, **options: Any) -> None:
    """In the place of `print` in Gradio's modules: only that something was printed, and where."""
    caller = sys._getframe(1)
    _log.warning("something was printed at %s", place(caller.f_code.co_filename, caller.f_lineno))
