"""What the tests of the commands over reviews share: typing one."""

from collections.abc import Callable

import pytest

from clinicalblip.cli import main

Typed = Callable[..., tuple[int, str, str]]


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command; the exit code, and what is printed on standard output and standard error."""

    def type_command(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["feedback", *words])
        return code, *capsys.readouterr()

    return type_command
