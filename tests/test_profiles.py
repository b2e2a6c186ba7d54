"""One word for the settings of a kind of machine."""

from pathlib import Path

import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.profiles import PROFILES
from clinicalblip.settings import ModelSettings, Settings, read_settings

ROOT = Path(__file__).parents[1]


def settings(folder: Path, text: str = "", **environment: str) -> Settings:
    """The settings of a file with this text."""
    (folder / "spaces_config.yaml").write_text(text)
    return read_settings(folder / "spaces_config.yaml", environment)


def test_without_a_profile_the_bundled_model_drafts() -> None:
    """On whatever there is, as the project's own settings file says."""
    model = read_settings(ROOT / "spaces_config.yaml", {}).model
    assert (model.base, model.adapter) == (ModelSettings().base, ModelSettings().adapter)
    assert (model.device, model.precision) == ("auto", "auto")


@pytest.mark.parametrize(
    ("profile", "device", "bundled"), [("cpu", "cpu", True), ("gpu", "cuda", False), ("zerogpu", "cuda", False)]
)
def test_a_profile_fills_in_what_the_file_leaves_to_it(
    tmp_path: Path, profile: str, device: str, bundled: bool
) -> None:
    """By `auto`, or by not naming it."""
    text = f"profile: {profile}\nmodel:\n  base: auto\n"
    model = settings(tmp_path, text).model
    assert (model.device, model.base == ModelSettings().base, model.adapter is None) == (device, bundled, not bundled)


def test_what_is_named_beats_the_profile(tmp_path: Path) -> None:
    """In the file, and by a variable over the file."""
    text = "profile: gpu\nmodel:\n  base: owner/base\n  adapter: folder\n"
    model = settings(tmp_path, text, CLINICALBLIP_MODEL_ADAPTER="other").model
    assert (model.base, model.adapter, model.precision) == ("owner/base", "other", "nf4")


def test_a_variable_picks_the_profile(tmp_path: Path) -> None:
    """As a Space's variables do."""
    assert settings(tmp_path, "profile: gpu\n", CLINICALBLIP_PROFILE="cpu").model.device == "cpu"


def test_auto_is_the_full_model_where_gpus_are_lent(tmp_path: Path) -> None:
    """A Space on ZeroGPU says so itself."""
    assert settings(tmp_path, SPACES_ZERO_GPU="true").model.base == "Salesforce/instructblip-vicuna-7b"


@pytest.mark.parametrize("text", ["profile: fast\n", "profile: 3\n", "profile: [cpu]\n"])
def test_an_unknown_profile_is_said_with_those_that_there_are(tmp_path: Path, text: str) -> None:
    """In one sentence."""
    with pytest.raises(SettingsError, match="profile") as refused:
        settings(tmp_path, text)
    assert all(name in str(refused.value) for name in PROFILES)
