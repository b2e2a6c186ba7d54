"""A real page on a free port, asked by gradio_client and by plain HTTP."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.report import parse_sections
from clinicalblip.screening.wording import TOO_LONG
from clinicalblip.settings import GenerationSettings, LimitSettings, PrivacySettings, Settings
from clinicalblip.web import wording
from clinicalblip.web.sessions import Sessions
from clinicalblip.web.upload_folder import upload_folder
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import TEXT, ScriptedReporter
from tests.fixtures.served_page import NAME, Served, until, uploads_on_disk

# Gradio asks pandas for an option that pandas has deprecated, and never closes the event loops that it makes.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

RECITED = parse_sections(TEXT)
ONE_AT_A_TIME = GenerationSettings(batch_size=1)


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page with small limits."""
    return serve(
        Settings(limits=LimitSettings(text_characters=2000), generation=ONE_AT_A_TIME), sessions=Sessions(grace=0.1)
    )


def client_of(page: Served) -> Client:
    """A client of its own."""
    return Client(page.url, verbose=False)


def test_a_draft_by_program(page: Served, film: Path) -> None:
    """What predict() returns has the report and what made it."""
    drafted = client_of(page).predict(handle_file(film), indication="cough", api_name="/draft")
    assert (drafted["findings"], drafted["impression"]) == (RECITED.findings, RECITED.impression)
    assert (drafted["base"], drafted["adapter"], drafted["precision"]) == ("recited", "by-heart", "fp32")
    assert drafted["stopped"] is False
    assert page.reporter.contexts[0].indication == "cough"


def test_words_arrive_while_they_are_written(page: Served, film: Path) -> None:
    """A job's outputs grow."""
    page.reporter.seconds_per_word = 0.05
    job = client_of(page).submit(handle_file(film), api_name="/draft")
    job.result()
    findings = [step["findings"] for step in job.outputs()]
    assert len(findings) > 3
    assert all(later.startswith(earlier) for earlier, later in pairwise(findings))


def test_compare_by_program(page: Served) -> None:
    """Two texts come back as runs of words."""
    compared = client_of(page).predict("heart large", "heart small", api_name="/compare")
    assert (compared["words_added"], compared["words_removed"]) == (1, 1)
    assert "".join(change["after"] for change in compared["changes"]) == "heart small"


def test_a_review_by_program_is_on_disk(page: Served, film: Path) -> None:
    """The id that comes back is a row's; saving a change replaces it."""
    client = client_of(page)
    drafted = client.predict(handle_file(film), api_name="/draft")
    first = client.predict(drafted["draft_id"], "mine", "", 4, "minor edits", api_name="/save_review")
    second = client.predict(drafted["draft_id"], "mine", "", 2, "rejected", api_name="/save_review")
    one, two = page.store.reviews()
    assert (one.id, two.id, two.replaces) == (first, second, first)


def test_another_session_cannot_see_or_review_a_draft(page: Served, film: Path) -> None:
    """A draft's id means nothing to another client."""
    drafted = client_of(page).predict(handle_file(film), api_name="/draft")
    with pytest.raises(AppError, match="not in this session"):
        client_of(page).predict(drafted["draft_id"], "mine", "", 4, "rejected", api_name="/save_review")
    assert list(page.store.reviews()) == []


def test_an_upload_has_no_name(page: Served, film: Path) -> None:
    """The answer to an upload is a token, another one each time; what lies on the disk is named after it alone."""
    tokens = []
    for _ in range(2):
        with film.open("rb") as opened:
            answer = httpx.post(
                f"{page.url}gradio_api/upload",
                files={"files": (film.name, opened)},
                headers={"X-ClinicalBLIP": "test"},
            )
            tokens += answer.json()
    assert len(set(tokens)) == 2
    assert all(len(token) == 32 and int(token, 16) for token in tokens)
    assert all(upload_folder().take(token, most_bytes=2**20) == film.read_bytes() for token in tokens)
    assert not any(NAME in str(path) for path in page.cache.rglob("*"))


