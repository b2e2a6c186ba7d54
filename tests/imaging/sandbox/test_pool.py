"""Workers that crash, hang, swell or lie: each ends in one sentence, and the next film is read."""

import logging
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import ClinicalBlipError, RadiographError, RadiographTooLarge, UnreadableRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.imaging.readers import read_in_process
from clinicalblip.imaging.sandbox.pool import Pool
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import SYNTAXES, write_dicom
from tests.fixtures.films_alike import assert_same

ROOT = Path(__file__).parents[3]
FILM = (np.arange(64)[:, None] * 31 + np.arange(66)[None, :] * 17) % 4096
GOOD = write_dicom(FILM, ViewPosition="PA", PatientAge="041Y", PatientSex="F", PixelSpacing=[0.1, 0.2])
DEFAULTS = ReadOptions()
BRIEF = ReadOptions(limits=LimitSettings(reading_seconds=0.4))
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")

# A worker as ours, except that it does what some films tell it to do.
OBEDIENT = """
import ctypes, os, time
from clinicalblip.errors import UnreadableRadiograph
from clinicalblip.imaging.sandbox import worker
from clinicalblip.imaging.readers import read_in_process

def read(data, options):
    if data == b"crash":
        ctypes.string_at(0)
    elif data == b"abort":
        os.abort()
    elif data == b"leave":
        os._exit(0)
    elif data == b"sleep":
        time.sleep(600)
    elif data == b"spin":
        while True:
            pass
    elif data == b"mistake":
        raise KeyError("PLANTED")
    elif data == b"print":
        os.write(1, b"garbage of a decoder")
        os.write(2, b"garbage of a decoder")
    elif data == b"environment":
        raise UnreadableRadiograph(" ".join(os.environ))
    elif data.startswith(b"write "):
        try:
            with open(data.removeprefix(b"write "), "wb", buffering=0) as file:
                file.write(b"something")
        except OSError as error:
            raise UnreadableRadiograph(type(error).__name__) from error
    return read_in_process(GOOD if len(data) < 20 else data, options)
"""

# A worker that answers with whatever bytes it is given.
ECHO = """
import sys
from io import FileIO
from clinicalblip.imaging.sandbox import protocol
requests, answers = FileIO(0, "rb", closefd=False), FileIO(1, "wb", closefd=False)
protocol.send(answers, {"ready": True})
while True:
    answers.write(protocol.receive_block(requests, protocol.receive(requests)["bytes"]))
"""


def python(script: str) -> tuple[str, ...]:
    """The command that runs a script as a worker."""
    return (sys.executable, "-c", script)


def obedient(*, films: int = 1000) -> tuple[str, ...]:
    """The command of a worker that lasts for so many films."""
    return python(f"{OBEDIENT}\nGOOD = {GOOD!r}\nworker.MAX_FILMS = {films}\nworker.serve(read)")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """One pool of obedient workers; those that end are replaced."""
    with Pool(obedient(), size=1) as pool:
        yield pool


def lives(pid: int) -> bool:
    """Whether there is such a process, a zombie included."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    """Wait for something that has to happen."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("what", [b"crash", b"abort", b"leave"])
def test_a_worker_that_dies_ends_in_one_sentence(what: bytes, pool: Pool) -> None:
    """A decoder's crash refuses the film, leaves no zombie, and the next film is read."""
    pool.read(GOOD, DEFAULTS)
    (before,) = pool.pids
    with pytest.raises(UnreadableRadiograph, match=r"picture data broke what decodes it.*\.$"):
        pool.read(what, DEFAULTS)
    assert not lives(before)
    assert_same(pool.read(GOOD, DEFAULTS), read_in_process(GOOD))


@pytest.mark.parametrize("what", [b"sleep", b"spin"])
def test_a_worker_that_hangs_is_stopped(what: bytes, pool: Pool) -> None:
    """When its time is over, whether it waits or works."""
    pool.read(GOOD, DEFAULTS)
    (before,) = pool.pids
    begun = time.monotonic()
    with pytest.raises(UnreadableRadiograph, match=r"not done after 0\.4 seconds"):
        pool.read(what, BRIEF)
    assert 0.4 <= time.monotonic() - begun < 5
    assert not lives(before)


@on_linux
def test_a_film_that_eats_memory_is_refused() -> None:
    """90 megapixels in a PNG of 90 KB, in 256 MiB."""
    side = 9500
    rows = zlib.compress((b"\0" + b"\x55" * side) * side, 1)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes((8, 0, 0, 0, 0))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    with pytest.raises(RadiographTooLarge, match="does not fit in memory"):
        read_radiograph(data, ReadOptions(limits=LimitSettings(reading_mebibytes=256)))
    assert_same(read_radiograph(GOOD), read_in_process(GOOD))


