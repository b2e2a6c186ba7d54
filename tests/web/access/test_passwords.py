"""Typed passwords against their hashes: a few at a time, however many come."""

import asyncio
import time

import pytest
from argon2 import PasswordHasher
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from clinicalblip.settings import AccessSettings
from clinicalblip.web.access.passwords import Passwords, Role, TooManyChecks, hash_password

CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
READER, OWNER = (SecretStr(CHEAP.hash(word)) for word in ("a reader's word", "an owner's word"))


def check(password: str) -> Role | None:
    """What a password makes of who types it."""
    return asyncio.run(Passwords(READER, OWNER).check(password))


def test_each_password_has_its_role() -> None:
    """And others have none: empty ones, very long ones and halves of characters among them."""
    assert (check("a reader's word"), check("an owner's word")) == (Role.READER, Role.OWNER)
    assert [check(word) for word in ("", "a reader's word ", "A reader's word", "x" * 100_000, "\ud800")] == [None] * 5


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_any_text_can_be_typed(password: str) -> None:
    """It is nobody's, and nothing is raised."""
    assert check(password) is None


def test_characters_may_be_composed_either_way() -> None:
    """Keyboards of two systems write an accent in two ways."""
    passwords = Passwords(SecretStr(hash_password("pass\u00e9 pass\u00e9")), None)
    assert asyncio.run(passwords.check("passe\u0301 passe\u0301")) is Role.READER


def test_a_hash_is_salted_and_fits_the_settings() -> None:
    """Two of a password differ."""
    one, two = hash_password("a long word"), hash_password("a long word")
    assert one != two
    assert AccessSettings(mode="password", password=SecretStr(one)).password == SecretStr(one)


def test_ten_thousand_at_once_are_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the machine should work on are refused at once; two are checked together, and all that wait are."""
    passwords, at_once, most = Passwords(READER, None), 0, 0

    def slow(password: bytes) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        time.sleep(0.005)
        at_once -= 1

    monkeypatch.setattr(passwords, "_check", slow)

    async def crowd() -> list[object]:
        return await asyncio.gather(*(passwords.check("word") for _ in range(10_000)), return_exceptions=True)

    answers = asyncio.run(crowd())
    assert most == 2
    assert sum(isinstance(answer, TooManyChecks) for answer in answers) == 10_000 - 32
