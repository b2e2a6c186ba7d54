"""The findings that a text names, with negation, doubt, side, zone, degree and change.

`mentions` and `sentences` say what stands where, `findings` and `observations` what the text says in sum. The types of
observations and findings belong to `radiology`, how a model is asked for one to `instructblip/scoring`.
"""

from clinicalblip.labeler.findings import findings, names_abnormality, observations
from clinicalblip.labeler.mentions import mentions, sentences

__all__ = ["findings", "mentions", "names_abnormality", "observations", "sentences"]
