"""The base that a name stands for: a checkpoint, or one of the shapes with random weights."""

from pathlib import Path

from clinicalblip.instructblip.base import Base, choose_device, load_base
from clinicalblip.instructblip.build.random_base import SHAPES, make_random_base
from clinicalblip.instructblip.hardware.precision import ChosenPrecision
from clinicalblip.settings import Precision


def load_named_base(
    name: str | Path, precision: Precision = "auto", device: str = "auto", *, weights: bool = True
) -> Base:
    """Load the checkpoint of this name, or make the shape of this name (`tiny`) with random weights.

    A folder beats a shape. Arguments and errors are those of `load_base`.
    """
    if not is_shape(name):
        return load_base(name, precision, device, weights=weights)
    where = choose_device(device)
    plain: ChosenPrecision = "fp32" if str(name).startswith("tiny") and where == "cpu" else "nf4"
    return make_random_base(str(name), plain if precision == "auto" else precision, where, weights=weights)


def is_shape(name: str | Path) -> bool:
    """Whether the name stands for a shape, which has no files, and not for a checkpoint."""
    return str(name) in SHAPES and not Path(name).is_dir()
