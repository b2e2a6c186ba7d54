"""Films that nobody chose, each with three hints that nobody chose."""

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty, Observation
from research.mini.evaluation.hint_set import EvaluationHint, read_hints
from research.mini.evaluation.shown_films import first_rows, hints_for
from research.mini.films.manifest import NIH_LABELS, FilmRow

ROWS = [
    FilmRow(f"nih.zip/{n}.png", "nih", f"p{n}", "nih:320", "validation", (0.0,) * len(NIH_LABELS)) for n in range(30)
]


def test_films_are_the_first_by_digest_whatever_their_order():
    """The manifest's order chooses nothing, and fewer are the first of more."""
    chosen = first_rows(ROWS)
    assert len({row.id for row in chosen}) == 10
    assert first_rows(ROWS[::-1]) == chosen
    assert first_rows(ROWS, 3) == chosen[:3]


def test_each_film_has_three_hints():
    """Of what it is labelled with, of something else, of several findings; without a label one of nothing to see."""
    for row in ROWS[:5]:
        given = hints_for(row, {"Cardiomegaly"}, read_hints())
        assert list(given) == ["of what it is labelled with", "of something else", "of several"]
        true, other, several = ({f.observation for f in hint.hinted} for hint in given.values())
        assert true == {Observation.CARDIOMEGALY}
        assert len(other) == 1
        assert Observation.CARDIOMEGALY not in other
        assert len(several) > 1
        unlabelled = hints_for(row, set(), read_hints())
        assert list(unlabelled) == ["of nothing to see", "of something else", "of several"]
        assert not unlabelled["of nothing to see"].findings


def test_a_kind_that_no_hint_fits_is_left_out():
    """With one hint there is one."""
    hint = EvaluationHint("ptx", "k", False, (Finding(Observation.PNEUMOTHORAX, Certainty.PRESENT),))
    assert hints_for(ROWS[0], set(), [hint]) == {"of something else": hint}
