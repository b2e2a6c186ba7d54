"""Requests and lines: what is sent comes as it was, and anything else is refused."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.generation.written_report import WrittenReport
from clinicalblip.instructblip.prompt import Prompt
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.serving import protocol
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
from tests.fixtures.scripted_reporter import GENERATION, IDENTITY

ID = "0123456789abcdef" * 2
CONTEXT = ClinicalContext(indication="cough", prior_report="Ä\nsecond line “quoted” 你好")
EVIDENCE = Evidence("No effusion.", -1.25, (np.array([[0.1, -2.5], [1e-30, 3.0]], np.float32),))
REQUESTS = [
    DraftRequest(ID, CONTEXT, 2**32 - 1, written=(0, 5, 30_000), batch=True),
    ScoreRequest(ID, CONTEXT),
    EvidenceRequest(ID, CONTEXT, Report("Clear.", "")),
    DoubtsRequest(ID),
]
LINES: list[Line] = [
    Beat(ID),
    Began(ID, Prompt("Write.\nReport:", ("The history was left out.",))),
    Words(ID, 3, (7, 8), Report("The heart", ""), 0.25),
    Ended(ID, WrittenReport(Report("The heart is normal.", "None."), 9, 1.5, looping=True)),
    Scored(ID, {Observation.EDEMA: 0.1, Observation.CARDIOMEGALY: 1.0}),
    Attributed(ID, (SentenceEvidence.of(EVIDENCE),)),
    Doubted(ID, ("The picture is blank.",)),
    Failed(ID, "OutOfMemory", "The draft did not fit."),
]
MODEL = ServedModel(IDENTITY, GENERATION, 0, 160, frozenset({Observation.EDEMA}), {"scale": "a" * 64})


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: request.kind)
def test_requests_come_as_they_were_sent(request_: protocol.Request) -> None:
    """With what follows them left as it is."""
    came, rest = protocol.unpack_request(protocol.pack_request(request_) + b"films")
    assert (came, bytes(rest)) == (request_, b"films")


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.kind)
def test_lines_come_as_they_were_sent(line: Line) -> None:
    """Each is one line."""
    packed = protocol.pack_line(line)
    assert packed.endswith(b"\n")
    assert packed.count(b"\n") == 1
    assert protocol.unpack_line(packed) == line


def test_evidence_comes_to_the_bit() -> None:
    """32-bit numbers go through JSON and back."""
    line = protocol.unpack_line(protocol.pack_line(Attributed(ID, (SentenceEvidence.of(EVIDENCE),))))
    assert isinstance(line, Attributed)
    came = line.evidence[0].evidence()
    np.testing.assert_array_equal(came.drops[0], EVIDENCE.drops[0])
    assert (came.sentence, came.likelihood, came.drops[0].dtype) == (EVIDENCE.sentence, -1.25, np.float32)


def test_halves_of_characters_become_question_marks() -> None:
    """A browser can send them, and no encoding takes them."""
    came, _ = protocol.unpack_request(protocol.pack_request(ScoreRequest(ID, ClinicalContext("a\ud800b"))))
    assert isinstance(came, ScoreRequest)
    assert came.context.indication == "a?b"


def test_a_model_comes_as_it_is_and_is_known_by_its_fingerprint() -> None:
    """Whatever decides words or scores changes it; what only describes the machine does not."""
    from dataclasses import replace

    came = protocol.unpack_model(protocol.pack_model(MODEL))
    assert came == MODEL
    assert came.fingerprint == MODEL.fingerprint
    elsewhere = replace(MODEL, identity=replace(IDENTITY, device="cuda", reason="there is a GPU"))
    assert elsewhere.fingerprint == MODEL.fingerprint
    others = [
        replace(MODEL, version="9"),
        replace(MODEL, seed=1),
        replace(MODEL, parts={"scale": "b" * 64}),
        replace(MODEL, calibrated=frozenset()),
        replace(MODEL, generation=replace(GENERATION, temperature=0.5)),
        *(
            replace(MODEL, identity=replace(IDENTITY, **{name: "other"}))
            for name in ("base_digest", "adapter_digest", "precision", "prompt_version")
        ),
    ]
    assert len({MODEL.fingerprint, *(other.fingerprint for other in others)}) == len(others) + 1


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "short"},
        {"kind": "other"},
        {"at": -1},
        {"token_ids": [2**31]},
        {"token_ids": ["seven"]},
        {"token_ids": list(range(5000))},
        {"report": {"findings": "bell\x07", "impression": ""}},
        {"report": {"findings": "two\nlines", "impression": ""}},
        {"seconds": -1},
        {"seconds": None},
    ],
    ids=str,
)
def test_a_line_of_other_values_is_refused(changed: dict[str, object]) -> None:
    """And the refusal repeats none of them."""
    values = json.loads(protocol.pack_line(LINES[2])) | changed
    with pytest.raises(ProtocolError) as caught:
        protocol.unpack_line(json.dumps(values).encode())
    assert "bell" not in str(caught.value)


def test_a_sentence_that_cannot_be_shown_is_refused() -> None:
    """Nor is one that is longer than any of ours."""
    for sentence in ("two\nlines", "x" * 3000):
        values = json.loads(protocol.pack_line(LINES[-1])) | {"sentence": sentence}
        with pytest.raises(ProtocolError):
            protocol.unpack_line(json.dumps(values).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    """As a line, as a model and as a request."""
    for unpack in (protocol.unpack_line, protocol.unpack_model, protocol.unpack_request):
        with pytest.raises(ProtocolError):
            unpack(data)
    with pytest.raises(ProtocolError):
        protocol.unpack_request(struct.pack(">I", len(data)) + data)


@given(st.recursive(st.none() | st.floats() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)))
def test_any_json_in_a_draft_request_is_refused_or_a_request(value: object) -> None:
    """In the place of each of its values."""
    for name in ("id", "context", "seed", "written", "batch", "kind"):
        values = {"id": ID, "context": {"indication": "a"}, "seed": 1, "kind": "draft", name: value}
        text = json.dumps(values).encode()
        try:
            came, _ = protocol.unpack_request(struct.pack(">I", len(text)) + text)
        except ProtocolError:
            continue
        assert isinstance(came, DraftRequest)
        assert 0 <= came.seed < 2**32
