"""The finding bias: which words it changes, by how much, and what that does to a draft."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.evaluation.predictions import read_predictions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.build.vocabulary import learn_tokenizer
from clinicalblip.instructblip.generation.finding_bias import FindingBiasLogitsProcessor, denial_token_ids
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import GenerationSettings, read_settings

ROOT = Path(__file__).resolve().parents[3]
DENIAL = re.compile(r"\b(?:no|not|without|normal|clear|unremarkable)\b", re.IGNORECASE)


@pytest.mark.parametrize("kind", ["llama", "t5"])
def test_whole_words_of_denial_are_changed(kind: str, request: pytest.FixtureRequest) -> None:
    """Of either kind of tokenizer the tokens are words of denial, and none is part of how a finding is written."""
    tokenizer = request.getfixturevalue(f"tiny_{kind}_base").tokenizer
    words = {tokenizer.decode([token]).strip().lower() for token in denial_token_ids(tokenizer)}
    assert "no" in words
    assert all(DENIAL.fullmatch(word) for word in words)


def test_token_that_also_begins_a_finding_is_left_alone() -> None:
    """Where a vocabulary writes nodule with the token of no, a bias on it would change the finding too."""
    texts = ["There is no mass."] * 40 + ["The lungs are clear."] * 40
    tokenizer = learn_tokenizer(texts, 320)
    no = tokenizer("is no", add_special_tokens=False)["input_ids"][-1]
    assert no in tokenizer("is a nodule", add_special_tokens=False)["input_ids"]
    assert no not in denial_token_ids(tokenizer)


def test_only_words_of_denial_lose(tiny_llama_base: Base) -> None:
    """They lose just the bias; every other score, and what was handed in, stays."""
    scores = torch.randn(2, len(tiny_llama_base.tokenizer))
    before = scores.clone()
    changed = FindingBiasLogitsProcessor(tiny_llama_base.tokenizer, 1.5)(torch.zeros(2, 1), scores)
    assert torch.equal(scores, before)
    words = sorted(denial_token_ids(tiny_llama_base.tokenizer))
    others = [token for token in range(scores.shape[1]) if token not in words]
    assert torch.equal(changed[:, others], scores[:, others])
    torch.testing.assert_close(changed[:, words], scores[:, words] - 1.5)


def test_bundled_model_denies_less_with_more_bias() -> None:
    """From the least bias to the greatest, a smaller fraction of a draft's words are words of denial."""
    settings = read_settings(ROOT / "spaces_config.yaml", {})
    film = read_radiograph((ROOT / "assets" / "cases" / "normal" / "frontal.png").read_bytes())
    fraction = {}
    for bias in (-10.0, 10.0):
        generation = GenerationSettings(max_new_tokens=40, finding_bias=bias)
        reporter = load_reporter(settings.model_copy(update={"generation": generation}))
        (draft,) = reporter.draft_many([([film], ClinicalContext())])
        fraction[bias] = len(DENIAL.findall(draft.report.text)) / draft.tokens
    assert fraction[-10.0] > fraction[10.0]


@pytest.mark.parametrize("bias", ["11", "-10.5", "much", "nan"])
def test_bias_beyond_its_limits_is_refused(bias: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The command says the limits and ends with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(["draft", "film.png", "--finding-bias", bias])
    assert ended.value.code == 2
    assert "from -10 to 10" in capsys.readouterr().err


def test_bias_is_recorded_with_the_drafts(tmp_path: Path) -> None:
    """A predictions file says with which bias its reports were drafted, and is not resumed with another."""
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (80, 80), dtype=np.uint8)).save(tmp_path / "film.png")
    write_studies([Study("s0", "p0", "test", (StudyImage(tmp_path / "film.png"),))], tmp_path / "studies.jsonl")
    files = ["--studies", str(tmp_path / "studies.jsonl"), "--output", str(tmp_path / "p.jsonl"), "--base", "tiny"]
    assert main(["draft-all", *files, "--finding-bias", "-2"]) == 0
    assert json.loads((tmp_path / "p.about.json").read_text())["generation"]["finding_bias"] == -2.0
    assert read_predictions(tmp_path / "p.jsonl").provenance.finding_bias == -2.0
    assert main(["draft-all", *files]) == 2
