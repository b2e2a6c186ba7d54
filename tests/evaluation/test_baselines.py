"""The baselines: what they choose, whatever the order of the studies, and what they do without anything to go by."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from clinicalblip.evaluation.baselines import ReportBank, find_medoid, nearest_by_film, nearest_by_indication
from clinicalblip.radiology.study import Study
from tests.fixtures.scored_studies import study


def bank(*studies: Study) -> ReportBank:
    """A bank of these studies' findings."""
    ordered = sorted(studies, key=lambda each: each.study_id)
    return ReportBank(tuple(ordered), tuple(each.reference.findings for each in ordered))


def test_the_medoid_is_the_text_nearest_to_all() -> None:
    """The report that shares most with the others is chosen, not the longest and not the first."""
    texts = ["granuloma", "lungs clear", "lungs clear heart normal", "heart normal", "fracture of a rib on the left"]
    assert find_medoid(texts) == 2


def test_of_equal_medoids_the_first_is_chosen() -> None:
    """Two texts that are the same are as near; ids decide, in whose order a bank stands."""
    assert find_medoid(["heart", "lungs clear", "lungs clear"]) == 1


def test_texts_without_a_word_have_a_medoid() -> None:
    """Where no text has a word, the first is as good as any."""
    assert find_medoid(["...", "--"]) == 0


@given(st.lists(st.sampled_from(["lungs clear", "heart normal", "heart large", "effusion"]), min_size=1, max_size=12))
def test_the_medoid_has_the_greatest_mean_cosine(texts: list[str]) -> None:
    """The linear computation gives what comparing all pairs gives."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer().fit_transform(texts).toarray()
    closeness = (vectors @ vectors.T).sum(axis=1)
    assert closeness[find_medoid(texts)] == pytest.approx(closeness.max())


def test_the_neighbour_has_the_most_similar_indication() -> None:
    """The train study that was asked the same question is the neighbour."""
    known = bank(
        study(0, "train", indication="cough"),
        study(1, "train", indication="chest pain"),
        study(2, "train", indication="fever"),
    )
    found = nearest_by_indication([study(0, indication="pain in the chest"), study(1, indication="Fever.")], known)
    assert found.indices.tolist() == [1, 2]
    assert found.without == 0


def test_of_equal_indications_the_smallest_id_is_the_neighbour() -> None:
    """An indication that several train studies share leads to the first of them."""
    known = bank(*(study(n, "train", indication="cough") for n in (7, 3, 5)))
    (place,) = nearest_by_indication([study(0, indication="cough")], known).indices
    assert known.studies[place].study_id == "train0003"


@pytest.mark.parametrize("indication", ["", "...", "xyzzy"], ids=["none", "no word", "no known word"])
def test_who_has_no_neighbour_gets_the_medoid(indication: str) -> None:
    """An indication that has nothing in common with any is counted, and gives the medoid's report."""
    known = bank(study(0, "train", indication="cough"), study(1, "train", indication=""))
    found = nearest_by_indication([study(0, indication=indication)], known)
    assert found.without == 1
    assert found.texts(known, medoid=1) == [known.texts[1]]


def test_train_studies_without_indications_are_nobody_s_neighbours() -> None:
    """Where no train study has an indication, no one has a neighbour."""
    known = bank(study(0, "train", indication=""), study(1, "train", indication=" "))
    assert nearest_by_indication([study(0)], known).without == 1


def embed_by(vectors: dict[str, list[float]]) -> object:
    """An embedding that is looked up by study id."""

    def embed(studies: Sequence[Study]) -> NDArray[np.float32]:
        return np.array([vectors[each.study_id] for each in studies], dtype=np.float32)

    return embed


def test_the_neighbour_has_the_film_in_the_most_similar_direction() -> None:
    """Cosine decides: how long a vector is does not; a film that cannot be read has and is no neighbour."""
    known = bank(*(study(n, "train") for n in range(3)))
    nothing = [float("nan"), float("nan")]
    vectors = {"train0000": [9.0, 9.0], "train0001": [1.0, 0.1], "train0002": nothing}
    vectors |= {"test0000": [5.0, 0.0], "test0001": nothing, "test0002": [0.2, 0.3]}
    found = nearest_by_film([study(n) for n in range(3)], known, embed_by(vectors))  # type: ignore[arg-type]
    assert found.indices.tolist() == [1, -1, 0]


def test_without_a_readable_train_film_there_are_no_neighbours() -> None:
    """Films that cannot be read are as good as none."""
    known = bank(study(0, "train"))
    found = nearest_by_film([study(0)], known, lambda studies: np.full((len(studies), 2), np.nan, dtype=np.float32))
    assert found.without == 1


def test_each_of_thousands_of_indications_finds_its_like() -> None:
    """More indications than are compared in one block of similarities: every study still finds the one it equals."""
    number = 2_100
    known = bank(*(study(n, "train", indication=f"word{n} cough") for n in range(number)))
    studies = [study(n, indication=f"word{n} cough") for n in reversed(range(number))]
    assert nearest_by_indication(studies, known).indices.tolist() == list(reversed(range(number)))


def test_a_bank_refuses_what_it_cannot_give() -> None:
    """Empty texts and studies out of order are faults of who makes the bank."""
    with pytest.raises(ValueError, match="not empty"):
        ReportBank((study(0, "train"),), (" ",))
    with pytest.raises(ValueError, match="order"):
        ReportBank((study(1, "train"), study(0, "train")), ("a", "b"))
