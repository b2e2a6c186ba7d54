"""The document and the plot of the ablations, from their figures alone: the words hold whatever the numbers are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from clinicalblip.evaluation.scorecard.scorecard import Figure
from clinicalblip.evaluation.scorecard.table import format_figure, markdown_table

Row = dict[str, Any]

_INTRODUCTION = """# Ablations

```
{commands}
```

These commands write this page with `--write docs/ablations.md`, tables and text; a row that is worse than expected
stays in. Every figure of the first two parts is from the code that makes
[scorecards](evaluation.md). Brackets are 95 % bootstrap intervals over the films or studies, in the third part over
patients; differences are paired. An interval covers the films alone: the spread over seeds stands beside it.
**F1** is that of findings: what the finding labeler finds in a draft, against a real film's labels, or against
what it finds in a Phantom-IU study's report. Real films are NIH's, of validation patients that no part was trained
on. **Phantom-IU is synthetic**: films computed from the tags of IU X-RAY's validation studies, one frontal film
each, scored against IU's reports, which also say what is not drawn. Figures on it serve experiments and say nothing
of patients. No test split was touched.

A draft is worth only what it gains over the **constant normal report** and the **constant commonest finding**, the
same words for every film: they stand in every table. Choices were made on validation films before, so that
these figures may be a little better than those of films that nobody has looked at.
"""

_INPUTS = """## Inputs

The bundled model as it is (base `{base}`, adapter `{adapter}`), nothing trained; {films} real films of {patients}
patients, {studies} synthetic studies. The same films in every row.

- **Everything known**: indication and comparison as the study has them. Real films come without any, so that for
  them this is the row without prior too.
- **Without prior**: every slot of the prompt is empty.
- **Oracle hints**: the findings that the draft is scored against, by name, in the prompt's hints; a film without
  any gets none. It is no result: it says how well hints are followed.
- **Blank film**: even grey. **Films shuffled**: on real films each draft is scored against another film of the same
  set and size, the mean of twenty shuffles; a synthetic study keeps its prompt and is drafted from another's film.

A model that looks is worse in the last two. "First less this" is how much more F1 the first row has.
"""

_STAGES = """## Which stages

From the bundled base (`{base}`), `train` on {made} composed studies as the bundled adapter's ({steps} steps of 16
in all, whichever way the steps are divided); {seeds} seeds, which also draw other studies. Each seed's drafts are
scored, and a figure is the mean over the seeds with its interval over films. The first stages are the same runs
whether others follow. {films} real films of {patients} patients, nothing in the prompt:
"""

_STAGES_NOTE = """**Another's**: the same drafts shuffled among films of the same set and size, twenty times. The
difference is what looking is worth; the spread over seeds stands beside it, from the smallest to the largest.
{studies} synthetic studies, with indication and comparison:
"""

_ENCODER = """## Training of the encoder

