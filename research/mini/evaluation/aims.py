"""What the bundled model is to reach, beside what it reaches: the first table of its card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clinicalblip.evaluation.statistics.wilson import wilson

NOT_MEASURED: Final = "not measured"


@dataclass(frozen=True)
class Aim:
    """What is measured, what was reached with its interval, the aim, and whether it is met; None where not measured."""

    what: str
    reached: str
    aim: str
    met: bool | None


def aims(figures: Mapping[str, Any]) -> Iterator[Aim]:
    """Every aim, in the card's order."""
    whole, alone = figures["base_and_adapter"], figures["base"]
    yield from _looking(figures)
    right, other = whole["right_film"]["f1"]["value"], whole["other_film"]["value"]
    yield Aim(
        "F1 with the right film, with another's",
        f"{_interval(whole['right_film']['f1'])}, {other:.3f}",
        "0.26, at least twice",
        right >= 0.26 and right >= 2 * other,
    )
    base = alone["right_film"]["f1"]["value"]
    yield Aim(
        "F1, base alone and with its LoRA stages", f"{base:.3f}, {right:.3f}", "no stage costs any", right >= base
    )
    variety = whole["variety"]
    yield Aim(
        "the commonest set of findings is commoner than in the labels by",
        f"{100 * variety['excess']:.1f} points",
        "10 points at most",
        variety["excess"] <= 0.1,
    )
    yield from _reading(figures["language"])
    yield from _hints(figures["hints"])
    yield from _drawn(figures)


def aims_table(figures: Mapping[str, Any]) -> list[str]:
    """The aims as lines of a Markdown table."""
    words = {True: "yes", False: "no", None: ""}
    return [
        "| what | reached | aim | met |",
        "|---|---|---|---|",
        *(f"| {aim.what} | {aim.reached} | {aim.aim} | {words[aim.met]} |" for aim in aims(figures)),
    ]


def share(right: int, of: int) -> str:
    """A fraction in per cent with Wilson's 95 % interval."""
    if not of:
        return "none to count"
    low, high = wilson(right, of)
    return f"{100 * right / of:.0f} % of {of} ({100 * low:.0f} to {100 * high:.0f})"


def _looking(figures: Mapping[str, Any]) -> Iterator[Aim]:
    score, encoder = figures["score"], figures["encoder"]["nih"]["macro_auroc"]
    macro, larger = score["macro_auroc"], score["larger_films"]
    if macro is None or encoder is None:
        yield Aim(
            "`score`, macro AUROC within sizes; the encoder's own", NOT_MEASURED, "0.74, at most 0.01 below", None
        )
    else:
        low, high = score["macro_auroc_interval"]
        yield Aim(
            "`score`, macro AUROC within sizes; the encoder's own",
            f"{macro:.3f} ({low:.3f} to {high:.3f}); {encoder:.3f}",
            "0.74, at most 0.01 below",
            macro >= 0.74 and macro >= encoder - 0.01,
        )
    yield Aim(
        "the same on the larger films, pairs pooled",
        f"{_interval(larger)}, {larger['films']} films" if larger else NOT_MEASURED,
        "0.70",
        larger["value"] >= 0.70 if larger else None,
    )
    error = score["calibration_error"]["one_temperature"]
    yield Aim("calibration error after one temperature", f"{error:.3f}", "0.03 at most", error <= 0.03)


def _reading(language: Mapping[str, Any]) -> Iterator[Aim]:
    fluency = language["fluency"]
    own, wanted = fluency["drafts"]["perplexity"], fluency["iu_validation"]["perplexity"]
    ratio = own["value"] / wanted["value"] if own and wanted else None
    yield Aim(
        "bigram perplexity of the drafts by that of IU's validation reports",
        NOT_MEASURED if ratio is None else f"{ratio:.2f}",
        "0.80 to 1.20",
        None if ratio is None else 0.8 <= ratio <= 1.2,
    )
    wrong = fluency["drafts"]["not_sentences"]
    yield Aim("sentences that are none", f"{wrong} of {fluency['drafts']['sentences']}", "0", wrong == 0)


def _hints(hints: Mapping[str, Any]) -> Iterator[Aim]:
    followed = hints["with_hint"]
    yield Aim(
        "a hinted finding is in the draft, with side and degree",
        share(followed["with_side_and_degree"], followed["findings"]),
        "95 %",
        followed["with_side_and_degree"] >= 0.95 * followed["findings"],
    )
    because = hints["because_of_hint"]
    yield Aim(
        "drafts that name, because of a hint, what neither hint nor film has",
        f"{because} of {hints['hints']}",
        "8 of 400 at most",
        because <= 0.02 * hints["hints"],
    )
    difference = hints["unhinted_findings"]["difference"]
    yield Aim(
        "F1 of the unhinted findings, with less without hints",
        f"{difference['value']:+.3f} ({difference['low']:+.3f} to {difference['high']:+.3f})",
        "interval above -0.02",
        difference["low"] > -0.02,
    )
    speak = hints["speak_of_the_prompt"]
    yield Aim('drafts with a hint that say "hinted" or "beforehand"', f"{speak} of {hints['hints']}", "0", speak == 0)


def _drawn(figures: Mapping[str, Any]) -> Iterator[Aim]:
    for change, count in figures["comparisons"].items():
        met = count["right"] >= 0.6 * count["of"]
        yield Aim(f"with a prior film and report: {change}", share(count["right"], count["of"]), "60 %", met)
    trials = figures["trials"]
    named = [sum(count[part] for count in trials["named"].values()) for part in ("right", "of")]
    yield Aim("drawn pairs, all kinds", share(*named), "55 %", named[0] >= 0.55 * named[1])
    alone = trials["no_prior"][""]
    yield Aim(
        "without a prior film nothing is compared, drawn films",
        share(alone["right"], alone["of"]),
        "100 %",
        alone["right"] == alone["of"],
    )
    for what, count in trials["nothing"].items():
        said = count["of"] - count["right"]
        yield Aim(
            f"a finding is affirmed of a film that is {what}",
            share(said, count["of"]),
            "10 % at most",
            said <= 0.1 * count["of"],
        )


def _interval(found: Mapping[str, float]) -> str:
    return f"{found['value']:.3f} ({found['low']:.3f} to {found['high']:.3f})"
