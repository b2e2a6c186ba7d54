"""The figures of the bundled model's card, written from figures.json, so that the card cannot say anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clinicalblip.evaluation.statistics.wilson import wilson

BEGIN, END = "<!-- figures: written by python -m research.mini -->", "<!-- end of figures -->"


def write_figures_into(card: Path, figures: Mapping[str, Any]) -> None:
    """Put the figures' tables between the card's two marks. Raises ValueError where the card lacks them."""
    text = card.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the card has no place for its figures; keep the two marks around them")
    card.write_text(f"{before}{BEGIN}\n{figures_text(figures)}\n{END}{after}", encoding="utf-8")


def figures_text(figures: Mapping[str, Any]) -> str:
    """The tables of the card, in Markdown."""
    whole, alone = figures["base_and_adapter"], figures["base"]
    rows = [
        ("the model with the right film", whole["right_film"]),
        ("the model with another film (mean of 20 shuffles)", {"f1": whole["other_film"]}),
        ("one constant normal report", whole["constant_normal_report"]),
        (
            f"one constant report of {whole['constant_commonest_finding']['finding'].lower()}",
            whole["constant_commonest_finding"],
        ),
        ("the base without the adapter, right film", alone["right_film"]),
        ("the base without the adapter, another film", {"f1": alone["other_film"]}),
    ]
    lines = [
        f"{whole['films']} films of {whole['patients']} NIH validation patients, no slot of the prompt filled, greedy. "
        "Micro F1 of the findings",
        "that the drafts affirm against the films' labels, 95 % bootstrap interval over films:",
        "",
        "| drafts | F1 | 95 % interval | precision | recall |",
        "|---|---|---|---|---|",
        *(_row(name, score) for name, score in rows),
        "",
        f"Right film less another film, paired: **{_signed(whole['difference'])}**; the base alone "
        f"{_signed(alone['difference'])}.",
        f"Of the {whole['films']} drafts {whole['distinct_drafts']} are distinct; the commonest is "
        f"{100 * whole['commonest_draft_share']:.1f} % of them; {whole['answers_unasked']} answer a hint or a prior "
        "film that was not given.",
        "",
        "| finding | films that have it | drafts that say so | F1 | precision | recall |",
        "|---|---|---|---|---|---|",
        *(_finding_row(name, score) for name, score in whole["by_observation"].items()),
        *_counterfactuals_table(figures.get("trials", {})),
        "",
        *([_scores(figures["score"])] if "score" in figures else []),
        _vision("teacher", figures["teacher"]["nih"]),
        _vision("encoder", figures["encoder"]["nih"]),
        "",
        f"Measured on base `{figures['base_digest'][:16]}` with adapter `{figures['adapter_digest'][:16]}`.",
    ]
    return "\n".join(lines)


def read_figures(folder: Path) -> dict[str, Any]:
    """The figures that lie beside the model."""
    figures: dict[str, Any] = json.loads((folder / "figures.json").read_text(encoding="utf-8"))
    return figures


def _row(name: str, score: Mapping[str, Any]) -> str:
    f1 = score["f1"]
    fractions = [f"{score[part]:.3f}" if part in score else "" for part in ("precision", "recall")]
    return f"| {name} | {f1['value']:.3f} | {f1['low']:.3f} to {f1['high']:.3f} | {fractions[0]} | {fractions[1]} |"


def _finding_row(name: str, score: Mapping[str, Any]) -> str:
    found = score["right_film"]
    few = score["positive"] < 20
    fractions = (
        ["too few"] * 3
        if few
        else [f"{found['f1']['value']:.3f}", f"{found['precision']:.3f}", f"{found['recall']:.3f}"]
    )
    return f"| {name} | {score['positive']} | {score['said']} | {' | '.join(fractions)} |"


def _signed(interval: Mapping[str, float]) -> str:
    return f"{interval['value']:+.3f} (95 % interval {interval['low']:+.3f} to {interval['high']:+.3f})"


_EXPERIMENTS = {
    "named": "only the draft of the chest that has it names",
    "side": "a side that the draft gives is the right one",
    "hint": "a true hint is in the draft, with side and degree",
    "beside_hint": "another finding stays named beside a hint",
    "contradicted": "a hint that the film contradicts is denied",
    "course": "with the prior film and report the draft says",
    "no_prior": "without a prior film nothing is compared",
    "nothing": "no finding is affirmed of a film that is",
}


def _counterfactuals_table(counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    if not counts:
        return ["", "Drawn films: not measured."]
    return [
        "",
        "Drawn films of chests that nothing was trained on (`research/mini/evaluation/counterfactuals.py` says what",
        "counts), with Wilson's 95 % intervals:",
        "",
        "| experiment | right | of | fraction | 95 % interval |",
        "|---|---|---|---|---|",
        *(_count_row(name, count) for name, count in _rows_of(counts)),
    ]


def _rows_of(counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Iterator[tuple[str, Mapping[str, int]]]:
    for name, by_kind in counts.items():
        if len(by_kind) > 2:
            together = {part: sum(count[part] for count in by_kind.values()) for part in ("of", "right")}
            yield f"{_EXPERIMENTS[name]} it, all together", together
        for what, count in by_kind.items():
            yield f"{_EXPERIMENTS[name]} {what}".strip(), count


def _count_row(name: str, count: Mapping[str, int]) -> str:
    right, of = count["right"], count["of"]
    if not of:
        return f"| {name} | 0 | 0 | none to count |  |"
    low, high = wilson(right, of)
    return f"| {name} | {right} | {of} | {100 * right / of:.0f} % | {100 * low:.0f} to {100 * high:.0f} % |"


def _scores(found: Mapping[str, Any]) -> str:
    errors, macro = found["calibration_error"], "not measured"
    if found["macro_auroc"] is not None:
        low, high = found["macro_auroc_interval"]
        macro = f"{found['macro_auroc']:.3f} (95 % interval over patients {low:.3f} to {high:.3f}; with another film "
        macro += f"{found['macro_auroc_of_another_film']:.3f})"
    return (
        f"- `score`, from the model's own likelihoods: macro AUROC {macro} over "
        f"{found['counted_observations']} observations with 30 or more positives among {found['films']} validation "
        f"films, compared within film sizes. Calibration error on patients that nothing was fitted on: "
        f"{errors['before']:.3f} as it comes, "
        f"{errors['one_temperature']:.3f} after one temperature, {errors['one_temperature_and_biases']:.3f} with a "
        "bias for each observation as well."
    )


def _vision(part: str, figures: Mapping[str, Any]) -> str:
    macro = figures["macro_auroc"]
    return (
        f"- The {part} itself: macro AUROC {'not measured' if macro is None else f'{macro:.3f}'} over the "
        f"{figures['counted_labels']} labels with 30 or more positives among {figures['films']} validation films, "
        "compared within film sizes."
    )
