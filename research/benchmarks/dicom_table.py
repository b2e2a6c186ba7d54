"""Whether every file that pydicom brings along is read, as a table in docs/dicom.md.

    python -m research.benchmarks.dicom_table

The files lie inside the package (test files, character sets, palettes); nothing is downloaded. tests/imaging/dicom/
test_packaged_files.py checks that the document says what the code does.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pydicom

from clinicalblip.errors import RadiographError
from clinicalblip.imaging.read import read_radiograph

ROOT = Path(__file__).resolve().parents[2]

DATA = Path(pydicom.__file__).parent / "data"
FOLDERS = ("test_files", "charset_files", "palettes")
DOCUMENT = ROOT / "docs" / "dicom.md"
BEGIN, END = "<!-- packaged files: begin -->", "<!-- packaged files: end -->"
NAMED = 6
"""Up to so many files of one folder are named one by one; of more, the folder and their number are given."""


def files() -> list[Path]:
    """Every file of pydicom's data folders, in order of its name."""
    return sorted(file for folder in FOLDERS for file in (DATA / folder).rglob("*") if file.is_file())


def outcome(file: Path) -> str:
    """Whether one file is read, with its warnings, or the sentence that refuses it."""
    try:
        film = read_radiograph(file.read_bytes())
    except RadiographError as error:
        return f"refused: {error}"
    return " ".join(("read.", *film.warnings))


def table() -> str:
    """The table, one row for each outcome, files that are read first."""
    rows = defaultdict(list)
    for file in files():
        rows[outcome(file)].append(file)
    read = sum(len(found) for said, found in rows.items() if said.startswith("read"))
    total = sum(map(len, rows.values()))
    lines = [
        f"pydicom {version('pydicom')} brings {total} files: {read} are read, {total - read} are refused.",
        "",
        "| What happens | Number | Files |",
        "|---|---|---|",
    ]
    for said, found in sorted(rows.items(), key=lambda row: (not row[0].startswith("read"), -len(row[1]), row[0])):
        lines.append(f"| {said[0].upper()}{said[1:]} | {len(found)} | {', '.join(_names(found))} |")
    return "\n".join(lines)


def _names(found: list[Path]) -> Iterator[str]:
    folders = Counter(_folder(file) for file in found)
    for file in found:
        folder = _folder(file)
        if folder == "test_files" or folders[folder] <= NAMED:
            yield f"`{file.relative_to(DATA).as_posix().removeprefix('test_files/')}`"
    for folder, count in folders.items():
        if folder != "test_files" and count > NAMED:
            yield f"{count} in `{folder.removeprefix('test_files/')}`"


def _folder(file: Path) -> str:
    return "/".join(file.relative_to(DATA).parent.parts[:3])


def write(document: Path = DOCUMENT) -> None:
    """Put the table between its marks in the document."""
    text = document.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    document.write_text(f"{before}{BEGIN}\n{table()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()
    print(f"The table stands in {DOCUMENT.relative_to(ROOT)}.")
