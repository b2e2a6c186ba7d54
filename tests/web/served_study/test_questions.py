"""Questions and questionnaires of a study: what is asked, and which answers are taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.design.design import QuestionnaireName, QuestionPart
from clinicalblip.web.served_study.questionnaires import KNOWN, questionnaire
from clinicalblip.web.served_study.questions import label, options, read_answers

SCALE = QuestionPart(name="sure", text="How sure are you?", least_means="not at all", most_means="very")
CHOICE = QuestionPart(name="film", text="Is the film good?", choices=("enough", "1"))

_ANY = st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=6) | st.lists(st.integers())


def test_a_question_is_put_with_what_its_ends_mean() -> None:
    """A choice has its words, and no ends."""
    assert label(SCALE) == "How sure are you? (1: not at all, 5: very)"
    assert options(SCALE) == ["1", "2", "3", "4", "5"]
    assert (label(CHOICE), options(CHOICE)) == ("Is the film good?", ["enough", "1"])


def test_numbers_and_words_come_back_as_what_they_are() -> None:
    """A number as a number, also where a form says it in letters; a choice as its words."""
    assert read_answers((SCALE, CHOICE), {"sure": "4", "film": "1"}) == {"sure": 4, "film": "1"}
    assert read_answers((SCALE, CHOICE), {"sure": 4, "film": "enough"}) == {"sure": 4, "film": "enough"}
    assert read_answers((), {}) == {}


@given(st.dictionaries(st.sampled_from(["sure", "film", "other"]), _ANY))
def test_whatever_is_answered_it_fits_or_is_refused(given_answers: dict[str, object]) -> None:
    """Nothing but the one error comes of it."""
    try:
        answers = read_answers((SCALE, CHOICE), given_answers)
    except ClinicalBlipError:
        return
    assert answers.keys() == {"sure", "film"}
    assert answers["sure"] in range(1, 6)
    assert answers["film"] in CHOICE.choices


@pytest.mark.parametrize(
    ("name", "count", "least", "most"),
    [
        (QuestionnaireName.SUS, 10, 1, 5),
        (QuestionnaireName.UMUX_LITE, 2, 1, 7),
        (QuestionnaireName.NASA_TLX, 6, 0, 20),
    ],
)
def test_known_questionnaires_are_whole(name: QuestionnaireName, count: int, least: int, most: int) -> None:
    """As many items on the scale that their source gives, each under a name of its own."""
    asked = questionnaire(name)
    assert asked is KNOWN[name]
    assert asked.name == name
    assert asked.source
    assert len({item.name for item in asked.items}) == count
    assert all((item.least, item.most) == (least, most) for item in asked.items)


def test_a_question_of_the_design_is_asked_by_itself() -> None:
    """Its answers carry its name."""
    asked = questionnaire(CHOICE)
    assert (asked.name, asked.items, asked.source) == ("film", (CHOICE,), "")
