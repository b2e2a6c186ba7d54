"""What a Space is to be, decided before anything is sent; a dry run prints it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clinicalblip.deploy.space_files import README, SpaceFile, find_files
from clinicalblip.errors import DeployError
from clinicalblip.settings import CONFIG, read_settings

HARDWARE: Final = {"cpu-basic": "cpu", "cpu-upgrade": "cpu", "zero-a10g": "zerogpu", "t4-small": "gpu"}
"""The hardware that the page was made for, and the profile of settings that goes with each."""

MOUNT: Final = "/reviews-bucket"
"""Where a Space sees its bucket."""

_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class SpacePlan:
    """A Space by name (`OWNER/NAME`), what is pushed, and how it is set up.

    `variables` are public; `secrets` are by name, their values never printed. `bucket` is mounted at `MOUNT`.
    """

    repo: str
    private: bool
    hardware: str
    files: tuple[SpaceFile, ...]
    variables: Mapping[str, str]
    secrets: Mapping[str, str]
    bucket: str | None = None

    def describe(self) -> str:
        """All of it in plain lines, without the secrets' values."""
        total = sum(file.size for file in self.files)
        readme = next(file.content for file in self.files if file.path == README)
        front_matter = readme.decode().split("---\n")[1] if isinstance(readme, bytes) else ""
        lines = [
            f"Space {self.repo}, {'private' if self.private else 'public'}, on {self.hardware}",
            f"Bucket: {f'{self.bucket} at {MOUNT}' if self.bucket else 'none: reviews end with the disk'}",
            *_named("Variables", [f"{name}={value}" for name, value in self.variables.items()]),
            *_named("Secrets", list(self.secrets)),
            "Front matter:",
            *(f"  {line}" for line in front_matter.splitlines()),
            f"{len(self.files)} files, {total:,} bytes:",
            *(f"  {file.size:>12,}  {file.path}" for file in self.files),
        ]
        return "\n".join(lines)


def plan_space(
    root: Path,
    repo: str,
    *,
    hardware: str = "cpu-basic",
    private: bool = False,
    bucket: str | None = None,
    secret_names: Sequence[str] = (),
    environment: Mapping[str, str],
) -> SpacePlan:
    """Plan a Space from the clone in `root`; the values of secrets come from the environment.

    Raises DeployError for a name that is none, hardware that the page was not made for, a secret that is not set,
    or a folder that is no clone; SettingsError where the clone's settings would not start there.
    """
    for name, what in ((repo, "Space"), (bucket, "bucket")):
        if name is not None and not _NAME.fullmatch(name):
            raise DeployError(f"{name!r} is no name of a {what}; give OWNER/NAME.")
    if hardware not in HARDWARE:
        raise DeployError(f"The page was not made for the hardware {hardware!r}; take one of {', '.join(HARDWARE)}.")
    if unset := [name for name in secret_names if not environment.get(name)]:
        raise DeployError(f"The secret {unset[0]} is not set; put its value into the environment under that name.")
    variables = {"CLINICALBLIP_PROFILE": HARDWARE[hardware]}
    if bucket:
        variables["CLINICALBLIP_STORAGE_BUCKET"] = f"file://{MOUNT}"
    secrets = {name: environment[name] for name in secret_names}
    front_matter: dict[str, Any] = {"suggested_hardware": hardware}
    if read_settings(root / CONFIG, variables | secrets).access.mode == "huggingface":
        front_matter["hf_oauth"] = True
    return SpacePlan(
        repo=repo,
        private=private,
        hardware=hardware,
        files=find_files(root, front_matter),
        variables=variables,
        secrets=secrets,
        bucket=bucket,
    )


def _named(what: str, lines: Sequence[str]) -> list[str]:
    return [f"{what}:", *(f"  {line}" for line in lines)] if lines else [f"{what}: none"]
