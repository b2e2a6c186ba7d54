"""ClinicalBLIP: drafts chest radiograph reports for a radiologist to correct. Research use only."""

from clinicalblip.errors import ClinicalBlipError

__all__ = ["ClinicalBlipError", "__version__"]
__version__ = "0.1.0"
