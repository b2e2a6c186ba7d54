"""Reviews by program: of the draft that is named, whatever is drafted meanwhile, and what is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from clinicalblip.radiology.report import parse_sections
from clinicalblip.settings import LimitSettings, Settings
from clinicalblip.web import wording
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import Served, png_film, until

# Gradio asks pandas for an option that pandas has deprecated, and never closes the event loops that it makes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

RECITED = parse_sections(TEXT)


@pytest.fixture
def client(serve: Callable[..., Served]) -> tuple[Served, Client]:
    """A page, and a client of it."""
    page = serve(Settings(limits=LimitSettings(text_characters=2000)))
    return page, Client(page.url, verbose=False)


def test_two_drafts_asked_for_at_once_are_of_two_studies(client: tuple[Served, Client], film: Path) -> None:
    """One client sends two studies before the first is drafted: each film is drafted with its own context."""
    page, program = client
    page.reporter.seconds_per_word = 0.02
    other = film.with_name("other.png")
    other.write_bytes(png_film(160))
    jobs = [
        program.submit(handle_file(file), indication=indication, api_name="/draft")
        for file, indication in ((film, "cough"), (other, "fever"))
    ]
    for job in jobs:
        job.result()
    pairs = {
        (films[0].values.shape[0], context.indication)
        for films, context in zip(page.reporter.radiographs, page.reporter.contexts, strict=True)
    }
    assert pairs == {(128, "cough"), (160, "fever")}


def test_a_review_is_of_the_draft_that_it_names_while_another_is_written(
    client: tuple[Served, Client], film: Path
) -> None:
    """What is kept is the caller's own text, with the films, the words and the context of the draft that it names."""
    page, program = client
    first = program.predict(handle_file(film), indication="cough", api_name="/draft")
    other = film.with_name("other.png")
    other.write_bytes(png_film(160))
    page.reporter.seconds_per_word = 0.2
    job = program.submit(handle_file(other), indication="fever", api_name="/draft")
    assert until(lambda: page.reporter.active == 1)
    program.predict(first["draft_id"], "mine", "", 4, "rejected", consent=True, api_name="/save_review")
    assert page.reporter.active == 1
    job.cancel()
    (row,) = page.store.reviews()
    assert row.texts is not None
    assert (row.texts.final.findings, row.texts.draft, row.texts.context.indication) == ("mine", RECITED, "cough")
    assert row.radiographs == (page.reporter.radiographs[0][0].digest,)


def test_a_refused_draft_leaves_the_films_of_the_one_that_is_written(client: tuple[Served, Client], film: Path) -> None:
    """A film that cannot be read changes nothing of the session."""
    page, program = client
    program.predict(handle_file(film), api_name="/draft")
    session = page.sessions.of(program.session_hash)
    before = session.film_digests()
    broken = film.with_name("broken.dcm")
    broken.write_bytes(b"no film")
    with pytest.raises(AppError):
        program.predict(handle_file(film), handle_file(broken), api_name="/draft")
    assert session.film_digests() == before


@pytest.mark.parametrize(
    ("rating", "sentence"),
    [
        ((4, "splendid"), wording.VERDICT_UNCLEAR),
        ((4, None), wording.VERDICT_UNCLEAR),
        ((7, "rejected"), wording.OVERALL_UNCLEAR),
        ((2.5, "rejected"), wording.OVERALL_UNCLEAR),
        ((True, "rejected"), wording.OVERALL_UNCLEAR),
        (("4", "rejected"), wording.OVERALL_UNCLEAR),
    ],
)
def test_an_unknown_rating_is_named(
    client: tuple[Served, Client], film: Path, rating: tuple[object, object], sentence: str
) -> None:
    """The sentence is about the value that is wrong, and nothing is saved."""
    page, program = client
    drafted = program.predict(handle_file(film), api_name="/draft")
    with pytest.raises(AppError) as refused:
        program.predict(drafted["draft_id"], "mine", "", *rating, api_name="/save_review")
    assert sentence in str(refused.value)
    assert list(page.store.reviews()) == []


def test_consent_is_withdrawn_by_saving_without_it(client: tuple[Served, Client], film: Path) -> None:
    """The texts of the first version go."""
    page, program = client
    drafted = program.predict(handle_file(film), api_name="/draft")
    for consent in (True, False):
        program.predict(drafted["draft_id"], "mine", "", 4, "rejected", consent=consent, api_name="/save_review")
    assert [row.texts for row in page.store.reviews()] == [None, None]


def test_errors_and_signing_are_kept_as_they_are_given(client: tuple[Served, Client], film: Path) -> None:
    """Without an overall rating; a place that the draft does not have is refused in a sentence."""
    page, program = client
    drafted = program.predict(handle_file(film), api_name="/draft")
    given = drafted["draft_id"], drafted["findings"], drafted["impression"], None, "accepted"
    error = {"category": "severity", "section": "findings", "start": 4, "end": 9, "significance": "negligible"}
    program.predict(*given, would_sign=True, errors=[error], api_name="/save_review")
    (review,) = page.store.reviews()
    assert (review.overall, review.would_sign) == (None, True)
    assert [(each.category, each.start, each.end) for each in review.errors] == [("severity", 4, 9)]
    for more, sentence in (
        ({"errors": [error | {"end": 5000}]}, "errors[0] cannot be taken: a span ends at 5000"),
        ({"errors": [error, {"category": "ugly"}]}, "errors[1] cannot be taken: category"),
        ({"would_sign": "perhaps"}, wording.WOULD_SIGN_UNCLEAR),
    ):
        with pytest.raises(AppError) as refused:
            program.predict(*given, **more, api_name="/save_review")
        assert sentence in str(refused.value)
