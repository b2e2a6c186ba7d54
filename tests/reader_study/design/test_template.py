"""The commented design that a study begins with."""

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design import design as parts
from clinicalblip.reader_study.design.check_design import check_design
from clinicalblip.reader_study.design.read_design import read_design
from clinicalblip.reader_study.design.template import TEMPLATE, write_template


def test_the_template_is_a_design(tmp_path: Path) -> None:
    """It is read and keeps every rule as it is written."""
    write_template(tmp_path / "study.yaml")
    design = read_design(tmp_path / "study.yaml")
    check_design(design)
    assert [arm.name for arm in design.arms] == ["unaided", "assisted", "assisted-marked"]
    assert not design.arms[1].show.confidence
    assert design.arms[2].show.confidence


def test_its_other_arms_are_read_too(tmp_path: Path) -> None:
    """Those that stand in comments, without these."""
    before, after = TEMPLATE.split("# Other arms:\n")
    commented, rest = after.split("\n\n", 1)
    path = tmp_path / "study.yaml"
    text = before + commented.replace("#   ", "  ") + "\n\n" + rest
    path.write_text(text.replace("readers: 6 ", "readers: 12 "), encoding="utf-8")
    assert [str(arm.draft) for arm in read_design(path).arms[3:]] == ["predictions", "reference", "injected"]


def test_every_field_stands_in_it() -> None:
    """Whatever a design can say is written there once at least, with its name."""
    models = [each for each in vars(parts).values() if isinstance(each, type) and issubclass(each, BaseModel)]
    fields = {name for model in models for name in model.model_fields}
    assert {name for name in fields if f"{name}:" not in TEMPLATE} == set()
    assert yaml.safe_load(TEMPLATE)["version"] == 1


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """What stands at its place stays as it is."""
    path = tmp_path / "study.yaml"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(ReaderStudyError, match="Something stands at that place already"):
        write_template(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """It says what to name instead."""
    with pytest.raises(ReaderStudyError, match=r"cannot be written \(No such file or directory\); name a file in"):
        write_template(tmp_path / "nowhere" / "study.yaml")
