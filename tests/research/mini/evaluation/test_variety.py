"""Sets of findings of drafts beside those of the labels."""

import numpy as np
import pytest

from research.mini.evaluation.variety import measure_variety
from research.mini.reports.sentences import REPORTED


def test_a_template_has_one_commonest_set_however_it_is_worded():
    """Four texts that affirm nothing are one set, far commoner than among the labels."""
    affirmed = np.zeros((4, len(REPORTED)), dtype=bool)
    truth = np.zeros((4, len(REPORTED)), dtype=np.float32)
    truth[:3, [0, 1, 2]] = np.eye(3)
    truth[3, 3] = np.nan
    found = measure_variety(["a.", "b.", "c.", "A."], affirmed, truth)
    assert (found["distinct_texts"], found["distinct_sets"], found["distinct_sets_of_labels"]) == (3, 1, 4)
    assert found["commonest_set"] == {"findings": [], "fraction": 1.0}
    assert found["excess"] == pytest.approx(0.75)


def test_drafts_that_say_what_the_films_have_have_no_excess():
    """The commonest set is compared with the same set of the labels."""
    truth = np.zeros((4, len(REPORTED)), dtype=np.float32)
    truth[0, 5] = 1
    assert measure_variety(["a", "b", "c", "d"], truth == 1, truth)["excess"] == 0
