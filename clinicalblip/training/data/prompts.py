"""What the model reads and is to write of a study in training: the prompt of drafting, cut so that the target fits."""

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.prompt import build_prompt
from clinicalblip.radiology.report import ClinicalContext, Report, Target
from clinicalblip.radiology.study import Study


def select_sections(report: Report, target: Target) -> Report:
    """The report with nothing but the sections of the target."""
    if target is Target.FINDINGS:
        return Report(findings=report.findings)
    return Report(impression=report.impression) if target is Target.IMPRESSION else report


def build_training_prompt(study: Study, context: ClinicalContext, target: str, base: Base) -> str:
    """The prompt that leaves room for the target. Raises ModelUnavailable where not even the instruction fits."""
    budget = base.prompt_budget(len(study.shown), base.count_tokens(target) + 1)
    prompt = build_prompt(
        context,
        [image.view for image in study.shown],
        count_tokens=base.count_tokens,
        budget=budget,
        special_tokens=base.special_tokens,
    )
    return prompt.text
