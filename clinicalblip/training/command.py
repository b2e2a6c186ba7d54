"""Training as the command line asks for it: a plan by its name, studies in a file, a base by its name or folder."""

from pathlib import Path

from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.instructblip.distributed import world_size
from clinicalblip.instructblip.named_base import load_named_base
from clinicalblip.progress import write_line
from clinicalblip.settings import Precision
from clinicalblip.training.dry_run import dry_run
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.plans import get_plan
from clinicalblip.training.train import train_plan
from clinicalblip.training.trainer import accumulation_per_process


def train_command(plan: str, studies: Path, run: Path, base: str, precision: Precision, options: TrainOptions) -> Path:
    """Train the plan of this name on a studies file; returns the adapter's folder. Raises ClinicalBlipError."""
    chosen = get_plan(plan)  # what is cheap to refuse is looked at before a model is loaded
    for stage in chosen.stages:
        accumulation_per_process(stage, world_size())
    read = list(read_studies(studies))
    return train_plan(chosen, read, run, load_named_base(base, precision), options, log=write_line)


def dry_run_command(plan: str, studies: Path, base: str, precision: Precision, options: TrainOptions) -> str:
    """Say what `train_command` would do, without loading the base's weights. Raises ClinicalBlipError."""
    chosen = get_plan(plan)
    read = list(read_studies(studies))
    return dry_run(chosen, read, load_named_base(base, precision, weights=False), options)
