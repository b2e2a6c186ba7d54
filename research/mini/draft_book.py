"""The bundled model's book of drafts: its own drafts of training films, and of nothing else.

    OMP_NUM_THREADS=2 python -m research.mini.draft_book --data DIR [--model assets/mini] [--films N] [--drafts F]

`--drafts` is a predictions file that keeps what is drafted, so that a run goes on where it was. The book becomes
`book/` in the model's folder.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from clinicalblip.asset_folder import ASSETS
from clinicalblip.datasets.files.predictions import PredictionsFile
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.book.draft_book import digest_vocabulary
from clinicalblip.instructblip.book.make_book import BookSources, make_book
from clinicalblip.instructblip.collate import encode_text
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.progress import track, write_line
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from clinicalblip.settings import GenerationSettings, ModelSettings, Settings
from research.mini.evaluation.evaluate import ADAPTER, BASE
from research.mini.evaluation.validation_films import films_of, validation_rows
from research.mini.films.manifest import FilmRow

BOOK: Final = "book"
_TOGETHER: Final = 32


def write_draft_book(model_folder: Path, data: Path, films: int, drafts: Path | None = None) -> int:
    """Draft `films` training films and write the book beside the model; gives how many runs of tokens it knows.

    Raises BookError where there is a book already, and ModelError.
    """
    rows = validation_rows(data, films, split="train")
    with TemporaryDirectory() as scratch:
        drafted = draft_films(model_folder, data, rows, drafts or Path(scratch) / "predictions.jsonl")
    base = load_base(model_folder / BASE, "fp32", "cpu", weights=False)
    studies = [Study(row.id, row.patient, "train") for row in rows]
    sources = BookSources(drafted, studies)
    vocabulary = digest_vocabulary(base.tokenizer)
    return make_book(sources, lambda text: encode_text(base, text), base.eos_token_id, vocabulary, model_folder / BOOK)


def draft_films(model_folder: Path, data: Path, rows: Sequence[FilmRow], output: Path) -> dict[str, Report]:
    """The drafts of these films by film id, no slot of the prompt filled; `output` keeps them."""
    settings = Settings(
        model=ModelSettings(
            base=str((model_folder / BASE).resolve()),
            adapter=str((model_folder / ADAPTER).resolve()),
            book=None,
            precision="fp32",
        ),
        generation=GenerationSettings(batch_size=_TOGETHER),
    )
    reporter = load_reporter(settings)
    lines = PredictionsFile(output)
    lines.begin({"model": {k: v for k, v in asdict(reporter.identity).items() if k not in ("reason", "device")}})
    lines.repair(0)
    done = lines.completed()
    todo = [row for row in rows if row.id not in done]
    films = films_of(data, todo)
    for start in track(range(0, len(todo), _TOGETHER), "drafts", total=-(-len(todo) // _TOGETHER), unit="batch"):
        together = todo[start : start + _TOGETHER]
        found = reporter.draft_many([([next(films)], ClinicalContext()) for _ in together])
        lines.append(0, ((row.id, draft.report) for row, draft in zip(together, found, strict=True)))
    drafts = lines.completed()
    lines.finish(row.id for row in rows)
    return {row.id: drafts[row.id] for row in rows}


def main() -> None:
    """Write the book."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=ASSETS / "mini")
    parser.add_argument("--films", type=int, default=4000)
    parser.add_argument("--drafts", type=Path)
    options = parser.parse_args()
    runs = write_draft_book(options.model, options.data, options.films, options.drafts)
    write_line(f"The book knows {runs} runs of tokens.")


if __name__ == "__main__":
    main()
