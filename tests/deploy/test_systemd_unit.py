"""The systemd unit of docs/deploy.md: what it starts, and what it lets the page do."""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from clinicalblip.cli.dispatch import make_parser
from clinicalblip.settings import read_settings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "docs" / "deploy" / "clinicalblip.service"
DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()
MOST_EXPOSED = 2.0
"""Of `systemd-analyze security`: 0 is a service that may do nothing, 10 one that may do everything."""


def lines(name: str) -> list[str]:
    """What the unit sets a name to, one after another."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_it_starts_the_page_as_the_document_installs_it() -> None:
    """The program and the settings file lie where the document's commands put them, and the command is one of ours."""
    (command,) = lines("ExecStart")
    program, *arguments = shlex.split(command)
    options = make_parser().parse_args(arguments)
    for named in (
        program,
        str(options.config),
        *lines("User"),
        *(file.lstrip("-") for file in lines("EnvironmentFile")),
    ):
        assert re.search(rf"{re.escape(named)}\b", DOCUMENT), named
    assert program == "/opt/clinicalblip/bin/clinicalblip"


def test_reviews_lie_where_it_may_write(tmp_path: Path) -> None:
    """The document's settings are settings, and put reviews into the folder that systemd makes for the service."""
    (block,) = re.findall(r"```yaml\n(storage:\n.*?)```", DOCUMENT, re.DOTALL)
    (tmp_path / "spaces_config.yaml").write_text(block)
    settings = read_settings(tmp_path / "spaces_config.yaml", {})
    (folder,) = lines("StateDirectory")
    assert settings.storage.reviews == Path(f"/var/lib/{folder}/reviews.sqlite3")
    site = (ROOT / "docs" / "deploy" / "nginx.conf").read_text()
    for named in (f"location {settings.server.root_path}/ {{", f"server_name {settings.server.hosts[0]};"):
        assert named in site
    (said,) = (line for line in lines("Environment") if "HOME=" in line)
    assert f"HOME=%S/{folder}" in said.split()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("PrivateTmp", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectoryMode", "0700"),
        ("UMask", "0077"),
    ],
)
def test_the_page_may_do_little(name: str, value: str) -> None:
    """It has no rights, and writes nowhere else; what it writes nobody else reads."""
    assert lines(name) == [value]


def test_systemd_takes_it_and_finds_it_hardened(tmp_path: Path) -> None:
    """By systemd's own check, without a warning, and by its own measure."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/clinicalblip/bin/clinicalblip", "/bin/true"))
    verified = subprocess.run([analyze, "verify", "--man=no", unit], capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")
    measured = subprocess.run(
        [analyze, "security", "--offline=true", unit], capture_output=True, text=True, timeout=60, check=True
    )
    exposed = re.search(r"exposure level for \S+: ([\d.]+)", measured.stdout)
    assert exposed
    assert float(exposed[1]) <= MOST_EXPOSED
