"""Somebody who comes to a served study by a link, and uses its routes as a browser or a program does."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from clinicalblip.errors import ClinicalBlipError


class NotServed(ClinicalBlipError):
    """The page did not answer as a study's page does."""


@dataclass
class Form:
    """A form of a page: its address, what it sends anyway, and the values that each question offers."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)


class Visitor:
    """A context manager: signed in by a link within it. What is refused raises NotServed with the page's sentence."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx.Client(base_url=url, timeout=120, headers={"origin": url.rstrip("/")})
        self.send("/reader-study/enter", token=token)
        self.send("/reader-study/consent", answer="agree")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def case(self) -> dict[str, Any]:
        """The current case; its number is None where all are read."""
        return dict(_checked(self._client.get("/reader-study/case")).json())

    def save(self, said: dict[str, Any]) -> None:
        """Save the current case."""
        _checked(self._client.post("/reader-study/case", json=said))

    def form(self, path: str, action: str) -> Form | None:
        """The form of a page that is sent to an address ending in `action`; None where there is no such form."""
        answer = self._client.get(path)
        if answer.status_code == 303:
            return None
        page = _Forms()
        page.feed(_checked(answer).text)
        return next((each for each in page.forms if urlsplit(each.action).path.endswith(action)), None)

    def page(self, path: str) -> str:
        """A page's text."""
        return _checked(self._client.get(path)).text

    def send(self, path: str, **fields: str) -> None:
        """Send a form."""
        answer = self._client.post(path, data=fields)
        if answer.status_code != 303:
            _checked(answer)
            raise NotServed(f"The page took no answer to {path}.")


class _Forms(HTMLParser):
    """The forms of a page, with their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, or a field of the last one."""
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(of.get("action", "")))
        elif tag == "input" and self.forms and of.get("type") == "hidden":
            self.forms[-1].hidden[of["name"]] = of.get("value", "")
        elif tag == "input" and self.forms and of.get("type") == "radio":
            self.forms[-1].options.setdefault(of["name"], []).append(of.get("value", ""))


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.status_code != 200:
        raise NotServed(f"The page answered {answer.status_code}: {' '.join(answer.text.split())[:300]}")
    return answer
