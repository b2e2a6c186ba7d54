"""Questionnaires that are known by name, with their items in their authors' words and where those stand.

SUS: J. Brooke, "SUS: a 'quick and dirty' usability scale", in Usability Evaluation in Industry, Taylor & Francis 1996,
189-194. UMUX-Lite: J. R. Lewis, B. S. Utesch, D. E. Maher, "UMUX-LITE: when there's no time for the SUS", CHI 2013,
2099-2102. Raw NASA-TLX: S. G. Hart, "NASA-Task Load Index (NASA-TLX); 20 years later", Proceedings of the Human Factors
and Ergonomics Society Annual Meeting 50 (2006), 904-908: the six scales without their weighing, here in 21 steps as on
the paper form. "This system" is the page with whatever it shows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clinicalblip.reader_study.design.design import QuestionnaireName, QuestionPart
from clinicalblip.web.served_study.questions import Item, Question


@dataclass(frozen=True)
class Questionnaire:
    """Items that are answered together; `name` is the one that their answers carry."""

    name: str
    title: str
    items: Sequence[Question]
    source: str = ""


def _agreement(name: str, texts: Sequence[str], most: int) -> tuple[Item, ...]:
    return tuple(
        Item(f"{name}-{number}", text, 1, most, "strongly disagree", "strongly agree")
        for number, text in enumerate(texts, start=1)
    )


_SUS: Final = (
    "I think that I would like to use this system frequently.",
    "I found the system unnecessarily complex.",
    "I thought the system was easy to use.",
    "I think that I would need the support of a technical person to be able to use this system.",
    "I found the various functions in this system were well integrated.",
    "I thought there was too much inconsistency in this system.",
    "I would imagine that most people would learn to use this system very quickly.",
    "I found the system very cumbersome to use.",
    "I felt very confident using the system.",
    "I needed to learn a lot of things before I could get going with this system.",
)
_UMUX_LITE: Final = ("This system's capabilities meet my requirements.", "This system is easy to use.")
_TLX: Final = (
    ("mental-demand", "Mental demand: how mentally demanding was the task?", "very low", "very high"),
    ("physical-demand", "Physical demand: how physically demanding was the task?", "very low", "very high"),
    ("temporal-demand", "Temporal demand: how hurried or rushed was the pace of the task?", "very low", "very high"),
    (
        "performance",
        "Performance: how successful were you in accomplishing what you were asked to do?",
        "perfect",
        "failure",
    ),
    (
        "effort",
        "Effort: how hard did you have to work to accomplish your level of performance?",
        "very low",
        "very high",
    ),
    (
        "frustration",
        "Frustration: how insecure, discouraged, irritated, stressed, and annoyed were you?",
        "very low",
        "very high",
    ),
)

KNOWN: Final[Mapping[QuestionnaireName, Questionnaire]] = MappingProxyType(
    {
        QuestionnaireName.SUS: Questionnaire(
            "sus", "System Usability Scale", _agreement("sus", _SUS, 5), "Brooke 1996"
        ),
        QuestionnaireName.UMUX_LITE: Questionnaire(
            "umux-lite", "UMUX-Lite", _agreement("umux-lite", _UMUX_LITE, 7), "Lewis, Utesch and Maher 2013"
        ),
        QuestionnaireName.NASA_TLX: Questionnaire(
            "nasa-tlx",
            "NASA Task Load Index, without weights",
            tuple(Item(name, text, 0, 20, low, high) for name, text, low, high in _TLX),
            "Hart 2006",
        ),
    }
)


def questionnaire(asked: QuestionnaireName | QuestionPart) -> Questionnaire:
    """What is asked at the end: a questionnaire by its name, or a question of the study's own as one of one item."""
    if isinstance(asked, QuestionnaireName):
        return KNOWN[asked]
    return Questionnaire(asked.name, asked.text, (asked,))
