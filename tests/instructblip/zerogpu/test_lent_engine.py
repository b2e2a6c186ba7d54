"""Drafts, scores and evidence through a forked process that has the GPU: the same as without it, and stoppable."""

import threading
from collections.abc import Callable
from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
from gradio.context import LocalContext
from transformers import LogitsProcessorList

from clinicalblip.errors import GpuNotLent, ModelError, OutOfMemory
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine import study_tasks
from clinicalblip.instructblip.engine.generation import Films, Generation
from clinicalblip.instructblip.generation import processors
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.instructblip.zerogpu import lending, wording
from clinicalblip.instructblip.zerogpu.lent_engine import LentEngine
from clinicalblip.radiology.draft import Draft, GenerationOptions
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.settings import GenerationSettings
from tests.fixtures.lent_gpus import LentGpus, zerogpu_error
from tests.fixtures.served_page import until
from tests.instructblip.test_reporter import CONTEXT, REPORT, SAMPLED, Dictation, _loaded, film, reporter_of

FILMS = [film(0, View.PA), film(1, View.LATERAL)]
WRITTEN = Report("The heart size is normal. The lungs are clear.", "No acute cardiopulmonary disease.")


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> Base:
    """Either kind of tiny base."""
    return request.getfixturevalue(f"tiny_{request.param}_base")


@pytest.fixture
def plainly(monkeypatch: pytest.MonkeyPatch) -> Callable[[Base], InstructBlipReporter]:
    """The reporter of a base where nothing is lent."""

    def make(base: Base) -> InstructBlipReporter:
        with monkeypatch.context() as elsewhere:
            elsewhere.delenv("SPACES_ZERO_GPU", raising=False)
            return reporter_of(base)

    return make


@pytest.fixture
def dictate(monkeypatch: pytest.MonkeyPatch) -> Callable[..., InstructBlipReporter]:
    """A reporter on lent GPUs that writes a known text, a token every `seconds`; with `fails` it breaks at that one."""

    def make(base: Base, text: str = REPORT, *, seconds: float = 0.0, fails: int = -1) -> InstructBlipReporter:
        def at(step: int) -> None:
            sleep(seconds)
            if step == fails:
                raise RuntimeError("secret words of a film")

        dictation = LogitsProcessorList([Dictation(base, text, at)])
        monkeypatch.setattr(processors, "make_processors", lambda options, tokenizer: dictation)
        return reporter_of(base, GenerationSettings(max_new_tokens=120, timeout_seconds=60))

    return make


def parts(reporter: InstructBlipReporter, **arguments: Any) -> list[Report | Draft]:
    """All that a draft of both films shows, its seconds aside."""
    stream = reporter.stream(FILMS, CONTEXT, seed=7, **arguments)
    return [replace(part, seconds=0.0) if isinstance(part, Draft) else part for part in stream]


def test_a_lent_draft_grows_into_the_same_words(
    gpus: LentGpus, base: Base, plainly: Callable[[Base], InstructBlipReporter]
) -> None:
    """Every word that is shown and the draft are those of the model in this process, draft after draft."""
    lent, own = reporter_of(base), plainly(base)
    expected = parts(own)
    assert len(expected) > 3
    for calls in (1, 2):
        *shown, last = parts(lent)
        assert last == expected[-1]
        assert {str(part) for part in shown} <= {str(part) for part in expected}
        until(lambda: gpus.ended == calls)  # noqa: B023 - called before it changes
    assert len(gpus.workers) == 1
    assert gpus.workers[0].process.is_alive()


def test_a_lent_draft_is_shown_while_it_is_written(
    gpus: LentGpus, tiny_llama_base: Base, dictate: Callable[..., InstructBlipReporter]
) -> None:
    """The first words are there long before the call ends."""
    stream = dictate(tiny_llama_base, seconds=0.01).stream([film()], CONTEXT)
    first = next(stream)
    assert isinstance(first, Report)
    assert gpus.ended == 0
    *grown, last = stream
    assert isinstance(last, Draft)
    assert last.report == WRITTEN
    assert len(grown) > 10


def test_scores_and_evidence_are_those_of_this_process(
    gpus: LentGpus, base: Base, plainly: Callable[[Base], InstructBlipReporter]
) -> None:
    """To the last digit, by one call for each, in the process that the first call forked."""
    lent, own = reporter_of(base), plainly(base)
    assert lent.score(FILMS, CONTEXT) == own.score(FILMS, CONTEXT)
    found, expected = (each.evidence(FILMS[:1], CONTEXT, WRITTEN) for each in (lent, own))
    assert [one.sentence for one in found] == [one.sentence for one in expected]
    assert len(found) == 3
    for one, other in zip(found, expected, strict=True):
        assert one.likelihood == other.likelihood
        for drop, same in zip(one.drops, other.drops, strict=True):
            np.testing.assert_array_equal(drop, same)
    assert (len(gpus.workers), gpus.ended) == (1, 2)


