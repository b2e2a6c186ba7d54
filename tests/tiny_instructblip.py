"""A tiny InstructBLIP with random weights and real tokenizers, of either kind of language model."""

from pathlib import Path
from typing import Literal

from transformers import InstructBlipQFormerConfig, InstructBlipVisionConfig, LlamaConfig, T5Config

from clinicalblip.instructblip.checkpoint import IMAGE_TOKEN, make_config, make_model, save_base
from clinicalblip.instructblip.vocabulary import learn_qformer_tokenizer, learn_tokenizer

SENTENCES = (
    "Write the findings and the impression of this chest radiograph.",
    "Views: PA, lateral, prior. Indication: cough. History: smoker. Technique: portable. Comparison: none. Report:",
    "Findings: The heart size is normal. The lungs are clear. There is no pleural effusion or pneumothorax.",
    "Impression: No acute cardiopulmonary disease.",
    "Findings: The cardiac silhouette is enlarged. There is a small left pleural effusion.",
    "Impression: Cardiomegaly with a small effusion.",
)
IMAGE_SIZE = 32
QUERY_TOKENS = 4
POSITIONS = 512


def make_tiny_base(
    folder: Path,
    language: Literal["llama", "t5"] = "llama",
    *,
    seed: int = 0,
    image_size: int = IMAGE_SIZE,
    width: int = 64,
) -> Path:
    """Write a tiny checkpoint whose language model is of the `llama` or the `t5` kind; about 200,000 parameters."""
    tokenizer = learn_tokenizer(SENTENCES, 400, language)
    qformer_tokenizer = learn_qformer_tokenizer(SENTENCES, 200)
    vision = InstructBlipVisionConfig(
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=image_size,
        patch_size=8,
    )
    qformer = InstructBlipQFormerConfig(
        vocab_size=len(qformer_tokenizer),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    ids = {
        "vocab_size": len(tokenizer),
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    if language == "llama":
        text = LlamaConfig(
            hidden_size=width,
            intermediate_size=2 * width,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=POSITIONS,
            **ids,
        )
    else:
        text = T5Config(
            d_model=width,
            d_kv=width // 2,
            d_ff=2 * width,
            num_layers=2,
            num_heads=2,
            decoder_start_token_id=tokenizer.pad_token_id,
            **ids,
        )
    config = make_config(
        vision,
        qformer,
        text,
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE_TOKEN),
        num_query_tokens=QUERY_TOKENS,
    )
    save_base(
        folder,
        make_model(config, seed=seed),
        tokenizer,
        qformer_tokenizer,
        image_mean=(0.5, 0.5, 0.5),
        image_std=(0.25, 0.25, 0.25),
    )
    return folder
