"""The picture of a card: SVG with every row's label, the same bytes for the same card."""

from pathlib import Path
from xml.etree.ElementTree import fromstring

from clinicalblip.evaluation.diversity import Diversity
from clinicalblip.evaluation.leaks import Copies, HintCounts
from clinicalblip.evaluation.predictions import HintSource, Provenance
from clinicalblip.evaluation.scorecard.plots import plot_card
from clinicalblip.evaluation.scorecard.scorecard import (
    ABLATIONS,
    BASELINES,
    AbsentRow,
    Figure,
    Leaks,
    Row,
    RowKind,
    Scorecard,
    ScoredData,
    ScoringProtocol,
)
from clinicalblip.radiology.report import Target


def make_card(*names: str) -> Scorecard:
    """A card of one scored row with oracle hints that has these figures, one of them without an interval."""
    varied = Diversity(2, 2, 1, 0, 1.0)
    figures = {name: Figure(0.5, 0.4, 0.6) for name in names} | {names[-1]: Figure(0.5, None, None)}
    row = Row(
        RowKind.SCORED, Provenance("mini", "1", "right", ()), HintSource.ORACLE, figures, varied, False, Copies(2, None)
    )
    return Scorecard(
        data=ScoredData("d", "test", 2, {}, 0),
        protocol=ScoringProtocol(Target.FINDINGS, "raw", 60, 0, 1000),
        command="",
        versions={},
        rows=(row,),
        absent=tuple(AbsentRow(kind, "") for kind in (*ABLATIONS, *BASELINES)),
        missing=(),
        differences=(),
        references=varied,
        leaks=Leaks({}, HintCounts(0, 0), 0, Copies(2, None)),
    )


def test_the_same_card_gives_the_same_bytes(tmp_path: Path) -> None:
    """No date and no random id is in the file."""
    for name in ("a.svg", "b.svg"):
        plot_card(make_card("bleu-1", "bleu-4", "rouge-l-coco"), tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_the_picture_says_what_the_rows_are(tmp_path: Path) -> None:
    """Labels and measures are text in the picture, an oracle row's label among them."""
    plot_card(make_card("bleu-1", "rouge-l-coco"), tmp_path / "a.svg")
    picture = fromstring((tmp_path / "a.svg").read_text("utf-8"))
    texts = {"".join(each.itertext()).strip() for each in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert {"mini, oracle hints", "bleu-1", "rouge-l-coco"} <= texts


def test_figures_that_are_usually_not_drawn_are_drawn_where_there_are_no_others(tmp_path: Path) -> None:
    """A card of one observation alone has a picture too."""
    plot_card(make_card("findings-edema-f1"), tmp_path / "a.svg")
    assert "findings-edema-f1" in (tmp_path / "a.svg").read_text("utf-8")
