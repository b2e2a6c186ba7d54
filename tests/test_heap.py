"""Memory that is given back."""

import subprocess
import sys

import pytest

_FREED = """
import sys, threading, numpy as np
from clinicalblip.heap import bound_heaps
if sys.argv[1] == "bound":
    bound_heaps()
def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmRSS")) // 1024
np.ones(2**22)
before, kept = resident(), []
def fill():
    pieces = [np.ones(2**19) for _ in range(16)]  # 4 MiB each
    kept.append(np.ones(2**10))
    del pieces
for _ in range(2):
    threads = [threading.Thread(target=fill) for _ in range(8)]
    [one.start() for one in threads]
    [one.join() for one in threads]
print(resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc is told")
def test_what_threads_free_is_given_back() -> None:
    """After eight threads have held 64 MiB each, the process is about as large as before."""
    run = subprocess.run([sys.executable, "-c", _FREED, "bound"], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 64
