"""The matrix of films: which combinations of encoding, depth, colour model, sign and windowing can be, and a choice
of them in which every pair of values that can occur together does."""

from collections import Counter
from dataclasses import astuple, dataclass
from itertools import combinations, product

NATIVE = ("implicit", "explicit", "big endian", "deflated")
UIDS = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "big endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
    "deflated frame": "1.2.840.10008.1.2.8.1",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg baseline": "1.2.840.10008.1.2.4.50",
    "jpeg extended": "1.2.840.10008.1.2.4.51",
    "jpeg lossless": "1.2.840.10008.1.2.4.57",
    "jpeg lossless sv1": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg-ls near": "1.2.840.10008.1.2.4.81",
    "jpeg 2000 lossless": "1.2.840.10008.1.2.4.90",
    "jpeg 2000": "1.2.840.10008.1.2.4.91",
    "htj2k lossless": "1.2.840.10008.1.2.4.201",
    "htj2k rpcl": "1.2.840.10008.1.2.4.202",
    "htj2k": "1.2.840.10008.1.2.4.203",
}
BITS = (8, 10, 12, 14, 16)
GREY = ("MONOCHROME1", "MONOCHROME2")
YBR = ("YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT")
PHOTOMETRIC = (*GREY, "RGB", *YBR, "PALETTE COLOR")
WINDOWINGS = (
    "no window",
    "window",
    "linear exact",
    "sigmoid",
    "voi lut",
    "rescale, window",
    "half rescale, sigmoid",
    "modality lut",
    "modality lut, voi lut",
)

LOSSY = {"jpeg baseline": 0.0, "jpeg extended": 0.0, "jpeg-ls near": 0.0, "jpeg 2000": 0.001, "htj2k": 0.0}
"""Where something is lost: how far a stored value may be away from what was encoded, as a share of the full range,
besides LEVELS. PS3.5 states no bound; for JPEG-LS it is the stream's own parameter (ISO 14495-1, NEAR)."""

LEVELS = 2

_COLOUR = {  # photometric interpretation: bits, and the syntaxes that carry it (PS3.5 8.2 and annex A)
    "RGB": (
        (8, 16),
        {16: (*NATIVE, "rle", "jpeg 2000 lossless"), 8: tuple(name for name in UIDS if name != "jpeg extended")},
    ),
    "YBR_FULL": ((8,), {8: (*NATIVE, "rle", "jpeg baseline")}),
    "YBR_FULL_422": ((8,), {8: (*NATIVE, "jpeg baseline")}),
    "YBR_RCT": ((8,), {8: ("jpeg 2000 lossless", "jpeg 2000", "htj2k lossless", "htj2k rpcl")}),
    "YBR_ICT": ((8,), {8: ("jpeg 2000", "htj2k")}),
    "PALETTE COLOR": (
        (8, 16),
        {
            8: (*NATIVE, "rle", "jpeg lossless sv1", "jpeg-ls", "jpeg 2000 lossless", "htj2k lossless"),
            16: (*NATIVE, "rle"),
        },
    ),
}
_UNSIGNED_ONLY = ("jpeg baseline", "jpeg extended", "jpeg-ls near")
"""A lossy coder that does not know the sign would turn -1 into the largest value."""


@dataclass(frozen=True)
class Cell:
    """One film of the matrix."""

    syntax: str
    bits: int
    photometric: str
    signed: bool
    windowing: str

    @property
    def is_colour(self) -> bool:
        """Whether it has a hue, be it by three samples a pixel or by a palette."""
        return self.photometric not in GREY

    @property
    def is_lossless(self) -> bool:
        """Whether every stored value comes back as it was."""
        return self.syntax not in LOSSY

    def __str__(self) -> str:
        sign = "signed" if self.signed else "unsigned"
        return f"{self.syntax} | {self.bits} {sign} | {self.photometric} | {self.windowing}"

    def can_be(self) -> bool:
        """Whether the standard has such a film."""
        if self.is_colour:
            bits, carriers = _COLOUR[self.photometric]
            return (
                not self.signed
                and self.windowing == "no window"
                and self.bits in bits
                and self.syntax in carriers[self.bits]
            )
        if self.signed and self.syntax in _UNSIGNED_ONLY:
            return False
        return self.bits in {"jpeg baseline": (8,), "jpeg extended": (8, 12)}.get(self.syntax, BITS)


def choose(possible: list[Cell]) -> list[Cell]:
    """Few of the cells, in which every two values that occur together in one of them do.

    Each time the cell with the most new pairs; of those that have as many, the one whose values came least.
    """
    values = [tuple(enumerate(astuple(cell))) for cell in possible]
    number: dict[object, int] = {}
    pairs = [sum(1 << number.setdefault(pair, len(number)) for pair in combinations(row, 2)) for row in values]
    chosen: list[int] = []
    missing, came = (1 << len(number)) - 1, Counter[object]()
    while missing:
        new = [(pair & missing).bit_count() for pair in pairs]
        most = max(new)
        best = min(
            (at for at, count in enumerate(new) if count == most),
            key=lambda at: sum(came[value] for value in values[at]),
        )
        chosen.append(best)
        came.update(values[best])
        missing &= ~pairs[best]
    return [possible[at] for at in chosen]


POSSIBLE = [
    cell
    for values in product(UIDS, BITS, PHOTOMETRIC, (False, True), WINDOWINGS)
    if (cell := Cell(*values)).can_be()  # type: ignore[arg-type]
]
CELLS = sorted(choose(POSSIBLE), key=str)
