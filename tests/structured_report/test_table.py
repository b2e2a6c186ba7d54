"""The rows of a text, and what no row has."""

from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.finding import Degree, Finding, Laterality
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.regions import ORDER, REGION_OF, Region
from clinicalblip.structured_report.table import read_table
from tests.fixtures.ticked_reports import reports


def test_the_rows_follow_the_regions() -> None:
    """Every observation has a row, said or not, in the order of regions and not of the text."""
    rows = read_table("Old rib fracture. No effusion. Lungs are clear.").rows
    assert [row.observation for row in rows] == list(ORDER)
    assert [row.region for row in rows] == [REGION_OF[name] for name in ORDER]
    assert list(dict.fromkeys(row.region for row in rows)) == list(Region)
    said = {row.observation for row in rows if row.finding}
    assert said == {
        Observation.LUNG_OPACITY,
        Observation.CONSOLIDATION,
        Observation.PLEURAL_EFFUSION,
        Observation.FRACTURE,
    }


def test_two_findings_of_one_observation_have_two_rows() -> None:
    """Each with its places; what is said twice has one."""
    text = "Small left and moderate right effusion. A small effusion on the left."
    small, moderate = (row for row in read_table(text).rows if row.observation is Observation.PLEURAL_EFFUSION)
    assert small.finding == Finding(
        Observation.PLEURAL_EFFUSION, Certainty.PRESENT, frozenset({Laterality.LEFT}), degree=Degree.SMALL
    )
    assert [text[start:end] for start, end in small.spans] == ["Small left", "effusion"]
    assert [text[start:end] for start, end in moderate.spans] == ["moderate right effusion"]


def test_an_infiltrate_is_one_row() -> None:
    """The labeler calls it an opacity too; one thing that is ticked has one row, beside an opacity of its own."""
    said = [row.finding for row in read_table("No infiltrate. Left opacity.").rows if row.finding]
    assert said == [
        Finding(Observation.LUNG_OPACITY, Certainty.PRESENT, frozenset({Laterality.LEFT})),
        Finding(Observation.INFILTRATION, Certainty.ABSENT),
    ]


def test_what_was_not_understood_is_not_ticked() -> None:
    """Sentences that no row has are given with their places, without the history, which is no finding."""
    text = "HISTORY: Cough.\nFINDINGS: No effusion. Degenerative changes. Kein Pneumothorax."
    table = read_table(text)
    assert [text[start:end] for start, end in table.not_ticked] == ["Degenerative changes.", "Kein Pneumothorax."]
    assert read_table("").not_ticked == ()
    assert not any(row.finding for row in read_table("").rows)


@given(st.one_of(reports, st.text()))
@settings(max_examples=60)
def test_every_mention_has_a_row(text: str) -> None:
    """And every row its place in the text."""
    table = read_table(text)
    places = {span for row in table.rows for span in row.spans}
    said = read_sentences(text)
    assert places == {(mention.start, mention.end) for sentence in said for mention in sentence.mentions}
    assert all(bool(row.spans) == (row.finding is not None) for row in table.rows)
