"""Drafting: word by word, stopped, abandoned, failing in the middle, one reader at a time."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
import torch
from transformers import LogitsProcessor, LogitsProcessorList

from clinicalblip.errors import AdapterNotFound, DegenerateDraft, ModelError, OutOfMemory, UnsupportedRadiograph
from clinicalblip.instructblip.adapter import create_adapter, save_adapter
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.generation import processors
from clinicalblip.instructblip.groups import Ranks
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.provenance import AdapterProvenance
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.instructblip.vision.preprocess import preprocess_film
from clinicalblip.radiology.draft import Draft, GenerationOptions, ModelIdentity
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import GenerationSettings, ModelSettings, Settings

SAMPLED = GenerationSettings(max_new_tokens=24, temperature=1.0, timeout_seconds=60)
CONTEXT = ClinicalContext(indication="cough")
REPORT = "Findings: The heart size is normal. The lungs are clear. Impression: No acute cardiopulmonary disease."


def film(seed: int = 0, view: View = View.PA, warnings: tuple[str, ...] = ()) -> Radiograph:
    """A film of noise."""
    values = np.random.default_rng(seed).integers(0, 4096, (48, 40)).astype(np.uint16)
    digest = hashlib.sha256(values.tobytes()).hexdigest()
    return Radiograph(values, Window(2048, 4096), False, view, None, digest, warnings)


def reporter_of(base: Base, generation: GenerationSettings = SAMPLED, model: Any = None) -> InstructBlipReporter:
    """A reporter on a tiny base."""
    return InstructBlipReporter(lambda: _loaded(base, model), generation)


def _loaded(base: Base, model: Any = None) -> LoadedModel:
    identity = ModelIdentity(base.name, base.digest, None, None, base.precision, base.reason, base.device, "1")
    return LoadedModel(base, model or base.model, identity)


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> Base:
    """Either kind of tiny base."""
    return request.getfixturevalue(f"tiny_{request.param}_base")


def draft(reporter: InstructBlipReporter, *films: Radiograph, **arguments: Any) -> Draft:
    """The draft that a stream ends with."""
    *_, last = reporter.stream(films or (film(),), CONTEXT, **arguments)
    assert isinstance(last, Draft)
    return last


class Dictation(LogitsProcessor):
    """Lets a real model's generation write a given text, a token a step, then its end; `at` may act in between.

    How far a draft is shows in its last tokens: several are written in one batch.
    """

    def __init__(self, base: Base, text: str, at: Callable[[int], None] = lambda step: None) -> None:
        self.token_ids = [*base.tokenizer(text, add_special_tokens=False)["input_ids"], base.eos_token_id]
        self.at = at

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Force the next token."""
        (ids,) = input_ids.tolist()
        most = min(len(ids), len(self.token_ids))
        step = next(n for n in range(most, -1, -1) if ids[len(ids) - n :] == self.token_ids[:n])
        self.at(step)
        forced = torch.full_like(scores, -1e9)
        forced[:, self.token_ids[step % len(self.token_ids)]] = 0
        return forced


_patch: list[pytest.MonkeyPatch] = []


