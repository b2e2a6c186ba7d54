"""Which modalities are read, which with a warning, and which are refused by name."""

from clinicalblip.errors import UnsupportedRadiograph
from clinicalblip.imaging.dicom.header import Identity

_STORAGE = "1.2.840.10008.5.1.4.1.1."

_READ = {"CR", "DX", "RF", "RG"}
_READ_WITH_WARNING = {
    "OT": "The file does not say that it is a radiograph (modality OT); its grey levels may not be the original ones.",
    "SC": "The file is a secondary capture, not an original film; its grey levels may not be the original ones.",
}
_REFUSED = {
    "CT": "a CT image",
    "MR": "an MR image",
    "MG": "a mammogram",
    "US": "an ultrasound image",
    "NM": "a nuclear medicine image",
    "PT": "a PET image",
    "XA": "an angiogram",
    "PX": "a panoramic dental film",
    "IO": "an intra-oral dental film",
    "ECG": "an electrocardiogram",
    "OP": "an eye photograph",
    "ES": "an endoscopy image",
    "XC": "a photograph",
    "SM": "a microscopy image",
    "GM": "a microscopy image",
    "BMD": "a bone density measurement",
    "SR": "a structured report",
    "DOC": "a document",
    "PR": "a presentation state",
    "KO": "a key object note",
    "SEG": "a segmentation",
    "RTIMAGE": "a radiotherapy image",
    "RTDOSE": "a radiotherapy dose",
    "RTPLAN": "a radiotherapy plan",
    "RTSTRUCT": "a radiotherapy structure set",
}

_MODALITY_OF_READ_CLASS = {
    f"{_STORAGE}1": "CR",
    f"{_STORAGE}1.1": "DX",
    f"{_STORAGE}1.1.1": "DX",
    f"{_STORAGE}12.2": "RF",
    f"{_STORAGE}7": "SC",
    f"{_STORAGE}7.2": "SC",
    f"{_STORAGE}7.3": "SC",
    f"{_STORAGE}7.4": "SC",
}
_REFUSED_CLASSES = (  # by the start of the SOP class, whatever the modality says
    (f"{_STORAGE}104.1", "a PDF document inside DICOM"),
    (f"{_STORAGE}104.", "a document inside DICOM"),
    (f"{_STORAGE}88.", "a structured report"),
    (f"{_STORAGE}11.", "a presentation state"),
    (f"{_STORAGE}9.", "a waveform"),
    (f"{_STORAGE}66", "raw data or a segmentation"),
)
_DICOMDIR = "1.2.840.10008.1.3.10"
_MODALITY_OF_REFUSED_CLASS = (
    (f"{_STORAGE}2", "CT"),
    (f"{_STORAGE}4", "MR"),
    (f"{_STORAGE}1.2", "MG"),
    (f"{_STORAGE}1.3", "IO"),
    (f"{_STORAGE}3", "US"),
    (f"{_STORAGE}6", "US"),
    (f"{_STORAGE}12.1", "XA"),
    (f"{_STORAGE}5", "NM"),
    (f"{_STORAGE}20", "NM"),
    (f"{_STORAGE}128", "PT"),
    (f"{_STORAGE}13.1", "MG"),
    (f"{_STORAGE}77.1.1", "ES"),
    (f"{_STORAGE}77.1.4", "XC"),
    (f"{_STORAGE}481.1", "RTIMAGE"),
    (f"{_STORAGE}481.2", "RTDOSE"),
    (f"{_STORAGE}481.3", "RTSTRUCT"),
    (f"{_STORAGE}481.5", "RTPLAN"),
)

_CHEST_WORDS = ("CHEST", "THORAX", "LUNG", "TORAX", "TRUNK", "RIB")
_OTHER_PARTS = """
    ABDOMEN ANKLE ARM BREAST BRAIN CALCANEUS CLAVICLE COCCYX CSPINE ELBOW EXTREMITY FINGER FOOT FOREARM HAND HEAD HEEL
    HIP HUMERUS JAW KNEE LEG LSPINE MANDIBLE NECK ORBIT PELVIS SACRUM SHOULDER SKULL SPINE SSPINE STERNUM THIGH THUMB
    TOE TSPINE WRIST
"""  # PS3.16 Annex L; a warning repeats only these, because the tag may hold anything


def check_modality(identity: Identity) -> list[str]:
    """Return the warnings for a modality that is read; raise UnsupportedRadiograph, by name, for one that is not.

    The modality decides; where the file does not say it, the SOP class does.
    """
    if identity.sop_class == _DICOMDIR:
        raise UnsupportedRadiograph(
            "The file is a DICOMDIR, an index of a disc without a picture in it. Upload one of the films that lie "
            "beside it."
        )
    for start, name in _REFUSED_CLASSES:
        if identity.sop_class.startswith(start):
            raise _refused(name)
    modality = identity.modality or _MODALITY_OF_READ_CLASS.get(identity.sop_class) or _modality_of(identity.sop_class)
    warnings = []
    if modality is None:
        if identity.sop_class:
            raise _refused("of a kind that is not known here")
        warnings.append("The file does not say what kind of image it is; it is read as a radiograph.")
    elif modality in _READ_WITH_WARNING:
        warnings.append(_READ_WITH_WARNING[modality])
    elif modality not in _READ:
        raise _refused(_REFUSED.get(modality, "of a modality that is not read"))
    if identity.presentation_intent == "FOR PROCESSING":
        warnings.append("The film is raw (for processing), not as a workstation shows it; its greys may mislead.")
    return warnings


def check_body_part(identity: Identity) -> list[str]:
    """Return a warning where the file says that it shows another part than the chest."""
    part = identity.body_part
    if part in (None, "UNKNOWN", "OTHER", "NONE") or any(word in part for word in _CHEST_WORDS):
        return []
    named = f" ({part})" if part in _OTHER_PARTS.split() else ""
    return [f"The file says that it shows another part of the body{named}, not the chest."]


def _modality_of(sop_class: str) -> str | None:
    for start, modality in _MODALITY_OF_REFUSED_CLASS:
        if sop_class == start or sop_class.startswith(f"{start}."):
            return modality
    return None


def _refused(name: str) -> UnsupportedRadiograph:
    return UnsupportedRadiograph(
        f"The file is {name}; chest radiographs (CR, DX, RF, RG, and with a warning OT and SC) are read. "
        "Upload a chest radiograph."
    )
