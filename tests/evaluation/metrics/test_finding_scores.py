"""Finding scores: tables worked out by hand, the choices that are stated, and what holds for every table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_score, recall_score

from clinicalblip.evaluation.metrics.finding_scores import (
    FIVE,
    WITHOUT_NO_FINDING,
    average_statistics,
    measure_findings,
    measure_table,
    positives,
)
from clinicalblip.evaluation.statistics.statistic import bootstrap_difference, bootstrap_interval
from clinicalblip.radiology.observation import CHEXPERT, Observation

TRUTH = np.array([[1, 0, np.nan], [0, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=np.float32)
REFERENCES = [
    "Mild cardiomegaly. Small left effusion. No pneumothorax.",
    "No effusion, consolidation or pneumothorax.",
    "Possible pneumonia. The heart is enlarged.",
]
DRAFTS = [
    "Mild cardiomegaly. No effusion.",
    "Left effusion.",
    "Possible pneumonia. The heart is normal.",
]


def values(**choice: bool) -> dict[str, float]:
    """Each figure of the three drafts."""
    return {name: each.value() for name, each in measure_findings(DRAFTS, REFERENCES, **choice).items()}


def test_the_score_of_a_table_worked_out_by_hand() -> None:
    """Two hits, one false finding and two missed ones give F1 = 4 / 7; what is unknown counts neither way."""
    said = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    figures = measure_table(said, TRUTH)
    assert figures["micro-f1"].value() == pytest.approx(4 / 7)
    assert figures["micro-recall"].value() == pytest.approx(0.5)
    assert figures["micro-precision"].value() == pytest.approx(2 / 3)
    assert figures["macro-f1"].value() == pytest.approx((4 / 5 + 0) / 2)  # the third finding has no positive
    f1 = bootstrap_interval(figures["micro-f1"])
    assert f1.low <= f1.value <= f1.high


def test_reports_worked_out_by_hand() -> None:
    """Cardiomegaly once found and once missed, pneumonia doubted on both sides, effusion missed and made up."""
    found = values()
    assert found["findings-13-micro-f1"] == pytest.approx(2 * 2 / (2 * 2 + 1 + 2))
    assert found["findings-13-micro-precision"] == pytest.approx(2 / 3)
    assert found["findings-13-micro-recall"] == pytest.approx(2 / 4)
    assert found["findings-13-macro-f1"] == pytest.approx((2 / 3 + 1 + 0) / 3)
    assert found["findings-5-micro-f1"] == pytest.approx(2 / (2 + 1 + 2))
    assert found["findings-5-macro-f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["findings-micro-f1"] == pytest.approx(4 / (4 + 1 + 3))  # the second reference has No Finding as well
    assert found["findings-cardiomegaly-recall"] == pytest.approx(1 / 2)
    assert found["findings-cardiomegaly-precision"] == pytest.approx(1)
    assert found["findings-cardiomegaly-positives"] == 2
    assert found["findings-no-finding-positives"] == 1


def test_a_doubted_finding_counts_as_the_caller_chooses() -> None:
    """Without doubted ones, the pneumonia that both doubt is no finding of either."""
    assert values()["findings-pneumonia-f1"] == 1
    assert np.isnan(values(uncertain_is_positive=False)["findings-pneumonia-f1"])
    assert positives(["Possible pneumonia."]).sum() == 1
    assert positives(["Possible pneumonia."], uncertain_is_positive=False).sum() == 0


def test_what_nobody_names_has_no_figure_and_no_part_in_the_mean() -> None:
    """A fracture that stands in no reference and no draft is neither 0 nor 1."""
    assert np.isnan(values()["findings-fracture-f1"])
    assert values()["findings-fracture-positives"] == 0
    assert not np.isnan(values()["findings-macro-f1"])


def test_a_draft_that_is_its_reference_scores_one() -> None:
    """The upper end of the scale is reached by every figure that there is."""
    figures = measure_findings(REFERENCES, REFERENCES)
    scores = [each.value() for name, each in figures.items() if not name.endswith("positives")]
    assert {score for score in scores if not np.isnan(score)} == {1.0}


def test_empty_drafts_find_nothing() -> None:
    """An empty text is scored, as one that says nothing: no recall, and no precision that could be counted."""
    figures = measure_findings(["", "", ""], REFERENCES)
    assert figures["findings-13-micro-recall"].value() == 0
    assert np.isnan(figures["findings-13-micro-precision"].value())


def test_the_sets_of_observations() -> None:
    """Fourteen, thirteen without No Finding, and the five that CheXpert's authors compared on."""
    assert len(CHEXPERT) == len(WITHOUT_NO_FINDING) + 1
    assert Observation.NO_FINDING not in WITHOUT_NO_FINDING
    assert set(FIVE) < set(WITHOUT_NO_FINDING)
    assert len(FIVE) == 5


