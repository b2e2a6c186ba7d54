"""Which studies of the file are read, and for what."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from clinicalblip.errors import ReaderStudyError
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.assignment.arm_sequences import draw_lot
from clinicalblip.reader_study.assignment.assignment import CaseKind, StudyCase
from clinicalblip.reader_study.assignment.stratum_draw import StratumDraw
from clinicalblip.reader_study.design.arm_rules import REFERENCE
from clinicalblip.reader_study.design.design import DraftSource, OutcomeName, ReaderStudyDesign
from clinicalblip.reader_study.design.strata import ANY, STRATA, find_stratum

_NUMBERED: Final = (CaseKind.MAIN, CaseKind.GOLD)

_T = TypeVar("_T")


def select_cases(design: ReaderStudyDesign, studies: Sequence[Study]) -> tuple[StudyCase, ...]:
    """Draw the studies that are read, by strata with the design's seed: the same ones whatever their order.

    A study needs a film, and a reference where a stratum, an arm or a comparison needs one. Of a patient there is one
    study, unless there are too few patients; `patients_twice` says of how many there are more. Strata hold among gold
    cases as among the others. Training cases have the first numbers; those of gold cases and the others are mixed.
    Raises ReaderStudyError where there are too few studies, or too few of a stratum, with how many there are.
    """
    lot = draw_lot(design.seed, "cases")
    readable = _readable(design, studies)
    lot.shuffle(readable)
    wanted = {kind: _shares(design, count) for kind, count in _counts(design).items()}
    strata = list(wanted[CaseKind.MAIN])
    draw = StratumDraw(readable, _members(readable, strata))
    total = Counter({name: sum(counts[name] for counts in wanted.values()) for name in strata})
    for name in sorted(strata, key=lambda name: (draw.count(name) - total[name], name)):
        if not draw.take(name, total[name]):
            raise _too_few_of(name, total[name], draw.count(name))
    drawn = {name: _shuffled(draw.taken[name], lot) for name in strata}
    rest = {kind: count - wanted[kind].total() for kind, count in _counts(design).items()}
    drawn[ANY] = _shuffled(draw.take_rest(sum(rest.values()) + design.studies.training), lot)
    cases = [
        (drawn[name].pop(), kind, name)
        for kind in _NUMBERED
        for name, count in {**wanted[kind], ANY: rest[kind]}.items()
        for _ in range(count)
    ]
    training = [(study, CaseKind.TRAINING, ANY) for study in drawn[ANY]]
    numbered = enumerate([*training, *_shuffled(cases, lot)], start=1)
    return tuple(StudyCase(number, study.study_id, kind, name) for number, (study, kind, name) in numbered)


def patients_twice(cases: Sequence[StudyCase], studies: Sequence[Study]) -> int:
    """Of how many patients more than one study is read."""
    read = {case.study_id for case in cases}
    patients = Counter(study.patient_id for study in studies if study.study_id in read and study.patient_id)
    return sum(count > 1 for count in patients.values())


def needs_reference(design: ReaderStudyDesign) -> bool:
    """Whether studies without a reference report cannot be read."""
    return (
        bool(design.studies.strata)
        or any(arm.draft is DraftSource.REFERENCE or arm.of == REFERENCE for arm in design.arms)
        or any(each.outcome is OutcomeName.AGREEMENT_WITH_REFERENCE for each in design.analysis.comparisons)
    )


def _readable(design: ReaderStudyDesign, studies: Sequence[Study]) -> list[Study]:
    """The studies that can be read, by their ids."""
    split = design.studies.split
    named = sorted((study for study in studies if split in (None, study.split)), key=lambda study: study.study_id)
    if len({study.study_id for study in named}) < len(named):
        raise ReaderStudyError("A study_id of the studies file comes twice; prepare the file anew, with each once.")
    with_film = [study for study in named if study.images]
    with_reference = [study for study in with_film if not (needs_reference(design) and study.reference.empty)]
    needed = design.studies.count + design.studies.training
    if len(with_reference) < needed:
        of_split = f" in the split {split}" if split else ""
        left_out = (
            (len(named) - len(with_film), "without a film"),
            (len(with_film) - len(with_reference), "without the reference report that the design needs"),
        )
        reasons = " and ".join(f"{count} {reason}" for count, reason in left_out if count)
        raise ReaderStudyError(
            f"The studies file has {len(with_reference)} studies{of_split} that can be read"
            f"{f' (besides {reasons})' if reasons else ''}, and the design needs {needed} with its training cases; "
            "lower studies.count or studies.training, or prepare more studies."
        )
    return with_reference


def _counts(design: ReaderStudyDesign) -> Mapping[CaseKind, int]:
    return {CaseKind.MAIN: design.main_count, CaseKind.GOLD: design.gold.count}


def _shares(design: ReaderStudyDesign, count: int) -> Counter[str]:
    """How many of so many cases are of each stratum; what shares leave over goes to the largest remainders."""
    exact = {find_stratum(name) or name: share * count for name, share in design.studies.strata.items()}
    shares = Counter({name: int(each + 1e-9) for name, each in exact.items()})
    over = int(sum(exact.values()) + 0.5 + 1e-9) - shares.total()
    for name in sorted(exact, key=lambda name: (shares[name] - exact[name], name))[: max(over, 0)]:
        shares[name] += 1
    return shares


def _members(studies: Sequence[Study], strata: Sequence[str]) -> dict[str, list[Study]]:
    members: dict[str, list[Study]] = {name: [] for name in strata}
    for study in studies if strata else ():
        named = observations(study.reference.text)
        for name, of_stratum in members.items():
            if named.get(STRATA[name]) is Certainty.PRESENT:
                of_stratum.append(study)
    return members


def _too_few_of(name: str, wanted: int, there: int) -> ReaderStudyError:
    beside = "" if there < wanted else ", which are too few beside those that other strata need"
    return ReaderStudyError(
        f"The design needs {wanted} studies of the stratum {name}, and there are {there}{beside}; "
        "lower its share or studies.count, or prepare more studies."
    )


def _shuffled(values: Sequence[_T], lot: random.Random) -> list[_T]:
    return lot.sample(values, len(values))
