"""The model in the repository: it loads as anybody would load it, in every precision, and looks at its film."""

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import InstructBlipForConditionalGeneration

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.settings import ModelSettings, Settings
from research.mini.evaluation.evaluate import ADAPTER, BASE

ROOT = Path(__file__).parents[3]
MINI, CASES = ROOT / "assets" / "mini", ROOT / "assets" / "cases"


def films():
    """The films of the sample cases by their id."""
    cases = json.loads((CASES / "cases.json").read_text(encoding="utf-8"))
    return {case["id"]: read_radiograph((CASES / case["images"][0]["path"]).read_bytes()) for case in cases}


def drafts_in(precision):
    """The drafts of the sample cases, with an empty context."""
    settings = Settings(folder=ROOT, model=ModelSettings(precision=precision))
    reporter = load_reporter(settings)
    assert reporter.identity.precision == precision
    last = {}
    for name, film in films().items():
        *_, last[name] = reporter.stream([film], ClinicalContext())
    return last


@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_it_drafts_the_sample_cases_in_every_precision(precision):
    """Each case gets a report with findings and an impression, and not all cases the same one."""
    drafts = drafts_in(precision)
    assert all(
        isinstance(draft, Draft) and draft.report.findings and draft.report.impression for draft in drafts.values()
    )
    assert len({draft.report.findings for draft in drafts.values()}) > 1


@pytest.mark.filterwarnings("ignore:.*is_gradient_checkpointing.*:FutureWarning")  # peft's own
def test_a_plain_peft_model_loads_the_adapter():
    """Nothing but transformers and peft is needed to use the weights, and they answer as they do here."""
    ours = load_base(MINI / BASE, "fp32", "cpu")
    batch = collate(ours, [[films()["normal"].pixels]], ["Write the findings."], ["Findings: Clear."])
    single = {**batch, "pixel_values": batch["pixel_values"][:, 0]}
    plain = InstructBlipForConditionalGeneration.from_pretrained(MINI / BASE, dtype=torch.float32).eval()
    with torch.inference_mode():
        without = plain(**single).logits
        model = PeftModel.from_pretrained(plain, MINI / ADAPTER).eval()
        with_adapter = model(**single).logits
        adapted, _ = load_adapter(ours, MINI / ADAPTER)
        here = adapted.eval()(**batch).logits
    assert not torch.allclose(without, with_adapter)
    assert torch.allclose(with_adapter, here, atol=1e-4)
