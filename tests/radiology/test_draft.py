"""How a draft was generated refuses what cannot be."""

from typing import Any

import pytest

from clinicalblip.radiology.draft import GenerationOptions


@pytest.mark.parametrize(
    "wrong",
    [
        {"max_new_tokens": 0},
        {"temperature": -0.1},
        {"temperature": float("inf")},
        {"top_p": 0.0},
        {"top_p": 1.1},
        {"repetition_penalty": 0.0},
        {"finding_bias": float("nan")},
    ],
)
def test_options_out_of_range_are_refused(wrong: dict[str, Any]) -> None:
    """Each option has its range, and what is outside of it is no provenance."""
    with pytest.raises(ValueError, match=r"not|range"):
        GenerationOptions(**{"max_new_tokens": 220, **wrong})
