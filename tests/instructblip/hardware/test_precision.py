"""Which precision is chosen, and the reason that is given."""

import pytest

from clinicalblip.instructblip.hardware.cpu_features import CpuFeatures, read_cpu_features
from clinicalblip.instructblip.hardware.precision import LARGE_MODEL, choose_precision

PLAIN, BF16 = frozenset({"avx2"}), frozenset({"avx2", "avx512_bf16"})
SMALL, SEVEN_BILLION = 20_000_000, 7_900_000_000


@pytest.mark.parametrize(
    ("device", "parameters", "flags", "free", "expected"),
    [
        ("cuda", SMALL, PLAIN, 8e9, "nf4"),
        ("cpu", SMALL, PLAIN, 8e9, "fp32"),
        ("cpu", SMALL, BF16, 8e9, "fp32"),
        ("cpu", LARGE_MODEL, PLAIN, 8e9, "fp32"),
        ("cpu", LARGE_MODEL, BF16, 8e9, "nf4"),
        ("cpu", SEVEN_BILLION, PLAIN, 64e9, "fp32"),
        ("cpu", SEVEN_BILLION, PLAIN, 16e9, "nf4"),
        ("cpu", SEVEN_BILLION, BF16, 64e9, "nf4"),
        ("cpu", SMALL, BF16, 2e8, "bf16"),
    ],
)
def test_auto_takes_the_fastest_that_fits(
    device: str, parameters: int, flags: frozenset[str], free: float, expected: str
) -> None:
    """Device, size, processor and memory decide together."""
    chosen, reason = choose_precision(
        "auto", device=device, parameters=parameters, cpu=CpuFeatures(flags, free_bytes=free)
    )
    assert chosen == expected
    assert reason


@pytest.mark.parametrize("asked", ["nf4", "int8", "bf16", "fp32"])
def test_what_is_asked_for_is_taken(asked: str) -> None:
    """A deployer's choice is not second-guessed, and the reason says that it was theirs."""
    chosen, reason = choose_precision(asked, device="cpu", parameters=SMALL, cpu=CpuFeatures(PLAIN, 1e9))  # type: ignore[arg-type]
    assert (chosen, reason) == (asked, "as the settings ask")


def test_this_machine_has_memory() -> None:
    """Reading the machine gives a believable amount of free memory."""
    assert 1e7 < read_cpu_features().free_bytes < 1e14
