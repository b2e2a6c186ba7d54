"""The page: `build_page` binds the layout to the handlers, `launch_arguments` says how it is served."""

import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio while it is imported

import gradio as gr
from starlette.middleware import Middleware

from clinicalblip.asset_folder import ASSETS
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report_error import ATTRIBUTE_SIGNIFICANCES, FINDING_SIGNIFICANCES, Significance
from clinicalblip.settings import Settings
from clinicalblip.web import wording
from clinicalblip.web.access import wording as access_wording
from clinicalblip.web.access.access import Access
from clinicalblip.web.api import bind_api
from clinicalblip.web.app_context import AppContext, bind_app
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.draft import DraftEvents
from clinicalblip.web.events.films import FilmEvents
from clinicalblip.web.events.model import ModelEvents
from clinicalblip.web.events.report import ReportEvents
from clinicalblip.web.events.resume import ResumeEvents
from clinicalblip.web.events.review import ReviewEvents
from clinicalblip.web.events.work_list import WorkListEvents
from clinicalblip.web.identity import bind_sessions, identify
from clinicalblip.web.journal.files import JournalFiles
from clinicalblip.web.journal.snapshot import Journal
from clinicalblip.web.lifespan.quiet import keep_log_handlers
from clinicalblip.web.lifespan.serving import serving
from clinicalblip.web.listed_studies import take_pseudonym
from clinicalblip.web.loading import LoadingReporter
from clinicalblip.web.middleware.connection import bound_connections
from clinicalblip.web.middleware.film_routes import FilmRoutes
from clinicalblip.web.middleware.gateway import Gateway
from clinicalblip.web.middleware.headers import AnswerHeaders
from clinicalblip.web.middleware.health import Health
from clinicalblip.web.middleware.metrics_route import MetricsRoute
from clinicalblip.web.middleware.model_card import ModelCard
from clinicalblip.web.middleware.session_routes import SessionRoutes
from clinicalblip.web.middleware.sign_in_routes import SignInRoutes
from clinicalblip.web.middleware.viewer_scripts import ViewerScripts
from clinicalblip.web.rates import Rates
from clinicalblip.web.reading_study.cases import begin_session
from clinicalblip.web.reading_study.events import bind_study
from clinicalblip.web.reading_study.routes import StudyPages
from clinicalblip.web.review_pages.routes import ReviewPages
from clinicalblip.web.root_path import choose_root_path
from clinicalblip.web.served_study.served_study import ServedStudy
from clinicalblip.web.session import Session
from clinicalblip.web.sessions import Sessions
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.layout import build_layout
from clinicalblip.web.view.ticks import ticked_report
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.sample_cases import read_sample_cases
from clinicalblip.worklist.work_list import WorkList

_MODEL = "model"  # the line for the model: as many drafts at a time as it writes together
_CACHE_SECONDS = 600  # files that Gradio itself makes go after this; uploads are deleted by upload_folder.py


def build_page(
    settings: Settings,
    reporter: Reporter,
    store: ReviewStore,
    location: StoragePath,
    *,
    sessions: Sessions | None = None,
    work_list: WorkList | None = None,
    progress: ReadingProgress | None = None,
    bucket: BucketFolder | None = None,
    spool: Spool | None = None,
    study: ServedStudy | None = None,
) -> gr.Blocks:
    """Build the page; serve it with `page.launch(**launch_arguments(settings))`.

    `reporter` drafts for all visitors, one at a time; `store` keeps the reviews; `location.notice` is shown where
    they will not last. `work_list` are the studies to be read, the sample cases without one, and `progress` who has
    read which of them. `bucket`, `spool` and `study` are those of AppContext.
    """
    work_list = work_list or read_sample_cases(ASSETS / "cases")
    limits = settings.limits
    films_bytes = limits.films_mebibytes * 2**20
    sessions = sessions or Sessions(films_bytes=films_bytes, per_reader=limits.sessions_per_reader)
    app = AppContext(
        settings,
        reporter,
        store,
        sessions,
        work_list,
        progress or ReadingProgress(),
        rates=Rates(limits),
        access=_access(settings, location, is_study=study is not None),
        bucket=bucket,
        spool=spool,
        study=study,
    )
    journal: Journal | None = None
    if settings.session.journal:
        journal = Journal(JournalFiles(location.path.parent / "sessions", hours=settings.session.hours))
        sessions.keep, sessions.sweep = journal.keep, journal.sweep

    def begin(session: Session) -> None:
        if journal is not None:
            journal.restore(session, app)
        take_pseudonym(app, session)
        if app.study is not None:
            begin_session(app, session)

    sessions.on_new = begin
    page: gr.Blocks
    with (_PageWithAccounts if app.access.accounts else gr.Blocks)(
        title=settings.wording.title,
        analytics_enabled=False,
        delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS),
        fill_width=True,
    ) as page:
        if study is None:
            bind_api(app, concurrency_id=_MODEL)  # first, so that no event of the page takes its names
        components = build_layout(app, location.notice)
        if study is None:
            _bind_events(app, components, page)
        else:
            bind_study(app, components, page)
        if isinstance(reporter, LoadingReporter):
            ModelEvents(app, components).bind(page)
        page.unload(_leaving(app))
    bind_sessions(page, app.sessions)
    bind_app(page, app)
    page.queue(max_size=settings.limits.waiting_readers + 1, default_concurrency_limit=8, api_open=False)
    return page


