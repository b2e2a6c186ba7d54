"""Which studies a stage learns from and is validated on, and which sections it learns."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.errors import StageError
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.radiology.report import Report, Target
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.prompts import select_sections
from clinicalblip.training.data.selection import VALIDATION_STUDIES, exclude_unreadable, select_studies


@pytest.fixture(scope="module", params=["llama", "t5"])
def base(request: pytest.FixtureRequest, tiny_folders: dict[str, Path]) -> Base:
    """A base of either kind of language model."""
    return load_base(tiny_folders[request.param], "fp32", "cpu")


def test_target_is_the_section_asked_for() -> None:
    """A stage that teaches one section leaves the other one out."""
    report = Report("The lungs are clear.", "Normal chest.")
    assert select_sections(report, Target.FINDINGS) == Report("The lungs are clear.", "")
    assert select_sections(report, Target.IMPRESSION) == Report("", "Normal chest.")
    assert select_sections(report, Target.REPORT) == report


def test_studies_that_cannot_be_learnt_from_are_counted(base: Base, make_study: Callable[..., Study]) -> None:
    """Studies of other splits, without films, without text or with too long a report are left out, each counted."""
    good = make_study(1)
    long = Report("The lungs are clear. " * 2000)
    others = [
        make_study(2, "test"),
        replace(make_study(3), images=()),
        replace(make_study(4), reference=Report(findings="", impression="Normal.")),
        replace(make_study(5), reference=long),
    ]
    selected = select_studies([good, *others], Target.FINDINGS, base)
    if base.is_decoder_only:
        assert selected.training == (good,)
        assert sorted(selected.left_out.values()) == [1, 1, 1, 1]
    else:  # T5's decoder has no end of its own
        assert selected.training == (good, others[-1])
        assert sorted(selected.left_out.values()) == [1, 1, 1]


def test_nothing_to_learn_from_is_reported(base: Base, make_study: Callable[..., Study]) -> None:
    """Without a study of the train split there is no stage, and the reason is counted."""
    with pytest.raises(StageError, match="2 not of the train split"):
        select_studies([make_study(1, "test"), make_study(2, "validate")], Target.REPORT, base)


def test_two_studies_of_one_id_are_refused(base: Base, make_study: Callable[..., Study]) -> None:
    """An id that comes twice is named."""
    with pytest.raises(StageError, match="study-1"):
        select_studies([make_study(1), make_study(1)], Target.REPORT, base)


def test_the_same_few_studies_are_validated_on_every_time(base: Base, make_study: Callable[..., Study]) -> None:
    """Of many studies of the validate split some are taken, whatever their order, and they are not counted."""
    many = [make_study(number, "validate") for number in range(VALIDATION_STUDIES + 5)]
    first, second = (select_studies([make_study(1000), *each], Target.REPORT, base) for each in (many, many[::-1]))
    assert len(first.validation) == VALIDATION_STUDIES
    assert first.validation == second.validation


def test_studies_with_films_that_cannot_be_read_are_left_out(base: Base, make_study: Callable[..., Study]) -> None:
    """They are counted, and where no other study is there the training is refused."""
    selected = select_studies([make_study(1), make_study(2), make_study(4, "validate")], Target.REPORT, base)
    rest = exclude_unreadable(selected, {"study-2", "study-4"})
    assert [study.study_id for study in rest.training] == ["study-1"]
    assert rest.validation == ()
    assert rest.left_out == {"not of the train split": 1, "with a film that cannot be read": 1}
    with pytest.raises(StageError, match="2 with a film that cannot be read"):
        exclude_unreadable(selected, {"study-1", "study-2"})