def test_an_upload_leaves_nothing_behind(page: Served, film: Path, caplog: pytest.LogCaptureFixture) -> None:
    """After a draft, and after a refused file, no upload lies in the cache, and no log names the file."""
    broken = film.with_name(f"{NAME}-broken.dcm")
    broken.write_bytes(b"\x00" * 200)
    client = client_of(page)
    with caplog.at_level(logging.DEBUG, logger="clinicalblip"):
        client.predict(handle_file(film), indication=NAME, api_name="/draft")
        with pytest.raises(AppError):
            client.predict(handle_file(film), handle_file(broken), api_name="/draft")
    assert uploads_on_disk(page.cache) == []
    assert not any(NAME in str(path) for path in page.cache.rglob("*"))
    assert NAME not in caplog.text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, wording.NO_FRONTAL),
        ({"indication": "x" * 2001}, TOO_LONG.format(label="Indication", found=2001, allowed=2000)),
        ({"indication": 7}, wording.NOT_A_TEXT.format(name="indication", kind="int")),
    ],
    ids=["no film", "long text", "no text"],
)
def test_bad_input_is_one_sentence(page: Served, film: Path, arguments: dict[str, object], sentence: str) -> None:
    """The client gets the sentence that the page would show, and can go on."""
    client = client_of(page)
    if arguments:
        arguments = {"frontal": handle_file(film), **arguments}
    with pytest.raises(AppError) as refused:
        client.predict(**arguments, api_name="/draft")
    assert sentence in str(refused.value)
    assert client.predict(handle_file(film), api_name="/draft")["findings"] == RECITED.findings


def test_text_in_a_film_is_warned_of_or_masked(page: Served, tmp_path: Path) -> None:
    """Without mask_text the draft warns; with it the film that the model got has another digest and no text."""
    file = tmp_path / "film.dcm"
    file.write_bytes(burned_film())
    client = client_of(page)
    warned = client.predict(handle_file(file), api_name="/draft")
    masked = client.predict(handle_file(file), mask_text=True, api_name="/draft")
    assert "mask_text=True" in " ".join(warned["warnings"])
    assert "masked." in " ".join(masked["warnings"])
    one, two = (films[0].digest for films in page.reporter.radiographs)
    assert one != two


def test_text_is_masked_for_a_caller_even_where_the_settings_do_not_look_for_it(
    serve: Callable[..., Served], tmp_path: Path
) -> None:
    """Who asks for masking gets it, as from the command; who does not, gets the film as it is."""
    page = serve(Settings(privacy=PrivacySettings(find_burned_in=False)))
    file = tmp_path / "film.dcm"
    file.write_bytes(burned_film())
    client = client_of(page)
    plain = client.predict(handle_file(file), api_name="/draft")
    masked = client.predict(handle_file(file), mask_text=True, api_name="/draft")
    assert not plain["warnings"]
    assert "masked." in " ".join(masked["warnings"])
    one, two = (films[0].digest for films in page.reporter.radiographs)
    assert one != two


def test_a_file_that_says_burned_in_is_refused_unless_it_is_masked(page: Served, tmp_path: Path) -> None:
    """The sentence names the parameter; with it, and with text to mask, it is drafted from."""
    file = tmp_path / "film.dcm"
    file.write_bytes(burned_film(BurnedInAnnotation="YES"))
    client = client_of(page)
    with pytest.raises(AppError, match="mask_text=True"):
        client.predict(handle_file(file), api_name="/draft")
    assert client.predict(handle_file(file), mask_text=True, api_name="/draft")["findings"]


