"""The findings that a text names: each observation with negation, doubt and side.

`observations` is what other rooms call. The types of observations belong to `radiology`, how a model is asked for one
to `instructblip/scoring`.
"""

from clinicalblip.labeler.findings import observations

__all__ = ["observations"]
