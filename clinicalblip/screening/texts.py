"""What is asked of texts before they are used: that they are not too long, and that they name nobody."""

from collections.abc import Collection, Mapping

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.screening import wording
from clinicalblip.screening.phi import PhiMatch, find_phi
from clinicalblip.settings import LimitSettings, PrivacySettings


def context_texts(context: ClinicalContext) -> dict[str, str]:
    """The texts of a clinical context by their labels."""
    return {label: getattr(context, name) for name, label in wording.CONTEXT_LABELS.items()}


def check_texts(texts: Mapping[str, str], limits: LimitSettings) -> None:
    """Refuse a text, of those given by their labels, with more characters than the settings allow.

    Raises ClinicalBlipError.
    """
    allowed = limits.text_characters
    for label, text in texts.items():
        if len(text) > allowed:
            raise ClinicalBlipError(wording.TOO_LONG.format(label=label, found=len(text), allowed=allowed))


def check_context(context: ClinicalContext, limits: LimitSettings) -> None:
    """Refuse a clinical context with a text that `check_texts` refuses."""
    check_texts(context_texts(context), limits)


def phi_in_context(
    context: ClinicalContext, privacy: PrivacySettings, *, as_is: Collection[str] = ()
) -> tuple[PhiMatch, ...]:
    """What names somebody in a clinical context: nothing where the settings check no texts, nor in texts of `as_is`."""
    return find_phi(context_texts(context), as_is=as_is) if privacy.check_texts else ()
