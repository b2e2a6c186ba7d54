"""The child process in which films are read: `python -m clinicalblip.imaging.sandbox.worker`, started by `pool.py`.

It takes one film after another from its standard input and answers on its standard output (`protocol.py`), until the
input ends. What the operating system offers keeps it small: no core dump, no file written, as much memory and
processor time as the limits of the film say. Windows has no such limits: there the child's own watch and the parent's
clock are all.
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
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.readers import read_in_process
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.settings import LimitSettings

if sys.platform != "win32":
    import resource

FILMS = 1000
"""After so many films a child makes way for a new one."""

_GROWTH_MEBIBYTES = 256
"""And after having kept so much more memory than it began with."""

_GRACE_SECONDS = 2.0
"""So much longer than the parent's clock the child waits before it ends itself; the parent may be gone."""

Read = Callable[[bytes, ReadOptions], Radiograph]

_DECODERS = ("gdcm", "openjpeg", "rle", "pydicom.pixels.decoders", "pydicom.pixels.processing")


def serve(read: Read = read_in_process) -> None:
    """Read films until the input ends or the child is worn out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent decides
    sys.dont_write_bytecode = True
    logging.disable()
    asked, answered = _streams()
    for name in _DECODERS:
        importlib.import_module(name)
    Image.init()
    start = _forbid()
    protocol.send(answered, {"ready": True})
    for number in range(1, FILMS + 1):
        try:
            request = protocol.receive(asked)
            options = protocol.unpack_options(request)
            _limit(start, options.limits)
            data = bytes(protocol.receive_block(asked, request["bytes"]))
        except EOFError:
            return
        try:
            answer, arrays = _answer(read, data, options)
        finally:
            faulthandler.cancel_dump_traceback_later()
        del request, data  # not kept until the next film comes
        answer["last"] = number == FILMS or _resident_mebibytes() > start.resident + _GROWTH_MEBIBYTES
        protocol.send(answered, answer | {"arrays": protocol.describe(arrays)}, protocol.blocks(arrays))
        del arrays
        if answer["last"]:
            return


def _answer(read: Read, data: bytes, options: ReadOptions) -> tuple[protocol.Message, protocol.Arrays]:
    """The film, the error of the family, or the type of what should not have been raised."""
    try:
        radiograph = read(data, options)
    except (RadiographError, PrivacyError) as error:
        cause = type(error.__cause__).__name__ if error.__cause__ else None
        return {"error": type(error).__name__, "sentence": str(error), "cause": cause}, []
    except Exception as error:  # a mistake of ours: the parent logs its type as one
        return {"unexpected": type(error).__name__}, []
    packed, arrays = protocol.pack(radiograph)
    return {"radiograph": packed}, arrays


def _streams() -> tuple[FileIO, FileIO]:
    """Standard input and output for this file alone: what decoders print goes where nobody reads it."""
    streams = FileIO(os.dup(0), "rb"), FileIO(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.close(nowhere)
    return streams


@dataclass(frozen=True)
class _Start:
    """What the child took before its first film, in MiB: addresses reserved, memory resident."""

    reserved: int
    resident: int


def _forbid() -> _Start:
    """What no film is allowed, and what the libraries took by themselves, which no limit counts."""
    if sys.platform != "win32":
        _lower(resource.RLIMIT_CORE, 0)
        _lower(resource.RLIMIT_FSIZE, 0)
    return _Start(_statm(0), _resident_mebibytes())


def _limit(start: _Start, limits: LimitSettings) -> None:
    """Let this film have so much memory and time."""
    seconds = limits.reading_seconds
    if sys.platform != "win32":
        used = resource.getrusage(resource.RUSAGE_SELF)
        _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime + seconds) + 2)
        _lower(resource.RLIMIT_AS, (start.reserved + limits.reading_mebibytes) * 2**20)
    # A thread of the interpreter's own, which needs nothing of the code that hangs, ends the process.
    faulthandler.dump_traceback_later(seconds + _GRACE_SECONDS, exit=True, file=2)


def _lower(kind: int, value: int) -> None:
    """Set the limit that counts, and leave the one above it, so that the next film may have another."""
    if sys.platform != "win32":
        most = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (value if most == resource.RLIM_INFINITY else min(value, most), most))


def _statm(field: int) -> int:
    """A number of /proc/self/statm in MiB; 0 where there is none (macOS, Windows)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            pages = int(statm.read().split()[field])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20 if sys.platform != "win32" else 0


def _resident_mebibytes() -> int:
    return _statm(1)


if __name__ == "__main__":
    try:
        serve()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(0)  # the parent is gone: nobody is left to answer
