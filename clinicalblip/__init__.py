"""ClinicalBLIP: drafts chest radiograph reports for a radiologist to correct. Research use only."""

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.version import __version__

__all__ = ["ClinicalBlipError", "__version__"]
