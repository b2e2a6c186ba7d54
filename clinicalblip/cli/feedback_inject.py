"""The command `feedback inject`: known errors in reports, for reading exercises and to see what a reader catches."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinicalblip.cli.output import output_file
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import ReaderStudyError, SettingsError
from clinicalblip.reader_study.injection.injected_error import InjectedKind

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands

_MOST = 3


def add_inject(feedback: Commands) -> None:
    """Add `inject` to the commands of `feedback`."""
    inject = add_command(
        feedback,
        "inject",
        _inject,
        "put known errors into reports, and write the key to them into a file of its own",
        (
            "--reports predictions.jsonl --output injected.jsonl --key key.jsonl",
            "--reports predictions.jsonl --output injected.jsonl --key key.jsonl --most 2 --kinds side negation",
        ),
    )
    inject.add_argument("--reports", type=Path, required=True, metavar="P", help="predictions.jsonl (draft-all)")
    inject.add_argument("--output", type=Path, required=True, metavar="F", help="the reports with errors, alike")
    inject.add_argument("--key", type=Path, required=True, metavar="F", help="which errors; not for readers")
    counts = range(1, _MOST + 1)
    inject.add_argument("--least", type=int, choices=counts, default=1, help="errors a report at least (default: 1)")
    inject.add_argument("--most", type=int, choices=counts, default=1, help="errors a report at most (default: 1)")
    inject.add_argument(
        "--kinds",
        nargs="+",
        choices=[kind.value for kind in InjectedKind],
        default=[kind.value for kind in InjectedKind],
        metavar="KIND",
        help=f"of these kinds: {', '.join(InjectedKind)} (default: all)",
    )
    inject.add_argument("--seed", type=int, default=0, help="the same seed gives the same errors (default: 0)")


def _inject(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.files.json_lines import write_json_lines
    from clinicalblip.datasets.files.predictions import PredictionsFile
    from clinicalblip.evaluation.predictions import read_predictions
    from clinicalblip.reader_study.design.design import ErrorsPart
    from clinicalblip.reader_study.injection.inject import inject_errors
    from clinicalblip.reader_study.injection.key_json import error_to_json

    output, key = output_file(options.output), output_file(options.key)
    if len({path.resolve() for path in (options.reports, output, key)}) < 3:
        raise SettingsError("Reports, output and key are the same file; name three, and keep the key from readers.")
    if options.least > options.most:
        raise SettingsError(f"From {options.least} to {options.most} errors a report are none; raise --most.")
    reports = read_predictions(options.reports).drafts
    errors = ErrorsPart(least=options.least, most=options.most, kinds=tuple(map(InjectedKind, options.kinds)))
    changed: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    file = PredictionsFile(output)
    for study_id, report in reports.items():
        try:
            injected = inject_errors(report, errors, _seed_of(study_id, options.seed))
        except ReaderStudyError:  # it takes no error of these kinds; counted below
            continue
        changed.append({"study_id": study_id, **file.to_fields(injected.report)})
        keys.append({"study_id": study_id, "errors": [error_to_json(error) for error in injected.errors]})
    if not changed:
        raise ReaderStudyError(
            f"None of the {len(reports)} reports takes errors of these kinds; name more kinds or other reports."
        )
    write_json_lines(keys, key, private=True)
    write_json_lines(changed, output)
    count = sum(len(line["errors"]) for line in keys)
    left_out = len(reports) - len(changed)
    print(f"{count} errors were put into {len(changed)} of {len(reports)} reports.")
    if left_out:
        print(f"{left_out} could not be given {options.least} of these kinds and are left out.")


def _seed_of(study_id: str, seed: int) -> int:
    """A seed for each study, so that studies with the same words do not get the same errors."""
    return int.from_bytes(hashlib.sha256(f"{seed}\n{study_id}".encode("utf-8", "surrogatepass")).digest()[:4])
