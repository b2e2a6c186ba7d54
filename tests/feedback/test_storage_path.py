"""Where reviews lie, and whether they last."""

from pathlib import Path

import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.storage_path import find_storage_path
from clinicalblip.settings import Settings, StorageSettings


def _settings(folder: Path, reviews: str | None = None) -> Settings:
    return Settings(folder=folder, storage=StorageSettings(reviews=Path(reviews) if reviews else None))


def test_a_named_file_is_taken(tmp_path: Path) -> None:
    """A relative path starts at the settings file, on a Space too."""
    found = find_storage_path(_settings(tmp_path, "kept/here.sqlite3"), {"SPACE_ID": "a/b"})
    assert (found.path, found.persistent, found.notice) == (tmp_path / "kept" / "here.sqlite3", True, "")


def test_a_named_absolute_file_is_taken(tmp_path: Path) -> None:
    """An absolute path stays as it is."""
    assert find_storage_path(_settings(tmp_path, "/data/r.sqlite3"), {}).path == Path("/data/r.sqlite3")


def test_a_space_with_a_disk_keeps_reviews_on_it(tmp_path: Path) -> None:
    """The persistent disk lasts and needs no notice."""
    found = find_storage_path(_settings(tmp_path), {"SPACE_ID": "a/b"}, space_disk=tmp_path)
    assert (found.path.parent, found.persistent, found.notice) == (tmp_path, True, "")


@pytest.mark.parametrize("variable", ["XDG_CACHE_HOME", "HF_HOME", "HOME"])
def test_a_space_without_a_disk_says_so_to_its_owner(tmp_path: Path, variable: str) -> None:
    """The cache folder takes the reviews, and the notice says what will happen and what to do."""
    (tmp_path / "file").touch()
    environment = {"SPACE_ID": "a/b", "HOME": str(tmp_path / "file"), variable: str(tmp_path / "place")}
    found = find_storage_path(_settings(tmp_path), environment, space_disk=tmp_path / "absent")
    assert found.path.is_relative_to(tmp_path / "place")
    assert found.path.parent.is_dir()
    assert not found.persistent
    assert "owner of this Space" in found.notice
    assert "will be lost" in found.notice
    assert "storage.reviews" in found.notice


def test_elsewhere_the_users_data_folder_keeps_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a Space and without a setting it is where programs of this user keep their data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    found = find_storage_path(_settings(tmp_path), {})
    assert (found.path.parent, found.persistent) == (tmp_path / "share" / "clinicalblip", True)


def test_without_a_data_folder_the_cache_is_named_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that cannot be written leaves the cache folder, which is said not to last."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    found = find_storage_path(_settings(tmp_path), {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert found.path.is_relative_to(tmp_path / "cache")
    assert not found.persistent
    assert "owner" in found.notice


def test_no_writable_folder_at_all_is_one_sentence(tmp_path: Path) -> None:
    """Where nothing can be written, the settings are asked for a place."""
    (tmp_path / "file").touch()
    nowhere = {"SPACE_ID": "a/b", "XDG_CACHE_HOME": str(tmp_path / "file"), "HOME": str(tmp_path / "file")}
    with pytest.raises(SettingsError, match=r"storage\.reviews"):
        find_storage_path(_settings(tmp_path), nowhere, space_disk=tmp_path / "absent")
