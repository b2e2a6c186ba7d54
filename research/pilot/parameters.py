"""What is true of the pilot's readers: stated here, so that the report's estimates can be held against it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Final

from clinicalblip.reader_study.simulation.readers import Population, SimulatedArm
from research.pilot.design import INJECTED, MINI, OTHER, UNAIDED

_ARMS: Final = (
    SimulatedArm(UNAIDED, False, 1.0, 1.0, 0.10, 1.0),
    SimulatedArm(MINI, True, 0.85, 1.0, 0.30, 1.0, caught=0.60),
    SimulatedArm(OTHER, True, 0.75, 0.55, 0.25, 1.0, caught=0.70, strength=0.7),
    SimulatedArm(INJECTED, True, 0.80, 0.75, 0.35, 1.0, caught=0.65, strength=0.4),
)
# Every wrong finding of the injected arm's drafts is an error that was put in: it stays where that is not caught.

POPULATION: Final = Population(_ARMS, cuts=(0.35, 0.70, 0.92))
"""Agreement with the reference and edited words are no parameters here: they follow from what readers do to a text."""


def population_of(arms: Collection[str]) -> Population:
    """The population with these arms alone."""
    return replace(POPULATION, arms=tuple(arm for arm in POPULATION.arms if arm.name in arms))
