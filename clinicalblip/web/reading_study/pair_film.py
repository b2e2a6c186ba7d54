"""The film of a pair of drafts as a picture, through the window that its file comes with."""

import io
from typing import Final

import numpy as np
from PIL import Image

from clinicalblip.errors import ClinicalBlipError, RadiographError
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.imaging.read import read_film_bytes
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.films import read_for
from clinicalblip.web.served_study import wording
from clinicalblip.web.session import Session
from clinicalblip.worklist.work_list import films_by_role

_SIDE: Final = 1400  # pixels of the longer side: more than a screen gives a third of its width
_DRAWING: Final = FairQueue(1, **WAITING)


def draw_film(app: AppContext, case: int) -> bytes:
    """The frontal film of a case as PNG of 8 bits. Raises ClinicalBlipError where it cannot be read, Overloaded."""
    assert app.study is not None  # noqa: S101 - nothing of this room is reached otherwise
    image = films_by_role(app.study.folder.studies[case])[FilmRole.FRONTAL]
    with _DRAWING.turn(), app.sessions.room_for(Session()) as room:
        try:
            loaded = read_for(app, FilmRole.FRONTAL, read_film_bytes(image.path, app.settings.limits), room)
        except RadiographError as error:
            raise ClinicalBlipError(wording.FILM_UNREADABLE.format(why=error)) from error
        film = loaded.radiograph
        greys = film.pixels_8bit
        picture = Image.fromarray(np.ascontiguousarray(greys))
    picture.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    sent = io.BytesIO()
    picture.save(sent, "PNG", compress_level=3)
    return sent.getvalue()