New encoders of the bundled one's shape, {steps} steps of {batch} films each: **far fewer than the bundled encoder
had**, so that variants can be compared and no row says how well the encoder can do in the end. Rows are of {seeds}
seeds; every row but the first differs from it by what its name says. All take as many steps, so that with less data
each film is seen more often, and larger films take longer. Macro AUROC over the observations with 30 positives or
more among {films} validation films of {patients} patients, films compared only within their set and size. The
teacher is that of the bundled model (commit `80c45fd`), trained at 160 pixels; it is shown the same pictures as the
encoder, and its own rows have no seeds. In the rows without drawn films there is nothing that masks could teach.
"""


def write_document(parts: dict[str, dict[str, Any]], picture: str) -> str:
    """The page of the parts that were run."""
    written = [_INTRODUCTION.format(commands="\n".join(part["command"] for part in parts.values()))]
    if parts:
        written.append(f"![The main figure of every row with its interval]({picture})\n")
    if "inputs" in parts:
        written += _inputs(parts["inputs"])
    if "stages" in parts:
        written += _stages(parts["stages"])
    if "encoder" in parts:
        written += _encoder(parts["encoder"])
    missing = [name for name in ("inputs", "stages", "encoder") if name not in parts]
    if missing:
        written.append(f"Not run: {', '.join(missing)}.\n")
    return "\n".join(written)


def _inputs(part: dict[str, Any]) -> list[str]:
    model, real, drawn = part["model"], part["real"], part["phantom"]
    words = _INPUTS.format(
        base=model["base"][:12],
        adapter=model["adapter"][:12],
        films=real["films"],
        patients=real["patients"],
        studies=drawn["studies"],
    )
    tables = []
    for title, of, names in (
        (
            "Real films",
            real,
            {"micro-f1": "F1", "micro-precision": "precision", "micro-recall": "recall", "macro-f1": "macro F1"},
        ),
        ("Phantom-IU, synthetic: findings", drawn, _FINDINGS),
        ("Phantom-IU, synthetic: words", drawn, _WORDS),
    ):
        less = of is real or names is _FINDINGS
        header = ["", *names.values(), *(["first less this, F1", "different drafts"] if less else [])]
        rows = [
            [
                row["row"],
                *_cells(row, list(names)),
                *([_shown(row["headline_less_this"]), _counted(row["distinct_drafts"])] if less else []),
            ]
            for row in of["rows"]
        ]
        tables.append(f"{title}:\n\n{markdown_table(header, rows)}\n")
    return [words, *tables, _machine(part)]


_FINDINGS = {
    "findings-13-micro-f1": "F1, without No Finding",
    "findings-13-macro-f1": "macro F1, without No Finding",
    "findings-micro-f1": "F1 with No Finding",
}
_WORDS = {"bleu-4": "BLEU-4", "meteor-coco-1.5": "METEOR (COCO 1.5)", "rouge-l-coco": "ROUGE-L (COCO)"}


def _stages(part: dict[str, Any]) -> list[str]:
    real, drawn = part["real"], part["phantom"]
    steps = " or ".join(str(number) for number in dict.fromkeys(part["steps"].values()))
    words = _STAGES.format(
        base=part["base"][:12],
        made=part["studies"],
        steps=steps,
        seeds=part["seeds"],
        films=real["films"],
        patients=real["patients"],
    )
    header = [
        "",
        "F1, right film",
        "F1, another's",
        "difference",
        "over seeds",
        "precision",
        "recall",
        "different drafts",
    ]
    rows = [
        [
            row["row"],
            *_cells(row, ["right", "other", "difference"]),
            _from_to(row["differences_by_seed"]),
            *_cells(row, ["precision", "recall"]),
            _from_to(row["distinct_drafts"], 0),
        ]
        for row in real["rows"]
    ]
    names = _FINDINGS | _WORDS
    seen = [[row["row"], *_cells(row, list(names)), _from_to(row["f1_by_seed"])] for row in drawn["rows"]]
    return [
        words,
        markdown_table(header, rows) + "\n",
        _STAGES_NOTE.format(studies=drawn["studies"]),
        markdown_table(["", *names.values(), "F1 over seeds"], seen) + "\n",
        _machine(part),
    ]


def _encoder(part: dict[str, Any]) -> list[str]:
    words = _ENCODER.format(**{name: part[name] for name in ("steps", "batch", "seeds", "films", "patients")})
    header = ["", "macro AUROC", "by seed", "std of seeds", "less the first"]
    first = next(row for row in part["rows"] if row["figures"]["less-the-first"] is None)
    rows = [
        [
            row["row"],
            *_cells(row, ["macro-auroc"]),
            ", ".join(_number(value) for value in row["by_seed"]) if len(row["by_seed"]) > 1 else "",
            _number(row["std"]),
            *_cells(row, ["less-the-first"]),
        ]
        for row in [first, *(row for row in part["rows"] if row is not first)]
    ]
    return [words, markdown_table(header, rows) + "\n", _machine(part)]


def _machine(part: dict[str, Any]) -> str:
    return f"({part['machine']}; {part['minutes']:.1f} minutes when last asked for, finished rows not made again.)\n"


def _cells(row: Row, names: Sequence[str]) -> list[str]:
    return [_shown(row["figures"].get(name)) for name in names]


def _shown(fields: dict[str, float | None] | None) -> str:
    return "" if fields is None else format_figure(Figure(**fields))


def _number(value: float | None, digits: int = 3) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _counted(value: int | None) -> str:
    return "1" if value is None else str(value)


def _from_to(values: Sequence[float | None], digits: int = 3) -> str:
    known = [value for value in values if value is not None]
    if not known:
        return ""
    low, high = (_number(value, digits) for value in (min(known), max(known)))
    return low if low == high else f"{low} to {high}"


def plot_parts(parts: dict[str, dict[str, Any]], picture: Path) -> None:
    """One panel a table, one line a row, each figure with its interval; the same figures give the same bytes."""
    import matplotlib
    from matplotlib.figure import Figure as Canvas

    panels: list[tuple[str, list[tuple[str, list[dict[str, Any] | None], list[float]]]]] = []
    if "inputs" in parts:
        for title, of, name in (
            ("Inputs: F1 on real films", "real", "micro-f1"),
            ("Inputs: F1 on Phantom-IU (synthetic)", "phantom", "findings-13-micro-f1"),
        ):
            panels.append((title, [(r["row"], [r["figures"].get(name)], []) for r in parts["inputs"][of]["rows"]]))
    if "stages" in parts:
        of_real = parts["stages"]["real"]["rows"]
        lines = [(r["row"], [r["figures"]["right"], r["figures"]["other"]], []) for r in of_real]
        panels.append(("Stages: F1 on real films, right film (dot) and another's (cross)", lines))
        of_drawn = parts["stages"]["phantom"]["rows"]
        lines = [(r["row"], [r["figures"].get("findings-13-micro-f1")], r["f1_by_seed"]) for r in of_drawn]
        panels.append(("Stages: F1 on Phantom-IU (synthetic), seeds as small dots", lines))
    if "encoder" in parts:
        of_variants = parts["encoder"]["rows"]
        panels.append(
            (
                "Encoder: macro AUROC on real films, seeds as small dots",
                [(r["row"], [r["figures"]["macro-auroc"]], r["by_seed"]) for r in of_variants],
            )
        )
    heights = [0.9 + 0.36 * len(lines) for _, lines in panels]
    with matplotlib.rc_context({"svg.hashsalt": "ablations", "svg.fonttype": "none"}):
        canvas = Canvas(figsize=(9.0, sum(heights)), layout="constrained")
        drawn = canvas.subplots(len(panels), 1, squeeze=False, height_ratios=heights).ravel()
        for panel, (title, lines) in zip(drawn, panels, strict=True):
            for place, (_, figures, seeds) in enumerate(lines):
                for number, (figure, sign) in enumerate(zip(figures, "ox", strict=False)):
                    if figure is None or figure["value"] is None:
                        continue
                    at = place + 0.22 * number
                    if figure["low"] is not None and figure["high"] is not None:
                        panel.plot([figure["low"], figure["high"]], [at, at], color=f"C{number}", linewidth=2)
                    panel.plot([figure["value"]], [at], sign, color=f"C{number}", markersize=5)
                known = [value for value in seeds if value is not None]
                panel.plot(known, [place - 0.22] * len(known), ".", color="0.5", markersize=4)
            panel.set_title(title, fontsize=10)
            panel.set_yticks(range(len(lines)))
            panel.set_yticklabels([fill(name, 44) for name, _, _ in lines], fontsize=8)
            panel.set_ylim(len(lines) - 0.4, -0.6)
            panel.grid(alpha=0.3)
        canvas.savefig(picture, format="svg", metadata={"Date": None})
