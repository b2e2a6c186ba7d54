"""What `import clinicalblip` offers: a film read, a model loaded, a report drafted, two texts compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from clinicalblip.feedback.comparison import WordChange, compare_words, count_edits
from clinicalblip.feedback.finding_comparison import FindingChanges, compare_findings
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.draft import Draft, Reporter
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import Radiograph, View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening.wording import PYTHON
from clinicalblip.settings import PrivacySettings, Settings, find_config, read_settings

if TYPE_CHECKING:
    from clinicalblip.instructblip.reporter import InstructBlipReporter

# What needs torch, or starts a process, is imported by the function that uses it.

Film = Radiograph | Path | str
"""A film that was read, or the path of one that is to be read."""

_NOTHING_KNOWN = ClinicalContext()


@dataclass(frozen=True)
class Comparison:
    """What differs between two reports: the runs of words, how many words went and came, and the findings."""

    words: tuple[WordChange, ...]
    words_added: int
    words_removed: int
    findings: FindingChanges


def load_reporter(settings: Settings | None = None) -> InstructBlipReporter:
    """Load the model that the settings name; it is loaded once and drafts any number of reports.

    Without settings they are those of the command line: `spaces_config.yaml` beside app.py in a clone, else in the
    working directory, else the defaults, which are the bundled model; the CLINICALBLIP_* variables override them.
    Raises SettingsError, ModelError and AdapterError.
    """
    from clinicalblip.instructblip.reporter import load_reporter as load

    return load(read_settings(find_config()) if settings is None else settings)


def read_radiograph(film: Path | str | bytes, options: ReadOptions | None = None) -> Radiograph:
    """Read a chest radiograph from a DICOM, PNG or JPEG file, or from its bytes, in a worker process.

    Raises RadiographError where the file cannot be read or is no radiograph, and BurnedInAnnotation where its tags say
    that text is burned into the picture, unless `options` allow that.
    """
    from clinicalblip.imaging import read

    options = options or ReadOptions()
    if isinstance(film, bytes):
        return read.read_radiograph(film, options)
    return read.read_radiograph_file(Path(film), options)


def draft(
    reporter: Reporter,
    frontal: Film,
    context: ClinicalContext = _NOTHING_KNOWN,
    *,
    lateral: Film | None = None,
    prior: Film | None = None,
    phi: Literal["warn", "mask", "ignore"] = "warn",
    seed: int | None = None,
) -> Draft:
    """Draft the report of a frontal film, where there are any with a lateral and an earlier one, and of what is known.

    `phi`: what becomes of text in the films and of names, dates of birth, numbers and addresses in the context. "warn"
    uses them as they are and says so in the draft's warnings, "mask" masks them first, "ignore" looks for none. A film
    that may be no chest radiograph is warned of as well. `seed` matters only where the settings have a temperature.

    Raises what `read_radiograph` raises, ValueError for another `phi`, PrivacyError where the packages that look for
    text are missing, and ModelError.
    """
    if phi not in ("warn", "mask", "ignore"):
        raise ValueError(f'phi is "warn", "mask" or "ignore", not {phi!r}')
    from clinicalblip.screening.films import view_as_frontal

    warnings: list[str] = []
    films: list[Radiograph] = []
    for role, film in zip(FilmRole, (frontal, lateral, prior), strict=True):
        if film is None:
            continue
        if not isinstance(film, Radiograph):
            film = read_radiograph(film, ReadOptions(view=View.LATERAL if role is FilmRole.LATERAL else None))
        if role is FilmRole.FRONTAL:
            film = view_as_frontal(film)
        if phi != "ignore":
            film = _screen_film(film, role, warnings, masks=phi == "mask")
        films.append(film)
        warnings += reporter.doubts(film)
    if phi != "ignore":
        context = _screen_context(context, warnings, masks=phi == "mask")
    (written,) = (part for part in reporter.stream(films, context, seed=seed) if isinstance(part, Draft))
    return replace(written, warnings=tuple(dict.fromkeys((*warnings, *written.warnings))))


def compare(before: Report | str, after: Report | str) -> Comparison:
    """Compare two reports, or two texts: their words, and what they say of each finding."""
    old, new = (report if isinstance(report, Report) else Report(report) for report in (before, after))
    texts = [report if isinstance(report, str) else report.text for report in (before, after)]
    edits = count_edits(old, new)
    return Comparison(
        words=compare_words(*texts),
        words_added=edits.words_added,
        words_removed=edits.words_removed,
        findings=compare_findings(*texts),
    )


def _screen_film(film: Radiograph, role: FilmRole, warnings: list[str], *, masks: bool) -> Radiograph:
    from clinicalblip.screening.films import screen_text, settle_text

    # Whoever read a film whose tags warn of text has allowed that; it is looked for all the same.
    screening = screen_text(film, PrivacySettings(allow_burned_in=True), always=True)
    film, _, said = settle_text(film, role, screening, PYTHON, masks=masks)
    warnings += said
    return film


def _screen_context(context: ClinicalContext, warnings: list[str], *, masks: bool) -> ClinicalContext:
    from clinicalblip.screening.phi import describe_phi, mask_context
    from clinicalblip.screening.texts import phi_in_context

    if masks:
        return mask_context(context)
    if matches := phi_in_context(context, PrivacySettings()):
        warnings.append(describe_phi(matches, PYTHON))
    return context
