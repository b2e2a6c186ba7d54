"""The command `draft`: one examination's films and texts in, its report out."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_finding_bias, add_model, settings_from
from clinicalblip.cli.parser import add_command
from clinicalblip.cli.reporter import load_reporter
from clinicalblip.errors import SettingsError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph_file
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.draft_json import draft_to_json
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.screening.phi import describe_phi, mask_context
from clinicalblip.screening.texts import phi_in_context
from clinicalblip.screening.wording import COMMAND
from clinicalblip.settings import LimitSettings, PrivacySettings

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands

_LONGEST_PRIOR_REPORT = 100_000  # bytes

_TEXTS = {
    "indication": "why the film was taken",
    "history": "what is known of the patient",
    "technique": "how the film was taken",
    "comparison": "what it is compared with",
    "hints": "key words of your own",
}
"""The slots of the prompt that are typed, each with its help; the prior report comes from a file."""


def add_commands(commands: Commands) -> None:
    """Add `draft`."""
    parser = add_command(
        commands,
        "draft",
        _draft,
        "draft the report of one examination",
        (
            'FILM.dcm --indication "cough and fever for three days"',
            "FILM.dcm --prior-image OLD.dcm --prior-report OLD.txt",
            "FILM.dcm --lateral LATERAL.dcm --mask-text --mask-identifiers --json",
        ),
    )
    parser.add_argument("radiograph", type=Path, metavar="RADIOGRAPH", help="the frontal film: DICOM, PNG or JPEG")
    parser.add_argument("--lateral", type=Path, metavar="F", help="the lateral film")
    parser.add_argument("--prior-image", type=Path, metavar="F", help="the earlier film")
    for name, what in _TEXTS.items():
        parser.add_argument(f"--{name}", default="", metavar="T", help=what)
    parser.add_argument(
        "--prior-report", type=Path, metavar="F", help="a text file with the report of the earlier film"
    )
    parser.add_argument("--mask-text", action="store_true", help="make text in the films black before they are used")
    parser.add_argument(
        "--mask-identifiers", action="store_true", help="mask names, numbers and addresses in the texts before use"
    )
    add_model(parser)
    add_finding_bias(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="the seed where drafting samples")
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object with the draft and where it came from"
    )


def _draft(options: argparse.Namespace) -> None:
    settings = settings_from(options)
    films, film_warnings = _read_films(options, settings.limits, settings.privacy)
    context, text_warnings = _read_context(options, settings.privacy)

    reporter = load_reporter(settings)
    doubts = [doubt for film in films for doubt in reporter.doubts(film)]
    parts = reporter.stream(films, context, seed=options.seed)
    (draft,) = (part for part in parts if isinstance(part, Draft))
    warnings = dict.fromkeys((*doubts, *film_warnings, *text_warnings, *draft.warnings))
    draft = replace(draft, warnings=tuple(warnings))
    if options.json:
        print(json.dumps(draft_to_json(draft), ensure_ascii=False, indent=2))
        return
    print(draft.report.text)
    for warning in draft.warnings:
        print(warning, file=sys.stderr)


def _read_films(
    options: argparse.Namespace, limits: LimitSettings, privacy: PrivacySettings
) -> tuple[list[Radiograph], list[str]]:
    """The films that were named, their text masked where that was asked for, and what is to be warned of."""
    from clinicalblip.screening.films import check_declared_text, screen_text, settle_text, view_as_frontal

    named = (
        (options.radiograph, FilmRole.FRONTAL, None),
        (options.lateral, FilmRole.LATERAL, View.LATERAL),
        (options.prior_image, FilmRole.PRIOR, None),
    )
    films: list[Radiograph] = []
    warnings: list[str] = []
    for path, role, view in named:
        if path is None:
            continue
        # What the file says of text in its picture is asked about by check_declared_text.
        reading = ReadOptions(limits=limits, allow_burned_in=True, view=view)
        film = read_radiograph_file(path, reading, name=f"{role} radiograph")
        if role is FilmRole.FRONTAL:
            film = view_as_frontal(film)
        if not options.mask_text:
            check_declared_text(film, role, privacy, COMMAND)
        screening = screen_text(film, privacy, always=options.mask_text)
        film, _, said = settle_text(film, role, screening, COMMAND, masks=options.mask_text)
        films.append(film)
        warnings += said
    return films, warnings


def _read_context(options: argparse.Namespace, privacy: PrivacySettings) -> tuple[ClinicalContext, list[str]]:
    """What is known, masked where that was asked for, and what is to be warned of otherwise."""
    typed = {name: getattr(options, name) for name in _TEXTS}
    context = ClinicalContext(**typed, prior_report=_read_prior_report(options.prior_report))
    if options.mask_identifiers:
        return mask_context(context), []
    matches = phi_in_context(context, privacy)
    return context, [describe_phi(matches, COMMAND)] if matches else []


def _read_prior_report(file: Path | None) -> str:
    """The text of the prior report's file. Raises SettingsError where it is no text, or far longer than a report."""
    if file is None:
        return ""
    wanted = f"Give --prior-report a text file in UTF-8 of at most {_LONGEST_PRIOR_REPORT:,} bytes."
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_PRIOR_REPORT + 1)
    except OSError as error:
        raise SettingsError(f"The prior report could not be read: {error.strerror}. {wanted}") from error
    if len(content) > _LONGEST_PRIOR_REPORT:
        raise SettingsError(f"The prior report's file is longer than any report. {wanted}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"The prior report's file holds something else than text. {wanted}") from error
