"""The files of a base's checkpoint: where they are, whether they are complete, and their digest."""

import hashlib
import json
from pathlib import Path

import httpx
from huggingface_hub import snapshot_download
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

from clinicalblip.errors import ModelUnavailable

_FILE_PATTERNS = ["*.json", "*.safetensors", "*.txt", "*.model"]


def digest_checkpoint(folder: Path) -> str:
    """SHA-256, in hexadecimal, over a checkpoint's configuration and weights; the same wherever the folder lies."""
    summed = hashlib.sha256()
    files = [folder / "config.json", *sorted(folder.glob("*.safetensors"))]
    for file in files:
        summed.update(f"{file.name} {_digest_file(file)}\n".encode())
    return summed.hexdigest()


def _digest_file(file: Path) -> str:
    target = file.resolve()
    if target.parent.name == "blobs" and len(target.name) == 64:
        return target.name  # the hub's cache names large files by their SHA-256
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def find_checkpoint(name: str | Path) -> Path:
    """The folder of a checkpoint: `name` itself, or the hub's snapshot, cached or fetched. Raises ModelUnavailable."""
    if Path(name).is_dir():
        return Path(name)
    for offline in (True, False):
        try:
            folder = Path(
                snapshot_download(str(name), allow_patterns=_FILE_PATTERNS, local_files_only=offline, etag_timeout=5)
            )
        except HFValidationError as error:
            raise ModelUnavailable(
                f"The base {Path(name).name} is no folder here and no name on the hub; check the settings' model.base."
            ) from error
        except (LocalEntryNotFoundError, HfHubHTTPError, OSError, httpx.HTTPError) as error:
            if not offline:
                raise ModelUnavailable(
                    f"The base {name} is no folder, is not on this machine, and cannot be fetched from the hub; "
                    "check the settings' model.base, or the network."
                ) from error
        else:
            if has_weights(folder):
                return folder
    raise ModelUnavailable(f"The base {name} has no weights in the safetensors format; choose one that has.")


def has_weights(folder: Path) -> bool:
    """Whether all shards of the weights are there in safetensors, the one format that runs no code when it is read."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return (folder / "model.safetensors").is_file()
    try:
        shards = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, TypeError, AttributeError):
        return False
    return all((folder / str(shard)).is_file() for shard in shards)
