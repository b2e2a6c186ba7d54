"""Whatever a foreign decoder raises becomes one of our errors, here and nowhere else."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from clinicalblip.errors import ClinicalBlipError, RadiographTooLarge, UnreadableRadiograph

_LOG = logging.getLogger(__name__)
_LOCK = threading.RLock()

_RUST = "pyo3_runtime"  # a Rust decoder panics with its PanicException, which is no Exception

# pydicom and its decoders log the values of tags that they find wrong, and tracebacks: both may name a patient.
for _name in ("pydicom", "openjpeg"):
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


@contextmanager
def translate_errors(step: str) -> Iterator[None]:
    """Run code of pydicom, Pillow or a codec over bytes that a stranger made.

    `step` finishes the sentence "The file cannot be read: ...". Damaged bytes make these libraries raise whatever
    their parsers stumble over (struct.error, KeyError, RecursionError, SyntaxError and so on), so every Exception,
    and a Rust codec's panic, becomes UnreadableRadiograph, and MemoryError becomes RadiographTooLarge. Only the
    type is logged: messages quote the file. Their warnings quote it as well, say nothing that a reader can act on,
    and must not become errors under `-W error`; they are off inside. As warnings' filters belong to the whole
    process, one thread at a time is inside.
    """
    with _LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except ClinicalBlipError:
            raise
        except MemoryError as error:
            _LOG.info("reading stopped, %s: %s", step, type(error).__name__)
            raise RadiographTooLarge("The film does not fit in memory. Export it smaller.") from error
        except BaseException as error:
            if not isinstance(error, Exception) and type(error).__module__ != _RUST:
                raise  # KeyboardInterrupt and its like
            _LOG.info("reading stopped, %s: %s", step, type(error).__name__)
            raise UnreadableRadiograph(
                f"The file cannot be read: {step}. Export the film again, or as PNG, and upload that."
            ) from error
