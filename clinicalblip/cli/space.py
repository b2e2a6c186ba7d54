"""The command `space`: the page as a Space on Hugging Face."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.asset_folder import ASSETS
from clinicalblip.cli.parser import add_command

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands


def add_commands(commands: Commands) -> None:
    """Add `space`."""
    parser = add_command(
        commands,
        "space",
        _space,
        "make or update a Space on Hugging Face",
        (
            "--repo OWNER/NAME --dry-run",
            "--repo OWNER/NAME --private --hardware zero-a10g --bucket OWNER/REVIEWS",
        ),
    )
    parser.add_argument("--repo", required=True, metavar="OWNER/NAME", help="the Space's name")
    parser.add_argument("--private", action="store_true", help="nobody else sees it (when it is made)")
    parser.add_argument(
        "--hardware", default="cpu-basic", metavar="H", help="cpu-basic, cpu-upgrade, zero-a10g, t4-small"
    )
    parser.add_argument("--bucket", metavar="OWNER/NAME", help="a private bucket that keeps the reviews")
    parser.add_argument(
        "--secret", action="append", default=[], metavar="NAME", help="a secret of the Space, from the environment"
    )
    parser.add_argument("--dry-run", action="store_true", help="print what would be pushed; needs no network")


def _space(options: argparse.Namespace) -> None:
    from clinicalblip.deploy.space_plan import plan_space

    plan = plan_space(
        _clone(),
        options.repo,
        hardware=options.hardware,
        private=options.private,
        bucket=options.bucket,
        secret_names=options.secret,
        environment=os.environ,
    )
    if options.dry_run:
        print(plan.describe())
        return

    from huggingface_hub import HfApi

    from clinicalblip.deploy.push_space import push_space

    print(f"The Space is being built: {push_space(plan, HfApi())}")


def _clone() -> Path:
    """Where the clone lies that this package runs from."""
    return ASSETS.parent
