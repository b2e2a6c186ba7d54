"""What is to be reached stands in the card beside what is."""

import copy
from pathlib import Path

import pytest

from research.mini.evaluation.aims import aims, aims_table, share
from research.mini.evaluation.card import read_figures

MINI = Path(__file__).parents[4] / "assets" / "mini"


@pytest.fixture
def figures():
    """The bundled model's own, to change."""
    return copy.deepcopy(read_figures(MINI))


def _encoder(figures):
    figures["score"].update(macro_auroc=0.75)
    figures["encoder"]["nih"].update(macro_auroc=0.76)


@pytest.mark.parametrize(
    ("what", "change"),
    [
        ("`score`, macro AUROC", _encoder),
        (
            "on the larger films",
            lambda f: f["score"].update(larger_films={"films": 9, "value": 0.7, "low": 0, "high": 1}),
        ),
        ("F1 with the right film", lambda f: f["base_and_adapter"]["right_film"]["f1"].update(value=0.3)),
        ("bigram perplexity", lambda f: f["language"]["fluency"]["drafts"]["perplexity"].update(value=12.0)),
        ("sentences that are none", lambda f: f["language"]["fluency"]["drafts"].update(not_sentences=0)),
        ("a hinted finding", lambda f: f["hints"]["with_hint"].update(findings=100, with_side_and_degree=95)),
        ("because of a hint", lambda f: f["hints"].update(because_of_hint=8)),
        ("unhinted findings", lambda f: f["hints"]["unhinted_findings"]["difference"].update(low=-0.01)),
        ("prior film and report: larger", lambda f: f["comparisons"]["larger"].update(of=10, right=6)),
        ("that is noise", lambda f: f["trials"]["nothing"]["noise"].update(of=30, right=27)),
    ],
)
def test_an_aim_is_met_from_its_bound_on(figures, what, change):
    """A figure at the bound is enough."""
    change(figures)
    (aim,) = (each for each in aims(figures) if what in each.what)
    assert aim.met


def test_what_was_not_measured_is_not_met(figures):
    """A tiny run has too few films for an AUROC: its cell says so."""
    figures["score"].update(macro_auroc=None, larger_films=None)
    figures["language"]["fluency"]["drafts"].update(perplexity=None)
    (score, larger, *_) = aims(figures)
    assert (score.reached, score.met, larger.reached, larger.met) == ("not measured", None, "not measured", None)
    assert next(each for each in aims(figures) if "perplexity" in each.what).met is None
    assert all(line.count("|") == 5 for line in aims_table(figures))


def test_a_fraction_of_nothing_is_none():
    """Nothing divides by zero, and a fraction has its interval."""
    assert share(0, 0) == "none to count"
    assert share(5, 10) == "50 % of 10 (24 to 76)"
