"""A bucket of the hub, against a stand-in with the signatures of the library; the hub itself is not reached."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import create_autospec

import pytest
from huggingface_hub import HfApi
from huggingface_hub.errors import BucketNotFoundError, HfHubHTTPError

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.bucket.bucket import BucketRefused, BucketUnfit
from clinicalblip.feedback.bucket.hub_bucket import HubBucket

TOKEN = "hf_PlantedToken"


@pytest.fixture
def api() -> Any:
    """The library's calls over a dictionary; another call, or one with other arguments, is an error."""
    held: dict[str, bytes] = {}
    api = create_autospec(HfApi, instance=True)

    def batch(
        bucket_id: str, *, add: list[tuple[bytes, str]] | None = None, delete: list[str] | None = None, **_: object
    ) -> None:
        held.update({name: data for data, name in add or []})
        for name in delete or []:
            del held[name]

    def download(bucket_id: str, files: list[tuple[str, Path]], **_: object) -> None:
        for name, path in files:
            path.write_bytes(held[name])

    def tree(bucket_id: str, prefix: str, *, recursive: bool) -> list[SimpleNamespace]:
        found = [SimpleNamespace(type="file", path=name) for name in held if name.startswith(prefix)]
        return [SimpleNamespace(type="directory", path=prefix), *found]

    api.batch_bucket_files.side_effect = batch
    api.download_bucket_files.side_effect = download
    api.list_bucket_tree.side_effect = tree
    api.bucket_info.return_value = SimpleNamespace(private=True)
    return api


def test_the_five_calls_are_the_librarys(api: Any) -> None:
    """What is put is listed, read and removed; removing twice is no error."""
    bucket = HubBucket("owner/name", api)
    bucket.put("page/reviews/a.json", b"{}")
    bucket.put("page/owners/b.json", b"[]")
    assert bucket.list("page/reviews/") == ["page/reviews/a.json"]
    assert bucket.get("page/owners/b.json") == b"[]"
    bucket.delete("page/reviews/a.json")
    bucket.delete("page/reviews/a.json")
    assert bucket.list("page/") == ["page/owners/b.json"]
    assert bucket.is_private()
    api.bucket_info.return_value = SimpleNamespace(private=False)
    assert not bucket.is_private()


def answer(status: int) -> Any:
    """What the hub answered."""
    return SimpleNamespace(status_code=status, headers={}, request=None)


@pytest.mark.parametrize(
    ("raised", "kind", "said"),
    [
        (HfHubHTTPError(TOKEN, response=answer(403)), BucketUnfit, "refuses the token"),
        (HfHubHTTPError(TOKEN, response=answer(401)), BucketUnfit, "refuses the token"),
        (BucketNotFoundError(TOKEN, response=answer(404)), BucketUnfit, "has no bucket"),
        (HfHubHTTPError(TOKEN, response=answer(503)), BucketRefused, "answered with an error"),
        (ConnectionError(TOKEN), BucketRefused, "not reached: ConnectionError"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence_without_the_token(
    api: Any, raised: Exception, kind: type[Exception], said: str
) -> None:
    """Whatever the library writes into its errors."""
    bucket = HubBucket("owner/name", api)
    for call in ("batch_bucket_files", "list_bucket_tree", "bucket_info", "download_bucket_files"):
        getattr(api, call).side_effect = raised
    for ask in (lambda: bucket.put("a", b""), lambda: bucket.get("a"), lambda: bucket.list("a/"), bucket.is_private):
        with pytest.raises(kind, match=said) as caught:
            ask()
        assert TOKEN not in f"{caught.value}{caught.value.__cause__}"
        assert type(caught.value) is kind


def test_a_token_that_is_not_set_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the hub is asked anything."""
    monkeypatch.setattr("clinicalblip.feedback.bucket.hub_bucket.get_token", lambda: None)
    with pytest.raises(SettingsError, match="no token is set; set the secret HF_TOKEN"):
        HubBucket("owner/name")
