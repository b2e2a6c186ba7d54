"""What a reader is called in reviews: never by their name."""

import re
import secrets
from typing import Final

from clinicalblip.deid.identifiers import find_identifiers
from clinicalblip.errors import IdentifiableText
from clinicalblip.screening import wording

_FORM: Final = re.compile(r"([a-z]{2,16})-([0-9]{1,4})")
_WORDS: Final = (
    *("avocet", "bittern", "crane", "curlew", "dunlin", "egret", "fieldfare", "gannet", "godwit", "goldcrest"),
    *("harrier", "heron", "kestrel", "kite", "lapwing", "linnet", "nightjar", "nuthatch", "osprey", "ouzel"),
    *("petrel", "pipit", "plover", "puffin", "quail", "redstart", "sandpiper", "shrike", "siskin", "snipe"),
    *("starling", "swallow", "tern", "thrush", "treecreeper", "wagtail", "warbler", "wheatear", "whimbrel", "wigeon"),
)
_ROLES: Final = ("reader", "rater", "rad", "observer", "participant")


def check_pseudonym(text: str) -> str:
    """The pseudonym in lower case and without blanks around it: a common word, a hyphen and a number.

    Raises IdentifiableText for any other form, and for a word that could be somebody's name.
    """
    plain = text.strip().lower()
    form = _FORM.fullmatch(plain)
    if form is None or find_identifiers(plain):
        raise IdentifiableText(wording.NO_PSEUDONYM)
    word = form[1]
    if word not in (*_WORDS, *_ROLES) and find_identifiers(f"Seen by Dr. {word.capitalize()} today."):
        raise IdentifiableText(wording.PSEUDONYM_MAY_NAME)
    return plain


def suggest_pseudonym() -> str:
    """A pseudonym by chance."""
    return f"{secrets.choice(_WORDS)}-{secrets.randbelow(900) + 100}"
