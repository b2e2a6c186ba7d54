"""A Ray that does not come up, without starting one."""

import os
import tempfile
from pathlib import Path

import pytest

from clinicalblip.errors import ModelUnavailable
from clinicalblip.serving.ray_server import RayServer
from clinicalblip.serving.replica_options import Endpoint, ReplicaCount
from clinicalblip.settings import ModelSettings, Settings
from tests.fixtures.served_page import free_port
from tests.fixtures.served_replica import SECRET


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_ray_that_does_not_come_up_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its processes are not given the secret, and its folder is removed."""
    import ray

    given: list[dict[str, str]] = []

    def fail(**options: object) -> None:
        given.append(dict(os.environ))
        raise RuntimeError("a report of Jane Doe")

    monkeypatch.setattr(ray, "init", fail)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("clinicalblip.serving.ray_server._SHORT", str(tmp_path))
    monkeypatch.setattr(os, "environ", os.environ.copy())
    os.environ["CLINICALBLIP_MODEL_SECRET"] = SECRET.get_secret_value()
    server = RayServer(ReplicaCount(1, 1), Endpoint(port=free_port()))
    with pytest.raises(ModelUnavailable, match=r"Ray could not be started \(RuntimeError\)") as caught:
        server.start(Settings(model=ModelSettings(secret=SECRET)))
    server.stop()
    assert "Doe" not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
    (environment,) = given
    assert SECRET.get_secret_value() not in environment.values()
    assert environment["RAY_AUTH_MODE"] == "token"
    assert os.environ["CLINICALBLIP_MODEL_SECRET"] == SECRET.get_secret_value()
