"""The sign-in page: it can be read and used with any browser, and takes no words of others for markup."""

import re
from html.parser import HTMLParser

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.web import wording as page_wording
from clinicalblip.web.access import wording
from clinicalblip.web.access.sign_in_page import SignInPage

TEXT_ON_GROUND = [
    ("ink", "panel"),
    ("accent", "panel"),
    ("accent-ink", "accent"),
    ("warn", "warn-ground"),
    ("alarm", "alarm-ground"),
]
SENTENCES = [
    *(wording.WRONG_PASSWORD, wording.LOCKED, wording.TOO_MANY, wording.NOT_A_FORM, wording.NOT_CONFIRMED),
    *(wording.NO_ACCOUNT, wording.NOT_REACHED),
]


class Elements(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one."""
        self.found.append((tag, dict(attrs)))

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of those of a kind."""
        return [attributes for name, attributes in self.found if name == tag]


def page(**changes: bool) -> SignInPage:
    """A page with a password alone."""
    return SignInPage("Reader <b>", **{"has_password": True, "has_account": False, **changes})


@pytest.mark.parametrize("said", SENTENCES)
def test_why_nobody_was_signed_in_is_read_out(said: str) -> None:
    """And belongs to the box; without it nothing is said."""
    elements = Elements(page().markup(said))
    assert [each["role"] for each in elements.of("p") if each.get("id") == "said"] == ["alert"]
    (box,) = elements.of("input")
    assert (box["aria-describedby"], box["aria-invalid"]) == ("said", "true")
    assert "said" not in [each.get("id") for each in Elements(page().markup()).of("p")]


def test_the_box_has_a_label_and_the_page_its_language_title_and_notice() -> None:
    """No script is there, nothing is fetched, and the deployer's title is a text."""
    markup = page().markup()
    elements = Elements(markup)
    (box,), (label,) = elements.of("input"), elements.of("label")
    assert (label["for"], box["type"], box["autocomplete"]) == (box["id"], "password", "current-password")
    assert [each["lang"] for each in elements.of("html")] == ["en"]
    assert page_wording.RESEARCH_ONLY in markup
    assert "Reader &lt;b&gt;" in markup
    assert (elements.of("b"), elements.of("script"), elements.of("link"), elements.of("img")) == ([], [], [], [])


def test_a_form_says_where_it_comes_from() -> None:
    """Otherwise a browser sends it with the origin `null`, which is refused."""
    assert {"name": "referrer", "content": "same-origin"} in Elements(page().markup()).of("meta")


def test_addresses_are_relative_to_the_page() -> None:
    """So that it works below any path; in a frame the form says that it is in one, and an account's link leaves it."""
    framed = Elements(page(has_account=True, framed=True).markup())
    assert [each["action"] for each in framed.of("form")] == ["sign-in?framed"]
    assert [(each["href"], each["target"]) for each in framed.of("a")] == [
        ("login/huggingface", "_blank"),
        ("sign-in", "_blank"),
    ]
    alone = Elements(page(has_account=True, has_password=False).markup())
    assert (alone.of("form"), [each["href"] for each in alone.of("a")]) == ([], ["login/huggingface"])


def test_an_open_page_says_that_it_needs_no_sign_in() -> None:
    """And that signing in begins with an empty page."""
    assert wording.OPEN_TO_ALL in page(is_open=True).markup()
    assert wording.OPEN_TO_ALL not in page().markup()


def luminance(colour: str) -> float:
    """WCAG 2 relative luminance of #rrggbb."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
def test_every_text_stands_out_from_its_ground(theme: int) -> None:
    """WCAG 2 AA: 4.5 to 1, in light and in dark."""
    css = (ASSETS / "sign-in.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--cb-([a-z-]+): (#[0-9a-f]{6});", css.split(":root {")[theme + 1].split("}")[0]))
    for text, ground in TEXT_ON_GROUND:
        dark, light = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground)
