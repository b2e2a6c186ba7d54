"""The one place that knows Hugging Face's ZeroGPU, which lends a GPU to a forked process for the length of a call."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.generation.progress import GenerationProgress

GPU_SECONDS = 120
"""How long one draft may keep the GPU."""

Films = Sequence[NDArray[np.float32]]
GenerateFromFilms = Callable[[Films, str, int, Callable[[], bool]], Iterator[GenerationProgress]]


def is_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}


def on_zero_gpu(generate: GenerateFromFilms) -> GenerateFromFilms:
    """Run `generate` on the GPU that ZeroGPU lends; anywhere else it is returned as it is.

    Plain data goes to the forked process and GenerationProgress comes back. Stop cannot reach that process: its tokens
    are no longer read, and it ends by itself.
    """
    if not is_zero_gpu():
        return generate
    import spaces

    @spaces.GPU(duration=GPU_SECONDS)  # type: ignore[untyped-decorator]
    def generate_in_fork(films: Films, prompt: str, seed: int) -> Iterator[GenerationProgress]:
        yield from generate(films, prompt, seed, lambda: False)

    def generate_on_lent_gpu(
        films: Films, prompt: str, seed: int, stop: Callable[[], bool]
    ) -> Iterator[GenerationProgress]:
        for progress in generate_in_fork(films, prompt, seed):
            if stop() and not progress.finished:
                yield replace(progress, finished=True, stopped=True)
                return
            yield progress

    return generate_on_lent_gpu
