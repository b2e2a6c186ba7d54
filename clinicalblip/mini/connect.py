"""Connecting: the Q-Former learns to hand the language model what the encoder sees.

A small language model writes fluent reports without a film and is content with that. So the Q-Former's answer is also
read by heads that have to name the film's labels from it and, of a drawn film, sides, zones and degrees; they are
thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
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
from clinicalblip.instructblip.checkpoint import IMAGE_TOKEN, make_config, make_model, save_base
from clinicalblip.instructblip.collate import IGNORED, collate
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.mini.drawn import ASPECTS
from clinicalblip.mini.encoder import Encoder, vision_config
from clinicalblip.mini.examples import Example, Examples, Question
from clinicalblip.mini.films import DEVIATION, KINDS, MEAN, NIH_LABELS, FilmOrder, Films, augment
from clinicalblip.mini.language import VIEWS, language_config, write_prompt
from clinicalblip.mini.loop import Schedule, mixed_precision, train_part
from clinicalblip.mini.recipe import MiniRecipe
from clinicalblip.mini.sentences import split_sentences
from clinicalblip.mini.teacher import known_label_loss
from clinicalblip.radiology.findings import Certainty, Observation, observations
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report

QFORMER_POSITIONS = 256
QUERY_TOKENS = 32
PRIOR_EVERY = 6  # one step in so many is of studies with a prior film
DRAWN_WEIGHT = 4.0  # of a hundred aspects of a drawn chest two or three are true
FINDING_WEIGHT = 2.0  # a report is mostly denials: without it a model that never affirms anything loses little


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
        num_hidden_layers=recipe.connect_layers,
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
    plain: Examples,
    examples: Examples,
    encoder: Encoder,
    assembled: Path,
    run: Path,
    recipe: MiniRecipe,
) -> Base:
    """Teach the Q-Former to look in `run/look`, join the parts in `run/connect`, train all of them in `run/together`.

    Without words a step costs a fifth: so the Q-Former first learns to hand on what the encoder's own heads read from
    its tokens, and what was drawn. Then the language model learns to read it, the encoder staying as it is, from few
    drawn examples (`plain`); then everything learns, from `examples`. Every few steps are of drawn films with a prior
    film, and questions are asked beside each. Finished parts are loaded.
    """
    base = load_base(assembled, "fp32", "cpu")
    connected = _Connected(base, recipe)
    connected.train()
    order = FilmOrder(films, recipe.look_batch, recipe.encoder_other_share, recipe.seed + 9)
    encoder.requires_grad_(False)

    def look(step: int) -> dict[str, Tensor]:
        rows = order(step)
        random = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        views = [VIEWS[number] for number in torch.randint(len(VIEWS), (len(rows),), generator=random)]
        batch = collate(
            base,
            [[film[0].numpy()] for film in augment(films.pictures(rows), random)],
            [write_prompt(ClinicalContext(), view) for view in views],
        )
        asked = {name: batch[name] for name in ("pixel_values", "qformer_input_ids", "qformer_attention_mask")}
        with mixed_precision():
            found = base.model.get_video_features(**asked)
            read = encoder.label_logits(found.last_hidden_state).float()
            seen, seen_drawn = connected.read(found.qformer_outputs.last_hidden_state, len(rows))
            seen = seen.float()
        return {
            "soft_labels": 2 * functional.binary_cross_entropy_with_logits(seen, read.sigmoid()),
            "soft_logits": functional.smooth_l1_loss(seen, read),
            "drawn": DRAWN_WEIGHT * known_label_loss(seen_drawn, torch.from_numpy(plain.drawn_truth(rows))),
        }

    base.model.language_model.requires_grad_(False)
    settings = recipe.of("look", "encoder")
    schedule = Schedule(recipe.look_steps, recipe.look_rate, seed=recipe.seed)
    train_part(run / "look", connected, look, schedule, settings=settings)
    base.model.language_model.requires_grad_(True)

    def train(part: str, drawn_from: Examples, steps: int, batch: int, rate: float, stream: int) -> None:
        def losses(step: int) -> dict[str, Tensor]:
            drawn = []
            if step % PRIOR_EVERY == PRIOR_EVERY - 1:
                drawn = drawn_from.draw_with_prior(batch // 2, (recipe.seed, stream, step))
            drawn = drawn or drawn_from.draw(batch, (recipe.seed, stream, step))
            tensors, weights = example_batch(base, films, drawn, (recipe.seed, stream + 1, step))
            rows = np.array([example.row for example in drawn])
            drawn_truth = torch.from_numpy(drawn_from.drawn_truth(rows))
            labels = tensors.pop("labels")
            with mixed_precision():
                output = base.model(**tensors)
                seen, seen_drawn = connected.read(output.qformer_outputs.last_hidden_state, len(drawn))
                asked = drawn_from.ask(recipe.asked, recipe.asked_phantoms, (recipe.seed, stream + 2, step))
                wrong = question_loss(base, films, asked, step)
            return {
                "words": weighted_loss(output.logits, labels, weights),
                "asked": wrong,
                "labels": known_label_loss(seen, films.truth(rows)),
                "drawn": DRAWN_WEIGHT * known_label_loss(seen_drawn, drawn_truth),
            }

        settings = recipe.of("look", "connect", "asked", "language", "encoder", *([part] if part != "connect" else []))
        train_part(run / part, connected, losses, Schedule(steps, rate, seed=recipe.seed), settings=settings)

    train("connect", plain, recipe.connect_steps, recipe.connect_batch, recipe.connect_rate, 3)
    base.model.vision_model.requires_grad_(True)
    train("together", examples, recipe.together_steps, recipe.together_batch, recipe.together_rate, 7)
    base.model.eval().requires_grad_(False)
    return base


def example_batch(
    base: Base, films: Films, examples: Sequence[Example], seed: tuple[int, ...]
) -> tuple[dict[str, Tensor], Tensor]:
    """The model's input for these examples, and the weight of each of its words, (examples, words).

    Films are moved and regraded a little, prompts have any of the views. All examples have as many films.
    """
    shown = [[e.row] if e.prior is None else [e.row, e.prior] for e in examples]
    choice = np.random.default_rng((*seed, 1)).integers(len(VIEWS), size=len(examples))
    prompts = [
        write_prompt(
            e.context, VIEWS[number] if e.prior is None else (*(VIEWS[number] or (View.FRONTAL,)), View.FRONTAL)
        )
        for e, number in zip(examples, choice, strict=True)
    ]
    targets = [target_text(example.report) for example in examples]
    batch = collate(base, _varied(films, shown, seed), prompts, targets)
    return batch, word_weights(base.tokenizer, targets, batch["labels"])


def question_loss(base: Base, films: Films, questions: Sequence[Question], step: int) -> Tensor:
    """How wrongly the model thinks the affirming sentence likelier of the film that lacks than of the one that has it.

    `score` is a film's margin: the log-likelihood of the affirming sentence less that of the denying one, right at the
    beginning of a report. Only the difference of two films' margins is taught, log(1 + exp(lacks - has)), so that no
    sentence becomes a likely beginning by itself: a model that was taught single sentences as reports drafts them.
    """
    rows = [[row] for question in questions for row in (question.has, question.lacks)]
    twice = [film for film in _varied(films, rows, (step, len(rows))) for _ in range(2)]
    prompts = [write_prompt(question.context, (View.FRONTAL,)) for question in questions for _ in range(4)]
    said = [target_text(Report(text)) for each in questions for text in 2 * (each.affirming, each.denying)]
    batch = collate(base, twice, prompts, said)
    labels = batch.pop("labels")
    labels = labels.masked_fill(labels == base.eos_token_id, IGNORED)
    logits = base.model(**batch).logits[:, :-1].float()
    each = functional.cross_entropy(logits.transpose(1, 2), labels[:, 1:], ignore_index=IGNORED, reduction="none")
    affirming, denying = (-each.sum(1)).view(-1, 2).unbind(1)
    has, lacks = (affirming - denying).view(-1, 2).unbind(1)
    return functional.softplus(lacks - has).mean()


def _varied(films: Films, shown: Sequence[Sequence[int]], seed: tuple[int, ...]) -> list[list[NDArray[np.float32]]]:
    """The films of these rows, as many for each study, moved and regraded a little."""
    random = torch.Generator().manual_seed(int(np.random.default_rng(seed).integers(2**62)))
    pictures = augment(films.pictures(np.array(shown).flatten()), random).view(len(shown), -1, films.size, films.size)
    return [[film.numpy() for film in study] for study in pictures]


def word_weights(tokenizer: Any, targets: Sequence[str], labels: Tensor) -> Tensor:
    """How much each word of `labels` counts: `FINDING_WEIGHT` in a sentence that affirms a finding, 1 in any other."""
    weights = torch.ones(labels.shape)
    for row, target in enumerate(targets):
        spans = tokenizer(target, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
        sentences, end = [], -1
        for sentence in split_sentences(target):
            end += len(sentence) + 1
            sentences.append((end, FINDING_WEIGHT if _affirms(sentence) else 1.0))
        places = (labels[row] != IGNORED).nonzero()[: len(spans), 0]
        # A piece may begin with the space before its sentence, so its end decides.
        of_words = [next((weight for end, weight in sentences if last <= end), 1.0) for _, last in spans[: len(places)]]
        weights[row, places] = torch.tensor(of_words)
    return weights


def weighted_loss(logits: Tensor, labels: Tensor, weights: Tensor) -> Tensor:
    """Cross-entropy of the words in `labels`, each by its weight."""
    each = functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), labels[:, 1:].flatten(), ignore_index=IGNORED, reduction="none"
    )
    counted = weights[:, 1:].flatten() * (labels[:, 1:].flatten() != IGNORED)
    return (each * counted).sum() / counted.sum()


@lru_cache(maxsize=20_000)
def _affirms(sentence: str) -> bool:
    said = observations(sentence)
    said.pop(Observation.NO_FINDING, None)
    return Certainty.PRESENT in said.values()


def save_connected(folder: Path, base: Base) -> None:
    """Write the connected model as the bundled base: 16-bit weights, in shards under 10 MB."""
    _save(folder, base.model.half(), (base.tokenizer, base.qformer_tokenizer))


class _Connected(nn.Module):
    """The model with the heads that read labels and drawn truth from the Q-Former's answer; the encoder stays."""

    def __init__(self, base: Base, recipe: MiniRecipe) -> None:
        super().__init__()
        self.model = base.model.requires_grad_(True)
        self.model.vision_model.requires_grad_(False)
        torch.manual_seed(recipe.seed)
        self.head = nn.Linear(recipe.encoder_width, len(NIH_LABELS))
        self.drawn_head = nn.Linear(recipe.encoder_width, len(KINDS) * len(ASPECTS))

    def read(self, states: Tensor, studies: int) -> tuple[Tensor, Tensor]:
        """The logits of labels (studies, 14) and drawn truth (studies, 16 x 7) from the answer about the first films.

        `states` are the Q-Former's last hidden states, (studies x films, tokens, width), the query tokens first.
        """
        answers = states[:, :QUERY_TOKENS].mean(1)
        answer = answers.view(studies, -1, answers.shape[-1])[:, 0]
        return self.head(answer), self.drawn_head(answer)


def _language_weights(model: Any, language: LlamaForCausalLM) -> dict[str, Tensor]:
    """The trained weights under the names that the assembled model's language part gives them."""
    wanted, weights = model.language_model.state_dict(), language.state_dict()
    if set(wanted) == set(weights):
        return dict(weights)
    return {name: weights[name if name in weights else f"model.{name}"] for name in wanted}


def _save(folder: Path, model: Any, tokenizers: tuple[Any, Any]) -> None:
    mean, deviation = (MEAN,) * 3, (DEVIATION,) * 3
    save_base(folder, model, *tokenizers, image_mean=mean, image_std=deviation)
