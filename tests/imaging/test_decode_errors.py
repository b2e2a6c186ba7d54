"""What others' code raises, warns and logs inside translate_errors."""

import logging
import warnings

import pytest

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.decode_errors import translate_errors


@pytest.mark.parametrize("raised", [ValueError, KeyError, RecursionError, SyntaxError, NotImplementedError, OSError])
def test_any_exception_becomes_one_of_ours(raised: type[Exception], caplog: pytest.LogCaptureFixture) -> None:
    """The cause is kept, the message says the step, and only the type is logged."""
    caplog.set_level(logging.DEBUG)
    with (
        pytest.raises(UnreadableRadiograph, match="its tags are damaged") as found,
        translate_errors("its tags are damaged"),
    ):
        raise raised("Planted^Name")
    assert isinstance(found.value.__cause__, raised)
    assert raised.__name__ in caplog.text
    assert "Planted" not in caplog.text + str(found.value)


def test_running_out_of_memory_is_a_film_too_large() -> None:
    """MemoryError is not the file's damage."""
    with pytest.raises(RadiographTooLarge, match="memory"), translate_errors("it is damaged"):
        raise MemoryError


def test_our_own_errors_pass() -> None:
    """A format_error inside translate_errors stays what it is."""
    with pytest.raises(UnsupportedRadiograph, match="as it was"), translate_errors("it is damaged"):
        raise UnsupportedRadiograph("as it was")


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_stops_the_program_passes(raised: type[BaseException]) -> None:
    """Nobody's Ctrl-C becomes a damaged film."""
    with pytest.raises(raised), translate_errors("it is damaged"):
        raise raised


def test_warnings_inside_are_quiet_and_filters_come_back() -> None:
    """Warnings are errors in these tests; inside they are nothing, afterwards again errors."""
    with translate_errors("it is damaged"):
        warnings.warn("Planted^Name", UserWarning, stacklevel=1)
    with pytest.raises(UserWarning, match="outside"):
        warnings.warn("outside", UserWarning, stacklevel=1)


def test_it_can_be_nested() -> None:
    """The same thread is let in twice."""
    with translate_errors("outer"), translate_errors("inner"):
        pass
