"""Errors put into real reports: how many of IU X-RAY's take one."""

from pathlib import Path

import pytest

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.design import ErrorsPart
from clinicalblip.reader_study.injection.inject import inject_errors
from tests.reader_study.injection.test_inject import check_injected

_SAMPLE = 200
_LEAST_SHARE = 0.95


@pytest.mark.shared_data
@pytest.mark.system
def test_nearly_every_report_takes_an_error(shared_data: Path) -> None:
    """Of 200 of IU X-RAY's reports at least 95 % take one of any kind, and each is all that differs."""
    iu = shared_data / "iu"
    prepared = prepare_iu_xray(iu, split_file=iu / "r2gen_annotation.json", without_images=True)
    reports = [study.reference for study in prepared.studies if study.split == "validate"][:_SAMPLE]
    taken = 0
    for report in reports:
        try:
            injected = inject_errors(report, ErrorsPart(), 1)
        except ReaderStudyError:
            continue
        check_injected(injected)
        taken += 1
    assert len(reports) == _SAMPLE
    assert taken >= _LEAST_SHARE * len(reports)
