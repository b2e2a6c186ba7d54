"""The bundled model's card: its figures are those of the weights that lie beside it."""

from pathlib import Path

import pytest

from clinicalblip.instructblip.adapter import digest_adapter
from clinicalblip.instructblip.checkpoint_files import digest_checkpoint
from research.mini.evaluation.card import BEGIN, END, figures_text, read_figures, write_figures_into
from research.mini.evaluation.evaluate import ADAPTER, BASE

MINI = Path(__file__).parents[4] / "assets" / "mini"


def test_the_card_says_what_the_figures_say():
    """The tables in the card are those that figures.json makes."""
    assert f"{BEGIN}\n{figures_text(read_figures(MINI))}\n{END}" in (MINI / "README.md").read_text(encoding="utf-8")


def test_the_figures_were_measured_on_these_weights():
    """The digests in figures.json are those of the weights in the repository."""
    figures = read_figures(MINI)
    assert figures["base_digest"] == digest_checkpoint(MINI / BASE)
    assert figures["adapter_digest"] == digest_adapter(MINI / ADAPTER)


def test_the_drafts_follow_the_film():
    """With the right film the findings agree better than with another's, and the paired interval excludes zero."""
    assert read_figures(MINI)["base_and_adapter"]["difference"]["low"] > 0


def test_the_model_is_small_enough_to_be_bundled():
    """Sixty megabytes together, and no file above ten."""
    sizes = [path.stat().st_size for path in MINI.rglob("*") if path.is_file()]
    assert sum(sizes) < 60_000_000
    assert max(sizes) < 10_000_000


def test_a_card_without_its_marks_is_not_overwritten(tmp_path):
    """Figures have their place, or none."""
    card = tmp_path / "README.md"
    card.write_text("a card")
    with pytest.raises(ValueError, match="marks"):
        write_figures_into(card, read_figures(MINI))
    assert card.read_text() == "a card"
