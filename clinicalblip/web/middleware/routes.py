"""The routes that are served; Gradio has many more, of which each is a way out of the server or into its folders.

Gradio fetches any address it is asked for (`file=https://...`, `proxy=`), serves its upload cache to everybody, and
writes what was typed into deep links and run histories. None of it is needed here.
"""

import re
from enum import Enum, auto
from typing import Final

API: Final = "/gradio_api"


class Route(Enum):
    """What kind of request this is: it decides how its body is read."""

    PLAIN = auto()
    HEALTH = auto()
    STREAM = auto()
    CALL = auto()
    UPLOAD = auto()
    SESSION = auto()
    FILM = auto()
    SIGN_IN = auto()
    REVIEWS = auto()
    STUDY = auto()


_GET: Final = (
    (re.compile(r"/(config|theme\.css|favicon\.ico|manifest\.json|robots\.txt|model-card)?"), Route.PLAIN),
    (re.compile(r"/(healthz|readyz|metrics)"), Route.HEALTH),
    (re.compile(r"/(sign-in|login/huggingface|login/callback)"), Route.SIGN_IN),
    (re.compile(r"/(assets|static|svelte)/[\w./@~+-]+"), Route.PLAIN),
    (re.compile(r"/viewer/[0-9a-f]{16}/\w{1,64}\.js"), Route.PLAIN),
    (re.compile(r"/films/[0-9a-f]{32}/(preview|whole|model)"), Route.FILM),
    (re.compile(r"/(evidence|scores)/[0-9a-f]{32}"), Route.FILM),
    (re.compile(r"/reviews(/(export|find|known|[0-9a-f]{16}(/forget)?))?|/owner(/export)?"), Route.REVIEWS),
    (re.compile(r"/reader-study(/(leave|pair|pair/film|case))?|/owner/study"), Route.STUDY),
    (re.compile(rf"{API}/(info|app_id|startup-events|theme\.css)"), Route.PLAIN),
    (re.compile(rf"{API}/(heartbeat/[\w-]{{1,64}}|queue/data|call/\w{{1,64}}/[\w-]{{1,64}})"), Route.STREAM),
)
_POST: Final = (
    (re.compile(rf"{API}/(queue/join|(run|api|call)/\w{{1,64}}|cancel|reset)"), Route.CALL),
    (re.compile(rf"{API}/upload"), Route.UPLOAD),
    (re.compile(r"/(sign-in|sign-out|login)"), Route.SIGN_IN),
    (re.compile(r"/session(/boxes|/history|/ticks)?"), Route.SESSION),
    (re.compile(r"/reviews/[0-9a-f]{16}/forget"), Route.REVIEWS),
    (re.compile(r"/reader-study/(enter|consent|leave|link|break|pair|questions|case)|/owner/study"), Route.STUDY),
)
_OF_METHOD: Final = {"GET": _GET, "HEAD": _GET, "POST": _POST}


def find_route(method: str, path: str) -> Route | None:
    """The kind of a request, or None for one that is not served."""
    if ".." in path:
        return None
    return next((route for pattern, route in _OF_METHOD.get(method, ()) if pattern.fullmatch(path)), None)
