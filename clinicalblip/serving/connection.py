"""One question to the replicas over HTTP, and what their answer means where it is no answer."""

import ssl
from collections.abc import Generator, Iterator
from typing import Final

import httpx
from pydantic import SecretStr

from clinicalblip.errors import ModelError, ModelUnavailable
from clinicalblip.secret_digest import SCHEME
from clinicalblip.serving import protocol
from clinicalblip.serving.protocol import FINAL, LINE_BYTES, Line, ProtocolError, Request, ServedModel
from clinicalblip.version import __version__

SILENCE_SECONDS: Final = 30.0
"""A replica says every half second that it is there; one that is silent as long as this hangs, or is gone."""

_MODEL_BYTES: Final = 2**20
_TRY_AGAIN: Final = {408, 429, 500, 502, 503, 504}

REFUSED: Final = (
    "The replicas of the model do not take this secret; set CLINICALBLIP_MODEL_SECRET to the one that they were "
    "started with."
)
NO_REPLICAS: Final = (
    "What answers at the address of the replicas is none of them; check model.at, the address that serve-model prints."
)
OTHER_MODEL: Final = (
    "The replicas run another model, or other settings of it, than those that were found at the start; start this "
    "program again to use what they run now."
)
NO_ANSWER_OF_OURS: Final = "A replica of the model answered with what is no answer to what it was asked; try again."
OTHERS_ANSWER: Final = "A replica of the model gave the answer to another request; none of it is shown. Try again."
NOT_TAKEN: Final = (
    "The replicas of the model do not take these films and texts; their limits.megapixels may be lower than here."
)


class CutOff(Exception):
    """Nobody answers, or the answer was cut: asked again, another replica may answer. `accepted`: one had begun to."""

    def __init__(self, why: str, *, accepted: bool) -> None:
        super().__init__(why)
        self.accepted = accepted


class ReplicaConnection:
    """Asks the replicas at an address, from any number of threads.

    Nothing of the environment changes where it leads (no proxies); SSL_CERT_FILE names certificates that are trusted.
    """

    def __init__(self, address: str, secret: SecretStr, *, silence: float = SILENCE_SECONDS) -> None:
        self._client = httpx.Client(
            base_url=address,
            headers={"authorization": SCHEME + secret.get_secret_value(), "accept-encoding": "identity"},
            timeout=httpx.Timeout(silence, connect=5.0, pool=None),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=16),
            verify=ssl.create_default_context(),
            trust_env=False,
        )

    def close(self) -> None:
        """Close what is open."""
        self._client.close()

    def model(self) -> ServedModel:
        """What the replicas run. Raises CutOff, and ModelUnavailable where it is another version than here."""
        try:
            with self._client.stream("GET", protocol.MODEL_PATH) as response:
                _check_status(response)
                text = b"".join(_bounded(response, _MODEL_BYTES))
        except httpx.TransportError as error:
            raise CutOff(type(error).__name__, accepted=False) from None
        try:
            model = protocol.unpack_model(text)
        except ProtocolError:
            raise ModelUnavailable(NO_REPLICAS) from None
        if model.version != __version__:
            raise ModelUnavailable(
                f"The replicas run version {model.version[:20]!r} of ClinicalBLIP, and here is {__version__}; install "
                "the same one for both."
            )
        return model

    def ask(self, request: Request, films: bytes, fingerprint: str) -> Generator[Line]:
        """Yield the lines of the answer, the last of which is final; closing the iterator ends the work at the replica.

        Raises CutOff, ModelError, and ModelUnavailable where the replica does not run the model of this fingerprint.
        """
        body = protocol.pack_request(request) + films
        accepted = False
        try:
            with self._client.stream(
                "POST", protocol.ASK_PATH, content=body, headers={protocol.MODEL_HEADER: fingerprint}
            ) as response:
                _check_status(response)
                accepted = True
                for text in _lines(response):
                    line = _read_line(text, request.id)
                    yield line
                    if isinstance(line, FINAL):
                        return
        except httpx.TransportError as error:
            raise CutOff(type(error).__name__, accepted=accepted) from None
        raise CutOff("the answer has no end", accepted=True)


def _check_status(response: httpx.Response) -> None:
    status = response.status_code
    if status in _TRY_AGAIN:
        raise CutOff(f"HTTP status {status}", accepted=False)
    if status == 401:
        raise ModelUnavailable(REFUSED)
    if status == 409:
        raise ModelUnavailable(OTHER_MODEL)
    if status in (400, 413):
        raise ModelError(NOT_TAKEN)
    if status != 200:
        raise ModelUnavailable(NO_REPLICAS)


def _bounded(response: httpx.Response, most: int) -> Iterator[bytes]:
    for part in response.iter_raw():
        most -= len(part)
        if most < 0:
            raise ModelUnavailable(NO_REPLICAS)
        yield part


def _lines(response: httpx.Response) -> Iterator[bytes]:
    """The whole lines of an answer, without one that is cut at its end."""
    begun = bytearray()
    for part in response.iter_raw():
        *whole, rest = part.split(b"\n")
        for piece in (*whole, rest):
            if len(begun) + len(piece) > LINE_BYTES:
                raise ModelError(NO_ANSWER_OF_OURS)
            begun += piece
            if piece is not rest:
                yield bytes(begun)
                begun.clear()


def _read_line(text: bytes, request: str) -> Line:
    try:
        line = protocol.unpack_line(text)
    except ProtocolError:
        raise ModelError(NO_ANSWER_OF_OURS) from None
    if line.id != request:
        raise ModelError(OTHERS_ANSWER)
    return line
