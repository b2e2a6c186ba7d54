"""The labeler does not fall below the figures of docs/labeler.md on texts that somebody else annotated."""

from pathlib import Path
from typing import Final

import pytest

from research.benchmarks.mentions import ITEMS, Score, read_items, score

LEAST: Final = {
    "mention": (0.982, 0.948),
    "certainty": (0.982, 0.982),
    "side": (0.989, 0.955),
    "zone": (0.987, 0.948),
    "degree": (0.999, 0.993),
    "change": (0.990, 0.945),
    "observation and certainty, by text": (0.970, 0.943),
}


@pytest.fixture(scope="module")
def scores() -> dict[str, Score]:
    """Of all texts."""
    return score(read_items(ITEMS))


@pytest.mark.parametrize("row", LEAST)
def test_it_agrees_with_the_annotator(scores: dict[str, Score], row: str) -> None:
    """In precision and recall, as the document states them."""
    precision, recall = LEAST[row]
    assert round(scores[row].precision, 3) >= precision
    assert round(scores[row].recall, 3) >= recall


def test_a_span_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Nobody could tell which is meant."""
    file = tmp_path / "items.jsonl"
    file.write_text(
        '{"id": 7, "kind": "prose", "text": "Edema. No edema.", "mentions": [{"span": "dema", "observation": "Edema",'
        ' "certainty": "present", "side": [], "zone": [], "degree": null, "change": null}]}',
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="7: 'dema' stands 2 times"):
        read_items(file)
