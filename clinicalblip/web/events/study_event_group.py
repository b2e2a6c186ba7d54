"""What groups of events have in common that change films or the whole study."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.web import films, handlers
from clinicalblip.web.events.event_group import EventGroup
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates


class StudyEventGroup(EventGroup):
    """Asks whether films may change, and screens them once they have."""

    @staticmethod
    def may_change(session: Session, boxes: Sequence[Any], *, discard: bool, role: FilmRole | None = None) -> None:
        """Refuse a change of a film, or of the study, that takes away unsaved work, unless the reader wants it gone.

        `boxes` are those of the review's form. Raises ClinicalBlipError.
        """
        if not discard:
            handlers.refuse_to_discard(session, ReviewForm.from_boxes(*boxes), role)

    def screen(self, request: gr.Request) -> Updates:
        """Screen the films that were not yet, and show what was found in them."""
        session = self.session(request)
        message: Updates = {}
        try:
            with session.at_work():
                films.screen_films(self.app, session)
            self.after_screening(session)
        except Exception as error:
            message = {self.components.message: html.message(error_sentence(error))}
        return {self.components.films.viewer: updates.films_screened(session), **message}

    def after_screening(self, session: Session) -> None:
        """What is done once the films are screened; nothing here."""
