"""The commands `access`: a hash that the settings take, and nothing of the password anywhere else."""

import io

import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from clinicalblip.cli import main
from clinicalblip.settings import AccessSettings


class Pipe(io.StringIO):
    """Standard input that is none of a terminal."""


def test_a_password_from_a_pipe_becomes_a_hash(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of its first line; the settings take what is printed."""
    monkeypatch.setattr("sys.stdin", Pipe("a long word\nmore"))
    assert main(["access", "hash"]) == 0
    printed = capsys.readouterr()
    assert (printed.err, printed.out.count("\n")) == ("", 1)
    made = printed.out.strip()
    assert PasswordHasher().verify(made, "a long word")
    assert AccessSettings(mode="password", password=SecretStr(made)).mode == "password"


def test_a_password_that_is_typed_is_asked_for_twice(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two that differ make no hash."""
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    for typed, code in ((["a long word", "a long word"], 0), (["a long word", "a long wort"], 2)):
        left = iter(typed)
        monkeypatch.setattr("clinicalblip.cli.access.getpass", lambda prompt, left=left: next(left))
        assert main(["access", "hash"]) == code
        printed = capsys.readouterr()
        assert "a long wor" not in printed.out + printed.err
        assert printed.out.startswith("$argon2id$") is (code == 0)


@pytest.mark.parametrize("password", ["", "short", "x" * 1001])
def test_a_password_of_another_length_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], password: str
) -> None:
    """In one line without it."""
    monkeypatch.setattr("sys.stdin", Pipe(f"{password}\n"))
    assert main(["access", "hash"]) == 2
    printed = capsys.readouterr()
    assert printed.err == f"The password has {len(password)} characters; take 8 to 1000.\n"
