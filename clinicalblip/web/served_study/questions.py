"""What is asked in a study: how a question is put, and what was answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.reader_study.design.design import QuestionPart
from clinicalblip.web.served_study import wording


@dataclass(frozen=True)
class Item:
    """One item of a known questionnaire: a whole number from `least` to `most`, and what both mean."""

    name: str
    text: str
    least: int
    most: int
    least_means: str
    most_means: str
    choices: tuple[str, ...] = ()


Question = QuestionPart | Item
"""Whatever is asked: a question of the design's, or an item of a questionnaire."""


def options(question: Question) -> list[str]:
    """The words of each answer, in their order."""
    return list(question.choices) or [str(number) for number in range(question.least, question.most + 1)]


def label(question: Question) -> str:
    """The question with what the ends of its scale mean."""
    ends = [
        wording.SCALE_END.format(number=number, means=means)
        for number, means in ((question.least, question.least_means), (question.most, question.most_means))
        if means and not question.choices
    ]
    return f"{question.text} ({', '.join(ends)})" if ends else question.text


def read_answers(questions: Sequence[Question], given: Mapping[str, object]) -> dict[str, int | str]:
    """The answers to all questions, by name: a whole number, or the choice's words.

    Raises ClinicalBlipError where one is missing, is none that can be given, or is to no question.
    """
    known = {question.name for question in questions}
    for name in given:
        if name not in known:
            raise ClinicalBlipError(wording.NO_SUCH_QUESTION.format(name=str(name)[:40]))
    return {question.name: _read(question, given.get(question.name)) for question in questions}


def _read(question: Question, given: object) -> int | str:
    if given is None or given == "":
        raise ClinicalBlipError(wording.ANSWER_FIRST.format(question=question.text))
    words = str(given) if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if words not in options(question):
        raise ClinicalBlipError(wording.NO_SUCH_ANSWER.format(question=question.text))
    return words if question.choices else int(words)
