"""docs/results.md is what its script writes from the committed scorecards and from what others published."""

import pytest

from clinicalblip.evaluation.scorecard.scorecard import RowKind
from research.benchmarks.results import CARDS, DOCUMENT, PARTS, PUBLISHED, document, read_card


def test_the_document_is_what_the_script_writes() -> None:
    """No figure in it was typed by hand; `python -m research.benchmarks.results` writes it anew."""
    assert DOCUMENT.read_text(encoding="utf-8") == document()


def test_every_card_is_in_the_document() -> None:
    """No card lies beside it that it does not show."""
    assert {path.stem for path in CARDS.iterdir()} <= {part.stem for part in PARTS}
    assert all(path.with_suffix(".svg").is_file() for path in CARDS.glob("*.json"))


@pytest.mark.parametrize(
    ("stem", "facts"),
    [
        (
            "findings",
            {
                "bleu-1": 0.523,
                "bleu-2": 0.367,
                "bleu-3": 0.267,
                "bleu-4": 0.201,
                "meteor-coco-1.5": 0.225,
                "meteor-nltk-no-wordnet": 0.473,
                "rouge-l-coco": 0.417,
            },
        ),
        ("impression", {"rouge-l-coco": 0.556}),
    ],
    ids=["findings", "impression"],
)
def test_the_constant_report_s_figures_are_the_known_ones(stem: str, facts: dict[str, float]) -> None:
    """Found once by calling the libraries plainly on R2Gen's test split."""
    (part,) = (part for part in PARTS if part.stem == stem)
    card = read_card(part)
    assert card is not None
    row = card.row(RowKind.CONSTANT)
    assert row is not None
    assert {name: row.figures[name].value for name in facts} == pytest.approx(facts, abs=0.003)


def test_published_figures_name_their_meteor() -> None:
    """In the table that has our own rows in it, every METEOR is COCO's."""
    assert {row.meteor_by for row in PUBLISHED} == {"COCO"}


def test_cards_without_a_film_say_so() -> None:
    """The bundled model was never shown these studies' films, and no row of it can hide that."""
    for part in PARTS:
        card = read_card(part) if part.no_film else None
        if card is not None:
            assert all("no film" in row.label for row in card.rows if row.kind is RowKind.SCORED)
