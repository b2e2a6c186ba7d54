"""Replicas behind Ray Serve on this machine: started, replaced while readers go on, and stopped.

Whoever reaches one of Ray's own ports can run anything. So they listen on loopback alone and want a token of this run,
there is no dashboard, and nothing but Serve's HTTP is offered elsewhere.
"""

import logging
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from clinicalblip.errors import ModelUnavailable
from clinicalblip.secret_digest import SecretDigest
from clinicalblip.serving.replica import Replica
from clinicalblip.serving.replica_options import Endpoint, ReplicaCount
from clinicalblip.serving.secret import require_secret
from clinicalblip.settings import VARIABLE_PREFIX, Settings

_APP: Final = "clinicalblip"
_DRAINED_SECONDS: Final = 120.0
_STORE_BYTES: Final = 256 * 2**20
_SHORT: Final = "/tmp"  # noqa: S108  a folder of its own is made in it
_OURS: Final = re.compile(r"clinicalblip\.errors\.\w+: (.+)")
_SECRET_VARIABLE: Final = f"{VARIABLE_PREFIX}MODEL_SECRET"
_QUIET: Final = {"log_level": "WARNING", "enable_access_log": False}


@contextmanager
def _without(variable: str) -> Iterator[None]:
    """A variable of the environment is not handed to processes that are started meanwhile."""
    value = os.environ.pop(variable, None)
    try:
        yield
    finally:
        if value is not None:
            os.environ[variable] = value


def _make_folder() -> Path:
    """A folder for Ray's logs and sockets; the path of a socket has 107 bytes at most, of which Ray takes 70."""
    place = tempfile.gettempdir()
    return Path(tempfile.mkdtemp(prefix="clinicalblip-", dir=place if len(os.fsencode(place)) <= 24 else _SHORT))


class RayServer:
    """Ray, Serve and the replicas in them, from `start` to `stop`; one in a process."""

    def __init__(self, replicas: ReplicaCount, endpoint: Endpoint) -> None:
        self._replicas, self._endpoint = replicas, endpoint
        self._folder: Path | None = None

    def start(self, settings: Settings) -> None:
        """Start Ray and the replicas, and wait until they answer.

        Raises SettingsError for an endpoint that cannot be used, and ModelUnavailable with what a replica could not do.
        """
        secret = require_secret(settings.model.secret)
        self._endpoint.check()
        self._folder = _make_folder()
        try:
            self._start_ray()
        except Exception as error:
            raise ModelUnavailable(
                f"Ray could not be started ({type(error).__name__}); look whether the machine has memory and processor "
                "time for it, and try again."
            ) from error
        self._deploy(settings, SecretDigest.of(secret))

    def replace(self, settings: Settings) -> None:
        """Start new replicas in the place of those that run, one by one; these end once their drafts are written.

        They read code and model anew. Raises ModelUnavailable where one cannot start: those that run then stay.
        """
        self._deploy(settings, SecretDigest.of(require_secret(settings.model.secret)))

    def stop(self) -> None:
        """End the replicas once their drafts are written, then Serve and Ray, and remove their logs."""
        import ray
        from ray import serve
        from ray.serve.exceptions import RayServeException

        try:
            if ray.is_initialized():
                with suppress(RayServeException):  # it was not started
                    serve.delete(_APP)
        finally:
            ray.shutdown()
            if self._folder is not None:
                shutil.rmtree(self._folder, ignore_errors=True)

    def _start_ray(self) -> None:
        self._set_environment()
        import ray
        from ray import serve

        logging.getLogger("ray.serve").setLevel(logging.WARNING)
        with _without(_SECRET_VARIABLE):
            ray.init(
                address="local",
                num_cpus=4 * self._replicas.most + 4,  # a count of Ray's own: room for those that replace them
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                object_store_memory=_STORE_BYTES,
                _temp_dir=str(self._folder),
            )
        serve.start(
            proxy_location="HeadOnly",
            http_options={
                "host": self._endpoint.host,
                "port": self._endpoint.port,
                "ssl_certfile": str(self._endpoint.certificate) if self._endpoint.certificate else None,
                "ssl_keyfile": str(self._endpoint.key) if self._endpoint.key else None,
            },
            logging_config=_QUIET,
        )

    def _set_environment(self) -> None:
        """What Ray reads when it is imported, and hands on to all its processes."""
        os.environ.pop("RAY_ADDRESS", None)
        os.environ |= {
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # on Linux too it keeps Ray's ports to loopback
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": secrets.token_hex(32),
        }
        threads = max(1, (os.cpu_count() or 1) // self._replicas.most)
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

    def _deploy(self, settings: Settings, secret: SecretDigest) -> None:
        from ray import serve

        without_secret = settings.model.model_copy(update={"secret": None})
        replica = serve.deployment(Replica).options(**self._options(settings))
        try:
            serve.run(
                replica.bind(settings.model_copy(update={"model": without_secret}), secret),
                name=_APP,
                route_prefix="/",
                logging_config=_QUIET,
            )
        except RuntimeError as error:
            raise ModelUnavailable(self._why_not()) from error

    def _options(self, settings: Settings) -> dict[str, Any]:
        together = settings.generation.batch_size
        options: dict[str, Any] = {
            "name": "Replica",
            "max_ongoing_requests": together + 4,  # beside the drafts scores, doubts and evidence
            "max_constructor_retry_count": 1,
            "max_surge_percent": 1,  # one more than there are, at a time
            "graceful_shutdown_wait_loop_s": 0.2,
            "graceful_shutdown_timeout_s": _DRAINED_SECONDS,
            "health_check_period_s": 5.0,
            "health_check_timeout_s": settings.generation.timeout_seconds
            + 30.0,  # the engine says before that it hangs
            "ray_actor_options": {"num_cpus": 1, "num_gpus": self._gpus(settings)},
        }
        if self._replicas.is_fixed:
            return options | {"num_replicas": self._replicas.most}
        scaling = {"min_replicas": self._replicas.fewest, "max_replicas": self._replicas.most}
        return options | {"autoscaling_config": {**scaling, "target_ongoing_requests": max(1, together // 2)}}

    def _gpus(self, settings: Settings) -> float:
        """The part of a GPU that a replica is given, so that all find a place, and one more while they are replaced."""
        import ray

        gpus = int(ray.cluster_resources().get("GPU", 0)) if settings.model.device != "cpu" else 0
        return 1 / -(-(self._replicas.most + 1) // gpus) if gpus else 0

    def _why_not(self) -> str:
        """What a replica said when it could not start, if it was a sentence of ours."""
        from ray import serve

        for app in serve.status().applications.values():
            for deployment in app.deployments.values():
                if found := _OURS.findall(deployment.message):
                    return str(found[-1])
        return "The replicas could not be started; the same settings with `clinicalblip draft` may say why."
