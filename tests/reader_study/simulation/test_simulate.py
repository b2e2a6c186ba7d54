"""Simulated readers do what was stated of them, and the table of coverage is the same twice."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.reader_study.simulation.coverage import cover, estimate_all, mean_share, true_values, write_coverage
from clinicalblip.reader_study.simulation.readers import POPULATION, Population, draw_readers
from clinicalblip.reader_study.simulation.simulate import simulate_study


def test_a_study_is_balanced() -> None:
    """Every reader reads every case once, and every arm as often as any other, of each case too."""
    study = simulate_study(POPULATION, seed=1, readers=4, cases=8)
    assert len(study.readings) == 32
    assert set(Counter((each.reader, each.arm) for each in study.readings).values()) == {2}
    assert set(Counter((each.case, each.arm) for each in study.readings).values()) == {1}
    assert {each.position for each in study.readings} == set(range(1, 9))
    assert len(study.choices) == 4 * 2 * 3


def test_the_same_seed_gives_the_same_study() -> None:
    """And another one another."""
    assert simulate_study(POPULATION, seed=2, readers=4, cases=8) == simulate_study(
        POPULATION, seed=2, readers=4, cases=8
    )
    assert simulate_study(POPULATION, seed=2, readers=4, cases=8) != simulate_study(
        POPULATION, seed=3, readers=4, cases=8
    )


def test_what_is_stated_comes_about() -> None:
    """Many readers and cases together catch, keep, decide and edit as the population says."""
    study = simulate_study(replace(POPULATION, learning=0.0), seed=5, readers=40, cases=80)
    none, draft = POPULATION.arms[:2]
    of_none, of_draft = ([each for each in study.readings if each.arm == arm.name] for arm in (none, draft))
    assert np.mean([each.kept_wrong for each in of_draft]) == pytest.approx(draft.kept_wrong, abs=0.06)
    assert np.mean([each.caught for each in of_draft if each.caught is not None]) == pytest.approx(
        draft.caught, abs=0.1
    )
    assert np.mean([each.edited_words for each in of_draft]) == pytest.approx(draft.edited_words, rel=0.15)
    ratio = np.exp(
        np.mean(np.log([each.seconds for each in of_draft])) - np.mean(np.log([each.seconds for each in of_none]))
    )
    assert ratio == pytest.approx(draft.time_ratio, rel=0.06)
    assert np.mean([each.decision == 0 for each in of_none]) == pytest.approx(POPULATION.cuts[0], abs=0.08)
    assert all(each.caught is None and each.edited_words is None for each in of_none)


def test_shares_that_leave_nothing_to_chance_are_refused() -> None:
    """There would be no reading that differs from another."""
    with pytest.raises(ValueError, match="to chance"):
        Population(POPULATION.arms, reader_share=0.5, case_share=0.5)


def test_every_estimate_has_a_truth() -> None:
    """Under the same name."""
    study = simulate_study(POPULATION, seed=4, readers=8, cases=24)
    truths = true_values(POPULATION, study.readers)
    assert set(estimate_all(POPULATION, study, resamples=30)) == set(truths)
    readers = draw_readers(replace(POPULATION, agreement_spread=0.0), 5, np.random.default_rng(0))
    assert true_values(POPULATION, readers)["Gwet's AC1"] == pytest.approx(0.7705, abs=1e-4)  # by hand


def test_the_tables_are_the_same_twice(tmp_path: Path) -> None:
    """From the same seeds, byte for byte."""
    for name in ("first", "second"):
        write_coverage(tmp_path / name, cover(POPULATION, [0], readers=4, cases=8, resamples=20), {"seeds": "0"})
    for file in ("coverage.md", "coverage.csv"):
        assert (tmp_path / "first" / file).read_bytes() == (tmp_path / "second" / file).read_bytes()
    lines = (tmp_path / "first" / "coverage.csv").read_text().splitlines()
    assert (len(lines), lines[0].split(",")[:2]) == (30, ["estimate", "truth"])


@pytest.mark.system
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Over a dozen studies of 12 readers, 80 cases and 4 arms: between 91 and 99 % of all 348 intervals."""
    rows = cover(POPULATION, range(12))
    assert 0.91 <= mean_share(rows) <= 0.99
    assert all(row.without == 0 for row in rows)
