"""A Storage Bucket of the Hugging Face Hub as a bucket.

Unproven: written from the source of huggingface_hub 2.4 (`hf_api.py`, `_buckets.py`) and tried against a stand-in for
its `HfApi` alone, for its uploads go through hf_xet to servers that no test reaches.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import BucketNotFoundError, HfHubHTTPError
from huggingface_hub.utils.tqdm import disable_progress_bars

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.bucket.bucket import BucketRefused, BucketUnfit

_REFUSED = (401, 403)


class HubBucket:
    """The bucket OWNER/NAME, reached with the token of HF_TOKEN or of a login; unproven.

    It is never made here, so that nobody's default makes it public. Raises SettingsError where no token is set.
    """

    def __init__(self, bucket: str, api: HfApi | None = None) -> None:
        if api is None:
            if get_token() is None:
                raise SettingsError(
                    "storage.bucket names a bucket of the hub, and no token is set; set the secret HF_TOKEN to one "
                    "that may write there."
                )
            if not hasattr(HfApi, "batch_bucket_files"):
                raise SettingsError("storage.bucket needs a newer huggingface_hub; pip install -U huggingface_hub.")
        self._bucket = bucket
        self._api = api or HfApi()
        disable_progress_bars()  # they name files

    def put(self, name: str, data: bytes) -> None:
        """Upload the bytes, then have the bucket name them."""
        with _refusals():
            self._api.batch_bucket_files(self._bucket, add=[(data, name)])

    def get(self, name: str) -> bytes:
        """Download into a folder that is removed at once."""
        with _refusals(), TemporaryDirectory() as folder:
            path = Path(folder) / "file"
            self._api.download_bucket_files(self._bucket, [(name, path)], raise_on_missing_files=True)
            return path.read_bytes()

    def list(self, prefix: str) -> Iterable[str]:
        """The paths of the files below the prefix."""
        with _refusals():
            tree = self._api.list_bucket_tree(self._bucket, prefix.rstrip("/"), recursive=True)
            return sorted(item.path for item in tree if item.type == "file")

    def delete(self, name: str) -> None:
        """Have the bucket remove the name, where it has it."""
        if name in self.list(name.rpartition("/")[0] + "/"):
            with _refusals():
                self._api.batch_bucket_files(self._bucket, delete=[name])

    def is_private(self) -> bool:
        """Whether the hub says so."""
        with _refusals():
            return bool(self._api.bucket_info(self._bucket).private)


@contextmanager
def _refusals() -> Iterator[None]:
    """Leave out what the library says: it names addresses and files."""
    try:
        yield
    except BucketNotFoundError:
        raise BucketUnfit(
            "The hub has no bucket as storage.bucket names it, or the token may not see it; make it there as a private "
            "one, and check the token's rights."
        ) from None
    except HfHubHTTPError as error:
        if error.response is not None and error.response.status_code in _REFUSED:
            raise BucketUnfit(
                "The hub refuses the token for the bucket of storage.bucket; set HF_TOKEN to one that may read and "
                "write there."
            ) from None
        raise BucketRefused("the hub answered with an error") from None
    except Exception as error:  # of the network and of hf_xet, which share no class
        raise BucketRefused(f"the hub was not reached: {type(error).__name__}") from None
