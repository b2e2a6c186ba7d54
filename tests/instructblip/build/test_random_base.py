"""A base with random weights: of the hub's shapes, quantised, and no blind one."""

import numpy as np
import pytest
import torch
from bitsandbytes.nn import Linear4bit, Params4bit

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.build.random_base import SHAPES, make_random_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.hardware import device
from clinicalblip.instructblip.hardware.cpu_features import CpuFeatures
from clinicalblip.instructblip.hardware.precision import ChosenPrecision

KINDS = pytest.mark.parametrize("shape", ["tiny", "tiny-t5"])
PRECISIONS = pytest.mark.parametrize("precision", ["nf4", "bf16", "fp32"])


def logits(base: Base, grey: float) -> torch.Tensor:
    """The logits for one flat film."""
    size = base.image_size
    batch = collate(base, [[np.full((size, size), grey, np.float32)]], ["Report:"], ["Findings: clear."])
    if not base.is_decoder_only:
        batch["decoder_input_ids"] = base.model.language_model.prepare_decoder_input_ids_from_labels(batch["labels"])
    del batch["labels"]
    with torch.no_grad(), base.autocast():
        found: torch.Tensor = base.model(**batch).logits.float()
    return found


@KINDS
@PRECISIONS
def test_every_weight_is_made_and_the_film_is_seen(shape: str, precision: ChosenPrecision) -> None:
    """No weight is left unmade, the logits are numbers, and another film changes them."""
    base = make_random_base(shape, precision)
    assert not any(tensor.is_meta for tensor in (*base.model.parameters(), *base.model.buffers()))
    dark, bright = logits(base, 0.1), logits(base, 0.9)
    assert torch.isfinite(dark).all()
    assert (dark - bright).abs().max() > 1e-4


@KINDS
@pytest.mark.parametrize(
    ("flags", "dtype"), [(frozenset({"avx2"}), torch.float32), (frozenset({"avx512_bf16"}), torch.bfloat16)]
)
def test_what_nf4_leaves_is_in_the_type_of_its_products(
    shape: str, flags: frozenset[str], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With or without bfloat16 in the processor, everything that has no 4 bits is in one type, and the film is seen."""
    monkeypatch.setattr(device, "read_cpu_features", lambda: CpuFeatures(flags, free_bytes=8e9))
    base = make_random_base(shape, "nf4")
    left = {each.dtype for each in base.model.parameters() if not isinstance(each, Params4bit)}
    assert left == {base.compute_dtype} == {dtype}
    assert torch.isfinite(logits(base, 0.5)).all()


@KINDS
def test_nf4_quantises_the_language_model_alone(shape: str) -> None:
    """In NF4 the language model's layers have 4 bits, and those of the encoder, the Q-Former and the head have not."""
    names = [name for name, module in make_random_base(shape).model.named_modules() if isinstance(module, Linear4bit)]
    assert names
    assert all(name.startswith("language_model.") and "lm_head" not in name for name in names)


def test_same_seed_gives_the_same_weights() -> None:
    """The weights follow the seed."""
    first, again, other = (make_random_base("tiny", "fp32", seed=seed) for seed in (1, 1, 2))
    weights, same, others = (each.model.state_dict() for each in (first, again, other))
    assert all(torch.equal(weight, same[name]) for name, weight in weights.items())
    assert not torch.equal(weights["query_tokens"], others["query_tokens"])
    assert first.digest == again.digest != other.digest


def test_rotary_frequencies_are_computed() -> None:
    """What a model computes and does not learn is what the class itself would compute."""
    frequencies = make_random_base("tiny").model.language_model.model.rotary_emb.inv_freq
    expected = 10000.0 ** (-torch.arange(0, 32, 2) / 32)
    assert torch.allclose(frequencies, expected)


@pytest.mark.skipif(torch.cuda.is_available(), reason="here is a GPU")
def test_gpu_that_is_not_there_is_one_sentence() -> None:
    """A shape asked for on a GPU is refused where there is none, before anything is made."""
    with pytest.raises(ModelUnavailable, match="torch finds none here"):
        make_random_base("tiny", device="cuda")


def test_unknown_shape_and_precision_are_refused() -> None:
    """A shape that is not known is refused with the list of those that are; int8 is refused too."""
    with pytest.raises(ModelUnavailable, match=", ".join(SHAPES)):
        make_random_base("instructblip-13b")
    with pytest.raises(ModelUnavailable, match="int8"):
        make_random_base("tiny", "int8")
