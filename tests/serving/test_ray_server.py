"""Replicas behind a real Ray Serve: killed in the middle, replaced under load, and reached by nobody who should not."""

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import numpy as np
import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import ModelError
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.serving.remote_reporter import RemoteReporter
from tests.fixtures.certificate import make_certificate
from tests.fixtures.model_server import ModelServer, command, environment, model_server
from tests.fixtures.served_page import free_port, until
from tests.fixtures.served_replica import SECRET

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

Asking = Callable[..., RemoteReporter]
PLANTED = "Zyxwvuts Qponmlk"
LOOPBACK = ("0100007F:", "0000000000000000FFFF00000100007F:", "00000000000000000000000001000000:")
"""127.0.0.1, the same as an IPv6 address, and ::1, as /proc/net writes them."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelServer]:
    """Two replicas of the bundled model."""
    with model_server(tmp_path_factory.mktemp("model"), "--replicas", "2") as running:
        yield running


@pytest.fixture(scope="module")
def films() -> list[Radiograph]:
    """The drawn films of the sample cases."""
    return [read_radiograph(file.read_bytes()) for file in sorted((ASSETS / "cases").rglob("frontal.png"))]


@pytest.fixture(scope="module")
def expected(bundled: InstructBlipReporter, films: list[Radiograph]) -> list[Draft]:
    """Twenty drafts as this process writes them."""
    return [untimed(draft) for draft in bundled.draft_many([([film], text) for film, text in twenty(films)])]


def twenty(films: list[Radiograph]) -> list[tuple[Radiograph, ClinicalContext]]:
    """Twenty examinations, of which each has an indication of its own."""
    return [
        (films[number % len(films)], ClinicalContext(indication=f"{PLANTED} cough " * (number % 4 + 1)))
        for number in range(20)
    ]


def untimed(draft: Report | Draft) -> Draft:
    """A Draft without the seconds that it took."""
    assert isinstance(draft, Draft)
    return replace(draft, seconds=0.0)


def check_growth(parts: list[Report | Draft]) -> None:
    """What was shown stays as it is, and more comes behind it."""
    reports = [part.report if isinstance(part, Draft) else part for part in parts]
    for before, after in pairwise(reports):
        assert after.findings.startswith(before.findings)
        assert after.impression.startswith(before.impression)


def test_a_replica_that_is_killed_loses_and_doubles_nothing(
    server: ModelServer,
    films: list[Radiograph],
    expected: list[Draft],
    asking: Asking,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """SIGKILL in the middle of twenty drafts: each goes on at the other replica, to the words that it would have."""
    remote = asking(server.url)
    begun = Counter[int]()

    def read(number: int) -> list[Report | Draft]:
        film, context = twenty(films)[number]
        parts = []
        for part in remote.stream([film], context):
            parts.append(part)
            begun[number] += 1
        return parts

    before = server.replicas()
    assert len(before) == 2
    with ThreadPoolExecutor(20) as readers:
        reading = [readers.submit(read, number) for number in range(20)]
        assert until(lambda: len(begun) >= 12, seconds=60)
        os.kill(min(before), signal.SIGKILL)
        drafts = [each.result(timeout=120) for each in reading]
    assert "was cut" in caplog.text  # at least one was in that replica
    for parts, draft in zip(drafts, expected, strict=True):
        check_growth(parts)
        assert untimed(parts[-1]) == draft
        assert sum(isinstance(part, Draft) for part in parts) == 1
    assert until(lambda: len(server.replicas()) == 2, seconds=120)
    assert server.replicas() != before


def test_replicas_that_are_replaced_under_load_drop_nothing(
    server: ModelServer, films: list[Radiograph], expected: list[Draft], asking: Asking
) -> None:
    """SIGHUP while six readers draft all the time."""
    remote = asking(server.url)
    over = threading.Event()

    def read(first: int) -> int:
        number = first
        while not over.is_set():
            film, context = twenty(films)[number % 20]
            parts = list(remote.stream([film], context))
            check_growth(parts)
            assert untimed(parts[-1]) == expected[number % 20]
            number += 6
        return (number - first) // 6

    before, times = server.replicas(), server.output.count("The replicas are replaced")
    with ThreadPoolExecutor(6) as readers:
        reading = [readers.submit(read, number) for number in range(6)]
        server.process.send_signal(signal.SIGHUP)
        replaced = until(lambda: server.output.count("The replicas are replaced") > times, seconds=240)
        over.set()
        drafts = sum(each.result(timeout=120) for each in reading)
    assert replaced, server.output
    assert drafts >= 6
    assert until(lambda: not server.replicas() & before, seconds=60)


def test_settings_that_cannot_be_served_leave_the_replicas_as_they_are(
    server: ModelServer, films: list[Radiograph], asking: Asking
) -> None:
    """A SIGHUP after a wrong edit says what is wrong, and readers go on."""
    config = server.folder / "settings.yaml"
    right = config.read_text(encoding="utf-8")
    config.write_text("model: {precision: many}\n", encoding="utf-8")
    server.process.send_signal(signal.SIGHUP)
    assert until(lambda: "The replicas stay as they are. The setting model.precision" in server.output, seconds=30)
    config.write_text(right, encoding="utf-8")
    assert isinstance(list(asking(server.url).stream([films[0]], ClinicalContext()))[-1], Draft)


def test_a_film_at_its_full_size_crosses(server: ModelServer, bundled: InstructBlipReporter, asking: Asking) -> None:
    """Twelve megapixels of noise, which do not become smaller, with a lateral and a prior one."""
    values = np.random.default_rng(0).integers(0, 4096, (4000, 3000)).astype(np.uint16)
    film = Radiograph(values, Window(2048, 4096), False, View.PA, None, digest(values))
    large = [film, film.with_view(View.LATERAL), film]
    (draft,) = asking(server.url).draft_many([(large, ClinicalContext())])
    (here,) = bundled.draft_many([(large, ClinicalContext())])
    assert untimed(draft) == untimed(here)


def test_every_port_is_this_machine_s_own(server: ModelServer) -> None:
    """Serve's and Ray's: none listens where another machine could reach it."""
    listening = server.listening()
    assert len(listening) > 5
    assert [address for address in listening if not address.startswith(LOOPBACK)] == []


def test_without_the_secret_nothing_is_told(server: ModelServer) -> None:
    """Not even that there is another path; what Serve tells itself says only that it runs."""
    with httpx.Client(base_url=server.url, trust_env=False) as client:
        for path in ("/model", "/ask", "/", "/docs"):
            assert client.get(path).status_code == 401
        wrong = {"authorization": "Bearer " + "x" * 32}
        assert client.post("/ask", content=b"x", headers=wrong).status_code == 401
        right = {"authorization": f"Bearer {SECRET.get_secret_value()}"}
        assert client.get("/anything", headers=right).status_code == 404
        assert client.get("/-/healthz").text == "success"
        assert list(client.get("/-/routes").json()) == ["/"]


def test_nothing_of_a_text_and_no_secret_is_written_anywhere(
    server: ModelServer, films: list[Radiograph], asking: Asking
) -> None:
    """Neither in Ray's and Serve's logs, nor in what the command prints."""
    remote = asking(server.url)
    context = ClinicalContext(indication=PLANTED, history="Zyxwvuts")
    *_, draft = remote.stream([films[0]], context)
    assert isinstance(draft, Draft)
    remote.score([films[0]], context)
    remote.evidence([films[0]], context, Report("Zyxwvuts is well."))
    written = [file for file in server.temporary.rglob("*") if file.is_file()]
    assert len(written) > 10
    for file in (*written, server.folder / "output"):
        content = file.read_bytes()
        for word in ("Zyxwvuts", SECRET.get_secret_value(), draft.report.findings):
            assert word.encode() not in content, file.name


def test_readers_who_leave_end_the_work_at_the_replicas(
    server: ModelServer, films: list[Radiograph], asking: Asking
) -> None:
    """Forty drafts that are left after their first words cost far less than forty that are written to their ends."""
    remote = asking(server.url)

    def cost(read: Callable[[int], None]) -> float:
        pids = server.replicas()
        before = sum(server.seconds_of_processor(pid) for pid in pids)
        with ThreadPoolExecutor(40) as readers:
            list(readers.map(read, range(40)))
        settled = [0.0, sum(server.seconds_of_processor(pid) for pid in pids)]
        while settled[-1] - settled[-2] > 0.2:
            threading.Event().wait(1.0)
            settled.append(sum(server.seconds_of_processor(pid) for pid in pids))
        return settled[-1] - before

    def leave(number: int) -> None:
        film, context = twenty(films)[number % 20]
        stream = remote.stream([film], context)
        next(stream)
        stream.close()  # type: ignore[attr-defined]

    def stay(number: int) -> None:
        film, context = twenty(films)[number % 20]
        list(remote.stream([film], context))

    whole = cost(stay)
    assert cost(leave) < 0.75 * whole


def test_a_split_goes_through_all_replicas_each_study_once(
    server: ModelServer,
    films: list[Radiograph],
    tmp_path: Path,
    bundled: InstructBlipReporter,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`draft-all --at`, interrupted and begun again: what was drafted is not drafted again, and both replicas work."""
    monkeypatch.setenv("CLINICALBLIP_MODEL_SECRET", SECRET.get_secret_value())
    files = sorted((ASSETS / "cases").rglob("frontal.png"))
    studies = [
        Study(f"s{number}", "p", "test", (StudyImage(files[number % len(files)]),), ClinicalContext("cough " * number))
        for number in range(24)
    ]
    write_studies(studies, tmp_path / "studies.jsonl")
    output = tmp_path / "predictions.jsonl"
    words = ["draft-all", "--at", server.url, "--studies", str(tmp_path / "studies.jsonl"), "--output", str(output)]
    asked: list[str] = []
    draft_many = RemoteReporter.draft_many

    def interrupted(self: RemoteReporter, examinations: list, *, seed: int | None = None) -> list[Draft]:  # type: ignore[type-arg]
        if len(asked) == 12:
            raise KeyboardInterrupt
        asked.extend(context.indication for _, context in examinations)
        return draft_many(self, examinations, seed=seed)

    monkeypatch.setattr(RemoteReporter, "draft_many", interrupted)
    before = {pid: server.seconds_of_processor(pid) for pid in server.replicas()}
    assert main([*words, "--batch", "12"]) == 130
    assert not output.exists()
    asked.append("begun again")
    assert main([*words, "--batch", "6"]) == 0
    lines = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [line["study_id"] for line in lines] == [study.study_id for study in studies]
    assert len(asked) == len(set(asked)) == 25
    here = bundled.draft_many([([films[number % len(files)]], study.context) for number, study in enumerate(studies)])
    assert [(line["findings"], line["impression"]) for line in lines] == [
        (draft.report.findings, draft.report.impression) for draft in here
    ]
    assert all(server.seconds_of_processor(pid) > seconds for pid, seconds in before.items())


