"""Taking an upload out of Gradio's cache."""

from pathlib import Path

import pytest

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph
from clinicalblip.web.middleware.uploads import take_upload


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """An upload folder beside a file that was not uploaded."""
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "cache"
    folder.mkdir()
    return folder


def put(cache: Path, data: bytes = b"film") -> Path:
    """Lay an upload down as Gradio does."""
    (cache / "abc").mkdir()
    file = cache / "abc" / "Doe^Jane.dcm"
    file.write_bytes(data)
    return file


def test_an_upload_is_read_and_gone(cache: Path) -> None:
    """The bytes come back; file and folder are deleted."""
    file = put(cache)
    assert take_upload(str(file), cache, most_bytes=100) == b"film"
    assert list(cache.iterdir()) == []


def test_a_large_upload_is_refused_and_gone(cache: Path) -> None:
    """Over the limit nothing is read, and still nothing stays."""
    file = put(cache, b"x" * 101)
    with pytest.raises(RadiographTooLarge):
        take_upload(str(file), cache, most_bytes=100)
    assert list(cache.iterdir()) == []


@pytest.mark.parametrize(
    "path", ["", ".", "/etc/hosts", "{cache}", "{cache}/../secret", "https://example.com/a.png", "{cache}/a\0b"]
)
def test_nothing_but_uploads_is_read(cache: Path, path: str) -> None:
    """A path that leads elsewhere is refused, and nothing is deleted there."""
    with pytest.raises(UnreadableRadiograph, match="has to be uploaded"):
        take_upload(path.format(cache=cache), cache, most_bytes=100)
    assert (cache.parent / "secret").read_bytes() == b"secret"


def test_a_link_is_not_followed(cache: Path) -> None:
    """A link inside the folder to a file outside is refused."""
    (cache / "link").symlink_to(cache.parent / "secret")
    with pytest.raises(UnreadableRadiograph):
        take_upload(str(cache / "link"), cache, most_bytes=100)


def test_a_missing_upload_is_one_sentence(cache: Path) -> None:
    """An upload that never arrived asks for the file again."""
    with pytest.raises(UnreadableRadiograph, match="choose the file again"):
        take_upload(str(cache / "gone"), cache, most_bytes=100)
