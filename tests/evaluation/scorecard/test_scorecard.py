"""The card: rows never stand without their labels or their companions, and what is written is read."""

import json
from dataclasses import replace

import pytest

from clinicalblip.errors import MalformedStudy
from clinicalblip.evaluation.diversity import Diversity
from clinicalblip.evaluation.leaks import Copies, HintCounts
from clinicalblip.evaluation.predictions import HintSource, Provenance
from clinicalblip.evaluation.scorecard.scorecard import (
    ABLATIONS,
    BASELINES,
    AbsentFigure,
    AbsentRow,
    Difference,
    Figure,
    Leaks,
    Row,
    RowKind,
    Scorecard,
    ScoredData,
    ScoringProtocol,
    read_json,
    to_figure,
    write_json,
)
from clinicalblip.evaluation.scorecard.table import format_figure, write_table
from clinicalblip.evaluation.statistics.statistic import Interval
from clinicalblip.radiology.report import SLOTS, Target

VARIED = Diversity(texts=4, distinct=3, commonest=2, empty=1, mean_words=7.5)
GIVEN = Provenance("mini + adapter", "1 + 2", "right", ())


def make_row(
    kind: RowKind = RowKind.SCORED, provenance: Provenance | None = GIVEN, hints: HintSource = HintSource.NONE
) -> Row:
    """A row with one figure of text, one of findings and those of one observation."""
    figures = {
        "bleu-1": Figure(0.5, 0.4, 0.6),
        "findings-micro-f1": Figure(None, None, None),
        "findings-edema-f1": Figure(0.25, None, None),
        "findings-edema-positives": Figure(7.0, 3.0, 9.0),
    }
    return Row(kind, provenance, hints, figures, VARIED, False, Copies(4, None, 1), "A note.")


def make_card(*rows: Row) -> Scorecard:
    """A card of these rows, all others absent."""
    there = {row.kind for row in rows}
    absent = [AbsentRow(kind, "left out here") for kind in (*ABLATIONS, *BASELINES) if kind not in there]
    return Scorecard(
        data=ScoredData("d" * 64, "test", 4, {"without findings in the reference": 2}, 0),
        protocol=ScoringProtocol(Target.FINDINGS, "r2gen", None, 0, 1000),
        command="python -m clinicalblip evaluate",
        versions={"clinicalblip": "0"},
        rows=rows,
        absent=tuple(absent),
        missing=(),
        differences=(Difference(RowKind.CONSTANT, {"bleu-1": Figure(-0.1, -0.2, 0.1)}),),
        references=VARIED,
        leaks=Leaks({"hints": 1}, HintCounts(2, 1), None, Copies(4, 2)),
        warnings=("Take care.",),
    )


