"""A cache of finished rows on disk: a run that was stopped goes on where it was."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.progress import write_line


def cached(path: Path, fingerprint: Mapping[str, Any], make: Callable[[], Any]) -> Any:
    """The result of `make`, as JSON in `path`; read from there if it was made with the same fingerprint."""
    wanted = json.loads(json.dumps(fingerprint))
    if path.is_file():
        kept = json.loads(path.read_text("utf-8"))
        if kept["fingerprint"] == wanted:
            write_line(f"{path.parent.name}/{path.stem}: finished before")
            return kept["result"]
    result = json.loads(json.dumps(make()))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"fingerprint": wanted, "result": result}) + "\n")
    return result
