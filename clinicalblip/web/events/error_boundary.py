"""Errors of a handler become a message on the page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

import gradio as gr

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.web.events.event_group import EventGroup
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.view import html
from clinicalblip.web.view.updates import Updates

_Group = TypeVar("_Group", bound=EventGroup)
_Values = ParamSpec("_Values")


def error_boundary(
    handler: Callable[Concatenate[_Group, gr.Request, _Values], Updates],
) -> Callable[Concatenate[_Group, gr.Request, _Values], Updates]:
    """Clear the last message before a handler's updates; where it raises, show the error as the message instead."""

    @wraps(handler)
    def handle(group: _Group, request: gr.Request, /, *values: _Values.args, **named: _Values.kwargs) -> Updates:
        message = group.components.message
        try:
            texts = map(_as_text, values)
            with group.session(request).at_work():
                return {message: html.message(""), **handler(group, request, *texts, **named)}  # type: ignore[arg-type]
        except Exception as error:
            return {message: html.message(error_sentence(error)), **group.on_error(group.session(request))}

    return handle


def _as_text(value: object) -> object:
    return replace_surrogates(value) if isinstance(value, str) else value
