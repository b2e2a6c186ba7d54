"""The Q-Former reads the encoder's tokens as the model does."""

import numpy as np
import torch

from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.collate import collate
from research.mini.connect.qformer import qformer_states
from tests.fixtures.tiny_instructblip import make_tiny_base

PROMPTS = ["What is seen?\nReport:", "Indication: a cough that lasts.\nReport:"]


def test_known_tokens_give_what_the_pictures_give(tmp_path):
    """From tokens that were computed before comes the output that the model has of the films themselves."""
    base = load_base(make_tiny_base(tmp_path, "llama"), "fp32", "cpu")
    films = [[film] for film in np.random.default_rng(0).random((2, 40, 30), dtype=np.float32)]
    batch = collate(base, films, PROMPTS)
    seen = {name: batch[name] for name in ("pixel_values", "qformer_input_ids", "qformer_attention_mask")}
    with torch.inference_mode():
        whole = base.model.get_video_features(**seen)
        states = qformer_states(base, whole.last_hidden_state, PROMPTS)
    assert torch.equal(states, whole.qformer_outputs.last_hidden_state)
