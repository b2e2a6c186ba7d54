"""Connecting: the Q-Former learns to look, and the language model to tell what the Q-Former answers.

A small language model writes fluent reports without a film and is content with that. Two things make it look. What a
report tells is in the picture: of a real film it is what the encoder reads there. And beside every report stand
questions, whose answer is how much likelier the model finds one of two sentences, in nats.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from transformers import InstructBlipQFormerConfig, LlamaForCausalLM

from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.build.checkpoint import make_config, make_model, save_base
from clinicalblip.instructblip.collate import check_reference, collate, encode_text, target_token_ids
from clinicalblip.instructblip.configuration import IMAGE_TOKEN
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.labeler import observations
from clinicalblip.progress import track
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.training.run_folder import translate_write_errors
from research.mini.array_cache import save_rows
from research.mini.encoder import Encoder, vision_config
from research.mini.examples import Examples
from research.mini.films import DEVIATION, MEAN, Films, augment
from research.mini.hints import ANSWERS, HINTED_DEGREES
from research.mini.language import VIEWS, language_config, write_prompt
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.qformer import QUERY_TOKENS, look
from research.mini.recipe import MiniRecipe
from research.mini.sentences import split_sentences
from research.mini.shared_prefix import Branches, branch
from research.phantom.phrases import DEGREES

QFORMER_POSITIONS = 256
PRIOR_EVERY = 3  # one step in so many is of studies with a prior film
_KEPT_BATCH = 64
_PLACES = re.compile(
    r"\b(?:left|right|both|bilateral|upper|middle|lower|"
    + "|".join(sorted({word for words in (*DEGREES.values(), HINTED_DEGREES) for word in words}))
    + r")\b",
    re.IGNORECASE,
)
_SEEN = ("pixel_values", "qformer_input_ids", "qformer_attention_mask")
FINDING_WEIGHT = 2.0  # a report is mostly denials: without it a model that never affirms anything loses little
ANSWER_WEIGHT = 4.0  # what was known beforehand is repeated before it is answered, and copying wants learning
PLACE_WEIGHT = 6.0  # one word in thirty says where or how much: with the others' weight it is guessed for hours


def assemble(
    folder: Path,
    vision_weights: dict[str, Tensor],
    language: LlamaForCausalLM,
    tokenizers: tuple[Any, Any],
    recipe: MiniRecipe,
) -> Path:
    """Put encoder, a fresh Q-Former and the language model together as an InstructBLIP checkpoint in `folder`."""
    tokenizer, qformer_tokenizer = tokenizers
    vision = vision_config(recipe)
    qformer = InstructBlipQFormerConfig(
        vocab_size=len(qformer_tokenizer),
        hidden_size=recipe.encoder_width,
        num_hidden_layers=recipe.look_layers,
        num_attention_heads=recipe.encoder_heads,
        intermediate_size=4 * recipe.encoder_width,
        max_position_embeddings=QFORMER_POSITIONS,
        encoder_hidden_size=recipe.encoder_width,
        cross_attention_frequency=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    text = language_config(tokenizer, recipe)
    image_token = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    config = make_config(vision, qformer, text, image_token_id=image_token, num_query_tokens=QUERY_TOKENS)
    model = make_model(config, seed=recipe.seed, vision_weights=vision_weights)
    model.language_model.load_state_dict(_language_weights(model, language))
    _save(folder, model, tokenizers)
    return folder


def connect(
    films: Films,
    examples: Examples,
    encoder: Encoder,
    assembled: Path,
    run: Path,
    recipe: MiniRecipe,
) -> Base:
    """Teach the Q-Former to look in `run/look`, the language model to tell in `run/tell`, both in `run/together`.

    Most steps are of the language model alone: it reads answers of the Q-Former that are kept. Then the Q-Former learns
    along, on films that are moved and regraded. The encoder stays as it is. Every few steps are of drawn films with a
    prior film. Finished parts are loaded.
    """
    base = load_base(assembled, "fp32", "cpu")
    look(films, examples, encoder, base, run, recipe)
    learns = nn.ModuleList((base.model.language_projection, base.model.language_model)).train()
    learns.requires_grad_(True)
    answers = keep_answers(films, base, run)

    def tell(step: int) -> dict[str, Tensor]:
        lesson = make_lesson(base, examples, recipe.tell_batch, recipe, (recipe.seed, 3, step))
        kept = torch.from_numpy(answers[np.array(lesson.films)]).float()
        with mixed_precision():
            image = base.model.language_projection(kept).flatten(1, 2)
            return lesson.losses(base.model, image)

    parts = ("look", "tell", "asked", "drawn", "language", "encoder")
    schedule = Schedule(recipe.tell_steps, recipe.tell_rate, seed=recipe.seed)
    train_part(run / "tell", learns, tell, schedule, settings=recipe.of(*parts))

    base.model.train().requires_grad_(True)
    base.model.vision_model.requires_grad_(False)

    def together(step: int) -> dict[str, Tensor]:
        seed = (recipe.seed, 7, step)
        lesson = make_lesson(base, examples, recipe.together_batch, recipe, seed)
        seen = {
            n: t for n, t in collate(base, _varied(films, lesson.films, seed), lesson.prompts).items() if n in _SEEN
        }
        with mixed_precision():
            return lesson.losses(base.model, base.model.get_video_features(**seen).pooler_output)

    schedule = Schedule(recipe.together_steps, recipe.together_rate, seed=recipe.seed)
    train_part(run / "together", base.model, together, schedule, settings=recipe.of(*parts, "together"))
    base.model.eval().requires_grad_(False)
    return base


def keep_answers(films: Films, base: Base, run: Path) -> NDArray[np.float16]:
    """The Q-Former's answers about every film, (films, query tokens, width), computed once into `run/answers`."""
    kept = run / "answers" / "answers.npy"
    if not kept.is_file():
        prompt = write_prompt(ClinicalContext(), (View.FRONTAL,))
        starts = range(0, len(films.ids), _KEPT_BATCH)

        def answered() -> Iterator[NDArray[np.float32]]:
            for start in track(starts, "answers", total=len(starts)):
                shown = films.pictures(np.arange(start, min(start + _KEPT_BATCH, len(films.ids))))
                batch = collate(base, [[film[0].numpy()] for film in shown], [prompt] * len(shown))
                with torch.inference_mode(), mixed_precision():
                    found = base.model.get_video_features(**{name: batch[name] for name in _SEEN})
                yield found.qformer_outputs.last_hidden_state[:, : base.num_query_tokens].float().numpy()

        width = base.model.config.qformer_config.hidden_size
        save_rows(kept, (len(films.ids), base.num_query_tokens, width), np.float16, answered())
    answers: NDArray[np.float16] = np.load(kept, mmap_mode="r")
    return answers


