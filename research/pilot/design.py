"""The design of the pilot: as many cases and readers as are asked for, under three or four arms."""

from __future__ import annotations

from typing import Final

from clinicalblip.errors import ReaderStudyError
from research.pilot.sources import PREDICTIONS_FILE, STUDIES_FILE

UNAIDED: Final = "unaided"
MINI: Final = "mini"
OTHER: Final = "other"
INJECTED: Final = "injected"

TITLE: Final = "Pilot with drawn films and simulated readers"

_MINI_ARM: Final = """\
  - name: mini  # the bundled model
    draft: model
    base: {base}
    adapter: {adapter}
    precision: fp32
"""

_DESIGN: Final = """\
# The pilot of ClinicalBLIP's reader studies. Films are drawn, readers are a program: nothing here is about people.
version: 1
title: {title}
seed: {seed}
studies: {{file: {studies}, count: {cases}, training: 1, repeated: {repeated}}}
gold: {{count: {gold}, errors: {{least: 1, most: 1}}}}
arms:
  - name: unaided
    draft: none
{mini}  - name: other  # reports of which it is known what is wrong
    draft: predictions
    file: {predictions}
  - name: injected  # the true report with one error
    draft: injected
    of: reference
    errors: {{least: 1, most: 1}}
reading: {{kind: crossover, readers: {readers}}}
questions:
  case:
    - {{name: sure, text: "How sure are you of this report?", least_means: not at all, most_means: very}}
  end: [umux-lite]
pairwise: {{arms: [{first}, {second}], cases: {pairs}}}
consent: Simulated readers read drawn films. A program agrees to nothing; this text stands where that of a study would.
kept: What the program sends is kept under pseudonyms, as that of readers would be.
analysis:
  bootstrap: {bootstrap}
  comparisons:
    - {{outcome: reading seconds, arm: {first}, against: unaided}}
    - {{outcome: agreement with the reference, arm: {first}, against: unaided, margin: 0.05}}
    - {{outcome: decision, arm: {second}, against: {first}}}
    - {{outcome: preference, arm: {second}, against: {first}}}
"""


def write_design(*, readers: int, cases: int, seed: int, model: tuple[str, str] | None, bootstrap: int = 2000) -> str:
    """The design's text; `model`: folders of base and adapter, None leaves the model's arm out.

    A tenth of the cases, but two or more, are gold. Raises ReaderStudyError where none can be.
    """
    arms = 3 if model is None else 4
    gold = next((each for each in range(max(2, cases // 10), cases) if (cases - each) % arms == 0), None)
    if gold is None or readers % arms:
        raise ReaderStudyError(
            f"{readers} readers and {cases} cases cannot go through {arms} arms equally often; name a multiple of "
            f"{arms} readers, and {arms + 2} cases or more."
        )
    first, second = (OTHER, INJECTED) if model is None else (MINI, OTHER)
    return _DESIGN.format(
        title=TITLE,
        seed=seed,
        studies=STUDIES_FILE,
        predictions=PREDICTIONS_FILE,
        cases=cases,
        repeated=max(1, cases // 20),
        gold=gold,
        mini="" if model is None else _MINI_ARM.format(base=model[0], adapter=model[1]),
        readers=readers,
        first=first,
        second=second,
        pairs=max(2, (cases - gold) // 4),
        bootstrap=bootstrap,
    )
