"""The commands `access`: what a deployer needs to say who may read."""

from __future__ import annotations

import argparse
import sys
from getpass import getpass
from typing import TYPE_CHECKING

from clinicalblip.cli.parser import add_command, add_group
from clinicalblip.errors import SettingsError

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `access`."""
    group = add_group(commands, "access", "say who may read the page", ("hash",))
    add_command(
        group,
        "hash",
        _hash,
        "make the hash of a password for access.password; the password is typed, or comes from a pipe",
        ("",),
    )


def _hash(options: argparse.Namespace) -> None:
    from clinicalblip.web.access.passwords import LONGEST, SHORTEST, hash_password

    password = _typed() if sys.stdin.isatty() else sys.stdin.readline(LONGEST + 2).rstrip("\r\n")
    if not SHORTEST <= len(password) <= LONGEST:
        raise SettingsError(f"The password has {len(password)} characters; take {SHORTEST} to {LONGEST}.")
    print(hash_password(password))


def _typed() -> str:
    password = getpass("Password: ")
    if getpass("Once more: ") != password:
        raise SettingsError("The two passwords differ; nothing was made.")
    return password
