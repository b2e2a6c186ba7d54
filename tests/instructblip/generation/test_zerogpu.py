"""Off ZeroGPU nothing stands between the reporter and its model."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.generation.zerogpu import Films, is_zero_gpu, on_zero_gpu


def generate_nothing(films: Films, prompt: str, seed: int, stop: Callable[[], bool]) -> Iterator[GenerationProgress]:
    """A generation that ends at once."""
    yield GenerationProgress(finished=True)


@pytest.mark.parametrize("value", [None, "", "0", "false"])
def test_elsewhere_the_generation_stays_as_it_is(value: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without ZeroGPU's variable the package that decorates is not even looked for."""
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if value is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
    assert not is_zero_gpu()
    assert on_zero_gpu(generate_nothing) is generate_nothing


@pytest.mark.parametrize("module", ["clinicalblip.instructblip", "clinicalblip.instructblip.prompt"])
def test_the_prompt_needs_no_torch(module: str) -> None:
    """The room's door and the prompt builder are imported without the model's packages."""
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'transformers', 'peft'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
