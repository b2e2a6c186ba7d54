"""A run can begin with a base that drafts already."""

from pathlib import Path

import torch

from clinicalblip.instructblip.base import load_base
from research.mini.connect.qformer import QUERY_TOKENS
from research.mini.recipe import FULL
from research.mini.vision.encoder import Encoder
from research.mini.vision.vision_init import load_vision_init

ASSETS = Path(__file__).parents[4] / "research" / "assets"
KEPT = ASSETS / "connected"


def test_the_kept_one_is_of_the_recipes_shape():
    """Its parts are as wide and deep as the recipe's, and no file is too large for a repository."""
    base = load_base(KEPT, "fp32", "cpu")
    text, qformer = base.model.config.text_config, base.model.config.qformer_config
    assert (text.hidden_size, text.num_hidden_layers) == (FULL.language_width, FULL.language_layers)
    assert (qformer.num_hidden_layers, base.num_query_tokens) == (FULL.qformer_layers, QUERY_TOKENS)
    assert base.image_size == FULL.size
    assert all(file.stat().st_size < 10_000_000 for file in KEPT.rglob("*") if file.is_file())


def test_it_sees_as_the_kept_encoder_does():
    """Its vision model is that of `vision_init`, from which its Q-Former has learnt."""
    base, encoder = load_base(KEPT, "fp32", "cpu"), Encoder(FULL)
    load_vision_init(ASSETS / "vision_init", "encoder", encoder)
    weights = base.model.vision_model.state_dict()
    assert all(torch.equal(weights[name], value) for name, value in encoder.vision.state_dict().items())
