"""What an ablation has finished, kept so that a run which was ended goes on where it was."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clinicalblip.datasets.files.atomic import write_atomically


def keep(path: Path, made_of: Mapping[str, Any], make: Callable[[], Any]) -> Any:
    """What `make` gives, as JSON in `path`; taken from there where it was made of the same before."""
    wanted = json.loads(json.dumps(made_of))
    if path.is_file():
        kept = json.loads(path.read_text("utf-8"))
        if kept["made_of"] == wanted:
            say(f"{path.parent.name}/{path.stem}: finished before")
            return kept["result"]
    result = json.loads(json.dumps(make()))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"made_of": wanted, "result": result}) + "\n")
    return result


def say(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)
