"""What a benchmark found, printed and kept."""

import sys
from pathlib import Path


def print_tables(text: str, output: Path | None) -> None:
    """Print Markdown, and write it to `output` too, where one is named."""
    sys.stdout.write(text)
    if output:
        output.write_text(text, encoding="utf-8")
