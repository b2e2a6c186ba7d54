"""Scores of the questionnaires that are known by name.

SUS: Brooke, 1996, 0 to 100. UMUX-Lite: Lewis, Utesch and Maher, 2013, 0 to 100. NASA-TLX: Hart and Staveland, 1988,
raw, which is the mean of its six scales without weights, here 0 to 100.
"""

import re
from collections.abc import Mapping
from typing import Final

from clinicalblip.reader_study.design.design import QuestionnaireName

Answers = Mapping[str, int | str]

_NUMBER: Final = re.compile(r"-(\d+)$")
_SUS_ITEMS: Final = 10
_SUS_MOST: Final = 5
_UMUX_ITEMS: Final = 2
_UMUX_MOST: Final = 7
TLX_SCALES: Final = (
    "mental-demand",
    "physical-demand",
    "temporal-demand",
    "performance",
    "effort",
    "frustration",
)
_TLX_MOST: Final = 20


def questionnaire_score(name: str, answers: Answers) -> float | None:
    """The score of a known questionnaire's answers; None for another one, and where an item was not answered."""
    if name == QuestionnaireName.SUS:
        return _sus(answers)
    if name == QuestionnaireName.UMUX_LITE:
        items = _numbered(answers, _UMUX_ITEMS)
        return None if items is None else 100 * sum(item - 1 for item in items) / (_UMUX_ITEMS * (_UMUX_MOST - 1))
    if name == QuestionnaireName.NASA_TLX:
        scales = [answers.get(scale) for scale in TLX_SCALES]
        known = [each for each in scales if isinstance(each, int)]
        return 100 * sum(known) / (len(TLX_SCALES) * _TLX_MOST) if len(known) == len(TLX_SCALES) else None
    return None


def _sus(answers: Answers) -> float | None:
    """Items of odd numbers are for the system, those of even numbers against it."""
    items = _numbered(answers, _SUS_ITEMS)
    if items is None:
        return None
    points = [item - 1 if number % 2 else _SUS_MOST - item for number, item in enumerate(items, start=1)]
    return 100 * sum(points) / (_SUS_ITEMS * (_SUS_MOST - 1))


def _numbered(answers: Answers, items: int) -> list[int] | None:
    """The answers by the numbers at the end of their names, where all of them are there."""
    found = {
        int(match[1]): answer
        for name, answer in answers.items()
        if (match := _NUMBER.search(name)) and isinstance(answer, int)
    }
    return [found[number] for number in range(1, items + 1)] if found.keys() == set(range(1, items + 1)) else None
