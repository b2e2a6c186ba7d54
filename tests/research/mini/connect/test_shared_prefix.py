"""Packed continuations are as likely as each would be alone."""

import numpy as np
import pytest
import torch

from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.scoring.likelihood import log_likelihoods
from research.mini.connect.shared_prefix import pack_continuations
from tests.fixtures.tiny_instructblip import make_tiny_base

PROMPTS = ("What is seen?\nReport:", "Indication: a cough that lasts.\nReport:")
TEXTS = (
    ("Findings: A long report of a film. And more.", "There is no effusion.", "Effusion."),
    ("Normal.", "The heart is enlarged, and the lungs are clear."),
)


@pytest.mark.parametrize("films_each", [1, 2])
def test_a_packed_continuation_is_as_likely_as_the_same_text_alone(tmp_path, films_each):
    """Neither the other continuations of its row nor a longer row beside it change a text's likelihood."""
    base = load_base(make_tiny_base(tmp_path, "llama"), "fp32", "cpu")
    grey_films = list(np.random.default_rng(0).random((3, 40, 30), dtype=np.float32))
    films = [grey_films[row : row + films_each] for row in range(2)]
    ids = [[base_ids(base, text) for text in texts] for texts in TEXTS]
    packed = pack_continuations(base, films_each, PROMPTS, ids)
    with torch.inference_mode():
        batch = collate(base, films, PROMPTS)
        seen = {name: batch[name] for name in ("pixel_values", "qformer_input_ids", "qformer_attention_mask")}
        image = base.model.get_video_features(**seen).pooler_output
        together = packed.log_likelihoods(packed.token_losses(base.model, image)).tolist()
        alone = []
        for study, prompt, texts in zip(films, PROMPTS, TEXTS, strict=True):
            alone += log_likelihoods(base, base.model, collate(base, [study], [prompt]), texts)
    assert together == pytest.approx(alone, abs=1e-3)


def base_ids(base, text):
    """The token ids of a text, as in training."""
    return base.tokenizer(text, add_special_tokens=False)["input_ids"]
