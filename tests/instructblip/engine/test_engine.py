"""The engine: many readers, one thread, and whose failure is whose."""

import gc
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from time import monotonic, sleep
from typing import Any

import numpy as np
import pytest
import torch

from clinicalblip.errors import ModelError, OutOfMemory
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine import loop as module
from clinicalblip.instructblip.engine.batch import DraftBatch
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation, Priority
from clinicalblip.instructblip.engine.language_model import BatchedLanguageModel
from clinicalblip.instructblip.engine.slots import SlotLayer
from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.generation.token_generator import TokenGenerator
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.radiology.draft import GenerationOptions, ModelIdentity

WORDS = ["cough", "fever", "pain", "for", "three", "days", "effusion", "heart", "enlarged", "prior", "normal", "left"]
OPTIONS = GenerationOptions(max_new_tokens=24)


def loaded(base: Base) -> LoadedModel:
    """A tiny base as an engine gets it."""
    identity = ModelIdentity(base.name, base.digest, None, None, base.precision, base.reason, base.device, "1")
    return LoadedModel(base, base.model, identity)


def engine_of(base: Base, options: GenerationOptions = OPTIONS, *, size: int = 4, timeout: float = 60.0) -> Engine:
    """An engine with a tiny base."""
    return Engine(lambda: loaded(base), options, size=size, timeout=timeout)


def study(base: Base, number: int, films: int = 1, **more: Any) -> Generation:
    """A draft to be written; each number has films and a prompt of its own."""
    rng = np.random.default_rng(number)
    pictures = [rng.random((base.image_size, base.image_size), dtype=np.float32) for _ in range(films)]
    words = random.Random(number).choices(WORDS, k=number % 30)
    return Generation(pictures, f"Indication: {' '.join(words)} Report:", number, **more)


def by_generate(base: Base, generation: Generation, options: GenerationOptions = OPTIONS) -> tuple[int, ...]:
    """What transformers' own generate writes."""
    batch = collate(base, [generation.films], [generation.prompt])
    generator = TokenGenerator(base, base.model, options)
    with torch.inference_mode():
        (row,) = generator.generate(batch, generation.seed).tolist()
    return tuple(row[batch["input_ids"].shape[1] if base.is_decoder_only else 1 :])


def end(stream: Iterator[GenerationProgress]) -> GenerationProgress:
    """How a draft ended."""
    *_, last = stream
    assert last.finished
    return last


