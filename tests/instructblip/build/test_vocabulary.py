"""Tokenizers learnt from texts: the same in every process, and nothing of the texts is unknown to them."""

import json
import os
import subprocess
import sys
from pathlib import Path

from clinicalblip.instructblip.build.vocabulary import learn_qformer_tokenizer, learn_tokenizer
from tests.fixtures.tiny_instructblip import SENTENCES

LEARN = """
import json, sys
from clinicalblip.instructblip.build.vocabulary import learn_qformer_tokenizer, learn_tokenizer
texts = json.loads(sys.argv[1])
print(json.dumps([learn_tokenizer(texts, 400).get_vocab(), learn_qformer_tokenizer(texts, 200).get_vocab()]))
"""


def test_another_process_learns_the_same() -> None:
    """Token for token and id for id: a model made anew from its seed has to read as the first one did."""
    root = str(Path(__file__).resolve().parents[3])
    ended = subprocess.run(
        [sys.executable, "-c", LEARN, json.dumps(SENTENCES)],
        env={**os.environ, "PYTHONPATH": root}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    here = [learn_tokenizer(SENTENCES, 400).get_vocab(), learn_qformer_tokenizer(SENTENCES, 200).get_vocab()]
    assert json.loads(ended.stdout) == here


def test_qformer_knows_the_texts_and_words_of_their_letters() -> None:
    """Frequent words are one token, others are spelt; none of the texts' letters is unknown."""
    tokenizer = learn_qformer_tokenizer(SENTENCES, 200)
    assert 50 < len(tokenizer) <= 200
    for text in (*SENTENCES, "Opacities"):
        assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"]
    assert tokenizer.tokenize("Findings: the heart") == ["findings", ":", "the", "heart"]
    assert tokenizer.tokenize("Opacities") == list("o") + [f"##{letter}" for letter in "pacities"]
