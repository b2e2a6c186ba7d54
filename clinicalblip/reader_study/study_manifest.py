"""study.json: which files a prepared study is made of, by their digests, and which version made it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import ReaderStudyError
from clinicalblip.version import __version__

MANIFEST: Final = "study.json"
VERSION: Final = 1
DESIGN, STUDIES, ASSIGNMENT = "reader_study.yaml", "studies.jsonl", "assignment.json"
DRAFTS, KEY = "drafts.jsonl", "key.jsonl"
FILES: Final = (DESIGN, STUDIES, ASSIGNMENT, DRAFTS, KEY)
"""The files that do not change, but for an assignment to which a row is added."""

_BROKEN: Final = f"{MANIFEST} does not say what the study is made of; put it back as it was prepared."


@dataclass(frozen=True)
class StudyManifest:
    """SHA-256 by file name; `replaced` holds those of files that are being written anew, so that a kill is harmless."""

    digests: dict[str, str]
    made: str
    package: str = __version__
    version: int = VERSION
    replaced: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, folder: Path) -> Self:
        """That of a folder in which all files are written. Raises OSError."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        return cls({name: digest_file(folder / name) for name in FILES}, made)

    def write(self, folder: Path) -> None:
        """Write study.json. Raises OSError."""
        with open_atomically(folder / MANIFEST, private=True) as file:
            file.write(json.dumps(asdict(self), indent=2) + "\n")

    def begin_replacing(self, folder: Path, name: str, digest: str) -> Self:
        """The manifest while a file is replaced by another: both are right until then. Raises OSError."""
        return replace(self, digests=self.digests | {name: digest}, replaced={name: digest_file(folder / name)})

    def check(self, folder: Path, names: Sequence[str] = FILES) -> dict[str, str]:
        """The digests of the files as they are. Raises ReaderStudyError, which names the file that was changed."""
        found: dict[str, str] = {}
        for name in names:
            try:
                found[name] = digest_file(folder / name)
            except OSError as error:
                raise ReaderStudyError(
                    f"{name} of the study's folder cannot be read; put it back as it was prepared."
                ) from error
            if found[name] not in (self.digests[name], self.replaced.get(name)):
                raise ReaderStudyError(
                    f"{name} was changed since the study was prepared; put it back as it was, or prepare a new study."
                )
        return found


def read_manifest(folder: Path) -> StudyManifest:
    """Read study.json. Raises ReaderStudyError where there is none, or none of this version."""
    if not folder.is_dir():
        raise ReaderStudyError("There is no folder at that place; `reader-study prepare` makes one of a study.")
    path = folder / MANIFEST
    if not path.is_file():
        raise ReaderStudyError(
            f"The folder has no {MANIFEST}: no study was prepared in it, or not to its end; run `reader-study prepare`."
        )
    try:
        values = json.loads(path.read_bytes())
        version = values["version"]
        if isinstance(version, int) and version > VERSION:
            raise ReaderStudyError(
                f"The study was prepared by a newer ClinicalBLIP (its folder has version {version}, this one knows "
                f"{VERSION}); update ClinicalBLIP."
            )
        digests, replaced = values["digests"], values["replaced"]
        texts = (values["made"], values["package"], *digests.values(), *replaced.values())
        if version == VERSION and set(FILES) == digests.keys() and all(isinstance(each, str) for each in texts):
            return StudyManifest(digests, values["made"], values["package"], version, replaced)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ReaderStudyError(_BROKEN) from error
    raise ReaderStudyError(_BROKEN)


def digest_file(path: Path) -> str:
    """SHA-256 in hexadecimal. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
