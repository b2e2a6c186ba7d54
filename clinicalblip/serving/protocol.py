"""What passes between replicas of the model and those that ask them: requests, and lines of JSON that answer them.

A request is its length (four bytes, big endian), its JSON, and the films (film_frames.py). Each line of the answer
repeats the request's id; the last one is final. What does not fit these types is refused by both sides, and nothing
in them can be run.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Final, Literal, TypeVar

import numpy as np
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from clinicalblip.instructblip.generation.written_report import WrittenReport
from clinicalblip.instructblip.prompt import Prompt
from clinicalblip.radiology.draft import GenerationOptions, ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.version import __version__

MODEL_PATH: Final = "/model"
ASK_PATH: Final = "/ask"
MODEL_HEADER: Final = "x-clinicalblip-model"
"""The fingerprint of the model that is asked for."""

LINE_BYTES: Final = 2**22
"""The longest line of an answer."""

REQUEST_BYTES: Final = 2**24
"""The longest JSON of a request: six texts of the most characters that `limits.text_characters` allows."""

BEATS_EVERY: Final = 0.5
"""Seconds without anything else after which a replica says that it is there."""

_LENGTH = struct.Struct(">I")
_SENTENCE: Final = 2000
_Value = TypeVar("_Value")


def _refuse_unprintable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("a sentence that cannot be shown")
    return text


Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Sentence = Annotated[str, Field(max_length=_SENTENCE), AfterValidator(_refuse_unprintable)]
TokenIds = Annotated[tuple[Annotated[int, Field(ge=0, lt=2**31)], ...], Field(max_length=4096)]


class ProtocolError(Exception):
    """Bytes that neither side of ours sends."""


@dataclass(frozen=True)
class ServedModel:
    """What a replica runs. `parts`: digests of whatever else its drafts depend on, by name.

    `seed` is that of a draft for which none is named; `image_size` the encoder's pixels a side.
    """

    identity: ModelIdentity
    generation: GenerationOptions
    seed: int
    image_size: Annotated[int, Field(ge=1, le=8192)]
    calibrated: frozenset[Observation] = frozenset()
    parts: Mapping[str, str] = field(default_factory=dict)
    version: str = __version__

    @property
    def fingerprint(self) -> str:
        """SHA-256, hexadecimal, over everything that decides words and scores: equal for replicas that are alike."""
        decides = asdict(self)
        for name in ("device", "reason"):
            del decides["identity"][name]
        decides["calibrated"] = sorted(self.calibrated)
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class DraftRequest:
    """A draft of the films that follow. `written`: the tokens that it goes on from; `batch`: nobody looks at it."""

    id: Id
    context: ClinicalContext
    seed: Annotated[int, Field(ge=0, lt=2**32)]
    written: TokenIds = ()
    batch: bool = False
    kind: Literal["draft"] = "draft"


@dataclass(frozen=True)
class ScoreRequest:
    """The probability of each observation."""

    id: Id
    context: ClinicalContext
    kind: Literal["score"] = "score"


@dataclass(frozen=True)
class EvidenceRequest:
    """Where the model looks for each sentence of a report."""

    id: Id
    context: ClinicalContext
    report: Report
    kind: Literal["evidence"] = "evidence"


@dataclass(frozen=True)
class DoubtsRequest:
    """Why the film that follows may be no chest radiograph."""

    id: Id
    kind: Literal["doubts"] = "doubts"


@dataclass(frozen=True)
class Beat:
    """The replica is there, and has nothing new."""

    id: Id
    kind: Literal["beat"] = "beat"


@dataclass(frozen=True)
class Began:
    """A draft begins, with this prompt."""

    id: Id
    prompt: Prompt
    kind: Literal["began"] = "began"


@dataclass(frozen=True)
class Words:
    """The next tokens of a draft, `at` the place of the first, and the report as far as it can be shown."""

    id: Id
    at: Annotated[int, Field(ge=0)]
    token_ids: TokenIds
    report: Report
    seconds: Annotated[float, Field(ge=0)]
    kind: Literal["words"] = "words"

    def __post_init__(self) -> None:
        _refuse_unprintable(self.report.findings + self.report.impression)


@dataclass(frozen=True)
class Ended:
    """A draft is written."""

    id: Id
    written: WrittenReport
    kind: Literal["ended"] = "ended"

    def __post_init__(self) -> None:
        _refuse_unprintable(self.written.report.findings + self.written.report.impression)


@dataclass(frozen=True)
class Scored:
    """The probability of each observation, in their order."""

    id: Id
    probabilities: dict[Observation, Annotated[float, Field(ge=0, le=1)]]
    kind: Literal["scored"] = "scored"


@dataclass(frozen=True)
class SentenceEvidence:
    """One sentence's Evidence, its drops as rows of numbers."""

    sentence: str
    likelihood: float
    drops: tuple[tuple[tuple[float, ...], ...], ...]

    @classmethod
    def of(cls, evidence: Evidence) -> "SentenceEvidence":
        """Evidence as plain values; float32 come back to the bit."""
        drops = tuple(tuple(tuple(row) for row in drop.tolist()) for drop in evidence.drops)
        return cls(evidence.sentence, evidence.likelihood, drops)

    def evidence(self) -> Evidence:
        """The Evidence; raises ValueError for rows that are no table."""
        return Evidence(self.sentence, self.likelihood, tuple(np.array(drop, dtype=np.float32) for drop in self.drops))


