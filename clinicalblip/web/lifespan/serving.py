"""What the server does from its start to its end, as Gradio's app takes it for its lifespan."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gradio.routes import App

from clinicalblip.web.lifespan.gradio_state import GradioState
from clinicalblip.web.lifespan.quiet import quiet_logs
from clinicalblip.web.upload_folder import close_upload_folder, upload_folder

_SWEEP_SECONDS = 5.0
_STRANGER_SECONDS = 120.0  # as long as a page that was closed may come back


@asynccontextmanager
async def serving(app: App) -> AsyncIterator[None]:
    """Keep what visitors send out of the logs, and nothing of theirs longer than it is needed."""
    upload_folder()  # what a server that was ended left behind goes now, not with the first upload
    try:
        with quiet_logs():
            state = GradioState(app, stranger_seconds=_STRANGER_SECONDS)
            sweep = asyncio.create_task(state.sweep(_SWEEP_SECONDS))
            try:
                yield
            finally:
                state.close()
                sweep.cancel()
                with suppress(asyncio.CancelledError):
                    await sweep
    finally:
        close_upload_folder()
