"""What a person or a Space starts: the page, with the settings that lie beside this file."""

import sys
from pathlib import Path

from clinicalblip.cli.serve import serve
from clinicalblip.errors import ClinicalBlipError
from clinicalblip.settings import CONFIG


def main() -> None:
    """Serve the page until it is stopped; what cannot start says why in one sentence."""
    try:
        serve(Path(__file__).with_name(CONFIG))
    except ClinicalBlipError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
