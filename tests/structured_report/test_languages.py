"""What is not written in English is not ticked, because its denials would not be read."""

import pytest

from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.impression import ImpressionMatch, impression_matches
from clinicalblip.structured_report.languages import is_english
from clinicalblip.structured_report.phrasings import NORMAL
from tests.fixtures.ticked_reports import SENTENCES

OTHERS = (
    "Kein Pneumothorax.",
    "Kein Nachweis eines Pneumothorax, Herz normal gro\u00df.",
    "Pneumothorax links, rechts keiner.",
    "Pas de pneumothorax, pas d\u2019\u00e9panchement.",
    "Pas d'emphyseme.",
    "Sans consolidation.",
    "Sin consolidaci\u00f3n.",
    "Senza pneumothorax.",
    "Sem emphysema.",
    "Geen pneumothorax.",
    "Ingen pneumothorax.",
    "\u041d\u0435\u0442 pneumothorax.",
    "\u65e0 pneumothorax\u3002",
)


@pytest.mark.parametrize("text", OTHERS)
def test_another_language_is_not_ticked_and_not_lost(text: str) -> None:
    """Nothing is read into it, nothing is filled in beside it, and a tick leaves it as it is."""
    document = Document.read(text)
    assert document.ticked == frozenset()
    assert document.table.not_ticked[0][0] == 0
    assert document.fill_in() == document
    assert document.text == text
    english = Document.read(f"{text}\nNo effusion.")
    (finding,) = english.ticked
    assert text in english.tick(finding, None).text
    assert impression_matches(text, "No pneumothorax.") == ImpressionMatch()


@pytest.mark.parametrize(
    "text",
    [
        *(sentence for sentence in SENTENCES if sentence.isascii() and not sentence.startswith("Kein")),
        *NORMAL.values(),
        "LA enlargement, ET tube, PAs and DES unchanged; 5 \u00b5m, 3\u00ba, left \u2013 right \u2192 none.",
    ],
)
def test_english_is_english(text: str) -> None:
    """Abbreviations and signs that look like another language's are none."""
    assert is_english(text)