def test_the_model_is_built_in_the_thread_that_asks_and_has_none_of_its_own(
    gpus: LentGpus, tiny_llama_base: Base
) -> None:
    """A fork would find no thread, and what is built in another thread would not be on the GPU."""
    built: list[threading.Thread] = []
    loaded = replace(_loaded(tiny_llama_base), calibrated=frozenset({Observation.EDEMA}))
    reporter = InstructBlipReporter(lambda: (built.append(threading.current_thread()), loaded)[1], SAMPLED)
    before = threading.active_count()
    reporter.wait()
    reporter.check()
    assert built == [threading.current_thread()]
    assert reporter.calibrated == {Observation.EDEMA}
    assert (threading.active_count(), gpus.asked) == (before, [])
    parts(reporter)
    assert len(built) == 1


def test_seconds_follow_the_longest_draft(gpus: LentGpus, tiny_llama_base: Base) -> None:
    """A draft asks for those of its tokens, scores and evidence for fewer, and nothing for more than anybody has."""
    reporter = reporter_of(tiny_llama_base)
    gpus.refusal = zerogpu_error("ZeroGPU queue timeout", "No GPU was available after 60s")
    for ask in (
        lambda: parts(reporter),
        lambda: reporter.score(FILMS, CONTEXT),
        lambda: reporter.evidence(FILMS, CONTEXT, WRITTEN),
    ):
        with pytest.raises(GpuNotLent):
            ask()
    assert gpus.asked == [lending.draft_seconds(24), lending.score_seconds(), lending.evidence_seconds(2)]
    assert [lending.draft_seconds(tokens) for tokens in (8, 220, 1024)] == [16, 43, lending.LONGEST]
    assert lending.score_seconds() <= lending.evidence_seconds(2) < lending.draft_seconds(220)


def test_whose_request_it_is_reaches_the_hub(gpus: LentGpus, tiny_llama_base: Base) -> None:
    """By it the hub knows whose seconds it counts, in the call's own thread too."""
    reporter = reporter_of(tiny_llama_base)
    gpus.refusal = zerogpu_error("ZeroGPU queue timeout", "No GPU was available after 60s")
    token = LocalContext.request.set("the reader's")  # type: ignore[arg-type]
    try:
        for ask in (lambda: parts(reporter), lambda: reporter.score(FILMS, CONTEXT)):
            with pytest.raises(GpuNotLent):
                ask()
    finally:
        LocalContext.request.reset(token)
    assert gpus.requests == ["the reader's"] * 2


def test_stop_ends_the_readers_view_and_the_call_ends_by_itself(
    gpus: LentGpus, tiny_llama_base: Base, dictate: Callable[..., InstructBlipReporter]
) -> None:
    """The words so far are the draft, and the GPU is given back before the rest of it is written."""
    reporter = dictate(tiny_llama_base, seconds=0.02)
    shown: list[Report | Draft] = []
    began = monotonic()
    shown.extend(reporter.stream([film()], CONTEXT, stop=lambda: len(shown) >= 3))
    last = shown[-1]
    assert isinstance(last, Draft)
    assert last.stopped
    assert WRITTEN.findings.startswith(last.report.findings)
    assert 0 < last.tokens < 20
    until(lambda: gpus.ended == 1)
    assert monotonic() - began < 5
    assert gpus.workers[0].process.is_alive()  # free for the next call


def test_waiting_for_a_gpu_can_be_stopped(gpus: LentGpus, tiny_llama_base: Base) -> None:
    """The reader gets an empty draft at once; the call ends once a GPU is there."""
    gpus.may_lend.clear()
    began = monotonic()
    waited = parts(reporter_of(tiny_llama_base), stop=lambda: monotonic() - began > 0.2)[-1]
    assert isinstance(waited, Draft)
    assert (waited.stopped, waited.tokens, waited.report.empty) == (True, 0, True)
    assert gpus.workers == []
    gpus.may_lend.set()
    until(lambda: gpus.ended == 1)


def test_a_closed_stream_ends_its_call(
    gpus: LentGpus, tiny_llama_base: Base, dictate: Callable[..., InstructBlipReporter]
) -> None:
    """Whoever closes the page frees the GPU."""
    stream = dictate(tiny_llama_base, seconds=0.02).stream([film()], CONTEXT)
    next(stream)
    stream.close()  # type: ignore[attr-defined]
    until(lambda: gpus.ended == 1)