@pytest.fixture(autouse=True)
def _patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test dictates ends with it."""
    _patch[:] = [monkeypatch]
    yield
    _patch.clear()


def dictated(
    base: Base,
    text: str = REPORT,
    at: Callable[[int], None] = lambda step: None,
    **generation: Any,
) -> InstructBlipReporter:
    """A reporter that writes a known text."""
    settings = GenerationSettings(**{"max_new_tokens": 120, "timeout_seconds": 60, **generation})
    dictation = LogitsProcessorList([Dictation(base, text, at)])
    _patch[0].setattr(processors, "make_processors", lambda options, tokenizer: dictation)
    return reporter_of(base, settings)


def test_a_report_grows_into_a_draft(base: Base) -> None:
    """The report comes word by word, only ever grows, and ends as the Draft with both sections."""
    *grown, last = dictated(base).stream([film()], CONTEXT)
    assert isinstance(last, Draft)
    assert last.report == Report("The heart size is normal. The lungs are clear.", "No acute cardiopulmonary disease.")
    assert len(grown) > 10
    assert all(isinstance(each, Report) for each in grown)
    for before, after in pairwise([*grown, last.report]):
        assert after.findings.startswith(before.findings)
        assert after.impression.startswith(before.impression)
    assert (last.stopped, last.warnings, last.seconds > 0) == (False, (), True)


def test_words_appear_while_the_model_writes(tiny_llama_base: Base) -> None:
    """The first words are there before the last are written."""
    steps: list[int] = []
    stream = dictated(tiny_llama_base, at=lambda step: (steps.append(step), sleep(0.005))[0]).stream([film()], CONTEXT)
    next(stream)
    assert len(steps) < 10
    *_, last = stream
    assert isinstance(last, Draft)
    assert len(steps) == last.tokens + 1


def test_a_draft_says_where_it_comes_from(base: Base) -> None:
    """Prompt, films, model, seed and number of tokens stand in the draft."""
    films = [film(0, View.PA), film(1, View.LATERAL), film(2, View.AP)]
    made = draft(dictated(base), *films, seed=5)
    assert made.prompt.split("\n")[1:] == ["Views: PA, lateral, prior.", "Indication: cough", "Report:"]
    assert made.radiographs == tuple(each.digest for each in films)
    assert (made.model.base_digest, made.model.precision, made.seed) == (base.digest, "fp32", 5)
    assert made.tokens == len(base.tokenizer(REPORT, add_special_tokens=False)["input_ids"])


def test_a_seed_decides_the_draft(base: Base) -> None:
    """The same seed gives the same draft, another another; and the session's own random numbers stay as they were."""
    reporter = reporter_of(base)
    torch.manual_seed(1)
    expected = torch.rand(1)
    torch.manual_seed(1)
    first, second, third = draft(reporter, seed=1), draft(reporter, seed=1), draft(reporter, seed=2)
    assert torch.equal(torch.rand(1), expected)
    assert first.report == second.report != third.report


