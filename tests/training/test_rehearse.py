"""The rehearsal: a step of every stage and a draft, with gradients that are looked at."""

from dataclasses import replace

import pytest
import torch

from clinicalblip.errors import ModelUnavailable, StageError
from clinicalblip.instructblip.build.random_base import make_random_base
from clinicalblip.instructblip.hardware.precision import ChosenPrecision
from clinicalblip.training.plans import CLINICALBLIP, SINGLE_STAGE
from clinicalblip.training.rehearse import count_parameters, rehearse


@pytest.mark.parametrize(("shape", "precision"), [("tiny", "nf4"), ("tiny", "fp32"), ("tiny-t5", "nf4")])
def test_every_stage_steps_and_a_draft_is_written(shape: str, precision: ChosenPrecision) -> None:
    """Each stage of the plan takes a step with gradients, and as many tokens are written as were asked for."""
    lines: list[str] = []
    found = rehearse(shape, CLINICALBLIP, precision=precision, tokens=5, log=lines.append)
    assert [step.stage for step in found.steps] == ["vision", "bridge", "language"]
    assert all(step.gradient_norm > 0 and step.trainable > 0 and step.loss > 0 for step in found.steps)
    assert found.draft_tokens == 5
    assert found.seconds_a_token > 0
    assert found.peak_bytes >= found.loaded_bytes > 0
    assert len(lines) == 5
    assert all(name in found.table for name in ("stage vision", "stage bridge", "stage language", "a token"))


def test_all_groups_at_once_step_too() -> None:
    """The single stage of the other plan trains as many weights as the three stages together."""
    (step,) = rehearse("tiny", SINGLE_STAGE, tokens=2).steps
    three = rehearse("tiny", CLINICALBLIP, tokens=2).steps
    assert step.trainable == sum(each.trainable for each in three)


def test_gradients_that_are_no_number_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rehearsal whose loss overflows says in which stage and at which weight."""
    monkeypatch.setattr(
        "clinicalblip.training.rehearse.report_loss",
        lambda logits, labels, **_: logits.sum() * torch.tensor(float("nan")),
    )
    with pytest.raises(StageError, match=r"stage vision the gradient of .* no number"):
        rehearse("tiny", CLINICALBLIP, tokens=2)


def test_weights_cut_off_from_the_loss_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage whose weights get no gradient but zero is found out."""
    monkeypatch.setattr("clinicalblip.training.rehearse.report_loss", lambda logits, labels, **_: (logits * 0.0).sum())
    with pytest.raises(StageError, match="is zero"):
        rehearse("tiny", CLINICALBLIP, tokens=2)


def test_step_that_changes_nothing_is_an_error() -> None:
    """A learning rate too small to move any weight does not pass as a step."""
    frozen = replace(CLINICALBLIP, stages=(replace(CLINICALBLIP.stages[2], learning_rate=1e-45),))
    with pytest.raises(StageError, match="changed no weight"):
        rehearse("tiny", frozen, tokens=2)


def test_one_token_or_an_unknown_shape_is_refused() -> None:
    """What cannot be timed or made is refused before anything is made."""
    with pytest.raises(StageError, match="two tokens"):
        rehearse("tiny", CLINICALBLIP, tokens=1)
    with pytest.raises(ModelUnavailable, match="no shape named"):
        rehearse("instructblip-13b", CLINICALBLIP)


def test_weights_are_counted_the_same_in_every_precision() -> None:
    """Two weights that share a byte count as two."""
    assert count_parameters(make_random_base("tiny", "nf4").model) == count_parameters(
        make_random_base("tiny", "fp32").model
    )
