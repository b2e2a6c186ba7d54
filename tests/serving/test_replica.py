"""One replica, as Ray Serve sees it, without Ray."""

import asyncio
from types import SimpleNamespace

import pytest

from clinicalblip.errors import ModelError, ModelUnavailable
from clinicalblip.instructblip.engine.loop import Loop
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.serving.replica import Replica, bind_to_loopback
from tests.serving.conftest import SETTINGS

RAY_WARNS = pytest.mark.filterwarnings("ignore::DeprecationWarning")
"""Ray calls pydantic as it will not be called for ever."""


def replica_of(reporter: InstructBlipReporter) -> Replica:
    """A replica of a reporter that is loaded already."""
    replica = Replica.__new__(Replica)
    replica._reporter = reporter
    return replica


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_replica_whose_engine_died_twice_is_ill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it is started again by itself; then Serve has to start another replica."""
    replica = replica_of(load_reporter(SETTINGS))
    asyncio.run(replica.check_health())

    def die(loop: Loop, *given: object) -> None:
        raise SystemExit

    monkeypatch.setattr(Loop, "_work", die)
    for said in ("started again", "failed twice", "failed twice", "failed twice"):
        with pytest.raises(ModelError, match=said):
            asyncio.run(replica.check_health())


@RAY_WARNS
def test_the_port_that_serve_opens_stays_on_this_machine() -> None:
    """Whatever address Serve asks for."""
    from ray.serve._private import replica

    before = replica.add_port_to_grpc_server
    asked: list[str] = []
    server = SimpleNamespace(add_insecure_port=lambda address: asked.append(address) or 4321)
    try:
        bind_to_loopback()
        assert replica.add_port_to_grpc_server(server, "[::]:0") == 4321
    finally:
        replica.add_port_to_grpc_server = before
    assert asked == ["127.0.0.1:0"]


@RAY_WARNS
def test_a_ray_that_opens_it_otherwise_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than served with a port that runs what it is sent."""
    from ray.serve._private import replica

    monkeypatch.delattr(replica, "add_port_to_grpc_server")
    with pytest.raises(ModelUnavailable, match="cannot be kept to this machine"):
        bind_to_loopback()
