"""The log as JSON, one object a line, for whoever collects logs; what may stand in it is quiet.py's matter."""

import json
import logging
from datetime import UTC, datetime

from clinicalblip.web.lifespan.error_place import describe_error


class JsonLines(logging.Formatter):
    """A record as one line: `time` (UTC), `level`, `logger` and `message`, with an error's type and place in it.

    Neither an error's text nor anything that somebody added to the record stands there.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON."""
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            message = f"{message}: {describe_error(record.exc_info[1])}"
        time = datetime.fromtimestamp(record.created, UTC)
        said = {"time": f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03}Z", "level": record.levelname}
        return json.dumps({**said, "logger": record.name, "message": message})


def log_as_json() -> None:
    """Write the log of the whole process, warnings of Python too, as JSON on standard error.

    It takes the place of every handler of the root; of ours what is INFO is written, of others as before.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], force=True, level=logging.getLogger().level)
    logging.getLogger("clinicalblip").setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def as_line(logger: str, text: str) -> str:
    """A line for a stream that is no log, in the form that the log has."""
    if not any(isinstance(handler.formatter, JsonLines) for handler in logging.getLogger().handlers):
        return f"{text}\n"
    record = logging.LogRecord(logger, logging.ERROR, "", 0, text, None, None)
    return f"{JsonLines().format(record)}\n"
