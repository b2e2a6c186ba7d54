"""Training a base's two tokenizers on texts, for a base that is made here and not taken from the hub."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import BertTokenizerFast, PreTrainedTokenizerFast

from clinicalblip.instructblip.configuration import IMAGE_TOKEN

_SPECIAL = ["<pad>", "<s>", "</s>", IMAGE_TOKEN]
_QFORMER_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def learn_tokenizer(
    texts: Iterable[str], vocabulary: int, language: Literal["llama", "t5"] = "llama"
) -> PreTrainedTokenizerFast:
    """A byte-level BPE of at most `vocabulary` tokens, so that no text is unknown to it.

    It puts BOS before a text (llama) or EOS after it (t5), as the two kinds' own tokenizers do.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=_SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A" if language == "llama" else "$A </s>",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("<s>", "</s>")],
    )
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", pad_token="<pad>")


def learn_qformer_tokenizer(texts: Iterable[str], vocabulary: int) -> BertTokenizerFast:
    """A lower-casing WordPiece of at most `vocabulary` tokens, as the Q-Former reads its instruction.

    Every letter of the texts is a token, alone and within a word, however many there are. The pieces of words are
    learnt by BPE: unlike the trainer for WordPiece, it gives the same tokenizer for the same texts in every process.
    """
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.BertNormalizer(lowercase=True)
    learner.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    texts = list(texts)
    learner.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=vocabulary, show_progress=False))
    pieces: Counter[str] = Counter()
    for encoding in learner.encode_batch(texts):
        before = None
        for piece, word in zip(encoding.tokens, encoding.word_ids, strict=True):
            pieces[f"##{piece}" if word == before else piece] += 1
            before = word
    letters = sorted({letter for piece in pieces for letter in piece.removeprefix("##")})
    every = [*_QFORMER_SPECIAL, *letters, *(f"##{letter}" for letter in letters)]
    common = sorted(pieces.keys() - set(every), key=lambda piece: (-pieces[piece], piece))
    ids = {piece: number for number, piece in enumerate([*every, *common[: max(0, vocabulary - len(every))]])}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = learner.normalizer, learner.pre_tokenizer
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
    )
    return BertTokenizerFast(tokenizer_object=tokenizer)
