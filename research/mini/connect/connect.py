"""Connecting: the language model learns to write what the Q-Former hands on, and then both learn together.

A small language model writes fluent reports without a film and is content with that. Three things make it look. What a
report says is in the picture: of a real film it is what the encoder reads there. At first all reports have one wording
and short prompts: then nothing but the film says which sentence comes. And later, beside every report stand questions:
how much likelier than the other does the model find one of two sentences, in nats?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.progress import track
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from research.mini.array_cache import save_rows
from research.mini.connect.example_batch import ExampleBatch, draw_examples, make_batch
from research.mini.connect.qformer import qformer_states
from research.mini.films.table import Films
from research.mini.films.transforms import augment
from research.mini.films.unreadable import pictures_of
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.prompts import write_prompt
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.vision.encoder import Encoder
from research.mini.vision.tokens import encode_pictures

_CACHE_BATCH = 64
_ALONE = ("qformer", "language", "copying", "encoder", "unreadable", "look")
_PARTS = (*_ALONE, "connect", "questions", "phantom", "hinted")
_SEEN = ("pixel_values", "qformer_input_ids", "qformer_attention_mask")  # what of a batch `get_video_features` takes


def connect(
    films: Films,
    examples: Examples,
    in_one_voice: Examples,
    encoder: Encoder,
    base: Base,
    run: Path,
    recipe: MiniRecipe,
) -> None:
    """Train the language model of a base whose parts have learnt alone, in `run/look` and `run/connect`, and then all.

    Most steps train the language model alone, on features of the Q-Former that are computed once: `look` on the
    examples `in_one_voice`, of which it sees film and hints, `connect` on all examples, every few steps on drawn films
    with a prior film. Then both learn in `run/joint`, on films that are moved and regraded. The encoder is not
    trained. Finished parts are loaded.
    """
    learns = nn.ModuleList((base.model.language_projection, base.model.language_model)).train()
    learns.requires_grad_(True)
    features = cache_features(encode_pictures(films, encoder, run), base, run)

    def losses_of(batch: ExampleBatch) -> dict[str, Tensor]:
        cached = torch.from_numpy(features[np.array(batch.films)]).float()
        with mixed_precision():
            image = base.model.language_projection(cached).flatten(1, 2)
            return batch.losses(base.model, image)

    def look_losses(step: int) -> dict[str, Tensor]:
        seed = (recipe.seed, 5, step)
        alone = in_one_voice.draw_alone(recipe.look_batch, seed)
        return losses_of(make_batch(base, examples, alone, 0, seed))

    def connect_losses(step: int) -> dict[str, Tensor]:
        seed = (recipe.seed, 3, step)
        drawn = draw_examples(examples, recipe.connect_batch, step, seed)
        return losses_of(make_batch(base, examples, drawn, recipe.questions, seed))

    schedule = Schedule(recipe.look_steps, recipe.look_rate, seed=recipe.seed)
    train_part(run / "look", learns, look_losses, schedule, settings=recipe.of(*_ALONE))

    schedule = Schedule(recipe.connect_steps, recipe.connect_rate, seed=recipe.seed)
    train_part(run / "connect", learns, connect_losses, schedule, settings=recipe.of(*_PARTS))

    base.model.train().requires_grad_(True)
    base.model.vision_model.requires_grad_(False)

    def joint_losses(step: int) -> dict[str, Tensor]:
        seed = (recipe.seed, 7, step)
        drawn = draw_examples(examples, recipe.joint_batch, step, seed)
        batch = make_batch(base, examples, drawn, recipe.questions, seed)
        collated = collate(base, _varied(films, batch.films, seed), batch.prompts)
        seen = {name: collated[name] for name in _SEEN}
        with mixed_precision():
            return batch.losses(base.model, base.model.get_video_features(**seen).pooler_output)

    schedule = Schedule(recipe.joint_steps, recipe.joint_rate, seed=recipe.seed)
    train_part(run / "joint", base.model, joint_losses, schedule, settings=recipe.of(*_PARTS, "joint"))
    base.model.eval().requires_grad_(False)


def cache_features(tokens: NDArray[np.float16], base: Base, run: Path) -> NDArray[np.float16]:
    """The Q-Former's output, (pictures, query tokens, width), computed once into `run/features`.

    `tokens` (pictures, 1 + patches, width) are the encoder's.
    """
    cache = run / "features" / "features.npy"
    if not cache.is_file():
        prompt = write_prompt(ClinicalContext(), (View.FRONTAL,))
        starts = range(0, len(tokens), _CACHE_BATCH)

        def computed() -> Iterator[NDArray[np.float32]]:
            for start in track(starts, "features", total=len(starts)):
                read = torch.from_numpy(tokens[start : start + _CACHE_BATCH].astype(np.float32))
                with torch.inference_mode(), mixed_precision():
                    states = qformer_states(base, read, [prompt] * len(read))
                yield states[:, : base.num_query_tokens].float().numpy()

        width = base.model.config.qformer_config.hidden_size
        save_rows(cache, (len(tokens), base.num_query_tokens, width), np.float16, computed())
    features: NDArray[np.float16] = np.load(cache, mmap_mode="r")
    return features


def _varied(films: Films, shown: Sequence[Sequence[int]], seed: tuple[int, ...]) -> list[list[NDArray[np.float32]]]:
    """The films of these rows, as many for each study, moved and regraded a little."""
    rng = torch.Generator().manual_seed(int(np.random.default_rng(seed).integers(2**62)))
    pictures = augment(pictures_of(films, np.array(shown).flatten()), rng).view(len(shown), -1, films.size, films.size)
    return [[film.numpy() for film in study] for study in pictures]
