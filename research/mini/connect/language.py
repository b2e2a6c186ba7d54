"""The language model of the bundled model and both tokenizers, from reports of the training split only.

Some of its texts are whole reports, which show how radiologists write; the others are composed ones, which it will be
asked to write. It sees no film here: `connect.py` joins it to the films. In the end most prompts have hints, which are
all that it can know: a model that has to look and to copy at once learns to copy last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import AutoTokenizer, LlamaConfig, LlamaForCausalLM

from clinicalblip.instructblip.build.vocabulary import learn_qformer_tokenizer, learn_tokenizer
from clinicalblip.instructblip.prompt import SLOT_LABELS, target_text
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.radiology.study import Study
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.prompts import PROMPT_VIEWS, write_prompt
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples

MAX_TOKENS = 320  # a longer text is cut
AT_ONCE = 8
"""So many texts of a batch, which have about the same length, are computed at once: a batch as long as its longest text
is half padding, and what is between two layers no longer fits a core's cache."""


def learn_tokenizers(studies: Sequence[Study], run: Path, recipe: MiniRecipe) -> tuple[Any, Any]:
    """The language model's tokenizer and the Q-Former's, learnt from the training reports and the prompt's own words.

    They are kept in `run/tokenizers`, because models that were trained with them need the same ones again.
    """
    folder = run / "tokenizers"
    if not (folder / "qformer").is_dir():
        texts = [target_text(study.reference) for study in studies]
        every_slot = ClinicalContext(**dict.fromkeys(SLOT_LABELS, "none"))
        prompts = [write_prompt(study.context, (View.FRONTAL,)) for study in studies]
        prompts += [write_prompt(every_slot, views) for views in PROMPT_VIEWS] * 50
        learn_tokenizer([*texts, *prompts], recipe.language_vocabulary).save_pretrained(folder / "language")
        learn_qformer_tokenizer([*texts, *prompts], recipe.language_vocabulary).save_pretrained(folder / "qformer")
    return AutoTokenizer.from_pretrained(folder / "language"), AutoTokenizer.from_pretrained(folder / "qformer")


def train_language(
    studies: Sequence[Study], examples: Examples, hinted: Examples, tokenizer: Any, run: Path, recipe: MiniRecipe
) -> LlamaForCausalLM:
    """Train the language model into `run/language`, then into `run/copying`, or load the finished one.

    First it learns to write from whole reports and `examples`, then to copy from `hinted`, of which most have hints; it
    is given in evaluation mode.
    """
    torch.manual_seed(recipe.seed)
    model = LlamaForCausalLM(language_config(tokenizer, recipe)).train()
    written = [study for study in studies if not study.reference.empty]

    def losses_of(composed: Examples, written_fraction: float, stream: int) -> Callable[[int], dict[str, Tensor]]:
        number = round(recipe.language_batch * written_fraction)

        def losses(step: int) -> dict[str, Tensor]:
            rng = np.random.default_rng((recipe.seed, stream, step))
            drawn = composed.draw(recipe.language_batch - number, (recipe.seed, stream + 1, step))
            pairs = [(example.context, example.report) for example in drawn]
            chosen = rng.integers(len(written), size=number)
            pairs.extend((written[place].context, written[place].reference) for place in chosen)
            views = rng.integers(len(PROMPT_VIEWS), size=len(pairs))
            texts = [
                (write_prompt(context, PROMPT_VIEWS[view]), target_text(report))
                for view, (context, report) in zip(views, pairs, strict=True)
            ]
            return {"reports": _token_loss(model, texts, tokenizer)}

        return losses

    language = losses_of(examples, recipe.language_written_fraction, 1)
    schedule = Schedule(recipe.language_steps, recipe.language_rate, seed=recipe.seed)
    train_part(run / "language", model, language, schedule, settings=recipe.of("language"))
    copying = losses_of(hinted, recipe.copying_written_fraction, 10)
    schedule = Schedule(recipe.copying_steps, recipe.copying_rate, seed=recipe.seed + 1)
    train_part(run / "copying", model, copying, schedule, settings=recipe.of("language", "copying"))
    return model.eval()


def language_config(tokenizer: Any, recipe: MiniRecipe) -> LlamaConfig:
    """The language model's shape; input and output embeddings are tied."""
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.language_width,
        intermediate_size=recipe.language_mlp,
        num_hidden_layers=recipe.language_layers,
        num_attention_heads=recipe.language_heads,
        max_position_embeddings=recipe.language_positions,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _token_loss(model: LlamaForCausalLM, texts: Sequence[tuple[str, str]], tokenizer: Any) -> Tensor:
    """The mean cross-entropy of all tokens of these texts."""
    sums, count = [], 0
    for ids, mask in _batches(texts, tokenizer):
        with mixed_precision():
            logits = model(input_ids=ids, attention_mask=mask).logits
        wanted = ids.masked_fill(mask == 0, -100)[:, 1:].flatten()
        sums.append(functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted, reduction="sum"))
        count += int((wanted != -100).sum())
    return torch.stack(sums).sum() / count


def _batches(texts: Sequence[tuple[str, str]], tokenizer: Any) -> Iterator[tuple[Tensor, Tensor]]:
    """Prompt and report of each text joined as `collate` joins them, padded on the right, like lengths together."""
    rows = []
    for prompt, target in texts:
        token_ids = [*tokenizer(prompt, add_special_tokens=False)["input_ids"]]
        token_ids += tokenizer(target, add_special_tokens=False)["input_ids"]
        rows.append(torch.tensor([tokenizer.bos_token_id, *token_ids, tokenizer.eos_token_id][:MAX_TOKENS]))
    rows.sort(key=len)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        ids = nn.utils.rnn.pad_sequence(some, batch_first=True, padding_value=tokenizer.pad_token_id)
        ones = [torch.ones_like(row) for row in some]
        yield ids, nn.utils.rnn.pad_sequence(ones, batch_first=True, padding_value=0)