@dataclass(frozen=True)
class Attributed:
    """Where the model looks for each sentence."""

    id: Id
    evidence: tuple[SentenceEvidence, ...]
    kind: Literal["attributed"] = "attributed"


@dataclass(frozen=True)
class Doubted:
    """Why a film may be no chest radiograph."""

    id: Id
    sentences: tuple[Sentence, ...]
    kind: Literal["doubted"] = "doubted"


@dataclass(frozen=True)
class Failed:
    """What was asked cannot be done: an error of the family by its name, and its sentence."""

    id: Id
    error: str
    sentence: Sentence
    kind: Literal["failed"] = "failed"


Request = Annotated[DraftRequest | ScoreRequest | EvidenceRequest | DoubtsRequest, Field(discriminator="kind")]
Line = Annotated[Beat | Began | Words | Ended | Scored | Attributed | Doubted | Failed, Field(discriminator="kind")]
FINAL: Final = (Ended, Scored, Attributed, Doubted, Failed)

_MODEL: Final = TypeAdapter(ServedModel)
_REQUEST: Final[TypeAdapter[Request]] = TypeAdapter(Request)
_LINE: Final[TypeAdapter[Line]] = TypeAdapter(Line)


def pack_request(request: Request) -> bytes:
    """The beginning of a request's body; halves of characters, which no encoding takes, become question marks."""
    text = json.dumps(asdict(request), ensure_ascii=False).encode("utf-8", "replace")
    return _LENGTH.pack(len(text)) + text


def unpack_request(body: bytes) -> tuple[Request, memoryview]:
    """A request and the bytes that follow it. Raises ProtocolError."""
    if len(body) < _LENGTH.size:
        raise ProtocolError("the request has no beginning")
    (length,) = _LENGTH.unpack_from(body)
    if length > REQUEST_BYTES or len(body) < _LENGTH.size + length:
        raise ProtocolError("the request is cut, or too long")
    rest = memoryview(body)[_LENGTH.size :]
    return _validate(_REQUEST, bytes(rest[:length])), rest[length:]


def pack_line(line: Line) -> bytes:
    """One line of an answer, with its end."""
    return _LINE.dump_json(line) + b"\n"


def unpack_line(text: bytes) -> Line:
    """What `pack_line` packed. Raises ProtocolError."""
    return _validate(_LINE, text)


def pack_model(model: ServedModel) -> bytes:
    """What a replica runs, as JSON."""
    return _MODEL.dump_json(model)


def unpack_model(text: bytes) -> ServedModel:
    """What `pack_model` packed. Raises ProtocolError."""
    return _validate(_MODEL, text)


def _validate(adapter: TypeAdapter[_Value], text: bytes) -> _Value:
    try:
        return adapter.validate_json(text)
    except (ValidationError, RecursionError) as error:
        # Without the error, which repeats what it could not read.
        raise ProtocolError(f"JSON of another kind ({type(error).__name__})") from None
