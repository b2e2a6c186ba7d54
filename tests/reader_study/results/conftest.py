"""A study with its results, made once."""

from collections.abc import Mapping

import pytest

from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.results.write_results import result_files
from tests.fixtures.study_readings import study_readings


@pytest.fixture(scope="session")
def data() -> StudyData:
    """Six readers, three arms, gold cases, pairs, questions, and impressions before drafts."""
    return study_readings()


@pytest.fixture(scope="session")
def files(data: StudyData) -> Mapping[str, bytes]:
    """All that is written of it."""
    return result_files(data)
