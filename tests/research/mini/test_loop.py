"""The training loop: killed and resumed equals undisturbed; finished is skipped; other settings are refused."""

import json

import pytest
import torch
from torch import nn
from torch.nn import functional

from clinicalblip.errors import StageError
from research.mini.loop import Schedule, train_part

SCHEDULE = Schedule(steps=12, learning_rate=0.05)


class Killed(Exception):
    """Stands for the process's end in the middle of a step."""


def train(folder, *, kill_at=None, steps_seen=None, settings=None, schedule=SCHEDULE):
    """Fit a small net with dropout to noise; return its weights."""
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.3), nn.Linear(8, 1))

    def losses(step):
        if step == kill_at:
            raise Killed
        if steps_seen is not None:
            steps_seen.append(step)
        rng = torch.Generator().manual_seed(step)
        batch = torch.randn(16, 3, generator=rng)
        return {"error": functional.mse_loss(net(batch)[:, 0], batch.sum(1)), "nothing": torch.zeros(())}

    lines = []
    train_part(folder, net, losses, schedule, settings=settings or {}, save_minutes=0, log=lines.append)
    return net.state_dict(), lines


def test_killed_and_resumed_equals_undisturbed(tmp_path):
    """The weights agree bit for bit, dropout included, and no step is done twice."""
    whole, _ = train(tmp_path / "whole")
    seen = []
    with pytest.raises(Killed):
        train(tmp_path / "cut", kill_at=7, steps_seen=seen)
    resumed, _ = train(tmp_path / "cut", steps_seen=seen)
    assert seen == list(range(12))
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_what_is_left_behind_is_the_moving_average(tmp_path):
    """With an average the weights lie between the start and the last step's, and a killed run ends with the same."""
    averaged = Schedule(steps=12, learning_rate=0.05, average=0.9)
    last, _ = train(tmp_path / "plain")
    whole, _ = train(tmp_path / "whole", schedule=averaged)
    with pytest.raises(Killed):
        train(tmp_path / "cut", kill_at=7, schedule=averaged)
    resumed, _ = train(tmp_path / "cut", schedule=averaged)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert not torch.allclose(whole["0.weight"], last["0.weight"], atol=1e-3)


def test_training_lowers_the_error(tmp_path):
    """The loop trains: the log ends well below where an untrained net starts (about 3)."""
    train(tmp_path / "part", schedule=Schedule(steps=150, learning_rate=0.05))
    lines = [json.loads(line) for line in (tmp_path / "part" / "log.jsonl").read_text().splitlines()]
    last = lines[-1]
    assert last["step"] == 150
    assert last["error"] < 2.5
    assert set(last) == {"step", "rate", "seconds_a_step", "error", "nothing"}


def test_a_finished_part_is_loaded_not_trained(tmp_path):
    """The second call does no step and gives the same weights; the checkpoint is gone."""
    first, lines = train(tmp_path / "part")
    seen = []
    second, _ = train(tmp_path / "part", steps_seen=seen)
    assert seen == []
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert sorted(path.name for path in (tmp_path / "part").iterdir()) == ["log.jsonl", "trained.pt"]
    assert "part: step 12 of 12" in lines[-1]
    assert "minutes left" in lines[-1]


def test_a_half_written_checkpoint_leaves_the_previous_one(tmp_path, monkeypatch):
    """A full disk in the middle of a save loses nothing that was saved before."""
    whole, _ = train(tmp_path / "whole")
    with pytest.raises(Killed):
        train(tmp_path / "cut", kill_at=5)
    kept = (tmp_path / "cut" / "checkpoint.pt").read_bytes()

    def full(content, file):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        with pytest.raises(StageError, match=r"No space left on device.*make room on the disk"):
            train(tmp_path / "cut")
    assert (tmp_path / "cut" / "checkpoint.pt").read_bytes() == kept
    resumed, _ = train(tmp_path / "cut")
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)


def test_other_settings_are_refused(tmp_path):
    """Neither a begun nor a finished part goes on under another recipe."""
    with pytest.raises(Killed):
        train(tmp_path / "part", kill_at=7, settings={"size": 160})
    with pytest.raises(StageError, match="other settings"):
        train(tmp_path / "part", settings={"size": 192})
    train(tmp_path / "part", settings={"size": 160})
    with pytest.raises(StageError, match="other settings"):
        train(tmp_path / "part", settings={"size": 192})


def test_a_loss_that_is_no_number_stops_the_part(tmp_path):
    """Diverged training ends with a sentence and writes no weights."""
    net = nn.Linear(1, 1)
    with pytest.raises(StageError, match="no number"):
        train_part(tmp_path, net, lambda step: {"loss": net.weight.sum() * float("nan")}, SCHEDULE, settings={})
    assert not (tmp_path / "trained.pt").exists()


def test_the_rate_goes_up_and_down_once():
    """One cycle: the peak is the stated rate, the end a hundredth of it."""
    schedule = Schedule(steps=100, learning_rate=1.0, warm_up=0.1)
    rates = [schedule.rate(step) for step in range(100)]
    peak = rates.index(max(rates))
    assert max(rates) == pytest.approx(1.0)
    assert rates[:peak] == sorted(rates[:peak])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert rates[-1] < 0.02


def test_impossible_schedules_are_refused():
    """No steps, no rate, nothing but warm-up."""
    for values in ({"steps": 0}, {"learning_rate": 0.0}, {"warm_up": 1.0}):
        with pytest.raises(ValueError, match="schedule"):
            Schedule(**{"steps": 5, "learning_rate": 0.1, **values})
