"""Rules of what readers are asked."""

from collections.abc import Iterator

from clinicalblip.reader_study.design.design import QuestionnaireName, QuestionPart, ReaderStudyDesign
from clinicalblip.reader_study.design.fault import DesignFault, Place

_OF_SCALE = ("least", "most", "least_means", "most_means")


def question_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    """Yield what is wrong with the questions after a case and at the end, whose names are those of columns."""
    asked: list[tuple[Place, QuestionPart | QuestionnaireName]] = [
        (("questions", part, number), each)
        for part, questions in (("case", design.questions.case), ("end", design.questions.end))
        for number, each in enumerate(questions)
    ]
    names: set[str] = set()
    for place, each in asked:
        own = isinstance(each, QuestionPart)
        name = each.name if isinstance(each, QuestionPart) else str(each)
        if name in names:
            at = (*place, "name") if own else place
            yield DesignFault(at, f"something else is asked under the name {name} already; give each its own")
        names.add(name)
        if isinstance(each, QuestionPart):
            if name in list(QuestionnaireName):
                yield DesignFault((*place, "name"), f"{name} is a questionnaire's name; give the question another")
            yield from _answer_faults(each, place)


def _answer_faults(question: QuestionPart, place: Place) -> Iterator[DesignFault]:
    choices = question.choices
    if not choices:
        if question.least >= question.most:
            yield DesignFault(
                (*place, "least" if "least" in question.model_fields_set else "most"),
                f"a scale from {question.least} to {question.most} has nothing to choose; least has to be below most",
            )
        elif question.most - question.least > 10:
            yield DesignFault(
                (*place, "least"),
                f"a scale from {question.least} to {question.most} has {question.most - question.least + 1} numbers; "
                "it can have 11 at most",
            )
        return
    if len(choices) < 2 or not all(choices):
        yield DesignFault((*place, "choices"), "there have to be two choices at least, each with a text")
    elif len(set(choices)) < len(choices):
        yield DesignFault((*place, "choices"), "a choice stands there twice; name each once")
    for name in _OF_SCALE:
        if name in question.model_fields_set:
            yield DesignFault((*place, name), "a question with choices has no scale; leave out one of them")