def _bind_events(app: AppContext, components: Components, page: gr.Blocks) -> None:
    comparison = ComparisonEvents(app, components)
    comparison.bind()
    FilmEvents(app, components).bind()
    WorkListEvents(app, components).bind(page, comparison)
    DraftEvents(app, components).bind(comparison, concurrency_id=_MODEL)
    ReportEvents(app, components).bind(comparison)
    ReviewEvents(app, components).bind(comparison)
    ResumeEvents(app, components).bind(page, comparison)


class _PageWithAccounts(gr.Blocks):
    """A page to which Gradio gives its routes to Hugging Face although it has no button of Gradio's for them."""

    expects_oauth = True


def _access(settings: Settings, location: StoragePath, *, is_study: bool) -> Access:
    """Who may read. What outlives the server is what its journal does: without one, nobody's sign-in."""
    folder = location.path.parent
    return Access(
        settings.access,
        hours=settings.session.hours,
        folder=folder if location.persistent else None,
        sign_ins=folder / "sign-ins" if settings.session.journal else None,
        is_study=is_study,
    )


def launch_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments of `launch`: the page's looks, and what Gradio opens by default closed.

    The server's name and port are there only when the settings name them, because an argument beats
    GRADIO_SERVER_NAME and GRADIO_SERVER_PORT. Raises SettingsError for a GRADIO_ROOT_PATH that is no path.
    """
    keep_log_handlers()
    bound_connections(AnswerHeaders(settings.server).fixed)
    named = {"server_name": settings.server.name, "server_port": settings.server.port}
    middleware = [
        Middleware(Gateway, settings=settings),
        Middleware(Health),
        Middleware(MetricsRoute, secret=settings.server.metrics_secret),
        Middleware(SignInRoutes),
        Middleware(SessionRoutes, most_characters=settings.limits.text_characters, show_ticks=ticked_report),
        Middleware(FilmRoutes),
        Middleware(StudyPages),
        Middleware(ReviewPages),
        Middleware(ViewerScripts),
        *_card(),
    ]
    return {
        "theme": _theme(),
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "head": _head(),
        "js": _script(),
        "share": False,
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "max_file_size": settings.limits.file_mebibytes * 2**20 + 1,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "root_path": choose_root_path(settings.server),
        "app_kwargs": {"middleware": middleware, "lifespan": serving},
        **{name: value for name, value in named.items() if value is not None},
    }


def _card() -> list[Middleware]:
    card = ASSETS / "mini" / "README.md"
    return [Middleware(ModelCard, card=card)] if card.is_file() else []  # a deployer may leave the bundled model out


def _theme() -> gr.themes.Base:
    # Fonts of the reader's machine only: to fetch one would tell another server who reads films.
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        text_size=gr.themes.sizes.text_sm,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_sm,
        font=("Inter", "Segoe UI", "system-ui", "sans-serif"),
        font_mono=("ui-monospace", "Consolas", "monospace"),
    )


def _head() -> str:
    """The scripts that have to run before Gradio's own sends anything."""
    connection = {
        "unreachable": wording.UNREACHABLE,
        "signedOut": access_wording.SIGN_IN_FIRST,
        "signIn": access_wording.SIGN_IN,
    }
    keeping = {
        "kept": wording.KEPT,
        "notYet": wording.NOT_YET_KEPT,
        "offline": wording.OFFLINE,
        "tooLong": wording.TOO_LONG_TO_KEEP,
    }
    return "".join(
        f"<script>{(ASSETS / name).read_text(encoding='utf-8').replace('WORDS', json.dumps(words), 1)}</script>"
        for name, words in (
            ("connection.js", connection),
            ("keeping.js", keeping),
            ("correction.js", _correction_words()),
            ("lent_gpu.js", {}),
            ("scores.js", {}),
            ("ticks.js", {"does": wording.TICK_KEYS, "group": wording.TICK_KEY_GROUP, **wording.TICKS}),
            ("reading.js", {}),
            ("sign_out.js", {}),
            ("review_links.js", {}),
            ("reader_study.js", {}),
        )
    )


def _correction_words() -> dict[str, Any]:
    in_order = [str(each) for each in Significance]
    naming = {
        **wording.NAME_ERROR,
        "categories": wording.ERROR_NAMES,
        "significances": wording.SIGNIFICANCES,
        "significance": wording.SIGNIFICANCE,
        "of_finding": [name for name in in_order if name in FINDING_SIGNIFICANCES],
        "of_attribute": [name for name in in_order if name in ATTRIBUTE_SIGNIFICANCES],
        "observations": [str(each) for each in Observation if each is not Observation.NO_FINDING],
    }
    return {"does": wording.CORRECTION_KEYS, "group": wording.CORRECTION_KEY_GROUP, "naming": naming}


def _script() -> str:
    words = json.dumps(
        {
            "copied": wording.COPIED,
            "notCopied": wording.COPY_FAILED,
            "unexpected": wording.UNEXPECTED,
            "unsaved": wording.UNSAVED,
            "question": wording.DISCARD_QUESTION,
            "discard": wording.DISCARD,
            "keep": wording.KEEP_WORKING,
            "keys": wording.PAGE_KEYS,
            "keyGroup": wording.PAGE_KEY_GROUP,
        },
        ensure_ascii=False,
    )
    return (ASSETS / "page.js").read_text(encoding="utf-8").replace("WORDS", words, 1)


def _leaving(app: AppContext) -> Callable[[gr.Request], None]:
    def leave(request: gr.Request) -> None:
        identity = identify(request)
        if identity is not None:
            app.sessions.leave(identity.key, identity.page)

    return leave
