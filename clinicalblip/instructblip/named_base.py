"""Loading a base by name: a checkpoint, or one of the shapes with random weights."""

from pathlib import Path

from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.build.random_base import SHAPES, make_random_base
from clinicalblip.instructblip.hardware.device import choose_device
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
    device = choose_device(device)
    default: ChosenPrecision = "fp32" if str(name).startswith("tiny") and device == "cpu" else "nf4"
    return make_random_base(str(name), default if precision == "auto" else precision, device, weights=weights)


def is_shape(name: str | Path) -> bool:
    """Whether this is the name of a shape, which has no files, and not of a checkpoint."""
    return str(name) in SHAPES and not Path(name).is_dir()