@pytest.mark.parametrize(
    ("row", "label"),
    [
        (make_row(), "mini + adapter"),
        (make_row(hints=HintSource.ORACLE), "mini + adapter, oracle hints"),
        (make_row(hints=HintSource.UNKNOWN), "mini + adapter, hints not known"),
        (make_row(hints=HintSource.READER), "mini + adapter, a reader's hints"),
        (make_row(provenance=replace(GIVEN, films="blank")), "mini + adapter, no film"),
        (make_row(provenance=replace(GIVEN, films="shuffled")), "mini + adapter, shuffled films"),
        (make_row(provenance=Provenance()), "drafts of a model that is not stated, films and slots not stated"),
        (
            make_row(RowKind.WITHOUT_PRIOR, replace(GIVEN, without=("hints", "prior_report"))),
            "mini + adapter, without prior, without hints, prior_report",
        ),
        (make_row(provenance=replace(GIVEN, without=SLOTS)), "mini + adapter, nothing known beforehand"),
        (make_row(provenance=replace(GIVEN, finding_bias=1.5)), "mini + adapter, finding bias +1.5"),
        (make_row(RowKind.BLANK, replace(GIVEN, films="blank")), "mini + adapter, blank film"),
        (make_row(RowKind.CONSTANT, None), "constant normal report"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_label_says_what_a_row_was_given(row: Row, label: str) -> None:
    """Films, slots and hints that change what a figure means are in the row's name."""
    assert row.label == label


def test_an_oracle_row_never_stands_without_its_label() -> None:
    """In the table, in the JSON and after reading it back."""
    card = make_card(make_row(hints=HintSource.ORACLE))
    assert all("oracle hints" in line for line in write_table(card).splitlines() if line.startswith("| mini"))
    assert json.loads(write_json(card))["rows"][0]["label"].endswith("oracle hints")
    forged = json.loads(write_json(card))
    forged["rows"][0]["label"] = "mini"
    assert read_json(json.dumps(forged)).rows[0].label.endswith("oracle hints")


def test_a_headline_needs_its_companions_and_the_baselines() -> None:
    """A card with a headline names every row that belongs to it, if only as absent."""
    card = make_card(make_row())
    with pytest.raises(ValueError, match="constant normal report"):
        replace(card, absent=tuple(row for row in card.absent if row.kind is not RowKind.CONSTANT))
    with pytest.raises(ValueError, match="one kind"):
        replace(card, rows=(*card.rows, make_row()))


def test_a_baseline_is_made_of_nothing() -> None:
    """A baseline has no model and no hints, and a model's row says what it had."""
    with pytest.raises(ValueError, match="made of"):
        make_row(RowKind.CONSTANT, GIVEN)
    with pytest.raises(ValueError, match="made of"):
        make_row(RowKind.SCORED, None)
    with pytest.raises(ValueError, match="hints"):
        make_row(RowKind.CONSTANT, None, HintSource.ORACLE)


def test_what_is_written_is_read() -> None:
    """A card comes back from JSON as it was, and is written the same again."""
    card = make_card(make_row(), make_row(RowKind.CONSTANT, None))
    text = write_json(card)
    assert read_json(text) == card
    assert write_json(read_json(text)) == text


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"rows": []}'])
def test_what_is_no_card_is_refused(text: str) -> None:
    """Anything but a card is one sentence."""
    with pytest.raises(MalformedStudy, match="no scorecard"):
        read_json(text)


def test_a_figure_has_six_decimals_and_none_for_what_is_no_number() -> None:
    """The same figure is the same text on every machine; JSON has no NaN."""
    assert to_figure(Interval(1 / 3, float("nan"), float("nan"))) == Figure(0.333333, None, None)


def test_cells_show_the_interval_where_there_is_one() -> None:
    """A figure without an interval stands alone, and none is a dash."""
    shown = [
        format_figure(each) for each in (Figure(0.5, 0.4, 0.6), Figure(0.5, None, None), Figure(None, None, None), None)
    ]
    assert shown == ["0.500 [0.400, 0.600]", "0.500", "–", "–"]


def test_the_table_has_every_row_and_all_that_is_to_be_read_beside_it() -> None:
    """Absent rows, warnings, notes, differences, copies and leaks are in the Markdown."""
    table = write_table(make_card(make_row(), make_row(RowKind.CONSTANT, None)))
    for line in (
        "| mini + adapter | 0.500 [0.400, 0.600] |",
        "| without prior | not given |",
        "**Take care.**",
        "Scored: A note.",
        "| bleu-1 | -0.100 [-0.200, 0.100] |",
        "| edema | 0.250 | 7 |",
        "| mini + adapter | 3 of 4 | 50.0% | 7.5 | 1 | no train reports | 1 (25.0%) |",
        "| the references themselves | 3 of 4 | 50.0% | 7.5 | 1 | 2 (50.0%) |  |",
        "References in the studies' own prompts: hints 1.",
        "left out: 2 without findings in the reference.",
    ):
        assert line in table


def test_a_model_s_name_does_not_break_the_table() -> None:
    """A stroke in a name is no new cell."""
    table = write_table(make_card(make_row(provenance=replace(GIVEN, model="a|b"))))
    assert "| a/b | 0.500" in table


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        ((RowKind.SCORED,), "`meteor-coco-1.5` is missing of the rows scored: Too long."),
        ((RowKind.SCORED, RowKind.CONSTANT), "`meteor-coco-1.5` is missing: Too long."),
    ],
    ids=["of one row", "of all rows"],
)
def test_a_missing_figure_is_said_with_the_rows_that_lack_it(kinds: tuple[RowKind, ...], said: str) -> None:
    """With the sentence how to get it."""
    card = make_card(make_row(), make_row(RowKind.CONSTANT, None))
    assert said in write_table(replace(card, missing=(AbsentFigure("meteor-coco-1.5", "Too long.", kinds),)))
