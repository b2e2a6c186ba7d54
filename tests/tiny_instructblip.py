"""A tiny InstructBLIP with random weights and real tokenizers, of either kind of language model."""

from pathlib import Path

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertTokenizerFast,
    InstructBlipQFormerConfig,
    InstructBlipVisionConfig,
    LlamaConfig,
    PreTrainedTokenizerFast,
    T5Config,
)

from clinicalblip.instructblip.checkpoint import IMAGE_TOKEN, make_config, make_model, save_base

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


def make_tiny_base(folder: Path, language: str = "llama", *, seed: int = 0, image_size: int = IMAGE_SIZE) -> Path:
    """Write a tiny checkpoint whose language model is of the `llama` or the `t5` kind; about 200,000 parameters."""
    tokenizer = _tokenizer(language)
    qformer_tokenizer = _qformer_tokenizer()
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
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=POSITIONS,
            **ids,
        )
    else:
        text = T5Config(
            d_model=64,
            d_kv=32,
            d_ff=128,
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


def _tokenizer(language: str) -> PreTrainedTokenizerFast:
    """A byte-level BPE that marks a text's beginning (llama) or its end (t5), as the two kinds' own tokenizers do."""
    special = ["<pad>", "<s>", "</s>", IMAGE_TOKEN]
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=400,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    frame = "<s> $A" if language == "llama" else "$A </s>"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=frame, special_tokens=[(mark, tokenizer.token_to_id(mark)) for mark in ("<s>", "</s>")]
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def _qformer_tokenizer() -> BertTokenizerFast:
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=200, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return BertTokenizerFast(tokenizer_object=tokenizer)
