"""What is said about films and texts that are screened: to a reader, to a program and at the command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

CONTEXT_LABELS: Final = {
    "indication": "Indication",
    "history": "History",
    "technique": "Technique",
    "comparison": "Comparison",
    "prior_report": "Prior report",
    "hints": "Your key words",
}
"""What each text of a clinical context is called, by its name in `ClinicalContext`."""

TOO_LONG = (
    "The text under {label} has {found:,} characters; up to {allowed:,} are allowed. Shorten it and try again; "
    "nothing you typed is lost."
)
PHI_FOUND = "This may name somebody: {found}."
PHI_IN = "{kinds} in {label}"

LATERAL_AS_FRONTAL = (
    "The file says that this is a lateral film; it is read as the frontal one, because you put it there."
)
DESPITE_DOUBTS = "Drafted although the {role} film may be no chest radiograph."

_TEXT = "There is text in the {role} film at {places}, and it may name the patient; "
_DECLARED = "The file of the {role} film says that text is burned into its picture, "
_NOT_FOUND = (
    f"{_DECLARED}and none was found to mask. Look at the film; if it names nobody, let the settings allow it "
    "(privacy: allow_burned_in)."
)
_PLACE = "1 place"
_PLACES = "{count} places"


@dataclass(frozen=True)
class Door:
    """How one of the ways in (the page, its API, the command line, Python) says what is asked and how to answer it.

    `text`: text was found in a film. `declared_text_not_found`: a film's file declares burned-in text, and none was
    found. `doubts`: a film may be no chest radiograph. `phi`: what can be done about texts that may name somebody.
    `declared_text`: a film's file declares text, and the program that sent it does not want any masked. Those about
    films may have `{role}`, `text` also `{places}`, `doubts` also `{doubts}`.
    """

    text: str
    declared_text_not_found: str
    doubts: str
    phi: str
    declared_text: str = ""


PAGE: Final = Door(
    text=f"{_TEXT}press “Mask” or “No patient information” above the film, then draft again.",
    declared_text_not_found=(
        f"{_DECLARED}and none was found; look at it, press “I looked: no patient information” above the film, then "
        "draft again."
    ),
    doubts=(
        "The {role} film may be no chest radiograph; choose another one, or press “Draft anyway” above the film, then "
        "draft again."
    ),
    phi="Mask it, keep it as it is, or change the text; nothing you typed is lost.",
)

API: Final = Door(
    text=f"{_TEXT}with mask_text=True it is masked.",
    declared_text=(
        f"{_DECLARED}which may show who the patient is. Pass mask_text=True to have what is found masked, or let the "
        "settings allow it (privacy: allow_burned_in)."
    ),
    declared_text_not_found=_NOT_FOUND,
    doubts="{doubts} Pass despite_doubts=True to draft all the same.",
    phi=(
        'Nothing was done with it. Pass identifiers="mask" to have it masked, identifiers="keep" to have it taken as '
        "it is, or change the text."
    ),
)

COMMAND: Final = Door(
    text=f"{_TEXT}with --mask-text it is masked.",
    declared_text=(
        "The file says that text is burned into its picture, which may show who the patient is. Mask it and mark the "
        "file so, or let the settings allow it (privacy: allow_burned_in). With --mask-text what is found is masked."
    ),
    declared_text_not_found=_NOT_FOUND,
    doubts="{doubts}",
    phi="It was used as it is; with --mask-identifiers it is masked first.",
)

PYTHON: Final = Door(
    text=f'{_TEXT}with phi="mask" it is masked.',
    declared_text_not_found=_NOT_FOUND,
    doubts="{doubts}",
    phi='It was used as it is; with phi="mask" it is masked first.',
)


def places(count: int) -> str:
    """How many places, in words."""
    return _PLACE if count == 1 else _PLACES.format(count=count)


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, in the order given."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


NO_PSEUDONYM = "A pseudonym is a common word, a hyphen and a number, such as heron-42; choose one of this form."
PSEUDONYM_MAY_NAME = "This word may be somebody's name; choose the pseudonym that is offered, or reader and a number."
