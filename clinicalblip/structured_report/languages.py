"""Which sentences are in another language than the labeler's, which is English.

Names of findings are alike in many languages and denials are not: of "Kein Pneumothorax" the labeler would read the
second word alone. So a sentence is another language's by a letter that English does not have, or by one of the small
words that deny or place a finding there.
"""

import re
from dataclasses import replace
from typing import Final

from clinicalblip.labeler import sentences
from clinicalblip.radiology.finding import Sentence

# None is a word or an abbreviation in English reports, as "la", "et", "des", "pas" and "die" are.
_WORDS: Final = (
    "kein|keine|keinen|keiner|keinem|nicht|ohne|beidseits|beidseitig|rechts|und|mit"  # German
    "|sans|aucun|aucune|pas de|avec|gauche|droite?"  # French
    "|sin|ningun|ninguna|izquierd[ao]|derech[ao]|del|los|las"  # Spanish
    "|senza|nessun|nessuna|della|sinistr[ao]|destr[ao]"  # Italian
    "|sem|nenhum|nenhuma|esquerd[ao]|direit[ao]"  # Portuguese
    "|geen|zonder|niet|het|een"  # Dutch
    "|ingen|inga|inget|utan|uten|ikke|inte|venstre"  # Swedish, Danish, Norwegian
    "|bez|brak|nie|nem|nincs|fara|yok|yoktur|tidak|tanpa"  # Polish, Czech, Hungarian, Romanian, Turkish, Indonesian
)
_OTHER: Final = re.compile(rf"(?<!\w)(?:(?:{_WORDS})(?!\w)|[dl]['\u2019](?=\w))", re.IGNORECASE)
_SIGNS: Final = "\u00aa\u00b5\u00ba\u03bc"  # ordinals and micro are letters for Unicode


def is_english(sentence: str) -> bool:
    """Whether nothing in a sentence is another language's."""
    if not sentence.isascii() and any(
        letter.isalpha() and not letter.isascii() and letter not in _SIGNS for letter in sentence
    ):
        return False
    return _OTHER.search(sentence) is None


def read_sentences(text: str) -> tuple[Sentence, ...]:
    """The sentences of a text as the labeler reads them; those in another language name nothing."""
    return tuple(
        sentence if is_english(text[sentence.start : sentence.end]) else replace(sentence, mentions=())
        for sentence in sentences(text)
    )


def english_part(text: str) -> str:
    """A text of which all is in English, or the sentences of it that are, a line each."""
    if is_english(text):
        return text
    parts = (text[sentence.start : sentence.end] for sentence in sentences(text))
    return "\n".join(part for part in parts if is_english(part))
