"""How many threads torch uses."""

import os
import subprocess
import sys
import threading
from time import sleep

import pytest
import torch

from clinicalblip.instructblip.engine.threads import choose_threads, use_one_thread


def in_a_thread(act: object) -> int:
    """What torch's number of threads is in a new thread after an act there."""
    found: list[int] = []

    def run() -> None:
        before = torch.get_num_threads()
        act()  # type: ignore[operator]
        found.append(torch.get_num_threads())
        torch.set_num_threads(before)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def test_a_thread_can_ask_for_one() -> None:
    """Asked twice it is still one."""
    assert in_a_thread(lambda: (torch.set_num_threads(2), use_one_thread(), use_one_thread())) == 1


def test_the_fastest_number_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work that is slower with two threads gets one."""
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    assert in_a_thread(lambda: choose_threads(lambda: sleep(0.004 * torch.get_num_threads()), 2)) == 1
    assert in_a_thread(lambda: choose_threads(lambda: sleep(0.008 / torch.get_num_threads()), 2)) == 2


def test_a_number_that_somebody_set_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """OMP_NUM_THREADS goes before any measurement."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert in_a_thread(lambda: choose_threads(lambda: pytest.fail("measured"), 4)) == 2


_SWITCHES = """
import resource, threading
from pathlib import Path
import numpy as np
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.reporter import load_reporter
from clinicalblip.settings import GenerationSettings, ModelSettings, Settings
from clinicalblip.asset_folder import ASSETS
generation = GenerationSettings(max_new_tokens=60)
settings = Settings(folder=ASSETS.parent, model=ModelSettings(precision="fp32"), generation=generation)
reporter = load_reporter(settings)
film = read_radiograph(next((ASSETS / "cases").rglob("*.png")).read_bytes())
reporter.doubts(film)
list(reporter.stream([film], ClinicalContext()))
done = threading.Event()
def ask():
    while not done.is_set():
        reporter.doubts(film)
        done.wait(0.05)
asking = threading.Thread(target=ask)
asking.start()
before = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
for _ in range(10):
    list(reporter.stream([film], ClinicalContext()))
after = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
done.set()
asking.join()
print(after - before)
"""


@pytest.mark.system
@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has no second thread to wait for")
def test_ten_drafts_do_not_wait_for_threads_that_sleep() -> None:
    """While others ask for doubts, ten drafts of some fifty words switch threads twice a word, not twenty times."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("OMP_NUM_THREADS", "OMP_WAIT_POLICY")
    }
    run = subprocess.run([sys.executable, "-c", _SWITCHES], capture_output=True, text=True, check=True, env=environment)
    assert int(run.stdout) < 5_000
