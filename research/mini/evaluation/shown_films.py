"""Ten real validation films with their drafts, without a hint and with three kinds of hints, as they came.

    OMP_NUM_THREADS=1 python -m research.mini.evaluation.shown_films --data DIR [--model DIR] [--kept F]

Nobody chooses them: the films are the first ten by the digest of their name, and the hints of each the first by the
digest of the film's name and their own: a hint of what the film is labelled with (of nothing that can be seen, where it
has no label), one of something else, and one of several findings. What is printed is a section of docs/mini.md.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from clinicalblip.cli.parser import CommandParser
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext
from research.command import run_command
from research.mini.evaluation.drafting import Drafter
from research.mini.evaluation.hint_set import EvaluationHint, read_hints
from research.mini.evaluation.validation_films import ValidationFilms, read_pictures, validation_rows
from research.mini.films.label_sources import read_label_sources
from research.mini.films.manifest import NIH_LABELS, FilmRow
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

NUMBER: Final = 10


def first_rows(rows: Sequence[FilmRow], number: int = NUMBER) -> list[FilmRow]:
    """The first rows by the digest of their film's name."""
    return sorted(rows, key=lambda row: _digest(row.id))[:number]


def hints_for(row: FilmRow, labelled: set[str], hints: Sequence[EvaluationHint]) -> dict[str, EvaluationHint]:
    """Three hints for a film that is labelled with these observations, by their kind."""
    order = sorted(hints, key=lambda hint: _digest(f"{row.id} {hint.text}"))

    def said(hint: EvaluationHint) -> set[str]:
        # NIH has no opacity: an infiltrate's counts as the infiltrate
        return {finding.observation.value for finding in hint.hinted} - {Observation.LUNG_OPACITY.value}

    def first(fits: Callable[[EvaluationHint], bool]) -> EvaluationHint | None:
        return next((hint for hint in order if fits(hint)), None)

    true = first(lambda hint: bool(said(hint)) and said(hint) <= labelled)
    nothing = first(lambda hint: not hint.findings)
    other = first(lambda hint: len(hint.findings) == 1 and bool(said(hint)) and not said(hint) & labelled)
    several = first(lambda hint: len(said(hint)) > 1)
    named = {"of what it is labelled with": true} if true else {"of nothing to see": nothing}
    return {kind: hint for kind, hint in {**named, "of something else": other, "of several": several}.items() if hint}


def shown_films(drafter: Drafter, data: Path, hints: Sequence[EvaluationHint]) -> Iterator[str]:
    """The lines of the section."""
    rows = first_rows(validation_rows(data))
    films = ValidationFilms(tuple(rows), tuple(read_pictures(data, rows, drafter.base.image_size)))
    classes = read_label_sources(data).classes
    table = observation_table(films.labels) == 1
    for row, picture, has in zip(rows, films.pictures, table, strict=True):
        given = hints_for(row, {what.value for what, there in zip(REPORTED, has, strict=True) if there}, hints)
        contexts = [ClinicalContext(), *(ClinicalContext(hints=hint.text) for hint in given.values())]
        drafts = drafter.draft([[picture]] * len(contexts), contexts)
        labels = [name for name, value in zip(NIH_LABELS, row.labels, strict=True) if value] or ["no finding"]
        called = f"; radiologists: {classes[row.id]}" if row.id in classes else ""
        yield f"**`{row.id}`**, labelled {', '.join(labels).replace('_', ' ').lower()}{called}\n"
        yield "| hint | draft |\n|---|---|"
        titles = ["none", *(f"{kind}: `{hint.text}`" for kind, hint in given.items())]
        for title, text in zip(titles, drafts, strict=True):
            yield f"| {title} | {' '.join(text.split()).replace('|', '/')} |"
        yield ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the section; returns the exit code."""
    parser = CommandParser(
        prog="python -m research.mini.evaluation.shown_films",
        description="Prints ten validation films with their drafts.",
        examples=("--data DIR",),
    )
    parser.set_defaults(run=_show)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/ and nih/")
    parser.add_argument("--model", type=Path, default=Path("assets/mini"), metavar="DIR", help="the model's folder")
    parser.add_argument("--kept", type=Path, metavar="F", help="a file that drafts are kept in, to go on with")
    return run_command(parser, arguments)


def _show(options: argparse.Namespace) -> None:
    from research.mini.evaluation.evaluate import load_drafter

    drafter = load_drafter(options.model, options.kept)
    for line in shown_films(drafter, options.data, read_hints()):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
