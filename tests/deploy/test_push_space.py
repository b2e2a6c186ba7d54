"""Making and updating a Space, against a hub on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from clinicalblip.deploy.push_space import push_space
from clinicalblip.deploy.space_files import SpaceFile
from clinicalblip.deploy.space_plan import SpacePlan, plan_space
from clinicalblip.errors import DeployError
from tests.deploy.hub import TOKEN, Hub, local_hub

ROOT = Path(__file__).parents[2]
SECRET = "planted-secret-value"
NAME = "reader/clinicalblip"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """An empty hub, which the library is allowed to ask."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    with local_hub() as found:
        yield found


@pytest.fixture(scope="module")
def plan() -> SpacePlan:
    """The Space of this clone, with a secret; of the large files only names, so that tests are quick."""
    found = plan_space(ROOT, NAME, private=True, secret_names=["PASSWORD"], environment={"PASSWORD": SECRET})
    small = tuple(SpaceFile(file.path, b"weights" if file.size > 200_000 else file.content) for file in found.files)
    return replace(found, files=small)


def test_a_space_is_made_with_one_commit(hub: Hub, plan: SpacePlan) -> None:
    """Private as asked, all files in it, set up before it is built."""
    said: list[str] = []
    address = push_space(plan, hub.api(), said.append)
    assert address.endswith(f"/spaces/{NAME}")
    assert hub.commits == 1
    assert set(hub.spaces[NAME]) == {file.path for file in plan.files}
    (created,) = hub.sent_to("/repos/create")
    assert (created["visibility"], created["sdk"]) == ("private", "gradio")
    assert hub.sent_to("/variables") == [{"key": "CLINICALBLIP_PROFILE", "value": "cpu"}]
    assert hub.sent_to("/secrets") == [{"key": "PASSWORD", "value": SECRET}]
    paths = [path for _, path, _ in hub.asked]
    assert paths.index(f"/api/spaces/{NAME}/secrets") < paths.index(f"/api/spaces/{NAME}/commit/main")
    assert not [line for line in said if SECRET in line or TOKEN in line]


def test_an_update_adds_changes_and_removes(hub: Hub, plan: SpacePlan) -> None:
    """What an earlier version had and this one has not goes; the hub's own file stays."""
    push_space(plan, hub.api(), lambda _: None)
    hub.spaces[NAME] |= {"clinicalblip/old_room.py": b"", ".gitattributes": b"*.bin filter=lfs"}
    changed = replace(plan, files=(*plan.files[1:], SpaceFile("app.py", b"new")))
    push_space(replace(changed, files=tuple({file.path: file for file in changed.files}.values())), hub.api(), print)
    assert hub.spaces[NAME]["app.py"] == b"new"
    assert "clinicalblip/old_room.py" not in hub.spaces[NAME]
    assert ".gitattributes" in hub.spaces[NAME]
    assert len(hub.sent_to("/repos/create")) == 1


def test_a_name_that_something_else_has_is_refused(hub: Hub, plan: SpacePlan) -> None:
    """Nothing of it is touched."""
    hub.spaces[NAME] = {"app.py": b"somebody's game", "README.md": b""}
    with pytest.raises(DeployError, match="holds something else; take another name"):
        push_space(plan, hub.api(), lambda _: None)
    assert hub.commits == 0
    assert not hub.sent_to("/variables")


def test_a_private_bucket_is_mounted_and_a_public_one_refused(hub: Hub, plan: SpacePlan) -> None:
    """Reviews are not public."""
    with_bucket = replace(plan, bucket="reader/reviews")
    hub.buckets["reader/reviews"] = False
    with pytest.raises(DeployError, match="public, and reviews are not"):
        push_space(with_bucket, hub.api(), lambda _: None)
    assert not hub.spaces
    hub.buckets["reader/reviews"] = True
    push_space(with_bucket, hub.api(), lambda _: None)
    (volumes,) = hub.sent_to("/volumes")
    assert [(each["source"], each["mountPath"]) for each in volumes["volumes"]] == [
        ("reader/reviews", "/reviews-bucket")
    ]


@pytest.mark.parametrize("hardware", ["zero-a10g", "t4-small"])
def test_hardware_is_asked_for(hub: Hub, plan: SpacePlan, hardware: str) -> None:
    """After the files are there."""
    push_space(replace(plan, hardware=hardware), hub.api(), lambda _: None)
    assert hub.sent_to("/hardware") == [{"flavor": hardware}]


@pytest.mark.parametrize(
    ("where", "status", "said"),
    [
        ("/api/spaces", 401, "does not know the token"),
        ("/repos/create", 402, "subscription"),
        ("/repos/create", 403, "may not write"),
        ("/repos/create", 409, "name is taken"),
        ("/commit", 413, "too large"),
        ("/commit", 429, "no more requests for now"),
        ("/variables", 418, "answered with 418"),
    ],
)
def test_what_the_hub_refuses_is_one_sentence(hub: Hub, plan: SpacePlan, where: str, status: int, said: str) -> None:
    """Without token, secret or address."""
    hub.refuses[where] = status
    with pytest.raises(DeployError, match=said) as refused:
        push_space(plan, hub.api(), lambda _: None)
    assert not any(planted in str(refused.value) for planted in (TOKEN, SECRET, hub.address))
    assert str(refused.value).count("\n") == 0


def test_without_a_network_it_is_said(hub: Hub, plan: SpacePlan) -> None:
    """As one sentence."""
    api = hub.api()
    api.endpoint = "http://127.0.0.1:9"
    with pytest.raises(DeployError, match="cannot be reached"):
        push_space(plan, api, lambda _: None)


def test_without_a_token_it_is_said(hub: Hub, plan: SpacePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is asked of the hub."""
    monkeypatch.setattr("clinicalblip.deploy.push_space._saved_token", lambda: None)
    with pytest.raises(DeployError, match="no token for the hub"):
        push_space(plan, hub.api(token=None), lambda _: None)
    assert not hub.asked
