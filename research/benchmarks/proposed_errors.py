"""How well the errors that are proposed from an edit agree with those that were planted in a draft.

    python -m research.benchmarks.proposed_errors --pairs FILE [--errors]

FILE has one pair of draft and corrected report a line, with the errors (`tests/feedback/planted_edits.jsonl`). A
proposal is right where its category was planted and its passage meets the planted one, each planted error once; of
a missing finding the observation has to be the same. `--errors` also prints what was missed and what was proposed for
nothing.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.feedback.draft_edit import DraftEdit
from clinicalblip.feedback.proposed_errors import count_edits_by_kind, propose_errors
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import ErrorCategory, ReportError


def agrees(draft: Report, proposed: ReportError, planted: dict[str, Any]) -> bool:
    """Whether a proposal is the planted error."""
    if str(proposed.category).replace(" ", "_") != planted["category"]:
        return False
    if proposed.start is None or proposed.end is None:
        return (proposed.observation and str(proposed.observation)) == planted["observation"]
    text = draft.findings if proposed.section is Section.FINDINGS else draft.impression
    start = text.find(planted["draft_span"] or "\0")
    if start < 0:
        return False
    return proposed.start < start + len(planted["draft_span"]) and start < proposed.end


def matched(draft: Report, proposed: Sequence[ReportError], planted: Sequence[dict[str, Any]]) -> list[int]:
    """The planted errors that were proposed, each by a proposal of its own."""
    free = list(proposed)
    right = []
    for number, error in enumerate(planted):
        found = next((each for each in free if agrees(draft, each, error)), None)
        if found is not None:
            free.remove(found)
            right.append(number)
    return right


def share(right: int, trials: int) -> str:
    """A share with its 95 % interval by Wilson."""
    if not trials:
        return ""
    low, high = wilson(right, trials)
    return f"{right / trials:.2f} ({low:.2f} to {high:.2f})"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--errors", action="store_true")
    options = parser.parse_args()
    lines = [json.loads(line) for line in options.pairs.read_text(encoding="utf-8").splitlines()]
    right, made, planted = Counter[str](), Counter[str](), Counter[str]()
    quiet = style_only = 0
    for line in lines:
        draft, final = Report(**line["draft"]), Report(**line["final"])
        edit = DraftEdit(draft, final)
        proposed = propose_errors(edit)
        made.update(str(each.category).replace(" ", "_") for each in proposed)
        planted.update(error["category"] for error in line["errors"])
        hits = matched(draft, proposed, line["errors"])
        right.update(line["errors"][number]["category"] for number in hits)
        if not line["errors"]:
            style_only += 1
            quiet += not proposed and not count_edits_by_kind(edit).content
        if options.errors and (len(hits) < len(line["errors"]) or len(proposed) > len(hits)):
            missed = [error for number, error in enumerate(line["errors"]) if number not in hits]
            print(
                line["id"],
                "planted and missed:",
                missed,
                "proposed:",
                [(str(e.category), e.observation) for e in proposed],
            )
    print(f"{len(lines)} pairs; of {style_only} without an error {quiet} have nothing proposed and no edit of content")
    print("| category | planted | precision | recall |\n|---|---:|---:|---:|")
    for category in ErrorCategory:
        name = str(category).replace(" ", "_")
        print(
            f"| {category} | {planted[name]} | {share(right[name], made[name])} | {share(right[name], planted[name])} |"
        )
    total = sum(right.values()), sum(made.values()), sum(planted.values())
    print(f"| all | {total[2]} | {share(total[0], total[1])} | {share(total[0], total[2])} |")


if __name__ == "__main__":
    main()
