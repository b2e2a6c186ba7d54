"""What runs in a worker process: `python -m clinicalblip.imaging.sandbox.worker`, started by `process.py`.

It takes one film after another from its standard input, reads it or its entry alone (`dicom/entry.py`), and answers on
its standard output (`protocol.py`), until the input ends. The limits of the operating system hold it: no core dump, no
file written, and as much memory and processor time as the limits of the film say. Windows has no such limits: there the
worker's own watchdog and the parent's timer are all.
"""

import faulthandler
import importlib
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO

from PIL import Image

from clinicalblip.errors import PrivacyError, RadiographError
from clinicalblip.imaging.dicom.entry import read_entry
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.readers import read_in_process
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import LimitSettings

if sys.platform != "win32":
    import resource

MAX_FILMS = 1000
"""After so many films a worker makes way for a new one."""

_MAX_GROWTH_MEBIBYTES = 256
"""And after keeping so much more memory than it began with."""

_GRACE_SECONDS = 2.0
"""The worker ends itself so much later than the parent's timer; the parent may be gone."""

_DECODERS = ("gdcm", "openjpeg", "rle", "pydicom.pixels.decoders", "pydicom.pixels.processing")

Read = Callable[[bytes, ReadOptions], Radiograph]


def serve(read: Read = read_in_process) -> None:
    """Read films until the input ends or the worker is worn out.

    Another `read` lets tests show what becomes of one that crashes, hangs or writes.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group; the parent decides
    sys.dont_write_bytecode = True
    logging.disable()
    requests, answers = _take_over_streams()
    for name in _DECODERS:
        importlib.import_module(name)
    Image.init()
    _forbid_files()
    baseline = _Memory.now()
    protocol.send(answers, {"ready": True})
    for number in range(1, MAX_FILMS + 1):
        try:
            request = protocol.receive(requests)
            options, key = protocol.unpack_options(request), protocol.unpack_entry_key(request)
            _limit_resources(baseline, options.limits)
            data = bytes(protocol.receive_block(requests, request["bytes"]))
        except EOFError:
            return
        try:
            answer, arrays = _answer(read, data, options, key)
        finally:
            faulthandler.cancel_dump_traceback_later()
        del request, data  # not kept until the next film comes
        grown = _Memory.now().resident - baseline.resident
        answer["retires"] = number == MAX_FILMS or grown > _MAX_GROWTH_MEBIBYTES
        protocol.send(answers, answer | {"arrays": protocol.describe_arrays(arrays)}, protocol.buffers(arrays))
        del arrays
        if answer["retires"]:
            return


def _answer(
    read: Read, data: bytes, options: ReadOptions, entry_key: bytes | None
) -> tuple[protocol.Message, protocol.Arrays]:
    """The film or its entry, the error of the family, or the type of any other exception."""
    try:
        if entry_key is not None:
            return {"entry": protocol.pack_entry(read_entry(data, entry_key, options.limits))}, []
        radiograph = read(data, options)
    except (RadiographError, PrivacyError) as error:
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        return {"error": type(error).__name__, "sentence": str(error), "cause": cause}, []
    except Exception as error:  # a mistake of ours: the parent logs its type as one
        return {"unexpected": type(error).__name__}, []
    packed, arrays = protocol.pack_radiograph(radiograph)
    return {"radiograph": packed}, arrays


def _take_over_streams() -> tuple[FileIO, FileIO]:
    """Standard input and output for this module alone: what decoders print goes to the null device."""
    streams = FileIO(os.dup(0), "rb"), FileIO(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    return streams


@dataclass(frozen=True)
class _Memory:
    """What this process takes, in MiB: address space reserved, memory resident; 0 where nothing says it."""

    reserved: int
    resident: int

    @classmethod
    def now(cls) -> "_Memory":
        """By /proc/self/statm, which macOS and Windows do not have."""
        if sys.platform == "win32":
            return cls(0, 0)
        try:
            with open("/proc/self/statm", encoding="ascii") as statm:
                reserved, resident = (int(pages) for pages in statm.read().split()[:2])
        except FileNotFoundError:
            return cls(0, 0)
        page = os.sysconf("SC_PAGE_SIZE")
        return cls(reserved * page // 2**20, resident * page // 2**20)


def _forbid_files() -> None:
    if sys.platform != "win32":
        _lower_limit(resource.RLIMIT_CORE, 0)
        _lower_limit(resource.RLIMIT_FSIZE, 0)


def _limit_resources(baseline: _Memory, limits: LimitSettings) -> None:
    """Let this film have so much memory and time, besides what the libraries took before the first film."""
    seconds = limits.reading_seconds
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower_limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 2)
        _lower_limit(resource.RLIMIT_AS, (baseline.reserved + limits.reading_mebibytes) * 2**20)
    # A thread of the interpreter's own, which needs nothing of the code that hangs, ends the process.
    faulthandler.dump_traceback_later(seconds + _GRACE_SECONDS, exit=True, file=2)


def _lower_limit(kind: int, value: int) -> None:
    """Set the soft limit, which counts, and leave the hard one, so that the next film may have another."""
    if sys.platform != "win32":
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if hard == resource.RLIM_INFINITY else min(value, hard), hard))


if __name__ == "__main__":
    try:
        serve()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the parent is gone: nobody is left to answer
