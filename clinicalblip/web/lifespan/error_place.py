"""What may be said of an error without a word of what it was about: its type, and where in the code it came up."""

import traceback
from pathlib import PurePath

_FRAMES = 6
_CAUSES = 4


def describe_error(error: BaseException | None) -> str:
    """The types of an error and of what caused it, each with the last places that it came through, on one line.

    Neither messages nor arguments, and no line of code: all of them may hold values.
    """
    if error is None:
        return "no error"
    parts: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen and len(parts) < _CAUSES:
        seen.add(id(error))
        parts.append(_describe_one(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return ", from ".join(parts)


def place(file: str, line: int | None) -> str:
    """A line of a source file, with the last two parts of the file's path."""
    return f"{'/'.join(PurePath(file).parts[-2:])}:{line or 0}"


def _describe_one(error: BaseException) -> str:
    frames = [
        f"{place(frame.f_code.co_filename, line)} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    said = type(error).__name__
    if isinstance(error, BaseExceptionGroup):
        said += f" of {', '.join(sorted({type(part).__name__ for part in error.exceptions}))}"
    return f"{said} at {' < '.join(reversed(frames[-_FRAMES:]))}" if frames else said
