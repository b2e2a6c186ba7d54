"""The language model of the bundled model and both tokenizers, from reports of the training split only.

Half of its texts are whole reports, which show how radiologists write; half are composed ones, which it will be asked
to write. It sees no film here: `connect.py` joins it to the films.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    studies: Sequence[Study], examples: Examples, tokenizer: Any, run: Path, recipe: MiniRecipe
) -> LlamaForCausalLM:
    """Train the language model into `run/language`, or load the finished one; it is in evaluation mode."""
    torch.manual_seed(recipe.seed)
    model = LlamaForCausalLM(language_config(tokenizer, recipe)).train()
    written = [study for study in studies if not study.reference.empty]

    def texts(step: int) -> list[tuple[str, str]]:
        rng = np.random.default_rng((recipe.seed, 1, step))
        half = recipe.language_batch // 2
        pairs = [(e.context, e.report) for e in examples.draw(half, (recipe.seed, 2, step))]
        chosen = rng.integers(len(written), size=recipe.language_batch - half)
        pairs.extend((written[number].context, written[number].reference) for number in chosen)
        return [(write_prompt(c, PROMPT_VIEWS[int(rng.integers(len(PROMPT_VIEWS)))]), target_text(r)) for c, r in pairs]

    def losses(step: int) -> dict[str, Tensor]:
        ids, mask = _batch(texts(step), tokenizer)
        with mixed_precision():
            logits = model(input_ids=ids, attention_mask=mask).logits
        wanted = ids.masked_fill(mask == 0, -100)
        return {"reports": functional.cross_entropy(logits[:, :-1].flatten(0, 1).float(), wanted[:, 1:].flatten())}

    schedule = Schedule(recipe.language_steps, recipe.language_rate, seed=recipe.seed)
    train_part(run / "language", model, losses, schedule, settings=recipe.of("language"))
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


def _batch(texts: Sequence[tuple[str, str]], tokenizer: Any) -> tuple[Tensor, Tensor]:
    """Prompt and report of each text joined as `collate` joins them, padded on the right."""
    rows = []
    for prompt, target in texts:
        token_ids = [*tokenizer(prompt, add_special_tokens=False)["input_ids"]]
        token_ids += tokenizer(target, add_special_tokens=False)["input_ids"]
        rows.append(torch.tensor([tokenizer.bos_token_id, *token_ids, tokenizer.eos_token_id][:MAX_TOKENS]))
    ids = nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=tokenizer.pad_token_id)
    mask = nn.utils.rnn.pad_sequence([torch.ones_like(row) for row in rows], batch_first=True, padding_value=0)
    return ids, mask
