"""Making or updating a Space over the hub's API: set up first, then one commit, so that it is built once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, SpaceHardware, Volume

# HTTPError is that of a network that fails, of whichever HTTP client this version of the library uses.
from huggingface_hub.errors import HfHubHTTPError, HTTPError, RepositoryNotFoundError  # type: ignore[attr-defined]

from clinicalblip.deploy.space_plan import MOUNT, SpacePlan
from clinicalblip.errors import DeployError
from clinicalblip.progress import Log, write_line

_OURS: Final = {"app.py", "spaces_config.yaml", "clinicalblip/version.py"}
_STAYS: Final = ".gitattributes"
_REFUSALS: Final = {
    401: "the hub does not know the token; log in anew with `hf auth login`, or set HF_TOKEN",
    402: "the hub asks for a subscription or for credits for this hardware; see the account's billing page",
    403: "the token may not write there; take a token with write rights, or another owner",
    404: "the hub does not know it, or the token may not see it; check the name",
    409: "the name is taken, or somebody else is changing it; take another name, or try again",
    413: "it is too large for the account; remove what is not needed, or ask for more room",
    429: "the hub takes no more requests for now; try again in some minutes",
    507: "the account's room is used up; remove something, or ask for more",
}


def push_space(plan: SpacePlan, api: HfApi, log: Log = write_line) -> str:
    """Make the Space, or bring it up to date; gives its address.

    Raises DeployError: no token, no right, a name that something else has, a bucket that is not private, no network,
    no room.
    """
    if not (api.token or _saved_token()):
        raise DeployError("There is no token for the hub; log in with `hf auth login`, or set HF_TOKEN.")
    with _in_words(f"The bucket {plan.bucket}"):
        if plan.bucket and not api.bucket_info(plan.bucket).private:
            raise DeployError(f"The bucket {plan.bucket} is public, and reviews are not; make it private first.")
    with _in_words(f"The Space {plan.repo}"):
        there = _files_there(plan, api)
        if there is None:
            log(f"Making the Space {plan.repo}.")
            api.create_repo(plan.repo, repo_type="space", space_sdk="gradio", private=plan.private, exist_ok=False)
        _set_up(plan, api)
        log(f"Sending {len(plan.files)} files.")
        commit = api.create_commit(
            plan.repo,
            _operations(plan, there or set()),
            repo_type="space",
            commit_message="Bring the page up to date",
        )
        if there is None or plan.hardware != "cpu-basic":
            api.request_space_hardware(plan.repo, SpaceHardware(plan.hardware))
    return str(commit.repo_url)


def _saved_token() -> str | None:
    from huggingface_hub import get_token

    return get_token()


def _files_there(plan: SpacePlan, api: HfApi) -> set[str] | None:
    """The files of the Space as it is, None where there is none. Raises DeployError where it is something else."""
    try:
        info = api.space_info(plan.repo)
    except RepositoryNotFoundError:
        return None
    there = {file.rfilename for file in info.siblings or ()}
    if there - {_STAYS, "README.md"} and not there >= _OURS:
        raise DeployError(f"The Space {plan.repo} is there and holds something else; take another name.")
    return there


def _set_up(plan: SpacePlan, api: HfApi) -> None:
    for name, value in plan.variables.items():
        api.add_space_variable(plan.repo, name, value)
    for name, value in plan.secrets.items():
        api.add_space_secret(plan.repo, name, value)
    if plan.bucket:
        api.set_space_volumes(plan.repo, [Volume(type="bucket", source=plan.bucket, mount_path=MOUNT)])


def _operations(plan: SpacePlan, there: set[str]) -> list[CommitOperationAdd | CommitOperationDelete]:
    """Every file of the plan, and without those that an earlier version had."""
    paths = {file.path for file in plan.files}
    gone = sorted(there - paths - {_STAYS})
    return [
        *(CommitOperationAdd(file.path, file.content) for file in plan.files),
        *(CommitOperationDelete(path) for path in gone),
    ]


@contextmanager
def _in_words(what: str) -> Iterator[None]:
    """What the hub refuses, in one sentence that holds no token and no address."""
    try:
        yield
    except HfHubHTTPError as error:
        status = error.response.status_code
        reason = _REFUSALS.get(status, f"the hub answered with {status}; try again later")
        raise DeployError(f"{what} could not be set up: {reason}.") from error
    except (HTTPError, OSError) as error:
        raise DeployError(
            f"{what} could not be set up: the hub cannot be reached ({type(error).__name__}); check the network."
        ) from error
