"""Which files of a clone a Space needs: the page and its model, and neither tests nor research."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from huggingface_hub import SpaceCard

from clinicalblip.errors import DeployError

_FILES: Final = ("app.py", "requirements.txt", "spaces_config.yaml", "LICENSE")
_FOLDERS: Final = ("clinicalblip", "assets")
README: Final = "README.md"
_LEFT_OUT: Final = ("__pycache__", ".pyc")
_BODY: Final = """
# {title}

A radiologist uploads a chest radiograph with the indication and what is known from before, ClinicalBLIP drafts the
report word by word, and the draft is corrected and reviewed beside a reference report.

**Research use only. Not for clinical use.** Every draft is written by an AI and may be wrong. Upload no film and type
no text that shows who a patient is.

The code is under Apache-2.0; the bundled model in `assets/mini` is under CC BY-NC-SA 4.0, and its card says how little
it knows.
"""


@dataclass(frozen=True)
class SpaceFile:
    """A file of a Space: its path there, and the bytes or the file that it becomes."""

    path: str
    content: bytes | Path

    @property
    def size(self) -> int:
        """Bytes."""
        return self.content.stat().st_size if isinstance(self.content, Path) else len(self.content)


def find_files(root: Path, front_matter: Mapping[str, Any]) -> tuple[SpaceFile, ...]:
    """The files of a Space, from the clone in `root`, sorted by path; `front_matter` adds to that of the README.

    Raises DeployError where `root` is no clone: an installed package has no app.py.
    """
    missing = [name for name in (*_FILES, *_FOLDERS, README) if not (root / name).exists()]
    if missing:
        raise DeployError(
            f"A Space is made from a clone of ClinicalBLIP, and here {', '.join(missing)} is missing; "
            "run the command in the clone's folder."
        )
    found = [SpaceFile(name, root / name) for name in _FILES]
    for folder in _FOLDERS:
        for file in (root / folder).rglob("*"):
            path = file.relative_to(root)
            if file.is_file() and not any(part.startswith(".") or part.endswith(_LEFT_OUT) for part in path.parts):
                found.append(SpaceFile(path.as_posix(), file))
    found.append(SpaceFile(README, make_readme(root / README, front_matter).encode()))
    return tuple(sorted(found, key=lambda file: file.path))


def make_readme(readme: Path, front_matter: Mapping[str, Any]) -> str:
    """A Space's README: the front matter of the project's, with what differs, and what a visitor has to know."""
    card = SpaceCard.load(readme)
    data = {**card.data.to_dict(), **{name: value for name, value in front_matter.items() if value is not None}}
    return str(SpaceCard(f"---\n{_yaml(data)}---\n{_BODY.format(title=data['title'])}"))


def _yaml(values: Mapping[str, Any]) -> str:
    import yaml

    return yaml.safe_dump(dict(values), sort_keys=False, allow_unicode=True)
