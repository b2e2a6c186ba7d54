"""The plans by name, to be read like a method section.

The paper (JMIR Formative Research 2024;8:e32690) refines InstructBLIP in several LoRA stages; its abstract is all
that is known here. So the order of the stages follows it, and every number below is our own choice.
"""

from collections.abc import Mapping
from dataclasses import replace

from clinicalblip.errors import StageError
from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.report import SLOTS
from clinicalblip.training.stage import Plan, Stage

CLINICALBLIP = Plan(
    name="clinicalblip",
    ranks=Ranks(vision=8, qformer=16, language=16),
    stages=(
        # The image encoder saw photographs: it learns first what a radiograph looks like, judged by the report.
        Stage("vision", frozenset({Group.VISION}), learning_rate=1e-4, epochs=2, batch=4, accumulation=8),
        # Then what the encoder now shows is translated anew for the language model.
        Stage(
            "bridge",
            frozenset({Group.QFORMER, Group.PROJECTION}),
            learning_rate=1e-4,
            epochs=3,
            batch=4,
            accumulation=8,
        ),
        # Last the language model learns how radiologists write.
        Stage("language", frozenset({Group.LANGUAGE}), learning_rate=1e-4, epochs=5, batch=4, accumulation=8),
    ),
)

SINGLE_STAGE = Plan(
    name="single-stage",
    ranks=CLINICALBLIP.ranks,
    stages=(Stage("all", frozenset(Group), learning_rate=1e-4, epochs=10, batch=4, accumulation=8),),
)

WITHOUT_PRIOR = replace(CLINICALBLIP, name="without-prior", without=frozenset(SLOTS))

# For a model of about 20M parameters on two cores: the same three stages, larger steps, fewer of them. Its last stage
# goes on training the bridge: a small language model that learns alone learns the reports and forgets the films.
MINI = Plan(
    name="mini",
    ranks=Ranks(vision=8, qformer=8, language=8),
    stages=(
        Stage("vision", frozenset({Group.VISION}), learning_rate=5e-4, epochs=0.5, batch=16),
        Stage("bridge", frozenset({Group.QFORMER, Group.PROJECTION}), learning_rate=5e-4, epochs=1, batch=16),
        Stage(
            "language",
            frozenset({Group.QFORMER, Group.PROJECTION, Group.LANGUAGE}),
            learning_rate=5e-4,
            epochs=1,
            batch=16,
        ),
    ),
)

PLANS: Mapping[str, Plan] = {plan.name: plan for plan in (CLINICALBLIP, SINGLE_STAGE, WITHOUT_PRIOR, MINI)}


def get_plan(name: str) -> Plan:
    """The plan of this name. Raises StageError, which lists the names, for any other."""
    if name not in PLANS:
        raise StageError(f"There is no plan named {name!r}; the plans are {', '.join(PLANS)}.")
    return PLANS[name]
