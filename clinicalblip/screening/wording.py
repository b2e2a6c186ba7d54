"""What is said about films and texts that are screened: to a reader, to a program and at the command line."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

PHI_FOUND = "This may name somebody: {found}."
PHI_IN = "{kinds} in {label}"

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

TAG_WITHOUT_TEXT = (
    "The file of the {role} film says that text is burned into its picture, and none was found to mask. Look at the "
    "film; if it names nobody, let the settings allow it (privacy: allow_burned_in)."
)
TEXT_UNMASKED = "There is text in the {role} film at {places}, and it may name the patient; "

_PLACE = "1 place"
_PLACES = "{count} places"


@dataclass(frozen=True)
class Door:
    """How one of the ways in speaks of what it asks.

    `text`: text was found in a film and nobody answered for it. `tag`: a film's file says that text is burned in, and
    none is to be masked. `tag_without_text`: it says so, and none was found. `doubts`: a film may be no chest
    radiograph. `phi`: what can be done about a text that may name somebody. Films have a `{role}`.
    """

    text: str
    tag: str
    tag_without_text: str
    doubts: str
    phi: str


COMMAND: Final = Door(
    text=f"{TEXT_UNMASKED}with --mask-text it is masked.",
    tag=(
        "The file says that text is burned into its picture, which may show who the patient is. Mask it and mark the "
        "file so, or let the settings allow it (privacy: allow_burned_in). With --mask-text what is found is masked."
    ),
    tag_without_text=TAG_WITHOUT_TEXT,
    doubts="{doubts}",
    phi="It was used as it is; with --mask-identifiers it is masked first.",
)


def places(count: int) -> str:
    """How many places, in words."""
    return _PLACE if count == 1 else _PLACES.format(count=count)


def listed(words: Iterable[str]) -> str:
    """Words as a list in a sentence, in the order given."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