def test_a_draft_that_goes_on_from_words_is_written_to_its_end(gpus: LentGpus, tiny_llama_base: Base) -> None:
    """The words that it begins with cross the fork as well."""
    engine = LentEngine(lambda: _loaded(tiny_llama_base), GenerationOptions(24, temperature=1.0), timeout=60)
    films = [np.zeros((32, 32), dtype=np.float32)]
    *_, whole = engine.stream(Generation(films, "Report:", 3))
    *_, rest = engine.stream(Generation(films, "Report:", 3, written=list(whole.token_ids[:9])))
    assert rest.token_ids[:9] == whole.token_ids[:9]
    assert len(rest.token_ids) > 9
    assert [len(one.token_ids) > 0 for one in engine.write_all([Generation(films, "Report:", seed) for seed in (1, 2)])]


def test_what_fails_in_the_forked_process_is_its_own_error_here(
    gpus: LentGpus,
    tiny_llama_base: Base,
    dictate: Callable[..., InstructBlipReporter],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its class and its sentence cross, nothing of an unexpected one but its name, and the next call is answered."""
    reporter = dictate(tiny_llama_base, fails=9)
    with pytest.raises(ModelError, match="RuntimeError") as failed:
        parts(reporter)
    assert "secret" not in str(failed.value)
    until(lambda: gpus.ended == 1)
    with pytest.raises(ModelError, match="RuntimeError"):
        parts(reporter)
    assert len(gpus.workers) == 1
    assert "Traceback" not in "".join(capfd.readouterr())

    def full(*values: object) -> None:
        raise MemoryError

    monkeypatch.setattr(study_tasks, "margins", full)
    with pytest.raises(OutOfMemory, match="The scores did not fit"):
        dictate(tiny_llama_base).score(FILMS, CONTEXT)


def test_a_gpu_that_is_taken_back_is_one_sentence_and_no_broken_model(
    gpus: LentGpus, tiny_llama_base: Base, dictate: Callable[..., InstructBlipReporter]
) -> None:
    """In the middle of a draft, and of scores; the next call gets another."""
    reporter = dictate(tiny_llama_base, seconds=0.02)
    stream = reporter.stream([film()], CONTEXT)
    next(stream)
    gpus.take_back()
    with pytest.raises(GpuNotLent) as lost:
        list(stream)
    assert str(lost.value) == wording.TAKEN_BACK
    last = parts(reporter)[-1]
    assert isinstance(last, Draft)
    assert len(gpus.workers) == 2


def test_a_study_that_a_global_holds_is_not_the_one_that_is_scored(
    gpus: LentGpus, tiny_llama_base: Base, plainly: Callable[[Base], InstructBlipReporter]
) -> None:
    """The double shows what ZeroGPU would do to an engine that keeps its study where a fork does not see it change."""
    kept: dict[str, Any] = {}

    class ByGlobal(LentEngine):
        def margins(self, films: Films, prompt: str) -> dict[Observation, float]:
            kept["films"] = films
            return super().margins([np.zeros_like(each) for each in films], prompt)

        def _answer(self, kind: str, *values: Any) -> Any:
            yield from super()._answer(kind, kept["films"], *values[1:])

    reporter = reporter_of(tiny_llama_base)
    reporter._engine = ByGlobal(lambda: _loaded(tiny_llama_base), reporter.generation, timeout=60)
    others = [film(5, View.PA), film(6, View.LATERAL)]
    expected = plainly(tiny_llama_base)
    assert reporter.score(FILMS, CONTEXT) == expected.score(FILMS, CONTEXT)  # the first call forks, and sees it
    found = reporter.score(others, CONTEXT)
    assert found != expected.score(others, CONTEXT)
    assert found == expected.score(FILMS, CONTEXT)
    assert reporter_of(tiny_llama_base).score(others, CONTEXT) == expected.score(others, CONTEXT)


def test_hints_cross_with_the_prompt(
    gpus: LentGpus, tiny_llama_base: Base, plainly: Callable[[Base], InstructBlipReporter]
) -> None:
    """Batches too: each examination is a call of its own, and its draft what `stream` gives."""
    examinations = [(FILMS, CONTEXT), (FILMS, ClinicalContext(hints="big heart"))]
    lent, own = reporter_of(tiny_llama_base), plainly(tiny_llama_base)
    found, expected = (each.draft_many(examinations, seed=3) for each in (lent, own))
    assert [one.report for one in found] == [one.report for one in expected]
    assert len(gpus.asked) == 2
