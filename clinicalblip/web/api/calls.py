"""The names under which programs find the calls."""

from gradio.events import api

from clinicalblip.web.api.drafting import Drafting
from clinicalblip.web.api.reviewing import Reviewing
from clinicalblip.web.api.texts import Texts
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.handler_threads import in_saving_threads


def bind_api(app: AppContext, *, concurrency_id: str) -> None:
    """Add the calls to the page that is being built; drafts of one `concurrency_id` share the model."""
    drafting, reviewing, texts = Drafting(app), Reviewing(app), Texts(app)
    together = app.settings.generation.batch_size
    api(drafting.draft, api_name="draft", concurrency_limit=together, concurrency_id=concurrency_id)
    for call in (texts.compare, texts.findings, texts.check, texts.tick, reviewing.correction):
        api(call, api_name=call.__name__, queue=False)
    api(in_saving_threads(reviewing.save_review), api_name="save_review", queue=False)
