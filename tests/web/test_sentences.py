"""Each sentence of the page is said where it is true, and nowhere else: a walk through the page's states."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from clinicalblip.errors import OutOfMemory
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, parse_sections
from clinicalblip.settings import LimitSettings, WorklistSettings
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import films, wording
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.drafts import DraftRequest
from clinicalblip.web.rates import Rates
from clinicalblip.web.sessions import Sessions
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import png_film, until
from tests.fixtures.walked_page import WalkedPage

FILM, OTHER_FILM = png_film(), png_film(160)
TEXT = "FINDINGS: The lungs are clear today. IMPRESSION: No acute finding."

_LABELS_ELSEWHERE = {
    "RESEARCH_ONLY",
    "MAY_BE_WRONG",
    "BUNDLED_LIMITS",
    "SMALL_MODEL",
    "OVERALL",
    "CONSENT",
    "READING_CONSENT",
    "VIEWER_EMPTY",
    "FINDINGS_PLACEHOLDER",
}
"""Always on the page."""
_FRONT_END = {
    *("UNREACHABLE", "OFFLINE", "NOT_YET_KEPT", "TOO_LONG_TO_KEEP", "NOT_KEPT"),
    *(
        "UPLOAD_FAILED",
        "FILE_TOO_LARGE",
        "DISCARD_QUESTION",
        "FILM_NOT_HELD",
        "EVIDENCE_GONE",
        "EVIDENCE_NOTE",
        "EVIDENCE_BUNDLED",
    ),
}
"""Said by scripts: tests/web/test_browser.py, test_browser_study.py, test_browser_films.py, test_browser_session.py."""
_PROGRAMS = {
    *("IDENTIFIERS_UNCLEAR", "NOT_A_SWITCH", "NOT_A_TEXT", "DRAFT_GONE", "CONSENT_UNCLEAR", "READING_UNCLEAR"),
    *("OVERALL_UNCLEAR", "VERDICT_UNCLEAR", "WOULD_SIGN_UNCLEAR", "NOT_A_LIST", "ITEM_UNCLEAR", "CONTEXT_TWICE"),
}
"""Said to programs only: tests/web/test_page_api.py and test_review_api.py."""
_TICKED = {"IMPRESSION_MISSING", "IMPRESSION_OTHERWISE", "ALL_MENTIONED", "TICK_BEHIND"}
"""Said beside the ticks: tests/web/test_ticking.py and view/test_ticks.py."""
_UPLOADS = {"TOO_MANY_UPLOADS", "TOO_MUCH_UPLOADED"}
"""Said before a film is on the page: tests/web/middleware/test_limits.py and test_rates.py."""
_AT_START = {"MODEL_LOADING", "MODEL_BROKEN"}
"""tests/web/test_loading.py"""

SENTENCES = {
    name: text
    for name, text in vars(wording).items()
    if name.isupper() and isinstance(text, str) and re.search(r"[.?…]$", text)
} | {name: getattr(wording, name) for name in ("PHI_BEFORE_DRAFT", "PHI_BEFORE_SAVE", "WRITING", "UNFINISHED")}
ON_PAGE = set(SENTENCES) - _LABELS_ELSEWHERE - _FRONT_END - _PROGRAMS - _TICKED - _UPLOADS - _AT_START


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


def _corrected(page: WalkedPage) -> None:
    _drafted(page)
    page.type(page.components.report.findings, "No pleural effusion. Large left pneumothorax.")
    page.compare()


def _correction_of_another_page(page: WalkedPage) -> None:
    _drafted(page)
    page.type(page.components.review.correction, "no JSON of ours")
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


def _end(page: WalkedPage) -> None:
    page.app.sessions.end_drafts()
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


def _older_lateral(page: WalkedPage) -> None:
    pixels = read_radiograph(FILM).values
    for position, day in (("PA", "20240502"), ("LL", "20230401")):
        page.drop(write_dicom(pixels, ViewPosition=position, StudyDate=day, StudyInstanceUID=f"1.2.{day}"))


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
    event = SimpleNamespace(_data={"role": "frontal", "file": path})
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


def _given_up(page: WalkedPage, come_back: Callable[[WalkedPage], None]) -> None:
    """Others needed the memory while nobody was at the page, whose review is saved."""
    _saved(page)
    page.session.boxes.fill(parse_sections(TEXT), Origin.KEPT)
    assert page.session.give_up_films()
    come_back(page)


def _restored(page: WalkedPage, come_back: Callable[[WalkedPage], None], *, fault: bool = False) -> None:
    """The server was restarted and has a journal of the page, which it may not be able to read."""
    _edited(page)
    page.session.lost_films, page.session.films = page.session.film_digests(), {}
    if fault:
        _forget(page)
        page.session.journal_fault = True
    come_back(page)


def _saved_then(page: WalkedPage, *, consent: bool = False, **rating: object) -> None:
    _saved(page, consent=consent)
    page.rate(**rating)  # type: ignore[arg-type]
    page.save()


def _read(page: WalkedPage, reading: str) -> None:
    """Save with the tick that how it was read may be kept."""
    review = page.components.review
    _rated(page)
    page.values |= {review.reading_consent: True, review.reading: reading}
    page.save()


def _reading_withdrawn(page: WalkedPage) -> None:
    _read(page, '{"saved_seconds": 60, "active_seconds": 40}')
    page.values[page.components.review.reading_consent] = False
    page.save()


def _failed_after_saved(page: WalkedPage) -> None:
    _saved(page)
    page.type(page.components.review.verdict, None)
    page.save()


def _new_study_unsaved(page: WalkedPage) -> None:
    _edited(page)
    page.new_study()
    page.new_study()


def _film_dropped(page: WalkedPage) -> None:
    _writing(page, 3)
    page.upload(OTHER_FILM)
    list(page.held)  # type: ignore[attr-defined]


def _place_lost(page: WalkedPage, *, ticks: bool) -> None:
    page.upload(FILM)
    page.ask()
    page.session.draft.kept_until = 0.0  # long ago
    if ticks:
        page.tick()
    list(page.write())


def _full(page: WalkedPage, **limits: int) -> None:
    page.app = page.films.app = replace(page.app, sessions=Sessions(**limits))
    with page.app.sessions.room_for(page.app.sessions.of("another reader")):
        page.upload(FILM)


def _network_full(page: WalkedPage) -> None:
    page.app = page.films.app = replace(page.app, sessions=Sessions(limit=2))
    page.request.client = SimpleNamespace(host="203.0.113.5")
    with page.app.sessions.room_for(page.app.sessions.of("another reader", "203.0.113.5")):
        page.upload(FILM)


def _reader_full(page: WalkedPage) -> None:
    page.app = page.films.app = replace(page.app, sessions=Sessions(per_reader=1))
    page.session.signed_in = SignedIn("a" * 64)
    with page.app.sessions.room_for(page.app.sessions.of("another tab", signed_in=SignedIn("a" * 64))):
        page.upload(FILM)


def _too_many_drafts(page: WalkedPage) -> None:
    page.app = page.drafts.app = replace(page.app, rates=Rates(LimitSettings(drafts_per_minute=1)))
    page.session.signed_in = SignedIn("a" * 64)
    _drafted(page)
    page.ask()


def _new_study_dropped(page: WalkedPage) -> None:
    _wait(page, 1)
    page.new_study()


def _read_all(page: WalkedPage) -> None:
    page.list("open", number=1)
    for _ in page.app.work_list.studies:
        page.list("skip", reason="later")


def _with_a_list(page: WalkedPage) -> None:
    """Studies of which something is kept, so that the reader needs a pseudonym."""
    page.app = page.studies.app = replace(page.app, work_list=replace(page.app.work_list, is_sample=False))
    page.list("open", number=1)


def _drafted_ahead(page: WalkedPage) -> None:
    settings = page.app.settings.model_copy(update={"worklist": WorklistSettings(draft_ahead=1)})
    page.app = replace(page.app, settings=settings, work_list=replace(page.app.work_list, is_sample=False))
    page.studies.app = page.drafts.app = page.app
    page.pseudonym("heron-42")
    page.list("open", number=1)
    page.draft()
    assert until(lambda: page.session.ahead is not None and page.session.ahead.holder.report.shown is not None)
    page.list("next")


def _second_pseudonym(page: WalkedPage) -> None:
    _with_a_list(page)
    page.pseudonym("heron-42")
    page.pseudonym("heron-43")


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
    "server ends": (_end, EMPTY | {"ENDING"}),
    "place in line lost": (
        lambda page: _place_lost(page, ticks=False),
        NOTHING_YET | {"NOT_DRAFTED", "PLACE_LOST"},
    ),
    "place in line lost, and heard of again": (
        lambda page: _place_lost(page, ticks=True),
        NOTHING_YET | {"NOT_DRAFTED", "PLACE_LOST"},
    ),
    "network full": (_network_full, EMPTY | {"ADDRESS_FULL"}),
    "as many pages open as a reader may have": (_reader_full, EMPTY | {"READER_FULL"}),
    "more drafts than a minute has": (_too_many_drafts, DRAFTED | {"TOO_MANY_DRAFTS"}),
    "page full": (lambda page: _full(page, limit=1), EMPTY | {"PAGE_FULL"}),
    "no memory for a film": (lambda page: _full(page, films_bytes=10), EMPTY | {"NO_ROOM"}),
    "stopped in line": (_stop_in_line, NOTHING_YET | {"STOPPED_BEFORE"}),
    "model looks": (lambda page: _writing(page, 1), NOTHING_YET - {"NO_DRAFT"} | {"LOOKING"}),
    "model writes": (lambda page: _writing(page, 3), NOTHING_YET - {"NO_DRAFT"} | {"WRITING"}),
    "stopping": (_stop_while_writing, NOTHING_YET - {"NO_DRAFT"} | {"STOPPING"}),
    "stopped": (_stop, DRAFTED - {"WRITTEN"} | {"ENDED_EARLY"}),
    "drafted": (_drafted, DRAFTED),
    "drafted twice": (lambda page: (_drafted(page), page.draft())[0], DRAFTED),  # type: ignore[func-returns-value]
    "edited": (_edited, EDITED),
    "a finding added": (_corrected, EDITED | {"PROPOSED_ERRORS"}),
    "a correction that cannot be read": (
        _correction_of_another_page,
        DRAFTED - {"NO_DIFFERENCE", "REFERENCE_HIDDEN"} | {"CORRECTION_UNREADABLE"},
    ),
    "loaded again": (lambda page: (_edited(page), page.reload())[0], EDITED | {"RESUMED"}),  # type: ignore[func-returns-value]
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
        lambda page: _upload_elsewhere(page, "a" * 32),
        EMPTY | {"FILM_GONE"},
    ),
    "a drop of too many films": (
        lambda page: page.drop(*[FILM] * 7),
        EMPTY | {"TOO_MANY_FILES"},
    ),
    "a drop beside films that are asked about": (
        lambda page: (page.drop(FILM, OTHER_FILM), page.drop(*[FILM] * 5))[0],  # type: ignore[func-returns-value]
        EMPTY | {"ANSWER_FIRST"},
    ),
    "a drop of a film too many": (_older_lateral, EMPTY | {"LEFT_OUT"}),
    "a drop with a file that is no film": (lambda page: page.drop(FILM, b"no film"), EMPTY),
    "an answer that comes late": (_late_answer, EMPTY | {"FILM_CHANGED"}),
    "before the first study": (
        lambda page: (page.list("open", number=1), page.list("previous"))[0],  # type: ignore[func-returns-value]
        EMPTY | {"FIRST_STUDY"},
    ),
    "after the last study": (_read_all, EMPTY | {"ALL_READ"}),
    "skipped without a study": (lambda page: page.list("skip", reason="later"), EMPTY | {"NOTHING_TO_SKIP"}),
    "a study without a pseudonym": (_with_a_list, EMPTY | {"PSEUDONYM_FIRST"}),
    "a second pseudonym": (_second_pseudonym, EMPTY | {"PSEUDONYM_CHOSEN"}),
    "a study drafted ahead": (_drafted_ahead, EMPTY - {"KEYS", "NO_DRAFT"} | {"DRAFTED_AHEAD"}),
    "a forged study": (lambda page: page.list("open", number="../etc"), EMPTY | {"UNKNOWN_STUDY"}),
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
    "consent to the reading withdrawn": (_reading_withdrawn, DRAFTED | {"SAVED_WITHOUT_READING"}),
    "a reading of another page": (lambda page: _read(page, "no JSON of ours"), DRAFTED | {"READING_UNREADABLE"}),
    "save failed after a save": (_failed_after_saved, DRAFTED | {"RATE_FIRST"}),
    "saved after a restart": (_after_restart(lambda page: page.save()), DRAFTED | {"SESSION_GONE"}),
    "films given up, and loaded again": (
        lambda page: _given_up(page, WalkedPage.reload),
        DRAFTED | {"FILMS_GIVEN_UP"},
    ),
    "films given up under an open page": (
        lambda page: _given_up(page, WalkedPage.rejoin),
        DRAFTED | {"FILMS_GIVEN_UP", "SAVED"},
    ),
    "films given up, and drafted again": (
        lambda page: _given_up(page, WalkedPage.ask),
        DRAFTED | {"FILMS_GIVEN_UP", "SAVED"},
    ),
    "restarted with a journal, and loaded again": (
        lambda page: _restored(page, WalkedPage.reload),
        EDITED | {"FILMS_LOST"},
    ),
    "restarted with a journal under an open page": (
        lambda page: _restored(page, WalkedPage.rejoin),
        EDITED | {"FILMS_LOST"},
    ),
    "restarted with a journal that cannot be read, and loaded again": (
        lambda page: _restored(page, WalkedPage.reload, fault=True),
        EMPTY | {"JOURNAL_FAULT"},
    ),
    "restarted without a journal under an open page": (
        _after_restart(WalkedPage.rejoin),
        EMPTY | {"BEGUN_ANEW"},
    ),
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

    scripts = (file.read_text(encoding="utf-8") for file in sorted((ASSETS / "viewer").glob("*.js")))
    used = _sources("view/viewer.py") + "\n".join(scripts)
    for name in wording.VIEWER:
        assert f"words.{name}" in used or f'"{name}"' in used or name in list(FilmRole), name