TABLES = st.integers(1, 12).flatmap(
    lambda studies: st.tuples(
        *(st.lists(st.lists(st.booleans(), min_size=4, max_size=4), min_size=studies, max_size=studies),) * 2
    )
)


@given(TABLES)
def test_it_agrees_with_scikit_learn(tables: tuple[list[list[bool]], list[list[bool]]]) -> None:
    """Micro figures are scikit-learn's; the macro one is its, over the findings that are positive anywhere."""
    said, truth = (np.array(table) for table in tables)
    figures = {name: each.value() for name, each in measure_table(said, truth.astype(float)).items()}
    for name, score in (("f1", f1_score), ("precision", precision_score), ("recall", recall_score)):
        theirs = score(truth, said, average="micro", zero_division=np.nan)
        assert figures[f"micro-{name}"] == pytest.approx(theirs, nan_ok=True)
    each = f1_score(truth, said, average=None, zero_division=np.nan)
    named = (said | truth).any(axis=0)
    assert figures["macro-f1"] == pytest.approx(each[named].mean() if named.any() else np.nan, nan_ok=True)


@given(st.permutations(range(3)))
def test_the_order_of_studies_changes_nothing(order: list[int]) -> None:
    """Shuffled studies have the same figures."""
    shuffled = measure_findings([DRAFTS[i] for i in order], [REFERENCES[i] for i in order])
    assert {name: each.value() for name, each in shuffled.items()} == pytest.approx(values(), nan_ok=True)


def test_a_set_is_no_better_than_itself() -> None:
    """The paired difference to the mean of a set's own copies is exactly zero, interval and all."""
    own = measure_table(np.nan_to_num(TRUTH).astype(bool), TRUTH)["micro-f1"]
    found = bootstrap_difference(own, average_statistics("copies", [own, own]))
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_a_better_set_has_an_interval_above_zero() -> None:
    """Over many studies the truth beats the truth of another study."""
    rng = np.random.default_rng(0)
    truth = (rng.random((300, 5)) < 0.3).astype(np.float32)
    own, other = (measure_table(said.astype(bool), truth)["micro-f1"] for said in (truth, np.roll(truth, 1, axis=0)))
    assert bootstrap_difference(own, average_statistics("others", [other])).low > 0


@pytest.mark.parametrize("shape", [(2, 3), (0, 3), (4,)], ids=["fewer", "none", "flat"])
def test_tables_that_do_not_fit_are_refused(shape: tuple[int, ...]) -> None:
    """A score over mismatched studies, or over none, would mean nothing."""
    with pytest.raises(ValueError, match="same table"):
        measure_table(np.zeros(shape, dtype=bool), TRUTH)


def test_a_draft_without_a_reference_is_refused() -> None:
    """Each draft has a reference, and there is a study."""
    with pytest.raises(ValueError, match="its reference"):
        measure_findings(["Effusion."], [])
    with pytest.raises(ValueError, match="a study or more"):
        measure_findings([], [])
