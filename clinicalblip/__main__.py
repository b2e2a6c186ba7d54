"""Runs the command line: `python -m clinicalblip COMMAND`."""

import sys

from clinicalblip.cli import main

if __name__ == "__main__":
    sys.exit(main())
