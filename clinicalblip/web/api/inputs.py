"""What a caller sends, read once; and one sentence for what cannot be done, without a traceback on either side."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import gradio as gr
from pydantic import ValidationError

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.screening.phi import PhiAction
from clinicalblip.screening.texts import check_context
from clinicalblip.screening.wording import CONTEXT_LABELS
from clinicalblip.settings import LimitSettings
from clinicalblip.web import wording
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.session import Session


@contextmanager
def error_boundary() -> Iterator[None]:
    """Errors become one sentence for the caller."""
    try:
        yield
    except Exception as error:
        raise gr.Error(error_sentence(error), print_exception=False) from None


def read_texts(**texts: Any) -> dict[str, str]:
    """The texts as they can be kept; ClinicalBlipError where one is none."""
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ClinicalBlipError(wording.NOT_A_TEXT.format(name=name, kind=type(text).__name__))
    return {name: replace_surrogates(text) for name, text in texts.items()}


def read_context(limits: LimitSettings, **texts: Any) -> ClinicalContext:
    """What is known before, by the names of `ClinicalContext`; ClinicalBlipError where a text is too long."""
    context = ClinicalContext(**read_texts(**texts))
    check_context(context, limits)
    return context


def label_context(context: ClinicalContext) -> dict[str, str]:
    """The texts of a clinical context by the names that a caller gave."""
    return {name: getattr(context, name) for name in CONTEXT_LABELS}


def read_phi_action(identifiers: Any) -> PhiAction:
    """What becomes of words that may name somebody."""
    if not isinstance(identifiers, str) or identifiers not in list(PhiAction):
        raise ClinicalBlipError(wording.IDENTIFIERS_UNCLEAR)
    return PhiAction(identifiers)


def check_switches(**switches: Any) -> None:
    """Refuse a switch that is neither true nor false."""
    for name, switch in switches.items():
        if not isinstance(switch, bool):
            raise ClinicalBlipError(wording.NOT_A_SWITCH.format(name=name))


def read_list(name: str, given: Any, *, most: int) -> list[Mapping[str, Any]]:
    """A list of objects, each by its keys; null is an empty one."""
    objects = [] if given is None else given
    if not isinstance(objects, list) or not all(isinstance(each, dict) for each in objects) or len(objects) > most:
        raise ClinicalBlipError(wording.NOT_A_LIST.format(name=name, most=most))
    return objects


def find_draft(session: Session, draft_id: str) -> FinishedDraft:
    """A draft of the same client; nobody else's can be named."""
    finished = session.report.drafts.get(draft_id)
    if finished is None:
        raise ClinicalBlipError(wording.DRAFT_GONE)
    return finished


@contextmanager
def of_item(name: str, number: int) -> Iterator[None]:
    """What is wrong with one object of a list is said with its number, from 0 as the caller counts."""
    try:
        yield
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = f"{where}: {first['msg']}" if where else first["msg"]
        raise ClinicalBlipError(wording.ITEM_UNCLEAR.format(name=name, number=number, why=said)) from error
    except ValueError as error:
        raise ClinicalBlipError(wording.ITEM_UNCLEAR.format(name=name, number=number, why=error)) from error
