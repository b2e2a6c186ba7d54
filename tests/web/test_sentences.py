"""Each sentence of the page is said where it is true, and nowhere else: a walk through the page's states."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from gradio.utils import get_upload_folder

from clinicalblip.errors import OutOfMemory
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, parse_sections
from clinicalblip.web import films, wording
from clinicalblip.web.drafts import DraftRequest
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film
from tests.fixtures.walked_page import WalkedPage

FILM, OTHER_FILM = png_film(), png_film(160)
TEXT = "FINDINGS: The lungs are clear today. IMPRESSION: No acute finding."

_LABELS_ELSEWHERE = {
    "RESEARCH_ONLY",
    "MAY_BE_WRONG",
    "BUNDLED_LIMITS",
    "OVERALL",
    "CONSENT",
    "VIEWER_EMPTY",
    "FINDINGS_PLACEHOLDER",
}
"""Always on the page."""
_FRONT_END = {"UPLOAD_FAILED", "FILE_TOO_LARGE", "DISCARD_QUESTION"}
"""Said by scripts: tests/web/test_browser.py and test_browser_study.py."""
_PROGRAMS = {
    *("IDENTIFIERS_UNCLEAR", "NOT_A_SWITCH", "NOT_A_TEXT", "DRAFT_GONE", "CONSENT_UNCLEAR"),
    *("OVERALL_UNCLEAR", "VERDICT_UNCLEAR"),
}
"""Said to programs only: tests/web/test_page_api.py and test_review_api.py."""
_AT_START = {"CASES_BROKEN"}
"""tests/web/test_cases.py"""

SENTENCES = {
    name: text
    for name, text in vars(wording).items()
    if name.isupper() and isinstance(text, str) and re.search(r"[.?…]$", text)
} | {name: getattr(wording, name) for name in ("PHI_BEFORE_DRAFT", "PHI_BEFORE_SAVE", "WRITING", "UNFINISHED")}
ON_PAGE = set(SENTENCES) - _LABELS_ELSEWHERE - _FRONT_END - _PROGRAMS - _AT_START


def _pattern(name: str) -> str:
    parts = re.split(r"(\{[^}]*\})", SENTENCES[name])
    apart = r"(?!:)" if name.startswith("PHI_BEFORE") else ""  # the message begins with the same words
    words = (
        (r"[\d.]+" if "seconds" in part else r"[^.,;:]+?") if part.startswith("{") else re.escape(part)
        for part in parts
    )
    return "".join(words) + apart


def sentences(page: WalkedPage) -> set[str]:
    """The names of the sentences that stand on the page."""
    return {name for name in ON_PAGE if re.search(_pattern(name), page.text)}


def _with_film(page: WalkedPage) -> None:
    page.upload(FILM)


def _drafted(page: WalkedPage) -> None:
    page.upload(FILM)
    page.draft()


def _edited(page: WalkedPage) -> None:
    _drafted(page)
    page.type(page.components.report.findings, "mine")
    page.compare()


def _rated(page: WalkedPage, *, consent: bool = False) -> None:
    _drafted(page)
    page.rate(consent=consent)


def _saved(page: WalkedPage, *, consent: bool = False) -> None:
    _rated(page, consent=consent)
    page.save()


def _writing(page: WalkedPage, steps: int) -> None:
    _reporter(page).seconds_per_word = 0.08  # long enough that every word is an update of the page
    page.upload(FILM)
    page.ask()
    writing = page.write()
    for _ in range(steps):
        next(writing)
    page.held = writing  # type: ignore[attr-defined]


def _forget(page: WalkedPage) -> None:
    """The server was restarted under the open page."""
    page.request = SimpleNamespace(session_hash="after the restart")


def _reporter(page: WalkedPage) -> ScriptedReporter:
    reporter = page.app.reporter
    assert isinstance(reporter, ScriptedReporter)
    return reporter


def _wait(page: WalkedPage, others: int) -> None:
    for number in range(others):
        page.app.sessions.of(str(number)).draft.ask(DraftRequest({}, ClinicalContext()))
    page.upload(FILM)
    page.ask()


def _stop_in_line(page: WalkedPage) -> None:
    _wait(page, 1)
    page.stop()
    list(page.write())


def _stop_while_writing(page: WalkedPage) -> None:
    _writing(page, 3)
    page.show(page.drafts.stop(page.request))


def _stop(page: WalkedPage) -> None:
    _writing(page, 3)
    page.stop()
    list(page.held)  # type: ignore[attr-defined]


def _fail(page: WalkedPage, error: Exception, after: int) -> None:
    _reporter(page).seconds_per_word = 0.08
    _reporter(page).failure, _reporter(page).fails_after = error, after
    _drafted(page)


def _second_draft(page: WalkedPage) -> None:
    _edited(page)
    page.draft()


def _use_draft(page: WalkedPage) -> None:
    _edited(page)
    boxes = [page.components.ai_draft.draft_id, *page.components.report.boxes]
    page.show(page.reports.use_draft(page.request, *page.all(boxes)))
    page.compare()


def _restore(page: WalkedPage) -> None:
    _use_draft(page)
    page.show(page.reports.restore(page.request))
    page.compare()


def _reveal(page: WalkedPage) -> None:
    page.show(page.reports.toggle_reference(page.request, page.value(page.components.reference.revealed)))
    page.compare()


def _same_reference(page: WalkedPage) -> None:
    _drafted(page)
    report = parse_sections(TEXT)
    page.type(page.components.reference.findings, report.findings)
    page.type(page.components.reference.impression, report.impression)
    page.type(page.components.report.findings, "The lungs are clear.")
    _reveal(page)
    page.type(page.components.report.findings, report.findings)
    page.compare()


def _name(page: WalkedPage) -> None:
    page.type(page.components.context.boxes[0], "seen by Dr. Zebraname")


def _ask_naming(page: WalkedPage) -> None:
    page.upload(FILM)
    _name(page)
    page.ask()


def _save_naming(page: WalkedPage) -> None:
    _rated(page, consent=True)
    page.type(page.components.review.comment, "seen by Dr. Zebraname")
    page.save()


def _doubted(page: WalkedPage) -> None:
    _reporter(page).doubted[read_radiograph(FILM).digest] = ("It may be a hand.",)
    page.upload(FILM)
    page.answer("overrule")


def _busy(page: WalkedPage) -> None:
    _writing(page, 3)
    page.ask()


def _busy_ending(page: WalkedPage) -> None:
    _writing(page, 3)
    films.load_film(page.app, page.session, FilmRole.FRONTAL, OTHER_FILM)
    page.values[page.components.films.mark] = page.session.films_mark
    page.ask()


def _behind(page: WalkedPage) -> None:
    page.upload(FILM)
    films.load_film(page.app, page.session, FilmRole.FRONTAL, OTHER_FILM)
    page.ask()


def _other_film(page: WalkedPage) -> None:
    _rated(page)
    films.load_film(page.app, page.session, FilmRole.FRONTAL, OTHER_FILM)
    page.save()


def _upload_elsewhere(page: WalkedPage, path: object) -> None:
    event = SimpleNamespace(_data={"role": "frontal", "path": path})
    page.show(page.films.upload(page.request, event, *page.all(page.components.form_boxes)))


def _late_answer(page: WalkedPage) -> None:
    page.upload(FILM)
    page.answer("overrule", film="of the film before")


def _answer_after_restart(page: WalkedPage) -> None:
    page.upload(FILM)
    film = page.session.films[FilmRole.FRONTAL].id
    _forget(page)
    page.answer("overrule", film=film)


def _after_restart(act: Callable[[WalkedPage], None]) -> Callable[[WalkedPage], None]:
    def walk(page: WalkedPage) -> None:
        _rated(page)
        _forget(page)
        act(page)

    return walk


def _saved_then(page: WalkedPage, *, consent: bool = False, **rating: object) -> None:
    _saved(page, consent=consent)
    page.rate(**rating)  # type: ignore[arg-type]
    page.save()


def _failed_after_saved(page: WalkedPage) -> None:
    _saved(page)
    page.type(page.components.review.overall, None)
    page.save()


def _new_study_unsaved(page: WalkedPage) -> None:
    _edited(page)
    page.new_study()
    page.new_study()


def _film_dropped(page: WalkedPage) -> None:
    _writing(page, 3)
    page.upload(OTHER_FILM)
    list(page.held)  # type: ignore[attr-defined]


def _new_study_dropped(page: WalkedPage) -> None:
    _wait(page, 1)
    page.new_study()


EMPTY = {"KEYS", "NO_DRAFT", "NOTHING_TO_COMPARE", "REFERENCE_HIDDEN"}
NOTHING_YET = EMPTY - {"KEYS"}
DRAFTED = {"WRITTEN", "NO_DIFFERENCE", "REFERENCE_HIDDEN"}
EDITED = DRAFTED - {"NO_DIFFERENCE"} | {"WORDS_CHANGED"}

STATES: dict[str, tuple[Callable[[WalkedPage], None], set[str]]] = {
    "just opened": (lambda page: None, EMPTY),
    "with a film": (_with_film, EMPTY),
    "draft without a film": (lambda page: page.ask(), EMPTY | {"NO_FRONTAL"}),
    "next in line": (lambda page: _wait(page, 0), NOTHING_YET | {"NEXT"}),
    "one ahead": (lambda page: _wait(page, 1), NOTHING_YET | {"WAITING"}),
    "line full": (lambda page: _wait(page, 2), EMPTY | {"LINE_FULL"}),
    "stopped in line": (_stop_in_line, NOTHING_YET | {"STOPPED_BEFORE"}),
    "model looks": (lambda page: _writing(page, 1), NOTHING_YET - {"NO_DRAFT"} | {"LOOKING"}),
    "model writes": (lambda page: _writing(page, 3), NOTHING_YET - {"NO_DRAFT"} | {"WRITING"}),
    "stopping": (_stop_while_writing, NOTHING_YET - {"NO_DRAFT"} | {"STOPPING"}),
    "stopped": (_stop, DRAFTED - {"WRITTEN"} | {"ENDED_EARLY"}),
    "drafted": (_drafted, DRAFTED),
    "drafted twice": (lambda page: (_drafted(page), page.draft())[0], DRAFTED),  # type: ignore[func-returns-value]
    "edited": (_edited, EDITED),
    "drafted beside edits": (_second_draft, EDITED | {"EDITS_KEPT"}),
    "draft used": (_use_draft, DRAFTED | {"REPLACED"}),
    "edits restored": (_restore, EDITED | {"RESTORED"}),
    "no memory": (lambda page: _fail(page, OutOfMemory("It did not fit."), 0), NOTHING_YET | {"NOT_DRAFTED"}),
    "no memory in the middle": (
        lambda page: _fail(page, OutOfMemory("It did not fit."), 4),
        NOTHING_YET - {"NO_DRAFT"} | {"NOT_DRAFTED", "UNFINISHED"},
    ),
    "bug at once": (lambda page: _fail(page, RuntimeError("x"), 0), NOTHING_YET | {"NOT_DRAFTED", "UNEXPECTED"}),
    "draft while writing": (_busy, NOTHING_YET - {"NO_DRAFT"} | {"WRITING", "BUSY"}),
    "draft while ending": (_busy_ending, NOTHING_YET - {"NO_DRAFT"} | {"WRITING", "BUSY_ENDING"}),
    "draft of a film not seen": (_behind, EMPTY | {"FILMS_BEHIND"}),
    "film changed while writing": (_film_dropped, NOTHING_YET | {"NOT_DRAFTED", "DRAFT_DROPPED"}),
    "new study while waiting": (_new_study_dropped, NOTHING_YET | {"NOT_DRAFTED", "DRAFT_DROPPED_NEW_STUDY"}),
    "new study": (lambda page: page.new_study(), NOTHING_YET | {"CLEARED"}),
    "new study twice, unsaved": (_new_study_unsaved, EDITED | {"UNSAVED"}),
    "film beside unsaved work": (lambda page: (_edited(page), page.upload(OTHER_FILM))[0], EDITED | {"UNSAVED"}),  # type: ignore[func-returns-value]
    "reference revealed, none": (_reveal, EMPTY - {"REFERENCE_HIDDEN"} | {"NO_REFERENCE"}),
    "reference as the report": (_same_reference, {"WRITTEN", "NO_DIFFERENCE"}),
    "a name in the context": (
        _ask_naming,
        EMPTY - {"KEYS"} | {"NOT_YET_DRAFTED", "PHI_BEFORE_DRAFT", "PHI_HINT"},
    ),
    "a name in the comment": (_save_naming, DRAFTED | {"PHI_BEFORE_SAVE", "PHI_HINT"}),
    "text in the film": (lambda page: page.upload(burned_film()), EMPTY | {"TEXT_FOUND"}),
    "text in the film, and declared": (
        lambda page: page.upload(burned_film(BurnedInAnnotation="YES")),
        EMPTY | {"TEXT_FOUND_TAG"},
    ),
    "text declared, none found": (
        lambda page: page.upload(write_dicom(read_radiograph(FILM).values, BurnedInAnnotation="YES")),
        EMPTY | {"TEXT_DECLARED"},
    ),
    "doubt overruled": (_doubted, EMPTY | {"OVERRULED_NOTE"}),
    "two files for a film": (lambda page: _upload_elsewhere(page, []), EMPTY | {"ONE_FILM"}),
    "a film at an address": (lambda page: _upload_elsewhere(page, 7), EMPTY | {"FILM_ELSEWHERE"}),
    "a film that did not arrive": (
        lambda page: _upload_elsewhere(page, f"{get_upload_folder()}/{'a' * 32}/film"),
        EMPTY | {"FILM_GONE"},
    ),
    "an answer that comes late": (_late_answer, EMPTY | {"FILM_CHANGED"}),
    "a forged case": (lambda page: page.case("../etc"), EMPTY | {"UNKNOWN_CASE"}),
    "saved without a draft": (lambda page: (page.rate(), page.save())[0], EMPTY | {"NOTHING_TO_SAVE"}),  # type: ignore[func-returns-value]
    "saved without ratings": (lambda page: (_drafted(page), page.save())[0], DRAFTED | {"RATE_FIRST"}),  # type: ignore[func-returns-value]
    "saved while writing": (
        lambda page: (_writing(page, 3), page.rate(), page.save())[0],  # type: ignore[func-returns-value]
        NOTHING_YET - {"NO_DRAFT"} | {"WRITING", "SAVE_WHILE_WRITING"},
    ),
    "saved beside another film": (_other_film, DRAFTED | {"OTHER_FILM"}),
    "saved": (_saved, DRAFTED | {"SAVED"}),
    "saved twice": (lambda page: _saved_then(page), DRAFTED | {"SAVED_BEFORE"}),
    "saved, changed": (lambda page: _saved_then(page, overall=2), DRAFTED | {"SAVED_AGAIN"}),
    "consent withdrawn": (lambda page: _saved_then(page, consent=True), DRAFTED | {"SAVED_WITHOUT_TEXTS"}),
    "save failed after a save": (_failed_after_saved, DRAFTED | {"RATE_FIRST"}),
    "saved after a restart": (_after_restart(lambda page: page.save()), DRAFTED | {"SESSION_GONE"}),
    "drafted after a restart": (_after_restart(lambda page: page.ask()), DRAFTED | {"SESSION_GONE"}),
    "compared after a restart": (
        _after_restart(lambda page: page.compare()),
        DRAFTED - {"NO_DIFFERENCE", "REFERENCE_HIDDEN"} | {"SESSION_GONE"},
    ),
    "a question answered after a restart": (_answer_after_restart, EMPTY | {"SESSION_GONE"}),
}


@pytest.mark.parametrize(("walk", "expected"), STATES.values(), ids=list(STATES))
def test_the_page_says_what_is_true_in_this_state_and_nothing_else(
    walked: WalkedPage, reporter: ScriptedReporter, walk: Callable[[WalkedPage], None], expected: set[str]
) -> None:
    """Of all its sentences these stand on the page, no more and no fewer."""
    reporter.text = TEXT
    walk(walked)
    assert sentences(walked) == expected


def test_every_sentence_has_a_state() -> None:
    """A sentence that no state says is said nowhere, or has no test."""
    assert set().union(*(expected for _, expected in STATES.values())) == ON_PAGE


def _sources(*folders: str) -> str:
    root = Path(wording.__file__).parent
    return "\n".join(file.read_text(encoding="utf-8") for folder in folders for file in sorted(root.glob(folder)))


def test_every_word_of_the_page_is_used() -> None:
    """No constant of wording.py is left over."""
    used = _sources("*.py", "*/*.py").replace((Path(wording.__file__)).read_text(encoding="utf-8"), "")
    itself = Path(wording.__file__).read_text(encoding="utf-8")
    for name in (name for name in vars(wording) if name.isupper()):
        assert f"wording.{name}" in used or len(re.findall(rf"\b{name}\b", itself)) > 1, name


def test_every_word_of_the_viewer_is_used() -> None:
    """Each of the viewer's words stands in its markup or its script."""
    from clinicalblip.asset_folder import ASSETS

    used = _sources("view/viewer.py") + (ASSETS / "viewer.js").read_text(encoding="utf-8")
    for name in wording.VIEWER:
        assert f"words.{name}" in used or f'"{name}"' in used or name in list(FilmRole), name
