"""The route that takes uploads, in the place of Gradio's.

Gradio keeps an upload under a digest of its content and its own name, which often is the patient's; answers with a path
of the machine; and two visitors with the same file share it, so that one would delete the other's. Here the file's name
is never read, and the answer is a token.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.datastructures import Headers
from starlette.types import Receive, Send

from clinicalblip.web import wording as page_wording
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.bodies import declared_length, upload_parts
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.upload_folder import Upload, UploadsFull, upload_folder

PAGE_HEADER: Final = "x-clinicalblip"
"""What the page sends with an upload. A page elsewhere cannot without being asked first, and is then refused."""

_AROUND: Final = 8 * 1024  # bytes of a form around its file
_LONGEST_BOUNDARY: Final = 200


def comes_from_page_or_program(headers: Headers) -> bool:
    """Whether an upload is the page's own or of a program: a form on a page elsewhere can set neither header."""
    return PAGE_HEADER in headers or headers.get("user-agent", "").startswith("gradio_client")


Counted = Callable[[int], AbstractContextManager[Callable[[int], None]]]
"""Admits an upload of so many bytes, and gives what is told of those of each part that arrives."""


async def take_in(
    headers: Headers, receive: Receive, send: Send, *, most_bytes: int, sentence: str, counted: Counted
) -> None:
    """Write the one file of a form into the upload folder, and answer with its token in a list, as Gradio does.

    `sentence`: about a file above `most_bytes`. Raises Refused, what `counted` raises, and Disconnected where the
    client goes away; then nothing is left of the file.
    """
    if not comes_from_page_or_program(headers):
        raise Refused(403, wording.NOT_FROM_THE_PAGE)
    declared = declared_length(headers, most_bytes + _AROUND, sentence)
    kind, options = parse_options_header(headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 0 < len(boundary) <= _LONGEST_BOUNDARY:
        raise Refused(400, wording.NOT_AN_UPLOAD)
    try:
        with counted(declared) as count, upload_folder().create() as upload:
            form = _Form(upload, boundary)
            async for part in upload_parts(receive, most_bytes + _AROUND, sentence):
                count(len(part))
                form.write(part)
            form.finish()
            if upload.size > most_bytes:
                raise Refused(413, sentence)
    except UploadsFull as error:
        raise Refused(503, wording.UPLOADS_FULL) from error
    except FormParserError as error:
        raise Refused(400, wording.NOT_AN_UPLOAD) from error
    except OSError as error:
        raise Refused(507, wording.NO_DISK) from error
    body = json.dumps([upload.token]).encode()
    start: dict[str, Any] = {"type": "http.response.start", "status": 200}
    await send({**start, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": body})


class _Form:
    """The parts of a form, of which there has to be one; what stands in its headers is not looked at."""

    def __init__(self, upload: Upload, boundary: bytes) -> None:
        self._upload = upload
        self._parts = 0
        self._ended = False
        self._parser = MultipartParser(
            boundary, {"on_part_begin": self._begin, "on_part_data": self._data, "on_end": self._end}
        )

    def write(self, data: bytes) -> None:
        self._parser.write(data)

    def finish(self) -> None:
        """Raises Refused where the form did not end, or held no file."""
        self._parser.finalize()
        if not self._ended or self._parts != 1:
            raise Refused(400, wording.NOT_AN_UPLOAD)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > 1:
            raise Refused(400, page_wording.ONE_FILM)

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._upload.write(data[start:end])

    def _end(self) -> None:
        self._ended = True