def test_a_doubtful_film_is_refused_unless_the_caller_says_so(page: Served, film: Path) -> None:
    """The sentence has the doubt and names the parameter; with it the draft carries the doubt."""
    digest = read_radiograph(film.read_bytes()).digest
    page.reporter.doubted[digest] = ("It may be a hand.",)
    client = client_of(page)
    with pytest.raises(AppError, match=r"hand\. Pass despite_doubts=True"):
        client.predict(handle_file(film), api_name="/draft")
    drafted = client.predict(handle_file(film), despite_doubts=True, api_name="/draft")
    assert "It may be a hand." in " ".join(drafted["warnings"])


def test_a_named_person_is_refused_unless_the_caller_answers(page: Served, film: Path) -> None:
    """Draft and save refuse by kind and box, never by words; "mask" and "keep" do what they say."""
    client, naming = client_of(page), "seen by Dr. Zebraname"
    with pytest.raises(AppError) as refused:
        client.predict(handle_file(film), indication=naming, api_name="/draft")
    assert "name in Indication" in str(refused.value)
    assert 'identifiers="mask"' in str(refused.value)
    assert "Zebraname" not in str(refused.value)
    for answer in ("keep", "mask"):
        drafted = client.predict(handle_file(film), indication=naming, identifiers=answer, api_name="/draft")
    assert [context.indication for context in page.reporter.contexts] == [naming, "seen by Dr. [name]"]
    review = (drafted["draft_id"], "Told to Dr. Zebraname.", "", 4, "rejected")
    with pytest.raises(AppError, match="name in Findings"):
        client.predict(*review, consent=True, api_name="/save_review")
    client.predict(*review, consent=True, identifiers="mask", api_name="/save_review")
    (row,) = page.store.reviews()
    assert row.texts is not None
    assert row.texts.final.findings == "Told to Dr. [name]."


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"mask_text": "yes"}, "mask_text is true or false"),
        ({"identifiers": "drop"}, "identifiers is"),
    ],
)
def test_an_unclear_answer_is_one_sentence(
    page: Served, film: Path, arguments: dict[str, object], sentence: str
) -> None:
    """What is neither yes nor no drafts nothing, and no upload stays."""
    with pytest.raises(AppError, match=sentence):
        client_of(page).predict(handle_file(film), **arguments, api_name="/draft")
    assert uploads_on_disk(page.cache) == []


def test_two_films_in_one_upload_are_one_sentence(page: Served, film: Path) -> None:
    """Of several files for one film none is read, and none stays."""
    with pytest.raises(AppError, match="choose one"):
        client_of(page).predict([handle_file(film), handle_file(film)], api_name="/draft")
    assert uploads_on_disk(page.cache) == []


