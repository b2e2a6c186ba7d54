"""Evidence: whole sentences, their likelihoods, and how much these drop where a part of a film is hidden."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from clinicalblip.errors import ModelError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.instructblip.scoring import attribution
from clinicalblip.instructblip.scoring.attribution import Method, attribute_sentences, sentence_spans
from clinicalblip.instructblip.scoring.likelihood import log_likelihoods
from clinicalblip.radiology.draft import ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import GenerationSettings

PROMPT = "Write the findings and the impression of this chest radiograph.\nReport:"
REPORT = Report("The heart size is normal. There is a small left pleural effusion.", "Cardiomegaly with an effusion")


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> Base:
    """A tiny base of either kind."""
    found: Base = request.getfixturevalue(f"tiny_{request.param}_base")
    return found


def noise(seed: int = 0, contrast: float = 1.0) -> NDArray[np.float32]:
    """A film of noise around the middle grey."""
    return (0.5 + contrast * (np.random.default_rng(seed).random((32, 32), dtype=np.float32) - 0.5)).astype(np.float32)


def found(
    base: Base, films: list[NDArray[np.float32]], method: Method = Method.OCCLUSION, grid: int = 4
) -> list[Evidence]:
    """The evidence for REPORT."""
    return attribute_sentences(base, base.model, collate(base, [films], [PROMPT]), REPORT, method=method, grid=grid)


@pytest.mark.parametrize("method", list(Method))
def test_each_sentence_has_a_table_for_each_film(base: Base, method: Method) -> None:
    """Sentences come in their order, without headings, the last one without its full stop."""
    pieces = found(base, [noise(0), noise(1)], method)
    assert [piece.sentence for piece in pieces] == [
        "The heart size is normal.",
        "There is a small left pleural effusion.",
        "Cardiomegaly with an effusion",
    ]
    assert {tuple(drop.shape for drop in piece.drops) for piece in pieces} == {((4, 4), (4, 4))}
    assert len({piece.drops[0].tobytes() for piece in pieces}) == 3


@pytest.mark.parametrize("method", list(Method))
def test_likelihood_is_that_of_the_sentence_after_what_stands_before(base: Base, method: Method) -> None:
    """It is what the report up to its end has over the report up to its beginning."""
    batch = collate(base, [[noise()]], [PROMPT])
    text = target_text(REPORT)
    for piece in found(base, [noise()], method):
        begins = text.index(piece.sentence)
        before, after = text[:begins].rstrip(), text[: begins + len(piece.sentence)]
        less, more = log_likelihoods(base, base.model, batch, [before, after])
        assert piece.likelihood == pytest.approx(more - less, abs=1e-3)


def test_hiding_all_of_a_film_is_the_drop_to_even_grey(base: Base) -> None:
    """With two cells a side one window covers the film: every cell drops to what a film of its mean grey gives."""
    film = noise()
    even = np.full_like(film, film.mean())
    for piece, grey in zip(found(base, [film], grid=2), found(base, [even], grid=2), strict=True):
        assert piece.drops[0] == pytest.approx(piece.likelihood - grey.likelihood, abs=1e-3)
        assert grey.drops[0] == pytest.approx(0.0, abs=1e-3)


def test_passes_of_any_size_give_the_same(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows read five at a time give what they give sixteen at a time."""
    together = found(base, [noise(0), noise(1)])
    monkeypatch.setattr(attribution, "BATCH_SIZE", 5)
    for one, other in zip(found(base, [noise(0), noise(1)]), together, strict=True):
        assert np.stack(one.drops) == pytest.approx(np.stack(other.drops), abs=1e-4)


def test_gradient_predicts_a_faint_film(base: Base) -> None:
    """Of a film that hardly differs from grey, all gradients add up to the drop when all of it is hidden."""
    film = noise(contrast=0.01)
    for slope, hidden in zip(found(base, [film], Method.GRADIENT, 2), found(base, [film], grid=2), strict=True):
        assert slope.drops[0].sum() == pytest.approx(hidden.drops[0][0, 0], rel=0.1, abs=2e-4)


def test_blob_matters_most_where_it_is(base: Base) -> None:
    """On an even film, hiding its one bright blob changes a sentence more than hiding anything else."""
    film = np.full((32, 32), 0.3, dtype=np.float32)
    film[18:22, 6:10] = 1.0
    (first, *_) = found(base, [film], grid=8)
    row, column = np.unravel_index(np.abs(first.upsample(0, 32, 32)).argmax(), (32, 32))
    assert 14 <= row < 26
    assert 2 <= column < 14


def test_spans_end_where_sentences_end(base: Base) -> None:
    """A number's point ends nothing, a section without a full stop ends at the next heading."""
    text = target_text(Report("A nodule of 1.5 cm. Clear lungs", "No acute disease."))
    spans = list(sentence_spans(base, text))
    assert [span.sentence for span in spans] == ["A nodule of 1.5 cm.", "Clear lungs", "No acute disease."]
    assert all(one.end <= other.start for one, other in pairwise(spans))
    assert spans[-1].end == base.count_tokens(text)


def test_empty_report_has_no_evidence(base: Base) -> None:
    """No sentence, no table."""
    assert attribute_sentences(base, base.model, collate(base, [[noise()]], [PROMPT]), Report()) == []


def test_quantised_gradients_on_the_cpu_are_refused(tiny_llama_base: Base) -> None:
    """They would be wrong; the error says what to ask for."""
    quantised = replace(tiny_llama_base, precision="nf4")
    with pytest.raises(ModelError, match="use occlusion"):
        found(quantised, [noise()], Method.GRADIENT)


@pytest.mark.parametrize("method", list(Method))
def test_reporter_gives_the_evidence_of_its_draft(tiny_llama_base: Base, method: Method) -> None:
    """Also where the prior report is what the draft says again."""
    base = tiny_llama_base
    identity = ModelIdentity(base.name, base.digest, None, None, base.precision, base.reason, base.device, "1")
    reporter = InstructBlipReporter(
        lambda: LoadedModel(base, base.model, identity), GenerationSettings(max_new_tokens=12)
    )
    values = np.random.default_rng(0).integers(0, 4000, (50, 40), dtype=np.uint16)
    film = Radiograph(values, Window(2000, 4000, "linear_exact"), False, View.PA, None, "d" * 64)
    context = ClinicalContext(prior_report=REPORT.findings)
    pieces = reporter.evidence([film], context, Report(REPORT.findings), method=method)
    assert len(pieces) == 2
    assert pieces[0].upsample(0, 50, 40).shape == (50, 40)


def test_map_over_the_film_keeps_places_and_values() -> None:
    """A part's value stands in its middle, and between two parts the mean of both."""
    piece = Evidence("There.", -1.0, (np.array([[0, 0], [8, 4]], dtype=np.float32),))
    over = piece.upsample(0, 40, 20)
    assert over.dtype == np.float32
    assert over[-1, 0] == pytest.approx(8)
    assert over[0].tolist() == pytest.approx([0] * 20)
    assert over[-1, 9:11].mean() == pytest.approx(6, abs=0.01)
    assert over[19:21, 0].mean() == pytest.approx(4, abs=0.01)


@pytest.mark.parametrize("drops", [(), (np.zeros(3),), (np.full((2, 2), np.nan),)], ids=["none", "row", "nan"])
def test_evidence_without_numbers_is_refused(drops: tuple[NDArray[np.float32], ...]) -> None:
    """No film, no table and no number are said to be wrong where they are made."""
    with pytest.raises(ValueError, match="table of numbers"):
        Evidence("There.", -1.0, drops)
