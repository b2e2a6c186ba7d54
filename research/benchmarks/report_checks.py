"""How often each check of a report is right, on reports in which errors were planted.

    python -m research.benchmarks.report_checks --reports FILE [--errors]

FILE has one report a line: the texts and what was planted (`tests/proofreading/planted_reports.jsonl`). A check is
right where it was planted, once a report; what a strict reader may ask as `also` counts neither way. `--errors` prints
what was missed and what was asked for nothing, too.
"""

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

from clinicalblip.proofreading import ReportContext, proofread
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from research.benchmarks.proposed_errors import share


def found_in(line: dict[str, Any]) -> set[str]:
    """The checks that a report fails."""
    context = ClinicalContext(**{name: line.get(name, "") for name in SLOTS})
    given = ReportContext(context, has_prior=line["has_prior"], reference=Report(line.get("reference", "")))
    return {str(remark.check) for remark in proofread(Report(line["findings"], line["impression"]), given)}


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=Path, required=True)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.reports.read_text(encoding="utf-8").splitlines()]
    right, asked, planted = Counter[str](), Counter[str](), Counter[str]()
    for line in lines:
        there = set(line["checks"])
        found = found_in(line) - (set(line.get("also", ())) - there)
        right.update(found & there)
        asked.update(found)
        planted.update(there)
        if options.errors and found != there:
            print(f"{line['id']}: missed {sorted(there - found)}, for nothing {sorted(found - there)}")
    clean = [line for line in lines if not line["checks"]]
    untouched = sum(not found_in(line) for line in clean)
    print(f"{len(lines)} reports; of {len(clean)} without an error {untouched} are left alone")
    print("| check | planted | precision | recall |\n|---|---:|---:|---:|")
    for check in map(str, Check):
        precision, recall = share(right[check], asked[check]), share(right[check], planted[check])
        print(f"| {check} | {planted[check]} | {precision} | {recall} |")


if __name__ == "__main__":
    main()
