"""How texts vary, and when drafts are a template."""

import pytest

from clinicalblip.evaluation.diversity import FEWEST, Diversity, measure_diversity


def test_texts_are_counted_without_regard_to_case_and_white_space() -> None:
    """Distinct texts, the commonest one's share, empty texts and mean words are those of the texts as read."""
    found = measure_diversity(["The lungs  are clear.", "the lungs are clear.", "", "Effusion."])
    assert (found.distinct, found.commonest, found.empty) == (3, 2, 1)
    assert found.commonest_fraction == 0.5
    assert found.mean_words == pytest.approx(9 / 4)


def references(count: int = 40) -> Diversity:
    """As many different texts."""
    return measure_diversity([f"reference {n}" for n in range(count)])


@pytest.mark.parametrize(
    ("drafts", "collapsed"),
    [
        (["normal"] * 40, True),
        ([f"draft {n % 10}" for n in range(40)], True),
        ([f"draft {n % 11}" for n in range(40)], False),
        ([f"draft {max(n, 7)}" for n in range(40)], True),
        ([f"draft {max(n, 6)}" for n in range(40)], False),
        ([f"draft {n}" for n in range(40)], False),
    ],
    ids=[
        "one text",
        "a quarter of the texts",
        "more than a quarter",
        "a fifth share a text",
        "less than a fifth share a text",
        "all differ",
    ],
)
def test_a_template_is_a_quarter_as_varied_as_the_references(drafts: list[str], collapsed: bool) -> None:
    """Four times fewer texts, or one that a fifth of the studies share, is a collapse."""
    assert measure_diversity(drafts).has_collapsed(references()) is collapsed


def test_the_references_own_template_is_none() -> None:
    """Drafts that repeat themselves as the references do have not collapsed."""
    texts = ["normal"] * 30 + [f"report {n}" for n in range(10)]
    assert not measure_diversity(texts).has_collapsed(measure_diversity(texts))


def test_of_few_studies_nothing_is_said() -> None:
    """Under twenty studies the same text twice means little."""
    few = FEWEST - 1
    assert not measure_diversity(["normal"] * few).has_collapsed(references(few))


def test_impossible_counts_are_refused() -> None:
    """There are no more distinct texts than texts."""
    with pytest.raises(ValueError, match="cannot be"):
        Diversity(texts=2, distinct=3, commonest=1, empty=0, mean_words=1.0)
