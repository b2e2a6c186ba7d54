"""Where nothing is lent, and what the reader is told where the hub refuses."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from clinicalblip.errors import ClinicalBlipError, GpuNotLent, ModelUnavailable, OutOfMemory
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.zerogpu import wording
from clinicalblip.instructblip.zerogpu.refusals import as_refusal
from clinicalblip.profiles import is_zero_gpu
from clinicalblip.radiology.report import Report
from tests.fixtures.lent_gpus import LentGpus, zerogpu_error
from tests.instructblip.test_reporter import CONTEXT, draft, film, reporter_of

LEFT = "You have exceeded your free ZeroGPU quota (43s requested vs. 12s left). Try again in {}. "


@pytest.mark.parametrize("value", [None, "", "0", "false"])
def test_elsewhere_the_engine_has_the_model(
    value: str | None, monkeypatch: pytest.MonkeyPatch, tiny_llama_base: Base
) -> None:
    """Without ZeroGPU's variable the package that decorates is not even looked for."""
    monkeypatch.setitem(sys.modules, "spaces", None)
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    if value is not None:
        monkeypatch.setenv("SPACES_ZERO_GPU", value)
    assert not is_zero_gpu(os.environ)
    assert isinstance(reporter_of(tiny_llama_base)._engine, Engine)


def test_a_space_without_the_package_says_so(monkeypatch: pytest.MonkeyPatch, tiny_llama_base: Base) -> None:
    """In one sentence, before a model is loaded."""
    monkeypatch.setitem(sys.modules, "spaces", None)
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    with pytest.raises(ModelUnavailable, match="the package spaces is not installed"):
        reporter_of(tiny_llama_base)


@pytest.mark.parametrize(
    ("title", "message", "says"),
    [
        ("ZeroGPU quota exceeded", LEFT.format("0:04:31"), wording.QUOTA_UNTIL.format(wait="0:04:31")),
        (
            "ZeroGPU quota exceeded",
            LEFT.format(timedelta(days=1, seconds=7)) + "Subscribe to Hugging Face PRO - https://huggingface.co/pro",
            wording.QUOTA_UNTIL.format(wait="1 day, 0:00:07"),
        ),
        ("ZeroGPU quota exceeded", "You have exceeded your ZeroGPU runs limit. ", wording.QUOTA),
        ("ZeroGPU quota exceeded", "Space app has reached its GPU limit. Try re-running", wording.SPACE_QUOTA),
        ("ZeroGPU quota exceeded", "No GPU was available after 60s. Try re-running", wording.NONE_FREE),
        ("ZeroGPU queue timeout", '<a style="x" href="y">Create a free account</a>', wording.NONE_FREE),
        ("ZeroGPU client error", "No GPU was available", wording.NONE_FREE),
        ("ZeroGPU client error", "Expired ZeroGPU proxy token", wording.SIGN_IN_ENDED),
        ("ZeroGPU pending credits exceeded", "You have too many ZeroGPU credits allocated", wording.PENDING),
        ("ZeroGPU illegal duration", "The requested GPU duration (120s) is larger", wording.TOO_LONG),
        ("ZeroGPU worker error", "GPU task aborted", wording.TAKEN_BACK),
        ("ZeroGPU worker error", "RuntimeError", wording.TAKEN_BACK),
        ("of a later version", "<b>whatever</b>", wording.NOT_ASKED),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(title: str, message: str, says: str) -> None:
    """Without its links, its offers and its markup."""
    refusal = as_refusal(zerogpu_error(title, message))
    assert (type(refusal), str(refusal)) == (GpuNotLent, says)


@pytest.mark.parametrize("error", [RuntimeError("ZeroGPU API /schedule error: 500"), OSError("no route to 10.0.0.1")])
def test_what_else_goes_wrong_is_one_sentence(error: Exception) -> None:
    """Nothing of what was raised stands in it; what is of the family stays what it is."""
    assert str(as_refusal(error)) == wording.NOT_ASKED
    own = OutOfMemory("The draft did not fit.")
    assert as_refusal(own) is own


@pytest.mark.parametrize("ask", ["draft", "score", "evidence"])
def test_a_refusal_reaches_whoever_asks_and_the_next_is_served(gpus: LentGpus, tiny_llama_base: Base, ask: str) -> None:
    """The same sentence by a draft, by scores and by evidence, and never a model that counts as broken."""
    reporter = reporter_of(tiny_llama_base)
    asks: dict[str, Callable[[], object]] = {
        "draft": lambda: draft(reporter),
        "score": lambda: reporter.score([film()], CONTEXT),
        "evidence": lambda: reporter.evidence([film()], CONTEXT, Report("The heart is normal.")),
    }
    gpus.refusal = zerogpu_error("ZeroGPU quota exceeded", LEFT.format("0:04:31"))
    with pytest.raises(ClinicalBlipError) as refused:
        asks[ask]()
    assert str(refused.value) == wording.QUOTA_UNTIL.format(wait="0:04:31")
    reporter.check()
    gpus.refusal = None
    assert draft(reporter).tokens > 0


@pytest.mark.parametrize("module", ["clinicalblip.instructblip", "clinicalblip.instructblip.prompt"])
def test_the_prompt_needs_no_torch(module: str) -> None:
    """The room's door and the prompt builder are imported without the model's packages."""
    code = f"import sys, {module}; sys.exit(bool({{'torch', 'transformers', 'peft'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
