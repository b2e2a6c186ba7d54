"""The page: `build_page` binds the layout to the handlers, `launch_arguments` says how it is served."""

import json
import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read by Gradio while it is imported

import gradio as gr
from starlette.middleware import Middleware

from clinicalblip.asset_folder import ASSETS
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web import wording
from clinicalblip.web.api import Api
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.cases import read_cases
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.draft import DraftEvents
from clinicalblip.web.events.films import FilmEvents, StudyEvents
from clinicalblip.web.events.report import ReportEvents
from clinicalblip.web.events.review import ReviewEvents
from clinicalblip.web.middleware.egress import EgressFilter
from clinicalblip.web.middleware.model_card import ModelCard
from clinicalblip.web.middleware.uploads import AnonymousUploads
from clinicalblip.web.request_info import session_key
from clinicalblip.web.session import Sessions
from clinicalblip.web.view.layout import build_layout

_MODEL = "model"  # the line for the model, one draft at a time
_CACHE_SECONDS = 600  # files that Gradio itself makes go after this; uploads are deleted by middleware/uploads.py


def build_page(
    settings: Settings,
    reporter: Reporter,
    store: ReviewStore,
    location: StoragePath,
    *,
    sessions: Sessions | None = None,
) -> gr.Blocks:
    """Build the page; serve it with `page.launch(**launch_arguments(settings))`.

    `reporter` drafts for all visitors, one at a time; `store` keeps the reviews; `location.notice` is shown where
    they will not last.
    """
    cases = {case.id: case for case in read_cases(ASSETS / "cases")}
    app = AppContext(settings, reporter, store, sessions or Sessions(), cases)
    page: gr.Blocks
    with gr.Blocks(
        title=settings.wording.title,
        analytics_enabled=False,
        delete_cache=(_CACHE_SECONDS, _CACHE_SECONDS),
        fill_width=True,
    ) as page:
        Api(app).bind(concurrency_id=_MODEL)  # first, so that no event of the page takes its names
        components = build_layout(app, location.notice)
        comparison = ComparisonEvents(app, components)
        comparison.bind()
        FilmEvents(app, components).bind()
        StudyEvents(app, components).bind()
        DraftEvents(app, components).bind(comparison, concurrency_id=_MODEL)
        ReportEvents(app, components).bind(comparison)
        ReviewEvents(app, components).bind(comparison)
        page.unload(_leaving(app))
    page.queue(max_size=settings.limits.waiting_readers + 1, default_concurrency_limit=8, api_open=False)
    return page


def launch_arguments(settings: Settings) -> dict[str, Any]:
    """The arguments of `launch`: the page's looks, and what Gradio opens by default closed.

    The server's name and port are there only when the settings name them, because an argument beats
    GRADIO_SERVER_NAME and GRADIO_SERVER_PORT.
    """
    named = {"server_name": settings.server.name, "server_port": settings.server.port}
    return {
        "theme": _theme(),
        "css": (ASSETS / "page.css").read_text(encoding="utf-8"),
        "js": _script(),
        "share": False,
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "footer_links": [],
        "max_file_size": settings.limits.file_mebibytes * 2**20 + 1,
        "state_session_capacity": 200,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
        "app_kwargs": {"middleware": [Middleware(EgressFilter), Middleware(AnonymousUploads), *_card()]},
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


def _script() -> str:
    words = json.dumps(
        {
            "copied": wording.COPIED,
            "notCopied": wording.COPY_FAILED,
            "unexpected": wording.UNEXPECTED,
            "full": wording.LINE_FULL,
            "unsaved": wording.UNSAVED,
            "question": wording.DISCARD_QUESTION,
            "discard": wording.DISCARD,
            "keep": wording.KEEP_WORKING,
        },
        ensure_ascii=False,
    )
    return (ASSETS / "page.js").read_text(encoding="utf-8").replace("WORDS", words, 1)


def _leaving(app: AppContext) -> Callable[[gr.Request], None]:
    def leave(request: gr.Request) -> None:
        app.sessions.leave(session_key(request))

    return leave
