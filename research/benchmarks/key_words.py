"""How the labeler reads key words as clinicians type them: the 400 hints that the bundled model is judged by.

    python -m research.benchmarks.key_words [--wrong]

Precision and recall of what `read_key_words` finds against what the hint hints: the observation, denied or not; and, of
each observation, its sides, zones, degree, and whether it is in doubt. `--wrong` prints the hints that are misread.
"""

import argparse
from collections.abc import Iterable

from clinicalblip.labeler.key_words import read_key_words
from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Certainty
from research.mini.evaluation.hint_set import EvaluationHint, read_hints

Said = set[tuple[str, ...]]


def said(findings: Iterable[Finding]) -> dict[str, Said]:
    """What these findings say, each part by itself."""
    parts: dict[str, Said] = {part: set() for part in ("observation", "side", "zone", "degree", "doubt")}
    for finding in findings:
        name = finding.observation.value
        parts["observation"].add((name, "denied" if finding.certainty is Certainty.ABSENT else "hinted"))
        parts["side"] |= {(name, side.value) for side in finding.sides}
        parts["zone"] |= {(name, zone.value) for zone in finding.zones}
        if finding.degree:
            parts["degree"].add((name, finding.degree.value))
        if finding.certainty is Certainty.UNCERTAIN:
            parts["doubt"].add((name,))
    return parts


def read(hint: EvaluationHint) -> tuple[Finding, ...]:
    """What the labeler finds in a hint."""
    return tuple(finding for word in read_key_words(hint.text) for finding in word.findings)


def show(hints: Iterable[EvaluationHint]) -> None:
    """Print the table."""
    pairs = [(said(read(hint)), said(hint.findings)) for hint in hints]
    whole = sum(found == wanted for found, wanted in pairs)
    print("| what | hinted | found | precision | recall |\n|---|---|---|---|---|")
    for part in pairs[0][0]:
        found, wanted = (sum(len(each[part]) for each in column) for column in zip(*pairs, strict=True))
        both = sum(len(one[part] & other[part]) for one, other in pairs)
        print(f"| {part} | {wanted} | {found} | {both / max(found, 1):.3f} | {both / max(wanted, 1):.3f} |")
    print(f"\n{whole} of {len(pairs)} hints are read wholly right.")


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", action="store_true", help="print the hints that are read wrongly as well")
    options = parser.parse_args()
    hints = read_hints()
    show(hints)
    if options.wrong:
        for hint in hints:
            found, wanted = said(read(hint)), said(hint.findings)
            for part in found:
                if found[part] != wanted[part]:
                    missed, wrong = wanted[part] - found[part], found[part] - wanted[part]
                    print(f"{hint.text!r}, {part}: missed {sorted(missed)}, wrong {sorted(wrong)}")


if __name__ == "__main__":
    main()
