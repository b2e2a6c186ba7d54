"""The commands before a study's first reading: `reader-study power` and `simulate`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from clinicalblip.cli.output import check_installed
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import ReaderStudyError

if TYPE_CHECKING:
    from clinicalblip.cli.parser import Commands
    from clinicalblip.reader_study.design.design import ComparisonPart, ReaderStudyDesign
    from clinicalblip.reader_study.statistics.power import PowerPlan

_EXTRA: Final = "reader-study"


def add_commands(commands: Commands) -> None:
    """Add `power` and `simulate`."""
    power = add_command(
        commands,
        "power",
        _power,
        "say how often the study would show what its comparisons look for, and how many readers and cases do",
        (
            "reader_study.yaml",
            "reader_study.yaml --assume effect=0.85 --assume residual=0.5",
            "reader_study.yaml --pilot pilot/results/readings.csv",
        ),
    )
    power.add_argument("design", type=Path, metavar="DESIGN", help="the study's design")
    power.add_argument(
        "--comparison", type=int, default=1, metavar="N", help="which of the design's comparisons (default: 1)"
    )
    power.add_argument(
        "--assume",
        action="append",
        default=[],
        metavar="NAME=NUMBER",
        help="effect, reader, case, reader_arm, residual or base, instead of what is taken otherwise",
    )
    power.add_argument(
        "--pilot", type=Path, metavar="F", help="a table (CSV) with reader, case, arm and seconds: times vary as there"
    )
    power.add_argument("--target", type=float, default=0.8, metavar="SHARE", help="the power to reach (default: 0.8)")
    power.add_argument("--simulations", type=int, default=400, metavar="N", help="studies a size (default: 400)")
    simulate = add_command(
        commands,
        "simulate",
        _simulate,
        "simulate studies whose truth is known, and count how often a report's intervals hold it",
        ("--output simulated", "--seeds 20 --readers 6 --cases 40 --output simulated"),
    )
    simulate.add_argument("--seeds", type=int, default=100, metavar="N", help="how many studies (default: 100)")
    simulate.add_argument("--readers", type=int, default=12, metavar="N", help="(default: 12)")
    simulate.add_argument("--cases", type=int, default=80, metavar="N", help="(default: 80)")
    simulate.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="the folder for coverage.md and coverage.csv"
    )


def _power(options: argparse.Namespace) -> None:
    check_installed("scipy", "simulates studies", _EXTRA)
    from clinicalblip.reader_study.design.read_design import read_design
    from clinicalblip.reader_study.statistics.power import (
        LEAST,
        least_readers,
        required_size,
        simulate_power,
        smallest,
    )

    if not 0 < options.target < 1 or options.simulations < 1:
        raise ReaderStudyError(
            "A power lies between 0 and 1, of one simulation or more; change --target or --simulations."
        )
    design = read_design(options.design)
    comparison = _comparison(design, options.comparison)
    plan = _plan(design, comparison, options.assume, options.pilot)
    readers, cases = design.reading.readers, _cases(design, comparison)
    print(*_about(plan, comparison, options.pilot), sep="\n")
    if readers < least_readers(plan) or cases < LEAST:
        print(f"As designed, {readers} readers and {cases} cases: too few for an interval.")
    else:
        own = simulate_power(plan, readers=readers, cases=cases, simulations=options.simulations, seed=design.seed)
        print(f"As designed, {readers} readers and {cases} cases: {own.share:.2f} [{own.low:.2f}, {own.high:.2f}].")
    sizes = required_size(plan, target=options.target, simulations=options.simulations, seed=design.seed)
    best = smallest(sizes)
    if best is None:
        print(f"No size that was tried reaches {options.target:.2f}.")
        return
    print(f"\nThe fewest cases that reach {options.target:.2f}:\n")
    print("| readers | cases | readings | power | 95 % interval |", "| ---: | ---: | ---: | ---: | ---: |", sep="\n")
    for size in sizes:
        interval = f"[{size.low:.2f}, {size.high:.2f}]"
        print(f"| {size.readers} | {size.cases} | {size.readings} | {size.share:.2f} | {interval} |")
    print(f"\nFewest readings: {best.readers} readers and {best.cases} cases, {best.readings} readings.")


def _comparison(design: ReaderStudyDesign, number: int) -> ComparisonPart:
    comparisons = design.analysis.comparisons
    if not comparisons:
        raise ReaderStudyError("The design names no comparison to compute a power of; name one under analysis.")
    if not 1 <= number <= len(comparisons):
        raise ReaderStudyError(f"The design has {len(comparisons)} comparisons, not {number}; name one of them.")
    return comparisons[number - 1]


def _cases(design: ReaderStudyDesign, comparison: ComparisonPart) -> int:
    """How many cases enter the comparison: not the gold ones, and of a preference those that are chosen over."""
    from clinicalblip.reader_study.design.design import OutcomeName

    if comparison.outcome == OutcomeName.PREFERENCE and design.pairwise is not None:
        return design.pairwise.cases
    return design.studies.count - design.gold.count


def _plan(design: ReaderStudyDesign, comparison: ComparisonPart, assume: list[str], pilot: Path | None) -> PowerPlan:
    from clinicalblip.reader_study.design.design import OutcomeName
    from clinicalblip.reader_study.statistics.assumptions import ASSUMED
    from clinicalblip.reader_study.statistics.power import PowerPlan, no_effect

    assumed = ASSUMED[comparison.outcome]
    if comparison.margin is not None:
        assumed = no_effect(comparison.outcome, assumed)
    if pilot is not None:
        if comparison.outcome != OutcomeName.READING_SECONDS:
            raise ReaderStudyError("A pilot says how times vary; for another outcome, say it with --assume.")
        check_installed("statsmodels", "fits a pilot's times", _EXTRA)
        from clinicalblip.reader_study.statistics.pilot import read_pilot

        for name, value in read_pilot(pilot).items():
            assumed = assumed.assume(name, value)
    for each in assume:
        name, _, written = each.partition("=")
        try:
            value = float(written)
        except ValueError as error:
            raise ReaderStudyError(f"--assume takes a name, = and a number, not {each!r}.") from error
        assumed = assumed.assume(name.strip(), value)
    return PowerPlan(
        comparison.outcome,
        assumed,
        comparison.margin,
        len(design.arms),
        design.reading.kind == "crossover",
        design.reading.periods,
        design.analysis.confidence,
    )


def _about(plan: PowerPlan, comparison: ComparisonPart, pilot: Path | None) -> list[str]:
    from clinicalblip.reader_study.design.design import OutcomeName
    from clinicalblip.reader_study.statistics.assumptions import RATIOS

    kind = "ratio" if plan.outcome in RATIOS else "difference"
    looked_for = "superiority" if plan.margin is None else f"non-inferiority by a {kind} of {plan.margin:g}"
    own = plan.assumed
    source = "As in the pilot, where not said otherwise" if pilot else "Assumed, not measured"
    has_base = plan.outcome in (OutcomeName.DECISION, OutcomeName.CAUGHT_ERRORS)
    base = f"; base {own.base:.2f}" if has_base else ""
    return [
        f"{comparison.arm} against {comparison.against}, {plan.outcome}: {looked_for}, at {plan.confidence:.0%}.",
        f"{source}: a {kind} of {own.effect:g}; standard deviations of readers {own.reader:.2f}, cases {own.case:.2f}, "
        f"reader by arm {own.reader_arm:.2f}, readings {own.residual:.2f}{base}.",
    ]


def _simulate(options: argparse.Namespace) -> None:
    for package in ("scipy", "statsmodels", "choix"):
        check_installed(package, "makes the estimates", _EXTRA)
    from clinicalblip.reader_study.simulation.coverage import RESAMPLES, cover, mean_share, write_coverage
    from clinicalblip.reader_study.simulation.readers import POPULATION

    if options.seeds < 1 or min(options.readers, options.cases) < 4:
        raise ReaderStudyError("Coverage is of one seed or more, with four readers and four cases or more each.")
    if options.output.exists() and not options.output.is_dir():
        raise ReaderStudyError("The output that was named is a file; name a folder.")

    def progress(seed: int) -> None:
        print(f"\r{seed + 1} of {options.seeds}", end="", file=sys.stderr, flush=True)

    rows = cover(POPULATION, range(options.seeds), readers=options.readers, cases=options.cases, progress=progress)
    print(file=sys.stderr)
    arms = ", ".join(arm.name for arm in POPULATION.arms)
    about = {
        "simulated": f"{options.seeds} studies, seeds 0 to {options.seeds - 1}",
        "each": f"{options.readers} readers, {options.cases} cases, arms {arms}; every reader reads every case once",
        "bootstrap": f"{RESAMPLES} draws",
    }
    try:
        write_coverage(options.output, rows, about)
    except OSError as error:
        raise ReaderStudyError(f"The tables were not written ({error.strerror}); name another folder.") from error
    print(f"Mean coverage over {len(rows)} estimates: {mean_share(rows):.3f}. Written: coverage.md, coverage.csv.")