def test_a_mistake_of_ours_is_said_and_logged_by_type(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    """And not what it quotes."""
    with pytest.raises(UnreadableRadiograph):
        pool.read(b"mistake", DEFAULTS)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert "KeyError" in record.getMessage()
    assert "PLANTED" not in caplog.text


def test_what_a_decoder_prints_goes_nowhere(pool: Pool, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither between the frames nor to the terminal."""
    assert_same(pool.read(b"print", DEFAULTS), read_in_process(GOOD))
    assert capfd.readouterr() == ("", "")


def test_a_worker_knows_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is in the environment besides an interpreter's own variables stays with the parent."""
    monkeypatch.setenv("HF_TOKEN", "planted")
    with Pool(obedient(), size=1) as pool, pytest.raises(UnreadableRadiograph, match="PATH") as said:
        pool.read(b"environment", DEFAULTS)
    assert "HF_TOKEN" not in str(said.value)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_worker_writes_no_file(pool: Pool, tmp_path: Path) -> None:
    """Whatever takes it over."""
    file = tmp_path / "written"
    with pytest.raises(UnreadableRadiograph, match="OSError"):
        pool.read(b"write " + bytes(file), DEFAULTS)
    assert file.stat().st_size == 0


def frame(text: bytes, rest: bytes = b"") -> bytes:
    """JSON as it goes through the pipe."""
    return len(text).to_bytes(4, "big") + text + rest


@pytest.mark.parametrize(
    "answer",
    [
        b"\xff" * 100,
        frame(b"[]"),
        frame(b'{"arrays": []}'),
        frame(b'{"arrays": [], "error": "SystemExit", "sentence": "x"}'),
        frame(b'{"arrays": [{"dtype": "uint16", "shape": [100000, 100000]}], "radiograph": {}}'),
    ],
)
def test_breaking_the_protocol_ends_in_one_sentence(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """A worker that a film has taken over can answer what it likes: the film is refused and the worker is ended."""
    with Pool(python(ECHO), size=1) as pool:
        with pytest.raises(UnreadableRadiograph, match=r"^The file cannot be read.*\.$"):
            pool.read(answer, DEFAULTS)
        assert pool.pids == []
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_half_an_answer_is_waited_for_no_longer_than_allowed() -> None:
    """And then it is no answer."""
    with Pool(python(ECHO), size=1) as pool, pytest.raises(UnreadableRadiograph, match="not done after"):
        pool.read(frame(b'{"arrays": [{"dtype": "uint16", "shape": [64, 64]}]}'), BRIEF)


@pytest.mark.parametrize("command", [python("raise SystemExit(3)"), python("print('hello')"), ("/no/such/program",)])
def test_a_worker_that_does_not_start_is_said(command: tuple[str, ...]) -> None:
    """In one sentence that does not blame the film."""
    with Pool(command, size=1) as pool, pytest.raises(UnreadableRadiograph, match="does not start"):
        pool.read(GOOD, DEFAULTS)


def test_a_worker_is_used_again(pool: Pool) -> None:
    """A normal film costs no start, and a refused one neither."""
    pool.read(GOOD, DEFAULTS)
    before = pool.pids
    with pytest.raises(RadiographError):
        pool.read(b"no film, but long enough to be read as one", DEFAULTS)
    pool.read(GOOD, DEFAULTS)
    assert pool.pids == before


def test_a_worker_makes_way_after_its_films() -> None:
    """So that whatever piles up in it goes."""
    with Pool(obedient(films=2), size=1) as pool:
        pool.read(GOOD, DEFAULTS)
        (first,) = pool.pids
        pool.read(GOOD, DEFAULTS)
        assert not lives(first)
        assert_same(pool.read(GOOD, DEFAULTS), read_in_process(GOOD))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_idle_worker_that_was_killed_is_replaced(pool: Pool) -> None:
    """By whatever on the machine wanted its memory: no film is refused for it."""
    pool.read(GOOD, DEFAULTS)
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    until(lambda: pool.pids == [])
    assert_same(pool.read(GOOD, DEFAULTS), read_in_process(GOOD))


def test_many_readers_share_few_workers() -> None:
    """Each gets the film that it gave."""
    films = [write_dicom(np.roll(FILM, shift)) for shift in range(6)]
    results: dict[int, object] = {}

    def read(number: int) -> None:
        try:
            results[number] = [shared.read(films[number], DEFAULTS).digest for _ in range(4)]
        except ClinicalBlipError as error:
            results[number] = error

    with Pool(size=2) as shared:
        threads = [threading.Thread(target=read, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pids = shared.pids
        assert 1 <= len(pids) <= 2
    assert results == {number: [read_in_process(films[number]).digest] * 4 for number in range(6)}
    assert not any(lives(pid) for pid in pids)


def test_a_worker_can_be_started_ahead() -> None:
    """Once, and the first film gets it."""
    with Pool(size=2) as pool:
        pool.warm()
        pool.warm()
        (pid,) = pool.pids
        pool.read(GOOD, DEFAULTS)
        assert pool.pids == [pid]


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_worker_reads_as_this_process_does(syntax: str) -> None:
    """To the last bit, in every encoding."""
    eight = syntax == "jpeg"
    data = write_dicom(
        FILM // 16 if eight else FILM,
        syntax=syntax,
        bits=8 if eight else 12,
        WindowCenter=[9.3, 700],
        WindowWidth=[400.7, 90],
    )
    assert_same(read_radiograph(data), read_in_process(data))


def test_what_is_asked_for_reaches_the_worker() -> None:
    """View, age group and leave for burned-in text."""
    data = write_dicom(FILM, ViewPosition="PA", PatientAge="041Y", PatientSex="F", BurnedInAnnotation="YES")
    options = ReadOptions(view=View.LATERAL, keep_age_and_sex=True, allow_burned_in=True)
    film = read_radiograph(data, options)
    assert_same(film, read_in_process(data, options))
    assert film.view is View.LATERAL
    assert film.patient is not None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        GOOD[:2000],
        write_dicom(FILM, modality="CT"),
        write_dicom(FILM, Rows=60000, Columns=60000),
        write_dicom(FILM, BurnedInAnnotation="YES"),
        bytes(2**21),
    ],
)
def test_a_worker_refuses_as_this_process_does(data: bytes) -> None:
    """With the same class and sentence."""
    options = ReadOptions(limits=LimitSettings(file_mebibytes=1))
    with pytest.raises(ClinicalBlipError) as here:
        read_in_process(data, options)
    with pytest.raises(ClinicalBlipError) as there:
        read_radiograph(data, options)
    assert type(there.value) is type(here.value)
    assert str(there.value) == str(here.value)


def run_parent(script: str) -> subprocess.Popen[str]:
    """A program of its own that reads films."""
    preface = f"""
import os, threading
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.sandbox.pool import Pool, shared_pool
from clinicalblip.settings import LimitSettings
GOOD, OBEDIENT = {GOOD!r}, {obedient()!r}
"""
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", preface + textwrap.dedent(script)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("film", ["", "sleep"])
def test_a_killed_parent_leaves_no_worker(film: str) -> None:
    """Neither one that waits for a film nor one that hangs: it ends itself soon after its time."""
    script = f"""
    pool = Pool(OBEDIENT, size=1)
    pool.read(GOOD, ReadOptions())
    print(*pool.pids, flush=True)
    threading.Event().wait({0 if film else 60})
    pool.read({film.encode()!r}, ReadOptions(limits=LimitSettings(reading_seconds=4)))
    """
    parent = run_parent(script)
    with parent:
        assert parent.stdout is not None
        (pid,) = parent.stdout.readline().split()
        time.sleep(0.5)  # it is asked to read
        parent.kill()
    assert _runs(int(pid)) or not film
    until(lambda: not _runs(int(pid)))


def _runs(pid: int) -> bool:
    """Alive and no zombie: where no init reaps what is left, an ended process stays as one."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.parent.parent.joinpath("self").exists():
        return lives(pid)
    try:
        return stat.read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_parent_that_ends_leaves_no_worker() -> None:
    """And says nothing about it, with warnings as errors."""
    script = """
    shared_pool().read(GOOD, ReadOptions())
    print(*shared_pool().pids)
    """
    said, _ = run_parent(script).communicate(timeout=60)
    assert said.split()
    assert not any(_runs(int(pid)) for pid in said.split())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_fork_has_workers_of_its_own() -> None:
    """It reads beside its parent, whose workers it neither uses nor keeps from ending."""
    script = """
    film = shared_pool().read(GOOD, ReadOptions())
    mine = shared_pool().pids
    fork = os.fork()
    assert shared_pool().read(GOOD, ReadOptions()).digest == film.digest
    if not fork:
        assert not set(shared_pool().pids) & set(mine)
        shared_pool().close()
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 7
    assert shared_pool().pids == mine
    print("done")
    """
    said, _ = run_parent(script).communicate(timeout=60)
    assert said == "done\n"