def together(engine: Engine, generations: Sequence[Generation]) -> list[GenerationProgress | BaseException]:
    """How drafts ended that readers asked for at once."""
    ends: dict[int, GenerationProgress | BaseException] = {}

    def read(number: int, generation: Generation) -> None:
        try:
            ends[number] = end(engine.stream(generation))
        except ModelError as error:
            ends[number] = error

    readers = [threading.Thread(target=read, args=each) for each in enumerate(generations)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(60)
    return [ends[number] for number in range(len(generations))]


def test_fifty_studies_are_written_together_as_alone(tiny_llama_base: Base) -> None:
    """Prompts of many lengths, one and two films: the words of each are those of generate without company."""
    base, engine = tiny_llama_base, engine_of(tiny_llama_base, size=8)
    studies = [study(base, number, films=1 + number % 7 // 6) for number in range(50)]
    ends = engine.write_all(studies)
    for generation, progress in zip(studies, ends, strict=True):
        written = by_generate(base, generation)
        if progress.looping:
            assert written[: len(progress.token_ids)] == progress.token_ids
        else:
            assert progress.token_ids == written


@pytest.mark.parametrize(
    "options",
    [
        GenerationOptions(24, temperature=1.0),
        GenerationOptions(24, temperature=0.7, top_p=0.9),
        GenerationOptions(24, repetition_penalty=1.3),
        GenerationOptions(24, finding_bias=2.0),
    ],
    ids=["sampled", "top_p", "penalty", "bias"],
)
def test_words_are_chosen_as_generate_chooses_them(tiny_llama_base: Base, options: GenerationOptions) -> None:
    """Each draft has its own seed and its own random numbers, also beside others."""
    base, engine = tiny_llama_base, engine_of(tiny_llama_base, options)
    studies = [study(base, number) for number in range(6)]
    for generation, progress in zip(studies, engine.write_all(studies), strict=True):
        assert by_generate(base, generation, options)[: len(progress.token_ids)] == progress.token_ids


def test_t5_type_bases_are_drafted_for_one_after_another(tiny_t5_base: Base) -> None:
    """They have no rows, and still every reader gets a draft."""
    engine = engine_of(tiny_t5_base)
    studies = [study(tiny_t5_base, number) for number in range(4)]
    for generation, progress in zip(studies, together(engine, studies), strict=True):
        assert isinstance(progress, GenerationProgress)
        assert by_generate(tiny_t5_base, generation)[: len(progress.token_ids)] == progress.token_ids


def slow_steps(monkeypatch: pytest.MonkeyPatch, at: Callable[[int], None]) -> None:
    """Act before each step of the language model; the argument counts them."""
    whole, count = BatchedLanguageModel.step, [0]

    def step(model: BatchedLanguageModel, token_ids: list[int]) -> Any:
        at(count[0])
        count[0] += 1
        return whole(model, token_ids)

    monkeypatch.setattr(BatchedLanguageModel, "step", step)
    monkeypatch.setattr(DraftBatch, "rehearse", lambda batch: None)


def test_stop_ends_one_draft_within_a_step(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are written to their end, as alone."""
    base, pressed, steps = tiny_llama_base, threading.Event(), [0]

    def at(step: int) -> None:
        steps[0] = step
        if step == 5:
            pressed.set()

    slow_steps(monkeypatch, at)
    studies = [study(base, 2, stop=pressed.is_set), study(base, 3), study(base, 5)]
    stopped, *others = together(engine_of(base), studies)
    assert isinstance(stopped, GenerationProgress)
    assert stopped.stopped
    assert len(stopped.token_ids) <= 7
    for generation, progress in zip(studies[1:], others, strict=True):
        assert isinstance(progress, GenerationProgress)
        assert by_generate(base, generation)[: len(progress.token_ids)] == progress.token_ids


@pytest.mark.parametrize("places", ["before the first step", "while it waits"])
def test_a_draft_that_is_stopped_before_it_began_is_empty(
    places: str, tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader is told at once, whoever is being written."""
    engine = engine_of(tiny_llama_base, size=1)
    release = threading.Event()
    slow_steps(monkeypatch, lambda step: release.wait(20) and None)
    if places == "while it waits":
        working = engine.stream(study(tiny_llama_base, 1))
        next(working)
    began = monotonic()
    progress = end(engine.stream(study(tiny_llama_base, 2, stop=lambda: True)))
    release.set()
    assert (progress.stopped, progress.token_ids[1:]) == (True, ())
    assert monotonic() - began < 10


def test_a_reader_who_opens_and_closes_a_hundred_drafts_holds_nothing(tiny_llama_base: Base) -> None:
    """Nothing waits or is written afterwards, and the next draft is as ever."""
    engine = engine_of(tiny_llama_base)
    for number in range(100):
        stream = engine.stream(study(tiny_llama_base, number))
        next(stream)
        stream.close()  # type: ignore[attr-defined]
    generation = study(tiny_llama_base, 4)
    assert by_generate(tiny_llama_base, generation)[:24] == end(engine.stream(generation)).token_ids
    assert engine.run(lambda model: True)
    assert len(engine._loop._batch or ()) == 0


class _Raising:
    """Films that cannot be used."""

    def __iter__(self) -> Iterator[Any]:
        raise RuntimeError("broken films")

    def __len__(self) -> int:
        return 1


def test_a_draft_that_cannot_begin_fails_alone(tiny_llama_base: Base) -> None:
    """Those that begin with it are written as alone."""
    base = tiny_llama_base
    broken = study(base, 1)
    broken.films = _Raising()  # type: ignore[assignment]
    failed, other = together(engine_of(base), [broken, study(base, 3)])
    assert isinstance(failed, ModelError)
    assert isinstance(other, GenerationProgress)
    assert other.token_ids == by_generate(base, study(base, 3))[: len(other.token_ids)]


def test_a_stop_that_raises_fails_alone(tiny_llama_base: Base) -> None:
    """A reader's own function is asked between two tokens; what it raises is that reader's."""
    base, asked = tiny_llama_base, [0]

    def stop() -> bool:
        asked[0] += 1
        if asked[0] > 6:
            raise RuntimeError("a reader's error")
        return False

    engine = engine_of(base)
    failed, other = together(engine, [study(base, 2, stop=stop), study(base, 3)])
    assert isinstance(failed, ModelError | RuntimeError)
    assert isinstance(other, GenerationProgress)


def test_what_is_no_number_fails_alone(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row whose logits are NaN ends with a sentence; the rows beside it go on."""
    whole = BatchedLanguageModel.step

    def step(model: BatchedLanguageModel, token_ids: list[int]) -> Any:
        logits = whole(model, token_ids)
        if len(token_ids) == 2:
            logits[0] = float("nan")
        return logits

    monkeypatch.setattr(BatchedLanguageModel, "step", step)
    monkeypatch.setattr(DraftBatch, "rehearse", lambda batch: None)
    ends = together(engine_of(tiny_llama_base), [study(tiny_llama_base, 2), study(tiny_llama_base, 3)])
    assert sorted(type(one).__name__ for one in ends) == ["GenerationProgress", "ModelError"]


def test_where_memory_runs_out_fewer_are_written_together_and_none_is_lost(
    tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than two rows do not fit: all six drafts are written, as alone."""
    whole = BatchedLanguageModel.step

    def step(model: BatchedLanguageModel, token_ids: list[int]) -> Any:
        if len(token_ids) > 2:
            raise MemoryError
        return whole(model, token_ids)

    monkeypatch.setattr(BatchedLanguageModel, "step", step)
    monkeypatch.setattr(DraftBatch, "rehearse", lambda batch: None)
    studies = [study(tiny_llama_base, number) for number in range(6)]
    for generation, progress in zip(studies, engine_of(tiny_llama_base).write_all(studies), strict=True):
        assert by_generate(tiny_llama_base, generation)[: len(progress.token_ids)] == progress.token_ids


def test_where_the_rows_do_not_fit_there_are_fewer(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buffers for more than two drafts cannot be had: all six drafts are written, two at a time."""
    whole = SlotLayer.lazy_initialization

    def initialise(layer: SlotLayer, *states: torch.Tensor) -> None:
        if layer._slots.size > 2:
            raise torch.OutOfMemoryError("CUDA out of memory")
        whole(layer, *states)

    monkeypatch.setattr(SlotLayer, "lazy_initialization", initialise)
    monkeypatch.setattr(DraftBatch, "rehearse", lambda batch: None)
    studies = [study(tiny_llama_base, number) for number in range(6)]
    for generation, progress in zip(studies, engine_of(tiny_llama_base, size=8).write_all(studies), strict=True):
        assert by_generate(tiny_llama_base, generation)[: len(progress.token_ids)] == progress.token_ids


def test_a_draft_that_does_not_fit_alone_is_said_not_to(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is OutOfMemory, and the engine can be asked again."""
    full = [True]

    def at(step: int) -> None:
        if full[0]:
            raise MemoryError

    slow_steps(monkeypatch, at)
    engine = engine_of(tiny_llama_base)
    with pytest.raises(OutOfMemory):
        end(engine.stream(study(tiny_llama_base, 1)))
    full[0] = False
    assert end(engine.stream(study(tiny_llama_base, 1))).token_ids


def test_a_failure_in_a_common_step_is_one_drafts_own(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step is made again for each alone: who fails there fails, the others are written to their end."""
    whole, whole_step, is_broken = DraftBatch.step, BatchedLanguageModel.step, [False]

    def step(batch: DraftBatch) -> list[Generation]:
        is_broken[0] = any(each.seed == 2 and len(each.written) > 3 for each in batch.generations)
        return whole(batch)

    def model_step(model: BatchedLanguageModel, token_ids: list[int]) -> Any:
        if is_broken[0]:
            raise RuntimeError("a kernel failed")
        return whole_step(model, token_ids)

    monkeypatch.setattr(DraftBatch, "step", step)
    monkeypatch.setattr(BatchedLanguageModel, "step", model_step)
    monkeypatch.setattr(DraftBatch, "rehearse", lambda batch: None)
    studies = [study(tiny_llama_base, number) for number in (2, 3, 5, 7)]
    failed, *others = together(engine_of(tiny_llama_base), studies)
    assert isinstance(failed, ModelError)
    for generation, ended in zip(studies[1:], others, strict=True):
        assert isinstance(ended, GenerationProgress)
        assert by_generate(tiny_llama_base, generation)[: len(ended.token_ids)] == ended.token_ids


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_engine_whose_thread_dies_is_started_again_once(
    tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who wait are told; the second death is final, and said."""
    whole = module.Loop._work

    def die(loop: Any, *given: Any) -> None:
        raise SystemExit

    engine = engine_of(tiny_llama_base)
    engine.load()
    for deaths, said in ((1, "started again"), (2, "failed twice")):
        with monkeypatch.context() as patch:
            patch.setattr(module.Loop, "_work", die)
            with pytest.raises(ModelError, match=said):
                end(engine.stream(study(tiny_llama_base, 1)))
        if deaths == 1:
            assert end(engine.stream(study(tiny_llama_base, 1))).token_ids
    with pytest.raises(ModelError, match="failed twice"):
        end(engine.stream(study(tiny_llama_base, 1)))
    assert module.Loop._work is whole


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_death_long_after_another_is_healed_too(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two in a row end drafting; one a month does not."""
    monkeypatch.setattr(module, "_HEALED", 0.0)

    def die(loop: Any, *given: Any) -> None:
        raise SystemExit

    engine = engine_of(tiny_llama_base)
    engine.load()
    for _ in range(3):
        with monkeypatch.context() as patch:
            patch.setattr(module.Loop, "_work", die)
            with pytest.raises(ModelError, match="started again"):
                end(engine.stream(study(tiny_llama_base, 1)))
        assert end(engine.stream(study(tiny_llama_base, 1))).token_ids


def test_an_engine_that_hangs_is_replaced(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader is told after the timeout; the next one's draft is written by another thread."""
    release, hangs = threading.Event(), [True]

    def at(step: int) -> None:
        if hangs[0]:
            hangs[0] = False
            release.wait(20)

    slow_steps(monkeypatch, at)
    engine = engine_of(tiny_llama_base, timeout=0.3)
    with pytest.raises(ModelError):
        end(engine.stream(study(tiny_llama_base, 1)))
    began = monotonic()
    while monotonic() - began < 15:
        try:
            assert end(engine.stream(study(tiny_llama_base, 2))).token_ids
            break
        except ModelError:
            sleep(0.3)
    else:
        pytest.fail("nobody drafts any more")
    release.set()


def test_a_model_that_cannot_be_loaded_is_said_to_everybody() -> None:
    """Each who asks gets the error of loading."""

    def load() -> LoadedModel:
        raise ModelError("there is no model")

    engine = Engine(load, OPTIONS, size=2, timeout=5)
    for _ in range(2):
        with pytest.raises(ModelError, match="there is no model"):
            engine.load()
        with pytest.raises(ModelError, match="there is no model"):
            engine.run(lambda model: 1)


def test_tasks_run_between_the_steps_of_drafts(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are finished; the words of the draft are as alone, and what a task raises is its caller's."""
    started = threading.Event()
    slow_steps(monkeypatch, lambda step: started.set())
    engine = engine_of(tiny_llama_base)
    generation = study(tiny_llama_base, 3)
    stream = engine.stream(generation)
    first = next(stream)
    assert engine.run(lambda model: model.base.name) == tiny_llama_base.name
    with pytest.raises(ZeroDivisionError):
        engine.run(lambda model: 1 // 0)
    progress = end(stream) if not first.finished else first
    assert by_generate(tiny_llama_base, generation)[: len(progress.token_ids)] == progress.token_ids


def test_readers_come_before_batches(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader who asks while forty studies wait is written for with the next free row."""
    begun: list[int] = []
    whole = DraftBatch.join

    def join(batch: DraftBatch, generations: Sequence[Generation]) -> list[Generation]:
        begun.extend(generation.seed for generation in generations)
        return whole(batch, generations)

    monkeypatch.setattr(DraftBatch, "join", join)
    engine = engine_of(tiny_llama_base, size=2)
    many = [study(tiny_llama_base, number, priority=Priority.BATCH) for number in range(40)]
    writing = threading.Thread(target=engine.write_all, args=(many,))
    writing.start()
    while len(begun) < 4:
        sleep(0.001)
    end(engine.stream(study(tiny_llama_base, 99)))
    writing.join(60)
    assert begun.index(99) < 30
    assert sorted(begun) == sorted([*range(40), 99])


def test_the_model_is_there_once_its_threads_are_chosen(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for it reads films next: beside that, one thread would look as fast as two."""
    chosen: list[int] = []

    def choose(run: Callable[[], object]) -> int:
        sleep(0.3)
        chosen.append(1)
        return 1

    monkeypatch.setattr(module, "choose_threads", choose)
    engine_of(tiny_llama_base).load()
    assert chosen == [1]


def test_those_of_a_batch_join_several_at_once(tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row that becomes free waits for others, until only as many studies are left."""
    joined: list[int] = []
    whole = BatchedLanguageModel.join

    def join(model: BatchedLanguageModel, prompts: Sequence[torch.Tensor], new_tokens: Sequence[int]) -> torch.Tensor:
        joined.append(len(prompts))
        return whole(model, prompts, new_tokens)

    monkeypatch.setattr(BatchedLanguageModel, "join", join)
    engine = engine_of(tiny_llama_base, size=8)
    engine.load()
    joined.clear()
    engine.write_all([study(tiny_llama_base, number, priority=Priority.BATCH) for number in range(31)])
    assert sum(joined) == 31
    assert all(number >= 2 for number in joined[:-1])


def test_prompts_that_do_not_fit_together_are_read_one_by_one(
    tiny_llama_base: Base, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No draft is lost, and each has its words."""
    whole = BatchedLanguageModel.join

    def join(model: BatchedLanguageModel, prompts: Sequence[torch.Tensor], new_tokens: Sequence[int]) -> torch.Tensor:
        if len(prompts) > 1:
            raise torch.OutOfMemoryError
        return whole(model, prompts, new_tokens)

    monkeypatch.setattr(BatchedLanguageModel, "join", join)
    studies = [study(tiny_llama_base, number) for number in range(6)]
    for generation, progress in zip(studies, engine_of(tiny_llama_base).write_all(studies), strict=True):
        assert by_generate(tiny_llama_base, generation)[: len(progress.token_ids)] == progress.token_ids


def test_memory_does_not_grow_with_the_number_of_drafts(tiny_llama_base: Base) -> None:
    """Another 450 drafts leave fewer than 50 tensors behind: what other tests let go meanwhile is a handful."""
    engine = engine_of(tiny_llama_base, GenerationOptions(4), size=8)

    def tensors_after(count: int) -> int:
        engine.write_all([study(tiny_llama_base, number % 9, priority=Priority.BATCH) for number in range(count)])
        gc.collect()
        return sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects())

    few = tensors_after(50)
    assert tensors_after(450) < few + 50


def test_an_engine_that_nobody_has_ends_its_thread(tiny_llama_base: Base) -> None:
    """So that a program can make many."""
    engine = engine_of(tiny_llama_base)
    end(engine.stream(study(tiny_llama_base, 1)))
    thread = engine._loop._thread
    assert thread is not None
    del engine
    gc.collect()
    thread.join(5)
    assert not thread.is_alive()


def test_progress_only_ever_grows(tiny_llama_base: Base) -> None:
    """Each step has one token more."""
    steps = list(engine_of(tiny_llama_base).stream(study(tiny_llama_base, 3)))
    assert all(len(later.token_ids) == len(earlier.token_ids) + 1 for earlier, later in pairwise(steps))
