"""One replica, as Ray Serve runs it: a process with the model, its engine, and its answers."""

import asyncio
import logging

from starlette.requests import Request
from starlette.responses import Response

from clinicalblip.errors import ModelUnavailable
from clinicalblip.heap import bound_heaps
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.secret_digest import SecretDigest
from clinicalblip.serving.replica_app import ReplicaApp
from clinicalblip.settings import Settings


class Replica:
    """Loads the model of the settings when it is made, and answers from then on."""

    def __init__(self, settings: Settings, secret: SecretDigest) -> None:
        bind_to_loopback()
        bound_heaps()
        logging.getLogger("clinicalblip").setLevel(logging.WARNING)
        self._reporter = load_reporter(settings)
        self._app = ReplicaApp(self._reporter, secret, settings.limits)

    async def __call__(self, request: Request) -> Response:
        """Answer a request."""
        return await self._app.answer(request)

    async def check_health(self) -> None:
        """Raise where the engine takes no turns any more: Serve then starts another replica in its place."""
        await asyncio.to_thread(self._reporter.check)


def bind_to_loopback() -> None:
    """Have the port that Serve opens in each replica, for other deployments, listen on this machine alone.

    Serve opens it on every address otherwise, and what is sent there is unpickled, which runs it; nothing uses it.
    It is opened after the replica is made. Raises ModelUnavailable where this version of Ray opens it otherwise.
    """
    from ray.serve._private import replica

    if not hasattr(replica, "add_port_to_grpc_server"):
        raise ModelUnavailable(
            "This version of Ray opens a port in each replica that cannot be kept to this machine; install the one "
            'that pip install "clinicalblip[ray]" brings.'
        )
    replica.add_port_to_grpc_server = lambda server, _: server.add_insecure_port("127.0.0.1:0")
