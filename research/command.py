"""How the commands of research run: as the product's, an error is one line on standard error and exit code 2."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

from clinicalblip.cli.parser import USAGE_ERROR, CommandParser
from clinicalblip.errors import ClinicalBlipError


def run_command(
    parser: CommandParser,
    arguments: Sequence[str] | None = None,
) -> int:
    """Parse `arguments`, or those of the process, and call the chosen `run` with them; returns the exit code."""
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        options.run(options)
    except ClinicalBlipError as error:
        sys.stderr.write(" ".join(str(error).split()) + "\n")
        return USAGE_ERROR
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    return 0
