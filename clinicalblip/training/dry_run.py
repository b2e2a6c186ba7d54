"""What a training would do, before anything is trained: stages, steps, trainable weights, memory."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.groups import Group
from clinicalblip.instructblip.hardware.precision import BYTES_PER_PARAMETER
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.dataset import order_batches
from clinicalblip.training.data.prompts import build_training_prompt, select_sections
from clinicalblip.training.data.selection import select_studies
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.stage import Plan, Stage

TRAINABLE_BYTES = 16
"""A trainable weight, its gradient and AdamW's two moments, 4 bytes each."""

PROMPT_STUDIES = 200
"""Studies whose prompts and reports are measured for the length of a batch."""


@dataclass(frozen=True)
class StageEstimate:
    """What a stage would do. `memory` in bytes is for one process, without what Python and torch take."""

    name: str
    trains: tuple[str, ...]
    trainable: int
    studies: int
    steps: int
    memory: float


def dry_run(plan: Plan, studies: Sequence[Study], base: Base, options: TrainOptions | None = None) -> str:
    """Say as a Markdown table what each stage of the plan would do on these studies; the base may lack its weights.

    The base then carries an adapter. The memory is an estimate: weights, trainable weights with their optimiser, the
    activations of a batch of the longest texts by Korthikanti et al. (arXiv:2205.05198, equation 1), and its logits.
    Raises StageError where there is nothing to learn from.
    """
    options = options or TrainOptions()
    plan = plan.leaving_empty(options.without)
    parameters = sum(each.numel() for each in base.model.parameters())
    model = create_adapter(base, plan.ranks, seed=0)
    estimates = [_estimate(stage, plan, studies, base, model, options) for stage in plan.stages]
    without = f", without {', '.join(sorted(plan.without))}" if plan.without else ""
    lines = [
        f"The plan {plan.name} on {base.name} in {base.precision} ({base.reason}), {parameters / 1e6:,.0f} million "
        f"weights{without}",
        "",
        "| stage | trains | trainable weights | studies | steps | memory, about |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {stage.name} | {', '.join(stage.trains)} | {stage.trainable:,} | {stage.studies:,} | {stage.steps:,} "
        f"| {stage.memory / 2**30:.1f} GiB |"
        for stage in estimates
    ]
    return "\n".join(lines)


def _estimate(
    stage: Stage, plan: Plan, studies: Sequence[Study], base: Base, model: Any, options: TrainOptions
) -> StageEstimate:
    training = select_studies(studies, stage.target, base).training
    batches = order_batches([len(study.shown) for study in training], stage.epochs, stage.batch, seed=0)
    trainable = freeze_all_but(model, stage.trains)
    sizes = {name: each.numel() for name, each in model.named_parameters()}
    adapter = sum(size for name, size in sizes.items() if "lora_" in name or "modules_to_save" in name)
    weights = (sum(sizes.values()) - adapter) * BYTES_PER_PARAMETER[base.precision] + 4 * adapter
    activations = _activations(stage, plan, training, base, options.activation_checkpointing)
    return StageEstimate(
        name=stage.name,
        trains=tuple(sorted(stage.trains)),
        trainable=trainable,
        studies=len(training),
        steps=ceil(len(batches) / stage.accumulation),
        memory=weights + (TRAINABLE_BYTES - 4) * trainable + activations,
    )


def _activations(stage: Stage, plan: Plan, studies: Sequence[Study], base: Base, checkpointing: bool) -> float:
    config = base.model.config
    films = max(len(study.shown) for study in studies)
    longest = 0
    for study in studies[:PROMPT_STUDIES]:
        target = target_text(select_sections(study.reference, stage.target))
        context = replace(study.context, **dict.fromkeys(plan.without, ""))
        prompt = build_training_prompt(study, context, target, base)
        longest = max(longest, base.count_tokens(prompt) + base.count_tokens(target))
    positions = longest + films * base.num_query_tokens + 2
    vision, text = config.vision_config, config.text_config
    patches = (vision.image_size // vision.patch_size) ** 2 + 1
    width = getattr(text, "hidden_size", None) or text.d_model
    heads, layers = text.num_attention_heads, text.num_hidden_layers * (1 if base.is_decoder_only else 2)
    parts = [(positions, width, heads, layers)]  # every gradient comes through the language model
    if stage.trains & {Group.VISION}:
        parts += [(patches, vision.hidden_size, vision.num_attention_heads, vision.num_hidden_layers)] * films
    scale = 2 if base.precision == "fp32" else 1  # the equation is for 16 bits
    total = 0.0
    for length, size, attention, depth in parts:
        layer = length * size * (34 + 5 * attention * length / size) * scale
        total += layer + depth * length * size * 2 * scale if checkpointing else layer * depth
    logits = float(positions * text.vocab_size * 4 * 3)  # in 32 bits: themselves, their gradient, their softmax
    return stage.batch * (total + logits)
