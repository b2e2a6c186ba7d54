"""A draft that goes on from words that another process wrote."""

from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import ModelError, SettingsError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.generation import Priority
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.draft import ModelIdentity
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.settings import GenerationSettings, ModelSettings, Settings

CONTEXT = ClinicalContext(indication="cough")
GREEDY = GenerationSettings(max_new_tokens=24, repetition_penalty=1.3, timeout_seconds=60)


def reporter_of(base: Base) -> InstructBlipReporter:
    """A reporter on a tiny base."""
    identity = ModelIdentity(base.name, base.digest, None, None, base.precision, base.reason, base.device, "1")
    return InstructBlipReporter(lambda: LoadedModel(base, base.model, identity), GREEDY)


@pytest.fixture(params=["llama", "t5"])
def reporter(request: pytest.FixtureRequest) -> InstructBlipReporter:
    """A reporter on either kind of tiny base, which chooses its words greedily."""
    return reporter_of(request.getfixturevalue(f"tiny_{request.param}_base"))


@pytest.fixture
def films() -> list[Radiograph]:
    """A film of noise."""
    values = np.random.default_rng(0).integers(0, 4096, (48, 40)).astype(np.uint16)
    return [Radiograph(values, Window(2048, 4096), False, View.PA, None, digest(values))]


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("count", [0, 1, 7, -1])
def test_it_ends_as_if_it_had_never_been_interrupted(
    reporter: InstructBlipReporter, films: list[Radiograph], count: int, priority: Priority
) -> None:
    """Wherever that was, and what was written before is told no second time."""
    prompt = reporter.prompt_for(films, CONTEXT)
    *_, whole = reporter.generate(films, prompt, seed=0)
    written = whole.token_ids[:count]
    told = list(reporter.generate(films, prompt, seed=0, written=written, priority=priority))
    assert told[-1].token_ids == whole.token_ids
    lengths = dict.fromkeys(len(progress.token_ids) for progress in told)
    assert list(lengths) == list(range(len(written) + 1, len(whole.token_ids) + 1))
    assert reporter.written_report(told[-1]).report == reporter.written_report(whole).report


@pytest.mark.parametrize("written", [(-1,), (10**6,), (5,) * 24])
def test_words_that_are_none_of_the_model_s_are_refused(
    tiny_llama_base: Base, films: list[Radiograph], written: tuple[int, ...]
) -> None:
    """So are more than there is room for; before the model has them."""
    reporter = reporter_of(tiny_llama_base)
    with pytest.raises(ModelError, match="draft anew"):
        list(reporter.generate(films, reporter.prompt_for(films, CONTEXT), seed=0, written=written))


def test_a_t5_that_would_write_otherwise_says_so(tiny_t5_base: Base, films: list[Radiograph]) -> None:
    """It writes anew what was written, and other words are not passed off as the same draft."""
    reporter = reporter_of(tiny_t5_base)
    prompt = reporter.prompt_for(films, CONTEXT)
    *_, whole = reporter.generate(films, prompt, seed=0)
    other = (whole.token_ids[0] + 1) % 300
    with pytest.raises(ModelError, match="other words"):
        list(reporter.generate(films, prompt, seed=0, written=(other, other)))


def test_the_engine_says_that_it_takes_turns(reporter: InstructBlipReporter) -> None:
    """And its reporter what a draft is made with."""
    reporter.check()
    assert (reporter.seed, reporter.image_size) == (0, 32)


def test_settings_that_name_replicas_load_nothing_here(tmp_path: Path) -> None:
    """Otherwise another model than the page's would draft."""
    with pytest.raises(SettingsError, match=r"model\.at"):
        load_reporter(Settings(folder=tmp_path, model=ModelSettings(at="http://127.0.0.1:8000")))
