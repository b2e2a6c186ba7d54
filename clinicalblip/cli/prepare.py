"""The commands `prepare iu-xray` and `prepare mimic-cxr`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.cli.options import whole_number
from clinicalblip.cli.output import output_file
from clinicalblip.cli.parser import add_command, add_group

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.datasets.preparation import Preparation


def add_commands(commands: Commands) -> None:
    """Add `prepare` with a command for each data set."""
    sets = add_group(
        commands,
        "prepare",
        "turn a public data set into a studies file",
        ("iu-xray --source DIR --output iu.jsonl", "mimic-cxr --source DIR --output mimic.jsonl"),
        metavar="DATASET",
    )
    iu = add_command(
        sets,
        "iu-xray",
        _prepare_iu_xray,
        "IU X-RAY (Open-i): the original XML reports",
        (
            "--source DIR --output iu.jsonl",
            "--source DIR --split-file annotation.json --without-images --output iu.jsonl",
        ),
    )
    iu.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    iu.add_argument("--split-file", type=Path, metavar="F", help="R2Gen's annotation.json, whose ids then decide")
    mimic = add_command(
        sets,
        "mimic-cxr",
        _prepare_mimic_cxr,
        "MIMIC-CXR: the original tables, reports and films",
        ("--source DIR --output mimic.jsonl", "--source DIR --workers 8 --output mimic.jsonl"),
    )
    mimic.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with tables and files/")
    for parser in (iu, mimic):
        parser.add_argument(
            "--output", type=Path, required=True, metavar="F", help="the studies file to write (JSON lines)"
        )
        parser.add_argument("--without-images", action="store_true", help="keep studies whose images are not there")
        parser.add_argument(
            "--workers",
            type=whole_number(1, 256, "processes"),
            default=os.cpu_count() or 1,
            metavar="N",
            help="processes (default: all cores)",
        )


def _prepare_iu_xray(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray

    output = output_file(options.output)
    prepared = prepare_iu_xray(
        options.source,
        split_file=options.split_file,
        without_images=options.without_images,
        workers=options.workers,
    )
    _write(prepared, output)


def _prepare_mimic_cxr(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.mimic_cxr.prepare import prepare_mimic_cxr

    output = output_file(options.output)
    prepared = prepare_mimic_cxr(options.source, without_images=options.without_images, workers=options.workers)
    _write(prepared, output)


def _write(preparation: Preparation, output: Path) -> None:
    from clinicalblip.datasets.files.studies import write_studies

    write_studies(preparation.track(), output)
    print(preparation.counts.table)
