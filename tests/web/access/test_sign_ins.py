"""Tokens that are signed in: over a restart, and no longer than they are worth."""

import logging
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.web.access import sign_ins
from clinicalblip.web.access.sign_ins import SignIns
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.access.tokens import token_key

READER = SignedIn("a" * 64, "reader-3f9c2a81", is_owner=True)


def test_a_token_is_worth_something_until_it_is_ended(tmp_path: Path) -> None:
    """Each is new; another one, and a made-up one, are nobody's."""
    signed = SignIns(12, "settings", tmp_path / "new")
    one, two = signed.begin(READER), signed.begin(READER)
    assert one != two
    assert (signed.find(one), signed.find(two), signed.find("x" * 43)) == (READER, READER, None)
    signed.end(one)
    assert (signed.find(one), signed.find(two)) == (None, READER)
    assert SignIns(12, "settings", tmp_path / "new").find(one) is None


def test_a_sign_in_outlives_the_server_and_its_file_does_not_lead_to_the_token(tmp_path: Path) -> None:
    """Its owner alone can read the file."""
    token = SignIns(12, "settings", tmp_path).begin(READER)
    assert SignIns(12, "settings", tmp_path).find(token) == READER
    (file,) = tmp_path.iterdir()
    assert token not in file.name + file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert SignIns(12, "settings").find(token) is None, "without a folder nothing is kept"


def test_other_settings_end_every_sign_in(tmp_path: Path) -> None:
    """Who changes the password shuts out whoever came in by the old one."""
    token = SignIns(12, "the old password", tmp_path).begin(READER)
    assert SignIns(12, "the new password", tmp_path).find(token) is None
    assert list(tmp_path.iterdir()) == []


def test_hours_end_a_sign_in_whatever_the_clock_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock set forward or back takes none while the server runs, and lengthens none by more than those hours."""
    passed = 0.0
    monotonic, wall = time.monotonic(), time.time()
    monkeypatch.setattr("time.monotonic", lambda: monotonic + passed)
    signed = SignIns(1, "settings", tmp_path)
    token = signed.begin(READER)
    for jump in (-1e6, 1e6):
        monkeypatch.setattr("time.time", lambda jump=jump: wall + jump)
        assert signed.find(token) == READER
    monkeypatch.setattr("time.time", lambda: wall - 1e6)
    restarted = SignIns(1, "settings", tmp_path)
    assert restarted.find(token) == READER
    passed = 3600.0
    assert (signed.find(token), restarted.find(token)) == (None, None)
    monkeypatch.setattr("time.time", lambda: wall + 1e6)
    assert SignIns(1, "settings", tmp_path).find(token) is None


def test_their_number_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In memory and on the disk; the oldest go."""
    monkeypatch.setattr(sign_ins, "MOST", 20)
    signed = SignIns(12, "settings", tmp_path)
    tokens = [signed.begin(READER) for _ in range(100)]
    assert (len(signed), len(list(tmp_path.iterdir()))) == (20, 20)
    assert [signed.find(token) for token in (tokens[79], tokens[80], tokens[99])] == [None, READER, READER]


def test_a_disk_that_takes_nothing_signs_in_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The log says so, without the token."""
    caplog.set_level(logging.DEBUG)
    (tmp_path / "file").write_text("")
    signed = SignIns(12, "settings", tmp_path / "file")
    token = signed.begin(READER)
    assert signed.find(token) == READER
    assert "could not be kept" in caplog.text
    assert token not in caplog.text
    assert token_key(token) not in caplog.text


@given(st.binary(max_size=200))
def test_a_file_that_is_no_sign_in_is_none(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Half a file, or somebody else's; it is removed."""
    folder = tmp_path_factory.mktemp("sign-ins")
    (folder / ("a" * 64)).write_bytes(data)
    assert len(SignIns(12, "settings", folder)) == 0
    assert list(folder.iterdir()) == []
