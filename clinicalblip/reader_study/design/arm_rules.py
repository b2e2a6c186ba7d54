"""Rules of arms: what each needs, and what it cannot have."""

from collections.abc import Iterator
from typing import Final, get_args

from clinicalblip.radiology.report import SLOTS
from clinicalblip.reader_study.design.design import ArmPart, DraftSource, ErrorsPart, ReaderStudyDesign
from clinicalblip.reader_study.design.fault import DesignFault, Place
from clinicalblip.settings import Precision

REFERENCE: Final = "reference"
"""What `of` calls the reference report."""

_ONLY: Final = {
    "base": DraftSource.MODEL,
    "adapter": DraftSource.MODEL,
    "precision": DraftSource.MODEL,
    "slots": DraftSource.MODEL,
    "file": DraftSource.PREDICTIONS,
    "of": DraftSource.INJECTED,
    "errors": DraftSource.INJECTED,
}
_OF_SCORES: Final = ("confidence", "not_mentioned", "evidence")
_OF_DRAFT: Final = (*_OF_SCORES, "ticks", "model")


def arm_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    """Yield what is wrong with the arms of a design."""
    names = [arm.name for arm in design.arms]
    for number, arm in enumerate(design.arms):
        place: Place = ("arms", number)
        if arm.name in names[:number]:
            first = names.index(arm.name) + 1
            yield DesignFault((*place, "name"), f"arm {first} has the name {arm.name} already; give each its own")
        if arm.name == REFERENCE and arm.draft is not DraftSource.REFERENCE:
            yield DesignFault((*place, "name"), "this is what the reference report is called; name the arm otherwise")
        yield from _source_faults(arm, place)
        yield from _display_faults(design, arm, place)
        if arm.draft is DraftSource.INJECTED and arm.of is not None:
            yield from _injected_faults(design, arm, place)


def _source_faults(arm: ArmPart, place: Place) -> Iterator[DesignFault]:
    for name, source in _ONLY.items():
        if name in arm.model_fields_set and getattr(arm, name) is not None and arm.draft is not source:
            yield DesignFault(
                (*place, name),
                f"only an arm with the draft `{source}` has this, not one with `{arm.draft}`; leave it out",
            )
    if arm.draft is DraftSource.PREDICTIONS and arm.file is None:
        yield DesignFault((*place, "file"), "it is missing; name the predictions file with this arm's reports")
    if arm.draft is DraftSource.INJECTED and arm.of is None:
        yield DesignFault((*place, "of"), f"it is missing; name the arm whose reports get errors, or `{REFERENCE}`")
    if arm.precision is not None and arm.precision not in get_args(Precision):
        known = ", ".join(get_args(Precision))
        yield DesignFault((*place, "precision"), f"there is no precision {arm.precision!r}; known are {known}")
    slots = arm.slots or ()
    for slot_number, slot in enumerate(slots):
        at = (*place, "slots", slot_number)
        if slot not in SLOTS:
            yield DesignFault(at, f"the prompt has no slot {slot!r}; its slots are {', '.join(SLOTS)}")
        elif slot in slots[:slot_number]:
            yield DesignFault(at, f"the slot {slot} stands there twice; name it once")
    if arm.draft is DraftSource.INJECTED:
        yield from error_faults(arm.errors, (*place, "errors"))


def error_faults(errors: ErrorsPart, place: Place) -> Iterator[DesignFault]:
    """Yield what is wrong with which errors are put in."""
    if errors.least > errors.most:
        yield DesignFault(
            (*place, "least"), f"at least {errors.least} errors cannot be at most {errors.most}; set `most` as high"
        )
    if not errors.kinds:
        yield DesignFault((*place, "kinds"), "no kind of error is named; leave the field out for all kinds")
    if len(set(errors.kinds)) < len(errors.kinds):
        yield DesignFault((*place, "kinds"), "a kind stands there twice; name each once")


def _display_faults(design: ReaderStudyDesign, arm: ArmPart, place: Place) -> Iterator[DesignFault]:
    shown = [name for name in _OF_DRAFT if getattr(arm.show, name)]
    for name in shown:
        at = (*place, "show", name)
        if not arm.shows_draft:
            yield DesignFault(at, "this arm shows no draft beside which it could stand; say no, or give it a draft")
        elif name in _OF_SCORES and not _written_by_model(design, arm):
            yield DesignFault(
                at,
                "only a model that is loaded for the arm knows this; say no, or have a draft `model` or errors in one",
            )
        elif name == "model" and sum(each.shows_draft for each in design.arms) > 1:
            yield DesignFault(
                at,
                "where several arms show a draft this tells readers the arm; say no, or have one such arm",
            )


def _written_by_model(design: ReaderStudyDesign, arm: ArmPart) -> bool:
    if arm.draft is DraftSource.INJECTED:
        return any(each.name == arm.of and each.draft is DraftSource.MODEL for each in design.arms)
    return arm.draft is DraftSource.MODEL


def _injected_faults(design: ReaderStudyDesign, arm: ArmPart, place: Place) -> Iterator[DesignFault]:
    arms = {each.name: each for each in design.arms}
    possible = [REFERENCE] + [
        each.name for each in design.arms if each.shows_draft and each.draft is not DraftSource.INJECTED
    ]
    fitting = f"possible are {', '.join(dict.fromkeys(possible))}"
    at = (*place, "of")
    if arm.of == REFERENCE:
        return
    if arm.of not in arms:
        yield DesignFault(at, f"there is no arm {arm.of!r} to put errors into; {fitting}")
    elif not arms[arm.of].shows_draft:
        yield DesignFault(at, f"the arm {arm.of} shows no draft to put errors into; {fitting}")
    elif _is_circular(arms, arm):
        yield DesignFault(at, f"the reports of {arm.name} would be made of its own; {fitting}")
    elif arms[arm.of].draft is DraftSource.INJECTED:
        yield DesignFault(at, f"the reports of {arm.of} have errors already; {fitting}")


def _is_circular(arms: dict[str, ArmPart], arm: ArmPart) -> bool:
    passed: list[str] = []
    name: str | None = arm.name
    while name in arms and name not in passed:
        passed.append(name)
        name = arms[name].of
    return name == arm.name
