"""What a person may choose about a training."""

from typing import Any

import pytest

from clinicalblip.training.options import TrainOptions


@pytest.mark.parametrize(
    "values",
    [
        {"without": frozenset({"findings"})},
        {"workers": -1},
        {"checkpoint_minutes": -1},
        {"checkpoint_minutes": float("nan")},
    ],
)
def test_options_refuse_what_is_impossible(values: dict[str, Any]) -> None:
    """A slot that the prompt has not, and numbers below 0, are refused where the options are made."""
    (name,) = values
    with pytest.raises(ValueError, match="slot" if name == "without" else name):
        TrainOptions(**values)