def test_replicas_over_tls_answer_who_trusts_them(
    tmp_path: Path, films: list[Radiograph], asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many replicas as are busy; who does not know the certificate sends nothing."""
    certificate, key = make_certificate(tmp_path, "127.0.0.1")
    options = ("--replicas", "1-2", "--certificate", str(certificate), "--key", str(key))
    with model_server(tmp_path, *options, scheme="https") as server:
        with pytest.raises(ModelError, match="No replica"):
            asking(server.url, patience=1.0).wait()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        remote = asking(server.url)
        assert isinstance(list(remote.stream([films[0]], ClinicalContext()))[-1], Draft)
        assert [address for address in server.listening() if not address.startswith(LOOPBACK)] == []


def test_what_a_replica_cannot_load_is_one_line(tmp_path: Path) -> None:
    """In the replica's own words, and with nothing left behind."""
    config = tmp_path / "settings.yaml"
    config.write_text("model: {adapter: nowhere, precision: fp32}\n", encoding="utf-8")
    with TemporaryDirectory(prefix="m-") as temporary:
        ended = subprocess.run(
            command(config=config, port=free_port()),
            env=environment(Path(temporary)),
            capture_output=True,
            text=True,
            timeout=900,
        )
        assert list(Path(temporary).iterdir()) == []
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1, ended.stderr
    assert "adapter" in ended.stderr
