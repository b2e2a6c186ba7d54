"""Forms of a study's documents: how questions are put in them, and what a body of one says."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import parse_qs

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.questions import Question, options

_FIELDS: Final = 64


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form's body, the last of each name. Raises ClinicalBlipError for what is none."""
    try:
        fields = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_FIELDS, errors="replace")
    except ValueError as error:
        raise ClinicalBlipError(wording.NOT_A_FORM) from error
    return {name: values[-1] for name, values in fields.items()}


def button(label: str, *, look: str = "") -> str:
    """The button that sends a form."""
    return f'<button class="cb-button{f" {look}" if look else ""}">{escape(label)}</button>'


def form(action: str, label: str, inside: str = "", *, look: str = "") -> str:
    """A form that is sent by one button."""
    return f'<form class="cb-form" method="post" action="{escape(action)}">{inside}{button(label, look=look)}</form>'


def hidden(**values: object) -> str:
    """Fields that are not seen."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(str(value))}">' for name, value in values.items()
    )


def choice(name: str, question: str, answers: Mapping[str, str], chosen: str = "", *, ends: Sequence[str] = ()) -> str:
    """A question with one answer of several, which arrows go through; `ends`: what its first and its last mean."""
    radios = "".join(
        f'<label><input type="radio" name="{escape(name)}" value="{escape(value)}" required'
        f"{' checked' if value == chosen else ''}><span>{escape(label)}</span></label>"
        for value, label in answers.items()
    )
    low, high = (f"<small>{escape(end)}</small>" if end else "" for end in (*ends, "", "")[:2])
    return (
        f'<fieldset class="cb-scale"><legend>{escape(question)}</legend><div>{low}<div>{radios}</div>{high}</div>'
        "</fieldset>"
    )


def scale(question: Question, chosen: str = "") -> str:
    """A question of a study, or an item of a questionnaire."""
    words = options(question)
    ends = () if question.choices else (question.least_means, question.most_means)
    return choice(question.name, question.text, dict(zip(words, words, strict=True)), chosen, ends=ends)
