"""The command `serve-model`: the model of the settings in replicas, for pages and commands elsewhere to ask."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from clinicalblip.cli.options import add_model, settings_from
from clinicalblip.cli.output import check_installed
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import ClinicalBlipError

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.serving.replica_options import ReplicaCount
    from clinicalblip.settings import Settings


def add_commands(commands: Commands) -> None:
    """Add `serve-model`."""
    parser = add_command(
        commands,
        "serve-model",
        _serve_model,
        "serve the model alone, in replicas that pages and draft-all ask",
        (
            "--ray --replicas 2",
            "--ray --replicas 1-4 --host 0.0.0.0 --certificate cert.pem --key key.pem",
        ),
    )
    parser.add_argument(
        "--ray", action="store_true", required=True, help="behind Ray Serve, which the extra ray brings"
    )
    parser.add_argument(
        "--replicas", type=_replica_count, default="1", metavar="N", help="how many, or as many as are busy: 1-4"
    )
    parser.add_argument("--host", default="127.0.0.1", metavar="H", help="the address to listen at (default: loopback)")
    parser.add_argument("--port", type=_port, default=8000, metavar="P", help="(default: 8000)")
    parser.add_argument("--certificate", type=Path, metavar="F", help="a PEM file, for https")
    parser.add_argument("--key", type=Path, metavar="F", help="the key of the certificate")
    add_model(parser)


def _replica_count(text: str) -> ReplicaCount:
    from clinicalblip.serving.replica_options import MOST_REPLICAS, ReplicaCount

    try:
        return ReplicaCount.parse(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number from 1 to {MOST_REPLICAS}, or two of them as in 1-4") from None


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port from 1 to 65535")
    return int(text)


def _settings(options: argparse.Namespace) -> Settings:
    """The settings, of which `model.at` is for those who ask."""
    settings = settings_from(options)
    return settings.model_copy(update={"model": settings.model.model_copy(update={"at": None})})


def _serve_model(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM; SIGHUP reads the settings again and replaces the replicas while drafts go on."""
    from clinicalblip.serving.replica_options import Endpoint
    from clinicalblip.serving.secret import require_secret

    check_installed("ray", "serves the replicas", "ray")
    settings = _settings(options)
    require_secret(settings.model.secret)
    endpoint = Endpoint(options.host, options.port, options.certificate, options.key)
    endpoint.check()

    from clinicalblip.serving.ray_server import RayServer

    signals: SimpleQueue[int] = SimpleQueue()
    server = RayServer(options.replicas, endpoint)
    try:
        server.start(settings)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # only now: Ray sets a handler of its own
            signal.signal(number, lambda number, _: signals.put(number))
        print(f"The model is served; ask it by CLINICALBLIP_MODEL_AT={endpoint.url} and the same secret.", flush=True)
        while signals.get() == signal.SIGHUP:
            try:
                server.replace(_settings(options))
                print("The replicas are replaced.", flush=True)
            except ClinicalBlipError as error:
                print(f"The replicas stay as they are. {error}", flush=True)
    finally:
        server.stop()
