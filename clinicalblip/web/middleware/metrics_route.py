"""The route by which Prometheus, with a secret, reads what is counted (web/metrics.py) and how the page stands."""

import asyncio
import sys
from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinicalblip.heap import resident_bytes
from clinicalblip.imaging.sandbox.pool import shared_pool
from clinicalblip.secret_digest import SecretDigest
from clinicalblip.web.app_context import AppContext, served_app
from clinicalblip.web.loading import ModelState, model_state
from clinicalblip.web.metrics import REGISTRY
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.refusal import Refused

METRICS: Final = "/metrics"

_ASK: Final = ((b"www-authenticate", b"Bearer"),)


class MetricsRoute:
    """ASGI middleware that answers `/metrics`, where there is a secret, for who sends it; everything else is passed on.

    Raises Refused: without a secret the route is none.
    """

    def __init__(self, app: ASGIApp, secret: SecretStr | None) -> None:
        self._app = app
        self._secret = SecretDigest.of(secret) if secret else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["path"] != METRICS:
            await self._app(scope, receive, send)
            return
        if self._secret is None:
            raise Refused(404, wording.NOT_SERVED)
        if not self._secret.admits(Headers(scope=scope).get("authorization", "")):
            raise Refused(401, wording.NO_METRICS, headers=_ASK)
        said = await asyncio.to_thread(generate_latest, AllMetrics(served_app(scope)))
        await Response(said, headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4})(scope, receive, send)


class AllMetrics(Collector):
    """What this process counted, and how a page stands now."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def collect(self) -> Iterable[Metric]:
        """Every metric with its samples."""
        yield from REGISTRY.collect()
        yield from self._of_page()

    def _of_page(self) -> Iterator[Metric]:
        app, counts = self._app, self._app.sessions.count()
        yield _gauge("sessions", "Sessions, those that hold nothing among them.", counts.sessions)
        yield _gauge("sessions_holding", "Sessions that hold films, drafts or texts.", counts.holding)
        yield _gauge("queue_length", "Sessions that wait for the model.", counts.waiting)
        yield _gauge("drafts_writing", "Drafts that are being written.", counts.writing)
        yield _gauge("films_bytes", "Memory that the films of all sessions take.", counts.films_bytes)
        yield _gauge("ending", "Whether the server is ending.", app.sessions.is_ending)
        yield _gauge("copies_waiting", "Reviews that are not in the bucket yet.", app.copies_waiting or 0)
        if sys.platform == "linux":
            resident = sum(resident_bytes(pid) or 0 for pid in shared_pool().pids)
            yield _gauge("workers_resident_memory_bytes", "Memory of the processes that read films.", resident)
        ready = model_state(app.reporter) is ModelState.LOADED
        yield _gauge("model_ready", "Whether the model is loaded.", ready)
        yield self._model(ready=ready)

    def _model(self, *, ready: bool) -> Metric:
        """Which model drafts; the family without a sample as long as none does."""
        names = ("base_digest", "adapter_digest", "precision", "prompt_version")
        family = GaugeMetricFamily("clinicalblip_model_info", "1, with digests of the model that drafts.", labels=names)
        if ready:
            model = self._app.reporter.identity
            said = (model.base_digest, model.adapter_digest or "", model.precision, model.prompt_version)
            family.add_metric(said, 1)
        return family


def _gauge(name: str, what: str, value: float) -> Metric:
    return GaugeMetricFamily(f"clinicalblip_{name}", what, float(value))
