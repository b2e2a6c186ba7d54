"""docs/method.md says what the plans are, in the plans' own numbers, and names files that are there."""

import re
from pathlib import Path

from clinicalblip.training.plans import PLANS

ROOT = Path(__file__).resolve().parents[2]
METHOD = ROOT / "docs" / "method.md"


def stage_table() -> str:
    """The stages of every plan as the document has them."""
    head = (
        "plan", "stage", "trains", "ranks", "rate", "epochs", "studies a step", "slots dropped", "without",
    )  # fmt: skip
    rows = [head, ("---",) * len(head)]
    for plan in PLANS.values():
        ranks = {str(group): str(rank) for group, rank in plan.ranks.by_group().items()}
        for stage in plan.stages:
            trains = sorted(str(group) for group in stage.trains)
            rows.append(
                (
                    plan.name,
                    stage.name,
                    ", ".join(trains),
                    ", ".join(ranks.get(group, "whole") for group in trains),
                    f"{stage.learning_rate:g}",
                    f"{stage.epochs:g}",
                    f"{stage.batch} x {stage.accumulation}",
                    f"{stage.slot_dropout:.0%}",
                    ", ".join(sorted(plan.without)) or "-",
                )
            )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows).replace("| --- ", "|---").replace("--- |", "---|")


def test_stages_in_the_document_are_those_of_the_plans() -> None:
    """The document's table is the plans' own, word for word."""
    found = re.search(r"<!-- stages -->\n(.*?)\n<!-- end -->", METHOD.read_text(encoding="utf-8"), re.DOTALL)
    assert found, "the document has no table of stages"
    assert found[1] == stage_table(), f"put this in docs/method.md:\n{stage_table()}"


def test_what_all_stages_share_is_what_the_document_says() -> None:
    """What the document gives once for all stages: target, dropout, weight decay, clipping, warm-up, augmentation."""
    shared = {
        (s.target, s.dropout, s.weight_decay, s.gradient_norm, s.warmup, s.augmentation)
        for plan in PLANS.values()
        for s in plan.stages
    }
    assert shared == {("report", 0.05, 0.01, 1.0, 0.05, 0.0)}


def test_files_that_the_document_names_are_there() -> None:
    """Every file and folder of the project that the document names exists."""
    named = set(re.findall(r"`((?:clinicalblip|tests|benchmarks|docs)/[\w/.-]+)`", METHOD.read_text(encoding="utf-8")))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []
