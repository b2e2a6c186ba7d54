"""What was typed goes to the command that does it; what it cannot do is one line on standard error."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from clinicalblip.cli import (
    access,
    batch,
    book,
    draft,
    evaluate,
    feedback,
    prepare,
    reader_study,
    serve,
    serve_model,
    space,
    train,
)
from clinicalblip.cli.parser import USAGE_ERROR, CommandParser
from clinicalblip.errors import ClinicalBlipError
from clinicalblip.version import __version__

_SUBJECTS = (draft, serve, serve_model, access, feedback, prepare, train, batch, evaluate, book, space, reader_study)
_INTERRUPTED = 130  # as a shell says it

# Everything that needs torch, gradio or a database is imported by the command that uses it, so that `--help` and the
# refusal of a broken file do not wait for it.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code: 0, or 2 for what the person who typed it can put right."""
    options = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    try:
        options.run(options)
    except ClinicalBlipError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return USAGE_ERROR
    except BrokenPipeError:  # whoever read what is printed has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return _INTERRUPTED
    return 0


def make_parser() -> CommandParser:
    """The parser of the whole command line; the chosen command's function is `run` in what it returns."""
    parser = CommandParser(
        prog=_program(),
        description="Drafts chest radiograph reports for a radiologist to correct. Research use only.",
        examples=("serve", 'draft FILM.dcm --indication "cough and fever"', "draft --help"),
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="say what is being done")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for subject in _SUBJECTS:
        subject.add_commands(commands)
    return parser


def _program() -> str:
    """How the program was started: by the script that installing makes, or as a module."""
    return "clinicalblip" if Path(sys.argv[0]).stem == "clinicalblip" else "python -m clinicalblip"
