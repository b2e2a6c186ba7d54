"""What a Space is to be."""

from pathlib import Path

import pytest
from huggingface_hub import SpaceCard
from packaging.requirements import Requirement

from clinicalblip.cli import main
from clinicalblip.deploy.space_files import README, find_files
from clinicalblip.deploy.space_plan import HARDWARE, SpacePlan, plan_space
from clinicalblip.errors import DeployError
from clinicalblip.profiles import PROFILES

ROOT = Path(__file__).parents[2]


def planned(**more: object) -> SpacePlan:
    """A plan of this clone."""
    return plan_space(ROOT, "reader/clinicalblip", **{"environment": {}, **more})  # type: ignore[arg-type]


def test_a_space_holds_the_page_and_its_model_and_nothing_else() -> None:
    """No tests, no research, no documents, no caches."""
    paths = {file.path for file in planned().files}
    assert {"app.py", "requirements.txt", "spaces_config.yaml", README, "clinicalblip/web/page.py"} <= paths
    assert "assets/mini/instructblip-mini/config.json" in paths
    assert {path.split("/")[0] for path in paths if "/" in path} == {"clinicalblip", "assets"}
    assert not [path for path in paths if "__pycache__" in path or "/." in path]


@pytest.mark.parametrize("hardware", HARDWARE)
def test_the_front_matter_is_a_spaces(hardware: str) -> None:
    """By the hub's own class; it says the Gradio that requirements.txt asks for, and the hardware."""
    content = next(file.content for file in planned(hardware=hardware).files if file.path == README)
    assert isinstance(content, bytes)
    card = SpaceCard(content.decode())
    (gradio,) = (Requirement(line) for line in (ROOT / "requirements.txt").read_text().splitlines() if "gradio" in line)
    assert gradio.specifier.contains(card.data.sdk_version)
    assert card.data.suggested_hardware == hardware
    assert "Research use only" in card.text


def test_each_hardware_has_a_profile() -> None:
    """Which the Space is given as a variable."""
    assert set(HARDWARE.values()) <= set(PROFILES)
    assert planned(hardware="zero-a10g").variables == {"CLINICALBLIP_PROFILE": "zerogpu"}


def test_a_dry_run_prints_everything_but_the_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every file with its size, front matter, variables and the names of secrets; no network."""
    monkeypatch.setenv("PASSWORD", "planted-secret-value")
    command = ["space", "--repo", "reader/clinicalblip", "--bucket", "reader/reviews", "--secret", "PASSWORD"]
    assert main([*command, "--dry-run"]) == 0
    printed = capsys.readouterr().out
    assert all(file.path in printed and f"{file.size:,}" in printed for file in planned().files)
    for said in ("CLINICALBLIP_PROFILE=cpu", "PASSWORD", "reader/reviews at", "sdk_version"):
        assert said in printed
    assert "planted-secret-value" not in printed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"repo": "no-owner"}, "no name of a Space"),
        ({"repo": "../../etc/passwd"}, "no name of a Space"),
        ({"bucket": "reviews"}, "no name of a bucket"),
        ({"hardware": "h200"}, "not made for the hardware 'h200'"),
        ({"secret_names": ["NOT_SET"]}, "secret NOT_SET is not set"),
    ],
)
def test_what_cannot_be_planned_is_said(options: dict[str, object], said: str) -> None:
    """Before anything is sent."""
    given = {"repo": "reader/clinicalblip", "environment": {}} | options
    with pytest.raises(DeployError, match=said):
        plan_space(ROOT, **given)  # type: ignore[arg-type]


def test_a_space_is_made_from_a_clone(tmp_path: Path) -> None:
    """An installed package has no app.py."""
    with pytest.raises(DeployError, match=r"app\.py.* missing; run the command in the clone"):
        find_files(tmp_path, {})
