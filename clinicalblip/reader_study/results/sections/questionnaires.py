"""What readers answered: after cases by arm, and at the end."""

from collections import Counter
from collections.abc import Iterator

from clinicalblip.reader_study.design.design import QuestionnaireName, QuestionPart
from clinicalblip.reader_study.results.estimates import Estimates, measure
from clinicalblip.reader_study.results.markdown import ABSENT, Section, Table, mean, number, spread
from clinicalblip.reader_study.results.questionnaire_scores import questionnaire_score
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.sections.by_arm import arm_table
from clinicalblip.reader_study.results.study_data import StudyData

_SCORES = {
    QuestionnaireName.SUS: "SUS, 0 to 100, more is better",
    QuestionnaireName.UMUX_LITE: "UMUX-Lite, 0 to 100, more is better",
    QuestionnaireName.NASA_TLX: "NASA-TLX, raw, 0 to 100, more is more demand",
}


def questionnaires(data: StudyData, ask: Estimates) -> Section:
    """The section on questions."""
    asked = data.design.questions
    if not asked.case and not asked.end:
        return Section("Questions", ("The design asks none.",))
    tables = [*_after_cases(data, ask)]
    known = [name for name in asked.end if isinstance(name, QuestionnaireName)]
    if known:
        tables.append(
            Table(
                "Questionnaires at the end",
                ("questionnaire", "readers", "mean", "median (quartiles)", "lowest", "highest"),
                tuple(_scores(data, name) for name in known),
                ("The score of a reader is of the whole study, not of an arm.",),
            )
        )
    own = [question for question in asked.end if isinstance(question, QuestionPart)]
    if own:
        lines = tuple(line for question in own for line in _answers(data, question))
        tables.append(Table("Questions at the end", ("question", "answer", "readers"), lines, words=2))
    return Section("Questions", (), tuple(tables))


def _after_cases(data: StudyData, ask: Estimates) -> Iterator[Table]:
    for question in data.design.questions.case:
        if question.choices:
            counts = {
                arm: Counter(row.answers.get(question.name) for row in data.compared if row.arm == arm)
                for arm in data.arms
            }
            lines = tuple((choice, *(str(counts[arm][choice]) for arm in data.arms)) for choice in question.choices)
            yield Table(f"{question.name}: {question.text}", ("answer", *data.arms), lines)
            continue

        def answer(row: ReadingRow, name: str = question.name) -> float | None:
            given = row.answers.get(name)
            return given if isinstance(given, int) else None

        found = ask.differences(measure(data.compared, answer), data.baseline)
        yield arm_table(
            f"{question.name}: {question.text} ({question.least} to {question.most})",
            data.arms,
            data.compared,
            answer,
            found,
            against=data.baseline,
            compared="difference of means to",
        )


def _scores(data: StudyData, name: QuestionnaireName) -> tuple[str, ...]:
    every = [questionnaire_score(name, each.answers) for each in data.answers if each.questionnaire == name]
    scores = [score for score in every if score is not None]
    ends = (number(min(scores), 1), number(max(scores), 1)) if scores else (ABSENT, ABSENT)
    return _SCORES[name], str(len(scores)), number(mean(scores), 1), spread(scores), *ends


def _answers(data: StudyData, question: QuestionPart) -> Iterator[tuple[str, ...]]:
    given = Counter(
        str(answer) for each in data.answers if each.questionnaire == question.name for answer in each.answers.values()
    )
    for answer in question.choices or tuple(map(str, range(question.least, question.most + 1))):
        yield question.text, answer, str(given[answer])
