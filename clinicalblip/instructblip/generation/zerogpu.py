"""The one place that knows Hugging Face's ZeroGPU, which lends a GPU to a forked process for the length of a call."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.generation.generate import GenerationProgress

GPU_SECONDS = 120
"""How long one draft may keep the GPU."""

Films = Sequence[NDArray[np.float32]]
Writer = Callable[[Films, str, int, Callable[[], bool]], Iterator[GenerationProgress]]


def is_zero_gpu() -> bool:
    """Whether this is a Space on ZeroGPU."""
    return os.environ.get("SPACES_ZERO_GPU", "").lower() in {"1", "t", "true"}


def on_gpu(writer: Writer) -> Writer:
    """Run a writer on the GPU that ZeroGPU lends; anywhere else the writer itself.

    Plain data goes to the forked process and GenerationProgress comes back. A Stop cannot reach the process: its tokens
    are no longer read, and it ends by itself.
    """
    if not is_zero_gpu():
        return writer
    import spaces

    @spaces.GPU(duration=GPU_SECONDS)  # type: ignore[untyped-decorator]
    def write_in_fork(films: Films, prompt: str, seed: int) -> Iterator[GenerationProgress]:
        yield from writer(films, prompt, seed, lambda: False)

    def write_on_lent_gpu(
        films: Films, prompt: str, seed: int, stop: Callable[[], bool]
    ) -> Iterator[GenerationProgress]:
        for progress in write_in_fork(films, prompt, seed):
            if stop() and not progress.finished:
                yield replace(progress, finished=True, stopped=True)
                return
            yield progress

    return write_on_lent_gpu
