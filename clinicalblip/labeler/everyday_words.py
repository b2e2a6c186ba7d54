"""What people type to each other and hardly into a report, in a report's own words."""

import re
from collections.abc import Mapping
from typing import Final

_HEART_IS: Final = r"heart(?: (?:is|was|looks|seems|size|has|always|been|very|rather|quite))*"
_BIT: Final = r"(?:a bit|a little|slightly|little|mildly|rather)"

_WORDS: Final[Mapping[str, str]] = {
    # Heart and mediastinum
    r"(?:huge|massive) heart": "severe cardiomegaly",
    rf"{_HEART_IS} (?:huge|massive|massively (?:enlarged|big))": "severe cardiomegaly",
    rf"{_HEART_IS} {_BIT} (?:big|large|enlarged)": "mild cardiomegaly",
    rf"(?:big|large|fat|dilated) heart|{_HEART_IS} (?:big|large|dilated)": "cardiomegaly",
    r"cardiomeg(?:aly)?|ctr (?:is )?(?:> ?0?[.,]?\d+|up|raised|increased|large)|heart \+{1,3}": "cardiomegaly",
    r"(?:broad|wide) mediastinum": "widened mediastinum",
    r"mediast\.?": "mediastinal",
    # Water in the lung and around it
    r"water (?:a?round|at)(?= (?:the )?(?:(?:left|right) )?lung)": "pleural effusion",
    r"wet(?: lungs?)?|lungs? (?:looks? )?wet|water(?:logged)?|(?:fluid )?overload(?:ed)?|ccf|lvf|failure": (
        "pulmonary edema"
    ),
    r"(?:(?:pulm\.?|pulmonary|venous|vascular|vessels?) )*congest(?:ion|ed)": "pulmonary edema",
    r"kerley(?:[ -][abc])?(?: lines?)?|septal lines?|bat-? ?wings?|upper lobe (?:blood )?diversion": "pulmonary edema",
    r"o?odema": "edema",
    # Opacities
    r"(?:white|hazy) (?:patch|area|shadow)|shadow(?:ing|s)?|patch": "opacity",
    r"ggo|ground[- ]glass(?: (?:opacit\w+|opacification|changes?|shadow\w*))?|white-? ?out": "opacity",
    r"opac\.?|hazy(?! (?:opac|densit))": "opacity",
    r"dz": "disease",
    r"infiltr\.?": "infiltrate",
    r"pna|chest infection|infection|chest sepsis|lrti|aspiration(?! pneumon)": "pneumonia",
    r"consol(?:id)?\.?|air bronchograms?": "consolidation",
    r"vol(?:ume)?\.? loss|atelect?\.?|atx": "atelectasis",
    r"plate(?= atelect)": "plate-like",
    # Pleura
    r"fluid(?! (?:overload|level|in ))": "pleural effusion",
    r"(?:pl(?:\.|eural)? ?)?effs?\.?|(?:pl(?:\.|eural)? )?effus\.?|empyema|chylothorax|pleural collection": (
        "pleural effusion"
    ),
    r"blunt(?:ed|ing)(?: of)?(?=.{0,40} angle)|(?<=angle )blunt(?:ed|ing)": "pleural effusion",
    r"(?<=angle left )blunt(?:ed|ing)|(?<=angle right )blunt(?:ed|ing)": "pleural effusion",
    r"pnx|pneumo|(?:collapsed|dropped|punctured) lung|air leak": "pneumothorax",
    r"(?:free )?air(?= [a-z ]{0,40}pleura)": "pneumothorax",
    r"hydropneumo|air[- ]fluid level(?=[a-z ]{0,40} pleura)": "hydropneumothorax",
    r"thickened pleura|pl(?:\.|eural)? (?:thickening|scar(?:s|ring)?)": "pleural thickening",
    r"(?:asbestos )?(?<!pleural )plaques?": "pleural plaques",
    r"pl\.?(?= )": "pleural",
    # Lesions and scars
    r"coin lesions?|spots?|lumps?|growths?|tumou?rs?|spn|something round": "nodule",
    r"(?:lung |bronchial |bronchus )?ca(?: (?:of )?(?:the )?(?:lung|bronchus))?|malignanc(?:y|ies)": "mass",
    r"(?:lung )?(?:mets?|metastas[ei]s)": "nodules",
    r"scar(?:s|ring)?|ild|ipf|uip": "fibrosis",
    r"copd|coad": "emphysema",
    # Bones
    r"(?:broken|cracked) ribs?|ribs? (?:broken|cracked)": "rib fracture",
    r"breaks?|fx": "fracture",
    # Devices
    r"pacer|ppm|icd": "pacemaker",
    r"lines? and tubes?|tubes?|lines?|vas-?cath|perm-?cath|hickman": "catheter",
    r"intubated|intubation": "endotracheal tube",
    r"(?:ng|og)(?= tip| position)": "ng tube",
    r"trach(?:y|ie|e|eo)?": "tracheostomy",
    # Where and how much
    r"behind (?:the )?heart": "retrocardiac",
    r"bilat\.?|bil\.?": "bilateral",
    r"lge|lg": "large",
    r"sm": "small",
    r"mod\.?": "moderate",
    r"little(?= (?:pleural|fluid|effusion))": "small",
    **{
        f"{side}{zone}z": f"{sides} {zones} zone"
        for side, sides in (("r", "right"), ("l", "left"))
        for zone, zones in (("u", "upper"), ("m", "middle"), ("l", "lower"))
    },
}
_CAPITALS: Final = {
    "CM": "cardiomegaly",
    "CAP": "pneumonia",
    "HAP": "pneumonia",
    "VAP": "pneumonia",
    "HF": "heart failure",
    "ICC": "chest tube",
}
_AS_WORDS: Final = re.compile("|".join(f"(?P<w{n}>(?<!\\w)(?:{words})(?!\\w))" for n, words in enumerate(_WORDS)))
_REPORT_WORDS: Final = tuple(_WORDS.values())
_IN_CAPITALS: Final = re.compile(rf"(?<!\w)(?:{'|'.join(_CAPITALS)})(?!\w)")
_SIDES: Final = {r"\b[Rr](?:t)?\.?(?=\b|\s|$|\))": "right ", r"\b[Ll](?:t)?\.?(?=\b|\s|$|\))": "left "}
_FRACTURE: Final = re.compile(r"#(?:s(?!\w))?")  # how it is written by hand
_ZONE: Final = re.compile(
    r"\b(?P<zone>(?:left|right|bilateral|both) (?:upper|mid|middle|lower))"
    r"(?! ?(?:lobe|zone|lung|field|hemi|and|to)\w*)\b"
)


def in_report_words(words: str) -> str:
    """A reader's words in those of a report, in lower case; what is not known stays."""
    plain = _IN_CAPITALS.sub(lambda match: _CAPITALS[match[0]], words)
    for letter, side in _SIDES.items():
        plain = re.sub(letter, side, plain)
    plain = " ".join(_FRACTURE.sub(" fracture ", plain).lower().split())
    for _ in range(2):  # "lge pl. effs": one word's place is the next one's beginning
        plain = _AS_WORDS.sub(lambda match: _REPORT_WORDS[int(str(match.lastgroup)[1:])], plain)
    return " ".join(_ZONE.sub(r"\g<zone> zone", plain).split())
