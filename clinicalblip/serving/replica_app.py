"""What one replica answers over HTTP: which model it runs, and what is asked of it, line by line."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Final, assert_never

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from clinicalblip.errors import ClinicalBlipError, ModelError
from clinicalblip.instructblip.engine.generation import Priority
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.secret_digest import SecretDigest
from clinicalblip.serving import protocol
from clinicalblip.serving.film_frames import most_bytes, unpack_films
from clinicalblip.serving.line_stream import stream_lines
from clinicalblip.serving.protocol import (
    Attributed,
    Beat,
    Began,
    Doubted,
    DoubtsRequest,
    DraftRequest,
    Ended,
    EvidenceRequest,
    Failed,
    Line,
    ProtocolError,
    Scored,
    ScoreRequest,
    SentenceEvidence,
    ServedModel,
    Words,
)
from clinicalblip.settings import LimitSettings

_LOG = logging.getLogger(__name__)

TELLS_EVERY: Final = 0.025
"""Seconds between two lines with words of a draft that somebody looks at: each line costs a turn of three processes."""

BATCH_TELLS_EVERY: Final = 1.0
"""The same of a batch, where words only save work if the replica is lost."""

BROKEN: Final = "The model's replica failed; try again, and tell whoever runs it if it fails again."


class ReplicaApp:
    """Answers requests with one reporter. Bodies are read whole and in memory, after the secret was looked at."""

    def __init__(
        self,
        reporter: InstructBlipReporter,
        secret: SecretDigest,
        limits: LimitSettings,
        parts: Mapping[str, str] | None = None,
    ) -> None:
        self._reporter, self._secret, self._limits = reporter, secret, limits
        self.model = ServedModel(
            identity=reporter.identity,
            generation=reporter.generation,
            seed=reporter.seed,
            image_size=reporter.image_size,
            calibrated=reporter.calibrated,
            parts={"scale": _digest(asdict(reporter.scale)), "book": reporter.book_digest, **(parts or {})},
        )

    async def answer(self, request: Request) -> Response:
        """The answer to any request.

        401 without the secret, 404 for another path, 409 where another model is asked for, 413 for what is too
        large, 400 for what is no request of ours; anything else is told in lines.
        """
        if not self._secret.admits(request.headers.get("authorization", "")):
            return Response(status_code=401, headers={"www-authenticate": "Bearer"})
        if (request.method, request.url.path) == ("GET", protocol.MODEL_PATH):
            return Response(protocol.pack_model(self.model), media_type="application/json")
        if (request.method, request.url.path) != ("POST", protocol.ASK_PATH):
            return Response(status_code=404)
        if request.headers.get(protocol.MODEL_HEADER, "") != self.model.fingerprint:
            return Response(status_code=409)
        body = await self._read(request)
        if body is None:
            return Response(status_code=413)
        try:
            asked, packed = protocol.unpack_request(body)
            films = await asyncio.to_thread(unpack_films, packed, self._limits)
        except ProtocolError:
            return Response(status_code=400)
        lines = stream_lines(lambda stop: self._lines(asked, films, stop), Beat(asked.id))
        return StreamingResponse(lines, media_type="application/x-ndjson")

    async def _read(self, request: Request) -> bytes | None:
        """The body; None where it is larger than any request."""
        most = protocol.REQUEST_BYTES + most_bytes(self._limits)
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > most:
                return None
        return bytes(body)

    def _lines(self, asked: protocol.Request, films: Sequence[Radiograph], stop: Callable[[], bool]) -> Iterator[Line]:
        """What is asked for; what goes wrong is the last line."""
        try:
            yield from self._do(asked, films, stop)
        except ClinicalBlipError as error:
            yield Failed(asked.id, type(error).__name__, " ".join(str(error).split()))
        except Exception as error:
            _LOG.error("a request failed: %s", type(error).__name__)  # its text could hold a report's
            yield Failed(asked.id, ModelError.__name__, BROKEN)

    def _do(self, asked: protocol.Request, films: Sequence[Radiograph], stop: Callable[[], bool]) -> Iterator[Line]:
        match asked:
            case DraftRequest():
                yield from self._draft(asked, films, stop)
            case ScoreRequest():
                yield Scored(asked.id, dict(self._reporter.score(films, asked.context)))
            case EvidenceRequest():
                found = self._reporter.evidence(films, asked.context, asked.report)
                yield Attributed(asked.id, tuple(SentenceEvidence.of(each) for each in found))
            case DoubtsRequest():
                yield Doubted(asked.id, tuple(doubt for film in films for doubt in self._reporter.doubts(film)))
            case _:
                assert_never(asked)

    def _draft(self, asked: DraftRequest, films: Sequence[Radiograph], stop: Callable[[], bool]) -> Iterator[Line]:
        """The words as they come, those of a moment in one line; the words that it goes on from are not repeated."""
        prompt = self._reporter.prompt_for(films, asked.context)
        yield Began(asked.id, prompt)
        every, priority = (BATCH_TELLS_EVERY, Priority.BATCH) if asked.batch else (TELLS_EVERY, Priority.INTERACTIVE)
        told, at = 0.0, len(asked.written)
        for progress in self._reporter.generate(
            films, prompt, seed=asked.seed, stop=stop, written=asked.written, priority=priority
        ):
            if progress.finished:
                yield Ended(asked.id, self._reporter.written_report(progress))
            elif monotonic() - told >= every:
                so_far = self._reporter.report_so_far(progress)
                yield Words(asked.id, at, progress.token_ids[at:], so_far, progress.seconds)
                told, at = monotonic(), len(progress.token_ids)


def _digest(values: object) -> str:
    """SHA-256 of plain values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