def test_the_films_reach_the_model_in_order(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vision encoder is given the films themselves, each once, in the order of the radiographs."""
    films = [film(0, View.PA), film(1, View.LATERAL), film(2, View.AP)]
    given: list[torch.Tensor] = []
    whole = type(base.model).get_video_features

    def watch(model: Any, pixel_values: torch.Tensor, *others: Any, **named: Any) -> Any:
        given.append(pixel_values)
        return whole(model, pixel_values, *others, **named)

    monkeypatch.setattr(type(base.model), "get_video_features", watch)
    draft(reporter_of(base), *films)
    shape = (base.image_size, base.image_mean, base.image_std)
    expected = np.stack([preprocess_film(each.pixels, *shape) for each in films])[None]
    (pixels,) = given
    np.testing.assert_array_equal(pixels.numpy(), expected)


def test_what_cannot_be_drawn_is_left_out(tiny_llama_base: Base) -> None:
    """Control characters that a model writes do not reach the page or the database."""
    made = draft(dictated(tiny_llama_base, text="Findings: The\x00 heart\u202e is\x07 normal."))
    assert made.report.findings == "The heart is normal."


def test_nf4_drafts_and_says_so(tiny_llama_folder: Path) -> None:
    """Four bits draft, and the draft names the precision."""
    settings = Settings(model=ModelSettings(base=str(tiny_llama_folder), adapter=None, precision="nf4", device="cpu"))
    reporter = load_reporter(settings.model_copy(update={"generation": SAMPLED}))
    (written,) = reporter.draft_many(
        [([film()], CONTEXT)]
    )  # a random model may sample nothing, which is no matter here
    assert written.model.precision == "nf4"
    assert written.tokens + len(written.warnings) > 0
    assert (reporter.identity.base, reporter.identity.adapter) == ("tiny-llama", None)


def test_stop_keeps_what_is_there(base: Base) -> None:
    """A reader's Stop ends the generation itself, and the words so far are the draft."""
    pressed = threading.Event()
    steps: list[int] = []

    def at(step: int) -> None:
        steps.append(step)
        if step == 12:
            pressed.set()

    made = draft(dictated(base, at=at), stop=pressed.is_set)
    assert made.stopped
    assert made.tokens == 13 == len(steps)
    assert REPORT.removeprefix("Findings: ").startswith(made.report.findings)


def test_stop_before_the_first_word_is_an_empty_draft(base: Base) -> None:
    """Stopping at once is no failure of the model's."""
    made = draft(dictated(base, text=" "), stop=lambda: True)
    assert (made.stopped, made.report.empty) == (True, True)


def test_a_failure_in_the_middle_is_passed_on(base: Base) -> None:
    """What the generation thread raises reaches the reader at once, and the next reader is drafted for."""

    broken = [True]

    def fail(step: int) -> None:
        if step == 5 and broken:
            broken.clear()
            raise RuntimeError("a kernel failed")

    reporter = dictated(base, at=fail)
    began = monotonic()
    with pytest.raises(ModelError, match=r"failed in the middle of the draft \(RuntimeError\)") as caught:
        list(reporter.stream([film()], CONTEXT))
    assert "kernel" in str(caught.value.__cause__)
    assert monotonic() - began < 30
    assert not draft(reporter).report.empty


@pytest.mark.parametrize("error", [MemoryError(), torch.OutOfMemoryError("CUDA out of memory")])
def test_running_out_of_memory_is_one_sentence(tiny_llama_base: Base, error: Exception) -> None:
    """A draft that does not fit is OutOfMemory, and the model can be asked again."""

    def fail(step: int) -> None:
        if step == 2:
            raise error

    reporter = dictated(tiny_llama_base, at=fail)
    for _ in range(2):
        with pytest.raises(OutOfMemory, match="The draft did not fit in memory"):
            draft(reporter)


def test_a_model_that_hangs_is_left(tiny_llama_base: Base) -> None:
    """A token that never comes does not hang the page."""
    release = threading.Event()
    reporter = dictated(tiny_llama_base, at=lambda step: None if step < 3 else release.wait(20), timeout_seconds=0.3)
    began = monotonic()
    try:
        with pytest.raises(ModelError, match=r"not written a word for 0\.3 seconds"):
            draft(reporter)
        assert monotonic() - began < 10
    finally:
        release.set()


def test_nothing_written_is_degenerate(base: Base) -> None:
    """An empty draft is said to be one, and not shown as a report."""
    with pytest.raises(DegenerateDraft, match="wrote nothing"):
        draft(dictated(base, text=" "))


@pytest.mark.parametrize("loop", [" no", " no acute disease.", " The heart size is normal. The lungs are clear."])
def test_a_loop_is_degenerate(base: Base, loop: str) -> None:
    """The same words over and over end the generation early and are no draft."""
    steps: list[int] = []
    with pytest.raises(DegenerateDraft, match="over and over"):
        draft(dictated(base, text="Findings:" + loop * 60, at=steps.append, max_new_tokens=300))
    assert len(steps) < 150


def test_a_list_of_denials_is_no_loop(tiny_llama_base: Base) -> None:
    """A report that denies one finding after the other is drafted as it is."""
    names = ("effusion", "pneumothorax", "consolidation", "edema", "fracture", "mass")
    text = "Findings: " + " ".join(f"There is no {name}." for name in names)
    assert draft(dictated(tiny_llama_base, text=text)).report.findings.count("There is no") == len(names)


def test_what_was_cut_is_said(tiny_llama_base: Base) -> None:
    """The films' own warnings, slots cut from the prompt and a draft cut at its limit are all in the draft."""
    reporter = dictated(tiny_llama_base, max_new_tokens=20)
    context = ClinicalContext(indication="cough", prior_report="The heart was enlarged. " * 200)
    *_, made = reporter.stream([film(warnings=("The film is small.",))], context)
    assert isinstance(made, Draft)
    assert made.warnings[0] == "The film is small."
    assert made.warnings[1].startswith("The prior report was cut to its first")
    assert made.warnings[2] == "The draft was cut at 20 tokens."
    assert made.tokens == 20


def test_draft_says_how_its_words_were_chosen(tiny_llama_base: Base) -> None:
    """Temperature, top_p, penalty, bias, the longest report and the seed are part of the draft."""
    settings = GenerationSettings(
        max_new_tokens=12, temperature=0.7, top_p=0.9, repetition_penalty=1.2, finding_bias=1.5, timeout_seconds=60
    )
    made = draft(reporter_of(tiny_llama_base, settings), seed=3)
    assert made.generation == GenerationOptions(12, 0.7, 0.9, 1.2, 1.5)
    assert made.seed == 3


def test_no_film_is_refused(tiny_llama_base: Base) -> None:
    """There is nothing to draft from without a radiograph."""
    with pytest.raises(UnsupportedRadiograph, match="no radiograph"):
        list(dictated(tiny_llama_base).stream([], CONTEXT))


def test_readers_who_come_together_share_the_steps(tiny_llama_base: Base) -> None:
    """All are written at once, each gets a whole draft, and is told how many write together."""
    together: list[int] = []
    gate = threading.Barrier(3, timeout=20)
    reporter = dictated(tiny_llama_base, at=lambda step: together.append(step))
    drafts: list[Draft] = []

    def read() -> None:
        gate.wait()
        drafts.append(draft(reporter))

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    assert [each.report.impression for each in drafts] == ["No acute cardiopulmonary disease."] * 3
    assert together[: len(together) // 3] != list(range(len(together) // 3))  # as one after another would be
    assert together.count(5) == 3


def begin(reporter: InstructBlipReporter) -> Iterator[Report | Draft]:
    """A stream that has begun to write."""
    stream = reporter.stream([film()], CONTEXT)
    next(stream)
    return stream


def test_a_reader_who_leaves_frees_the_model(tiny_llama_base: Base) -> None:
    """Closing the stream in the middle ends the generation, and the next reader has the model."""
    steps: list[int] = []
    reporter = dictated(tiny_llama_base, at=lambda step: (steps.append(step), sleep(0.01))[0])
    begin(reporter).close()  # type: ignore[attr-defined]
    written = len(steps)
    assert written < 20
    sleep(0.2)
    assert len(steps) <= written + 1  # the step that it was in
    assert not draft(reporter).report.empty


def test_a_reader_who_stops_reading_frees_the_model(tiny_llama_base: Base) -> None:
    """A stream that nobody reads on or closes does not keep others waiting: its draft ends by itself."""
    reporter = dictated(tiny_llama_base)
    idle = begin(reporter)
    assert not draft(reporter).report.empty
    assert isinstance([*idle][-1], Draft)


def test_waiting_can_be_stopped(tiny_llama_base: Base) -> None:
    """A waiting reader who presses Stop gets an empty draft at once, and the other draft goes on."""
    release = threading.Event()
    reporter = dictated(tiny_llama_base, at=lambda step: release.wait(20) if step == 8 else None, batch_size=1)
    working = begin(reporter)
    began = monotonic()
    waited = draft(reporter, stop=lambda: monotonic() - began > 0.3)
    assert (waited.stopped, waited.tokens, waited.report.empty) == (True, 0, True)
    assert monotonic() - began < 10
    release.set()
    *_, finished = working
    assert isinstance(finished, Draft)
    assert finished.report.impression == "No acute cardiopulmonary disease."


def test_what_is_calibrated_is_known(tiny_llama_base: Base) -> None:
    """The page shows the scores of those alone."""
    loaded = replace(_loaded(tiny_llama_base), calibrated=frozenset({Observation.EDEMA}))
    assert InstructBlipReporter(lambda: loaded, SAMPLED).calibrated == {Observation.EDEMA}


def test_settings_name_the_adapter(tiny_llama_folder: Path) -> None:
    """Paths are relative to the settings' folder, and an adapter that is not there is said to be missing."""
    settings = Settings(folder=tiny_llama_folder.parent, model=ModelSettings(base="tiny-llama", adapter=None))
    assert load_reporter(settings).identity.base == "tiny-llama"
    missing = settings.model_copy(update={"model": ModelSettings(base="tiny-llama", adapter="no/such/adapter")})
    with pytest.raises(AdapterNotFound):
        load_reporter(missing)


def test_an_adapter_changes_what_is_written_and_is_named(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """An adapter with weights of its own changes the logits, is folded in on fp32, and stands in the identity."""
    base = load_base(tiny_llama_folder, "fp32", "cpu")
    model = create_adapter(base, Ranks(2, 2, 2), seed=0)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.3)
    provenance = AdapterProvenance(base.name, base.digest, plan="test", stages=("one",), data_digest="0" * 64, seed=0)
    digest = save_adapter(model, tmp_path / "adapter", provenance)
    settings = Settings(
        folder=tmp_path,
        model=ModelSettings(base=str(tiny_llama_folder), adapter="adapter", precision="fp32", device="cpu"),
        generation=SAMPLED,
    )
    adapted = load_reporter(settings)
    assert (adapted.identity.adapter, adapted.identity.adapter_digest) == ("adapter", digest)
    assert adapted.identity.prompt_version == provenance.prompt_version
    plain = reporter_of(load_base(tiny_llama_folder, "fp32", "cpu"))
    assert draft(adapted, seed=3).report != draft(plain, seed=3).report


def test_hints_reach_a_model_in_the_form_that_it_was_trained_with(tiny_llama_base: Base) -> None:
    """A draft's prompt is that of the adapter's version: the reader's own words, or one form of them."""
    hinted = ClinicalContext(hints="big heart")
    prompts = []
    for version in ("1", "2"):
        identity = ModelIdentity(tiny_llama_base.name, "0", None, None, "fp32", "asked for", "cpu", version)
        loaded = LoadedModel(tiny_llama_base, tiny_llama_base.model, identity)
        prompts.append(InstructBlipReporter(lambda loaded=loaded: loaded, SAMPLED).prompt_for([film()], hinted).text)
    assert ["Hints: big heart" in prompts[0], "Hints: cardiomegaly" in prompts[1]] == [True, True]


def test_a_score_is_the_film_s_whatever_is_hinted(tiny_llama_base: Base) -> None:
    """Hints are left out of what is scored: a score is what the film shows of them."""
    reporter = reporter_of(tiny_llama_base)
    hinted = ClinicalContext(indication="cough", hints="effusion R")
    assert reporter.margins([film()], hinted) == reporter.margins([film()], CONTEXT)


def test_scores_in_the_middle_of_drafts_change_neither(base: Base) -> None:
    """Eight readers draft while another scores again and again: drafts and probabilities are those of each alone."""
    reporter = reporter_of(base)
    alone, scored = [draft(reporter, film(n), seed=n).report for n in range(8)], reporter.score([film()], CONTEXT)
    ends: dict[int, Report] = {}

    def read(number: int) -> None:
        ends[number] = draft(reporter, film(number), seed=number).report

    readers = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for reader in readers:
        reader.start()
    found = []
    while not found or any(reader.is_alive() for reader in readers):
        found.append(reporter.score([film()], CONTEXT))
    assert [ends[number] for number in range(8)] == alone
    assert all(one == scored for one in found)