def test_an_unexpected_failure_tells_nothing(
    page: Served, film: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The client gets one general sentence; the log has the type of the error and not its words."""
    page.reporter.failure = RuntimeError(f"{NAME} has a secret")
    with pytest.raises(AppError) as refused:
        client_of(page).predict(handle_file(film), api_name="/draft")
    assert wording.UNEXPECTED in str(refused.value)
    shown = caplog.text + "".join(capfd.readouterr())
    assert "RuntimeError" in caplog.text
    assert NAME not in shown
    assert "Traceback" not in shown


def test_a_refused_save_is_one_sentence(page: Served, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk refuses there is no id, and saving works again afterwards."""
    client = client_of(page)
    draft_id = client.predict(handle_file(film), api_name="/draft")["draft_id"]

    def refuse(self: ReviewStore, review: object) -> str:
        raise ReviewNotSaved("The review was not saved (the disk is full).")

    with monkeypatch.context() as full:
        full.setattr(ReviewStore, "add", refuse)
        with pytest.raises(AppError, match="disk is full"):
            client.predict(draft_id, "mine", "", 4, "rejected", api_name="/save_review")
    assert client.predict(draft_id, "mine", "", 4, "rejected", api_name="/save_review")


@pytest.mark.parametrize("batch_size", [1, 3])
def test_as_many_drafts_at_a_time_as_the_settings_say(
    serve: Callable[..., Served], film: Path, batch_size: int
) -> None:
    """Six clients at once: each gets its own draft, and the model never wrote more together."""
    page = serve(Settings(generation=GenerationSettings(batch_size=batch_size)))
    page.reporter.seconds_per_word = 0.02
    clients = [client_of(page) for _ in range(6)]
    with ThreadPoolExecutor() as pool:
        jobs = [pool.submit(client.predict, handle_file(film), api_name="/draft") for client in clients]
        drafts = [job.result() for job in jobs]
    assert len({drafted["draft_id"] for drafted in drafts}) == 6
    assert page.reporter.most_active == batch_size


def test_a_client_that_leaves_frees_the_model(page: Served, film: Path) -> None:
    """A client that goes in the middle of a draft ends it, and its session is dropped."""
    page.reporter.seconds_per_word = 0.3
    leaver = client_of(page)
    job = leaver.submit(handle_file(film), api_name="/draft")
    assert until(lambda: len(job.outputs()) > 1)
    key = leaver.session_hash
    assert key in page.sessions
    job.cancel()
    leaver.close()
    assert until(lambda: page.reporter.active == 0, seconds=5)
    assert until(lambda: key not in page.sessions)
    page.reporter.seconds_per_word = 0.0
    assert client_of(page).predict(handle_file(film), api_name="/draft")["findings"] == RECITED.findings


@pytest.mark.parametrize(
    "path",
    [
        "gradio_api/file=https://example.com/a.png",
        "gradio_api/file=/etc/hosts",
        "gradio_api/file/etc/hosts",
        "gradio_api/proxy=https://example.hf.space/a",
        "gradio_api/FILE=https://example.com/a.png",
        "gradio_api/deep_link?session_hash=x",
        "gradio_api/runs",
        "monitoring",
    ],
)
def test_the_ways_out_are_shut(page: Served, path: str) -> None:
    """No address is fetched, no file served, nothing typed written into links or histories."""
    assert httpx.get(page.url + path).status_code == 404


@pytest.mark.parametrize("key", ["path", "url"])
def test_no_call_makes_the_server_fetch_an_address(page: Served, key: str) -> None:
    """A file in a call that is an address is refused, wherever it stands."""
    upload = {"path": "x", key: "https://example.com/a.png", "meta": {"_type": "gradio.FileData"}}
    body = {"data": [[{"deep": upload}], *[""] * 11], "fn_index": 0, "session_hash": "s"}
    for route in ("queue/join", "run/draft", "call/draft"):
        assert httpx.post(f"{page.url}gradio_api/{route}", json=body).status_code == 403


def test_the_bundled_models_card_is_served(page: Served) -> None:
    """As plain text, under the same headers as everything else."""
    answer = httpx.get(page.url + "model-card")
    assert answer.status_code == 200
    assert "ClinicalBLIP mini" in answer.text
    assert "no-referrer" in answer.headers["referrer-policy"]


def test_the_browser_stays_on_this_server(page: Served) -> None:
    """The page may talk to its own server only, and loads nothing from another one."""
    answer = httpx.get(page.url)
    assert "connect-src 'self'" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "fonts.googleapis" not in answer.text


def test_only_the_documented_names_are_public(page: Served) -> None:
    """The page's own events are no API."""
    assert set(client_of(page).view_api(return_format="dict", print_info=False)["named_endpoints"]) == {
        "/check",
        "/compare",
        "/correction",
        "/draft",
        "/findings",
        "/save_review",
        "/tick",
    }


def test_the_settings_words_are_on_the_page(serve: Callable[..., Served], reporter: ScriptedReporter) -> None:
    """The deployer's notice, the storage notice and the model's name are in what the page is made of."""
    from clinicalblip.settings import WordingSettings

    page = serve(Settings(wording=WordingSettings(title="Our page", notice="Ask Ann.")), notice="Reviews will be lost.")
    config = httpx.get(page.url + "config").text
    for text in ("Our page", "Ask Ann.", "Reviews will be lost.", "recited", "nothing is computed"):
        assert text in config
