"""A parser for commands whose usage errors are one line, and whose help ends with examples."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["CommandParser"]  # argparse has no public name for it

USAGE_ERROR = 2
"""The exit code of everything that the person at the command line can put right."""


class CommandParser(argparse.ArgumentParser):
    """An ArgumentParser that is given `examples`: what is typed after the command's own name, one a line."""

    def __init__(self, *, examples: Sequence[str] = (), **settings: Any) -> None:
        if examples:
            settings["epilog"] = "\n".join(("examples:", *(f"  %(prog)s {example}".rstrip() for example in examples)))
        super().__init__(formatter_class=argparse.RawDescriptionHelpFormatter, **settings)

    def error(self, message: str) -> NoReturn:
        """End the program with one line on standard error."""
        self.exit(USAGE_ERROR, f"{self.prog}: {' '.join(message.split())}; {self.prog} --help shows what it takes.\n")


def add_command(
    commands: Commands,
    name: str,
    run: Callable[[argparse.Namespace], None],
    what: str,
    examples: Sequence[str],
) -> CommandParser:
    """Add a command that calls `run` with its options; `what` is one clause that says what it does."""
    parser = commands.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", examples=examples)
    parser.set_defaults(run=run)
    return parser


def add_group(parent: Commands, name: str, what: str, examples: Sequence[str], *, metavar: str = "COMMAND") -> Commands:
    """Add a command that only has commands of its own."""
    parser = parent.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", examples=examples)
    return parser.add_subparsers(required=True, metavar=metavar)
