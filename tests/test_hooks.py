"""What runs the tests elsewhere: the workflow file, the hooks before a commit, and this project's own CI."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    described: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return described


COMMANDS = ["bash tests/run.sh", "bash tests/run.sh --system"]


def test_the_workflow_runs_the_one_command(project: dict[str, Any]) -> None:
    """On Linux, for every Python that the package names, from the oldest that it asks for."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8"))
    (job,) = workflow["jobs"].values()
    assert job["runs-on"].startswith("ubuntu")
    assert [step["run"] for step in job["steps"] if "run" in step] == COMMANDS
    named = [text.rsplit(" ", 1)[1] for text in project["classifiers"] if re.search(r":: 3\.\d+$", text)]
    assert job["strategy"]["matrix"]["python"] == named
    assert project["requires-python"] == f">={named[0]}"
    assert {True, "on"} & set(workflow)  # YAML 1.1 reads `on` as yes


def test_ci_calls_the_one_command() -> None:
    """And nothing else."""
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith(("#", "set ", "cd "))] == COMMANDS


@pytest.mark.parametrize("script", [".ci/run", "tests/run.sh"])
def test_the_scripts_are_bash(script: str) -> None:
    """Bash reads them without a complaint."""
    assert subprocess.run(["bash", "-n", script], cwd=ROOT, capture_output=True, check=True).stderr == b""


def test_the_hooks_are_valid() -> None:
    """pre-commit takes the file, and its ruff is the one that the tests run."""
    file = ROOT / ".pre-commit-config.yaml"
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(file)], check=True, timeout=60)
    pinned = set(re.findall(r"ruff==[\d.]+", file.read_text(encoding="utf-8")))
    assert pinned == set(re.findall(r"ruff==[\d.]+", (ROOT / "requirements-dev.txt").read_text(encoding="utf-8")))