@dataclass(frozen=True)
class Lesson:
    """Examples as tensors: the films' rows, the prompts, and of each a report and questions as `Branches`.

    `weights` (words,) are those of the reports' words, 0 in a question; `log_odds` (questions,) what is asked for,
    infinite where the truth is known; a question's two sentences are the branches `asked` (questions, 2).
    """

    films: list[list[int]]
    prompts: list[str]
    branches: Branches
    weights: Tensor
    asked: Tensor
    log_odds: Tensor

    def losses(self, model: Any, image: Tensor) -> dict[str, Tensor]:
        """How unlikely the reports are, and how far the answers to the questions are off, in nats.

        `image` is what stands in place of the image tokens, (examples, image tokens, the language model's width).
        """
        each = self.branches.word_losses(model, image)
        first, second = self.branches.likelihoods(each)[self.asked].unbind(1)
        margins, read = first - second, self.log_odds.isfinite()
        return {
            "words": (each * self.weights).sum() / self.weights.sum(),
            "read": functional.smooth_l1_loss(margins[read], self.log_odds[read]) if read.any() else margins.sum() * 0,
            "drawn": functional.softplus(-margins[~read]).mean() if not read.all() else margins.sum() * 0,
        }


def make_lesson(base: Base, examples: Examples, number: int, recipe: MiniRecipe, seed: tuple[int, ...]) -> Lesson:
    """So many examples of this seed, every few steps of drawn films with a prior film, and their questions.

    The last number of `seed` is the step.
    """
    drawn = examples.draw_with_prior(number // 2, seed) if seed[-1] % PRIOR_EVERY == PRIOR_EVERY - 1 else []
    drawn = drawn or examples.draw(number, seed)
    random = np.random.default_rng((*seed, 1))
    prompts, texts, weights, asked, log_odds = [], [], [], [], []
    branches = 0
    for example in drawn:
        views = VIEWS[int(random.integers(len(VIEWS)))]
        if example.prior is not None:
            views = (*(views or (View.FRONTAL,)), View.FRONTAL)
        prompts.append(write_prompt(example.context, views))
        report = target_text(example.report)
        check_reference(prompts[-1], report)
        own = [target_token_ids(base, report)]
        weights.append(torch.tensor([*word_weights(base.tokenizer, report), 1.0]))
        branches += 1
        for question in examples.ask(example, recipe.asked, random):
            pair = [encode_text(base, target_text(Report(text))) for text in (question.affirming, question.denying)]
            own += pair
            weights.append(torch.zeros(sum(map(len, pair))))
            asked.append((branches, branches + 1))
            log_odds.append(question.log_odds)
            branches += 2
        texts.append(own)
    films = [[e.row] if e.prior is None else [e.row, e.prior] for e in drawn]
    laid = branch(base, len(films[0]), prompts, texts)
    return Lesson(films, prompts, laid, torch.cat(weights), torch.tensor(asked), torch.tensor(log_odds))


def _varied(films: Films, shown: Sequence[Sequence[int]], seed: tuple[int, ...]) -> list[list[NDArray[np.float32]]]:
    """The films of these rows, as many for each study, moved and regraded a little."""
    random = torch.Generator().manual_seed(int(np.random.default_rng(seed).integers(2**62)))
    pictures = augment(films.pictures(np.array(shown).flatten()), random).view(len(shown), -1, films.size, films.size)
    return [[film.numpy() for film in study] for study in pictures]


def word_weights(tokenizer: Any, target: str) -> list[float]:
    """How much each word piece counts: more in a sentence that affirms a finding, most where it says where or how much.

    `FINDING_WEIGHT`, `PLACE_WEIGHT`, `ANSWER_WEIGHT` in one that answers what was known beforehand, 1 in any other.
    """
    spans = tokenizer(target, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    weights, end = np.ones(len(target) + 1), 0
    for sentence in split_sentences(target):
        start = target.index(sentence, end)
        end = start + len(sentence)
        if answer := ANSWERS.search(sentence):
            # Whether to answer at all weighs no more than any word: else a film is answered that nothing is hinted of.
            weights[start + answer.end() : end] = ANSWER_WEIGHT
        elif _affirms(sentence):
            weights[start:end] = FINDING_WEIGHT
            for word in _PLACES.finditer(sentence):
                weights[start + word.start() : start + word.end()] = PLACE_WEIGHT
    # A piece may begin with the space before its word, so its last letter decides.
    return [float(weights[max(0, last - 1)]) for _, last in spans]


@lru_cache(maxsize=20_000)
def _affirms(sentence: str) -> bool:
    said = observations(sentence)
    said.pop(Observation.NO_FINDING, None)
    return Certainty.PRESENT in said.values()


def save_connected(folder: Path, base: Base) -> None:
    """Write the connected model as the bundled base: 16-bit weights, in shards under 10 MB."""
    _save(folder, base.model.half(), (base.tokenizer, base.qformer_tokenizer))


def _language_weights(model: Any, language: LlamaForCausalLM) -> dict[str, Tensor]:
    """The trained weights under the names that the assembled model's language part gives them."""
    wanted, weights = model.language_model.state_dict(), language.state_dict()
    if set(wanted) == set(weights):
        return dict(weights)
    return {name: weights[name if name in weights else f"model.{name}"] for name in wanted}


def _save(folder: Path, model: Any, tokenizers: tuple[Any, Any]) -> None:
    mean, deviation = (MEAN,) * 3, (DEVIATION,) * 3
    with translate_write_errors("The base"):
        save_base(folder, model, *tokenizers, image_mean=mean, image_std=deviation)
