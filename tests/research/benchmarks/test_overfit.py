"""Training reaches the picture: the experiment of research/benchmarks/overfit.py, small."""

from pathlib import Path

import pytest

from clinicalblip.instructblip.batch.input_condition import FilmCondition
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from research.benchmarks.overfit import BASE, describe, few_findings, overfit

pytestmark = pytest.mark.system


def test_learnt_reports_follow_the_films(tmp_path: Path) -> None:
    """The bundled base learns four films by heart: it writes their reports, and from another's film the other's."""
    found = overfit(tmp_path, str(BASE), studies=4, epochs=(2, 20, 50), batch=2, faster=4.0, own_wording=True)
    assert found.losses["language"] < 0.1 < found.losses["bridge"]
    assert found.whole[FilmCondition.RIGHT] >= 3
    assert found.whole[FilmCondition.SHUFFLED] == 0
    assert found.others >= 3


def test_reports_are_true_of_their_phantoms() -> None:
    """Each report affirms what was drawn, and denies the rest."""
    for seed in range(40):
        phantom = few_findings(seed)
        said = observations(describe(phantom, own_wording=seed % 2 == 0).findings)
        affirmed = {str(what) for what, how in said.items() if how is Certainty.PRESENT}
        drawn = {str(finding.observation) for finding in phantom.findings}
        assert drawn <= affirmed
        assert affirmed <= drawn | {str(Observation.LUNG_OPACITY), str(Observation.NO_FINDING)}
