"""The figures of the bundled model's card, written from figures.json, so that the card cannot say anything else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clinicalblip.evaluation.statistics.wilson import wilson
from research.mini.evaluation.aims import NOT_MEASURED, aims_table, share

BEGIN, END = "<!-- figures: written by python -m research.mini -->", "<!-- end of figures -->"
FIGURES = "figures.json"


def write_figures(folder: Path, figures: Mapping[str, Any]) -> None:
    """Keep the figures beside the model, over those of the same name, and put them into its card where there is one."""
    kept = read_figures(folder) if (folder / FIGURES).is_file() else {}
    whole = {**kept, **figures}
    (folder / FIGURES).write_text(json.dumps(whole, indent=1) + "\n", "utf-8")
    card = folder / "README.md"
    if card.is_file():
        write_figures_into(card, whole)


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
    lines = [
        *aims_table(figures),
        "",
        f"{whole['films']} films of {whole['patients']} NIH validation patients, no slot of the prompt filled, greedy. "
        "Micro F1 of the findings",
        "that the drafts affirm against the films' labels, 95 % bootstrap interval over patients:",
        "",
        "| drafts | F1 | 95 % interval | precision | recall |",
        "|---|---|---|---|---|",
        *(_row(name, score) for name, score in _drafts(whole, alone)),
        "",
        f"Right film less another film, paired: **{_signed(whole['difference'])}**; the base alone "
        f"{_signed(alone['difference'])}.",
        *_variety(whole),
        "",
        "| finding | films that have it | drafts that say so | F1 | precision | recall |",
        "|---|---|---|---|---|---|",
        *(_finding_row(name, score) for name, score in whole["by_observation"].items()),
        *_radiologists(figures["radiologists"]),
        *_language(figures["language"]),
        *_hints(figures["hints"]),
        *_comparisons(figures["comparisons"]),
        *_counterfactuals_table(figures["trials"]),
        "",
        _scores(figures["score"]),
        _vision("teacher", figures["teacher"]["nih"]),
        _vision("encoder", figures["encoder"]["nih"]),
        "",
        f"Measured on base `{figures['base_digest'][:16]}` with adapter `{figures['adapter_digest'][:16]}`.",
    ]
    return "\n".join(lines)


def read_figures(folder: Path) -> dict[str, Any]:
    """The figures that lie beside the model."""
    figures: dict[str, Any] = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    return figures


def _drafts(whole: Mapping[str, Any], alone: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    constant = whole["constant_commonest_finding"]
    yield "the model with the right film", whole["right_film"]
    yield "the model with another film (mean of 20 shuffles)", {"f1": whole["other_film"]}
    yield "one constant normal report", whole["constant_normal_report"]
    yield f"one constant report of {constant['finding'].lower()}", constant
    yield "the base without the adapter, right film", alone["right_film"]
    yield "the base without the adapter, another film", {"f1": alone["other_film"]}


def _row(name: str, score: Mapping[str, Any]) -> str:
    f1 = score["f1"]
    fractions = [f"{score[part]:.3f}" if part in score else "" for part in ("precision", "recall")]
    return f"| {name} | {f1['value']:.3f} | {f1['low']:.3f} to {f1['high']:.3f} | {fractions[0]} | {fractions[1]} |"


def _variety(whole: Mapping[str, Any]) -> list[str]:
    found, number = whole["variety"], whole["films"]
    sets = [
        f"{', '.join(each['findings']).lower() or 'nothing'}, {100 * each['fraction']:.1f} %"
        for each in (found["commonest_set"], found["commonest_set_of_labels"])
    ]
    return [
        f"Of the {number} drafts {found['distinct_texts']} are distinct, the commonest is "
        f"{100 * found['commonest_text']:.1f} % of them; {found['distinct_sets']} sets of findings are distinct, the "
        f"commonest is {sets[0]}.",
        f"Of the labels' {found['distinct_sets_of_labels']} sets the commonest is {sets[1]}. "
        f'{whole["speak_of_the_prompt"]} drafts say "hinted" or "beforehand"; '
        f"{whole['compare_unasked']} compare with a film that was not given.",
    ]


def _finding_row(name: str, score: Mapping[str, Any]) -> str:
    found = score["right_film"]
    few = score["positive"] < 20
    fractions = (
        ["too few"] * 3
        if few
        else [f"{found['f1']['value']:.3f}", f"{found['precision']:.3f}", f"{found['recall']:.3f}"]
    )
    return f"| {name} | {score['positive']} | {score['said']} | {' | '.join(fractions)} |"


def _radiologists(found: Mapping[str, Any]) -> list[str]:
    if not found:
        return []
    f1 = _interval(found["f1"])
    return [
        "",
        f"Against RSNA's radiologists, who called {found['positives']} of {found['films']} of these films (of "
        f"{found['patients']} patients) an opacity: {found['said']} drafts say one (`radiologists.py`), F1 {f1} over "
        f"patients, precision {found['precision']:.3f}, recall {found['recall']:.3f}; with another's film "
        f"{found['other_film']:.3f}; where it is said of every film {found['constant']:.3f}. AUROC of its `score` "
        f"within sizes: {NOT_MEASURED if found['auroc'] is None else format(found['auroc'], '.3f')}.",
    ]


_READ = {"drafts": "the drafts", "constant": "one constant normal report", "iu_validation": "IU's validation reports"}


def _language(found: Mapping[str, Any]) -> list[str]:
    fluency, normal = found["fluency"], found["normal_films"]
    lines = [
        "",
        "How the drafts read (`fluency.py`, `normal_films.py`; BLEU-4 and ROUGE-L are of normal films against IU's "
        "normal validation reports, drawn at random):",
        "",
        "| texts | bigram perplexity | sentences that are none | reports that repeat | BLEU-4 | ROUGE-L |",
        "|---|---|---|---|---|---|",
    ]
    for name, title in _READ.items():
        each = fluency[name]
        said = [_interval(normal[name][metric]) if normal else "" for metric in ("bleu-4", "rouge-l-coco")]
        value = "nothing is written"
        if perplexity := each["perplexity"]:
            value = _interval(perplexity, 1) if each["reports"] > 1 else f"{perplexity['value']:.1f}"
        lines.append(
            f"| {title} | {value} | {each['not_sentences']} of {each['sentences']} | "
            f"{each['repeating']} of {each['reports']} | {' | '.join(said)} |"
        )
    return lines


_HINTED = {
    "with_hint": "with the hint",
    "with_hint_never_in_training": "with the hint, kinds that stay out of training",
    "without_hint": "without it",
    "constant_normal_report": "one constant normal report",
}


def _hints(found: Mapping[str, Any]) -> list[str]:
    f1 = found["unhinted_findings"]
    return [
        "",
        f"{found['hints']} hints of {found['kinds']} kinds, each with a validation film of its own "
        "(`evaluate_hints.py` says what counts), with Wilson's 95 % intervals:",
        "",
        "| drafts | the hinted finding is named | with side and degree | with its zone too | hints followed whole | "
        "what a hint denies is not affirmed |",
        "|---|---|---|---|---|---|",
        *(
            f"| {title} | {' | '.join(share(*pair) for pair in _pairs(found[name]))} |"
            for name, title in _HINTED.items()
        ),
        "",
        f"Because of a hint {found['because_of_hint']} of {found['hints']} drafts name what neither hint nor film has. "
        f"F1 of the unhinted findings is {_interval(f1['with_hint'])} with hints and {_interval(f1['without_hint'])} "
        f"without; paired: {_signed(f1['difference'])}.",
    ]


def _pairs(count: Mapping[str, int]) -> list[tuple[int, int]]:
    named = [(count[part], count["findings"]) for part in ("named", "with_side_and_degree", "with_zone_too")]
    return [*named, (count["whole_hints"], count["hints"]), (count["not_affirmed"], count["denied"])]


def _comparisons(counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    return [
        "",
        "Drawn pairs with the prior film and its report: drafts that say what happened and nothing else "
        "(`comparisons.py`); the constant says that nothing has changed:",
        "",
        "| what happened | drafts that say so | constant |",
        "|---|---|---|",
        *(f"| {what} | {share(each['right'], each['of'])} | {each['constant']} |" for what, each in counts.items()),
    ]


def _signed(interval: Mapping[str, float]) -> str:
    return f"{interval['value']:+.3f} (95 % interval {interval['low']:+.3f} to {interval['high']:+.3f})"


def _interval(found: Mapping[str, float], digits: int = 3) -> str:
    return f"{found['value']:.{digits}f} ({found['low']:.{digits}f} to {found['high']:.{digits}f})"


_EXPERIMENTS = {
    "named": "only the draft of the chest that has it names",
    "side": "a side that the draft gives is the right one",
    "no_prior": "without a prior film nothing is compared",
    "nothing": "no finding is affirmed of a film that is",
}


def _counterfactuals_table(counts: Mapping[str, Mapping[str, Mapping[str, int]]]) -> list[str]:
    return [
        "",
        "Drawn films of chests that nothing was trained on (`research/mini/evaluation/counterfactuals.py` says what",
        "counts), with Wilson's 95 % intervals; the constant normal report is right in the last three alone:",
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
