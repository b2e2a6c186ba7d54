"""Words that tell which kind of error an edit mends, where the labeler's attributes do not."""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple


class Word(NamedTuple):
    """A word of one kind at a place, in one spelling."""

    start: int
    end: int
    name: str


Pattern = re.Pattern[str]


def _pattern(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_ORDINAL: Final = (
    "first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth",
    r"\d{1,2}(?:st|nd|rd|th)",
)
QUALITIES: Final = _pattern(
    "(?:non-?|partially |partly |densely |un)?calcified|spiculated|loculated|free-flowing|layering",
    "cavit(?:ary|ating|ated)|solid|sub-?solid|ground-?glass|part-solid|round(?:ed)?|linear|plate-?like",
    "band-?like|patchy|confluent|nodular|reticular|reticulonodular|interstitial|alveolar|airspace",
    "lobulated|smooth|well-(?:defined|circumscribed)|ill-defined|irregular",
    "(?:non-?|un|minimally )?displaced|comminuted|healed|healing|acute|chronic|old|remote|sub-?acute",
    "compression|wedge|simple|complex|hemorrhagic|fatty|cystic|bullous|centrilobular|paraseptal|miliary",
    "subsegmental|segmental|lobar|compressive|obstructive|passive|discoid|tubular|branching|hazy|dense",
    "fluffy|streaky|coarse|fine|mass-?like|sliding|para-?esophageal|dual-?(?:lead|chamber)",
    "single-?(?:lead|chamber|lumen)|biventricular|(?:double|triple)-?lumen",
)
LEVELS: Final = _pattern(
    *_ORDINAL,
    r"[TCL]\d{1,2}(?:-[TCL]?\d{1,2})?|carina|(?:mid |lower |upper |distal |proximal )?svc",
    r"superior vena cava|cavoatrial junction|right atri\w+|(?:right |left )?main ?(?:stem|bronchus)(?: bronchus)?",
    "brachiocephalic(?: vein)?|subclavian(?: vein)?|azygos|stomach|gastric (?:body|fundus|antrum)",
    "(?:distal |mid )?(?:o?esophagus)|gastro-?o?esophageal junction|duodenum|post-?pyloric",
    r"right ventric\w+|clavicles?|(?:anterior|posterior|lateral) ribs?|(?:major|minor) fissure",
    "(?:superior|inferior) segment|lingula|costophrenic angle|apex|apices|base|bases|hilum",
)
DIAGNOSES: Final = _pattern(
    r"pneumonia|metastas[ei]s|metastatic(?: disease)?|malignan\w+",
    "(?:lung |bronchogenic )?(?:cancer|carcinoma)|tb|tuberculosis|(?:congestive )?heart failure|chf",
    r"infection|infectious|aspiration|empyema|pulmonary embol\w+|infarct\w*|ards|sarcoid\w*|h[ae]e?mothorax",
    "lymphoma|pneumonitis|sepsis|septic|abscess|neoplasm|cystic fibrosis|copd|asbestosis|silicosis",
    "cardiomyopathy|pericardial effusion|(?:aortic )?dissection|pulmonary hypertension|contusion|fibrosis",
    r"uip|ild|h[ae]e?morrhage|covid\S*|mesothelioma|thymoma|myeloma|mucus plug\w*",
)
GENERIC_DEVICES: Final = _pattern(
    "lines?|tubes?|devices?|catheters?|hardware|wires?|leads?|drains?|implants?|apparatus"
)
KINDS_OF_DEVICES: Final = _pattern(
    "(?:internal )?jugular|ij|picc|port(?:-a-cath)?|mediport|endotracheal|ett|tracheostomy|enteric",
    "naso-?gastric|ngt?|oro-?gastric|dobb?hoff|feeding|chest tube|pleural|pigtail|thoracostomy|pacemaker",
    "pacer|icd|aicd|defibrillator|swan(?:-ganz)?|pulmonary artery catheter|dialysis|hickman|subclavian",
    "sternotomy|sternal|balloon pump|iabp|lvad|impella|valve|stent|central venous|umbilical|spinal|vagal",
    "nerve stimulator|loop recorder|ecmo",
)
GENERIC_FINDINGS: Final = _pattern(
    r"opacit\w+|densit\w+|shadow\w*|abnormalit\w+|process|disease|lesions?|changes?|markings|infiltrat\w+|deformity",
    r"collections?|prominent|prominence|haz\w+",
)
SIDES: Final = _pattern("left|right|both|bilateral(?:ly)?|unilateral(?:ly)?")
DEGREES: Final = _pattern(
    "trace|tiny|minimal(?:ly)?|mild(?:ly)?|slight(?:ly)?|small|moderate(?:ly)?|large|severe(?:ly)?|marked(?:ly)?|massive",
    "extensive|advanced|a few|innumerable",
)
COMPARISONS: Final = _pattern(
    r"unchanged|stable|new|increas\w+|decreas\w+|improv\w+|worse\w*|resolv\w+|larger|smaller|compared|again",
    r"progress\w+|has become|previous(?:ly)?|prior",
)
HEDGES: Final = _pattern(
    r"possibl[ey]|probabl[ey]|likely|may|might|could|perhaps|suggest\w*|diagnostic|certain(?:ly)?|suspected|excluded",
    "conceivable|definite(?:ly)?|convincing",
)
FIRM_DENIALS: Final = _pattern("definite(?:ly)?|convincing")
_NUMBERS: Final = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MEASURE: Final = re.compile(
    r"(?<![\w.])\d+(?:[.,]\d+)?(?:\s*(?:x|\u00d7|by|to|-)\s*\d+(?:[.,]\d+)?)*\s*"
    r"(?:mm|cm|millimet\w+|centimet\w+|%|percent|degrees)(?!\w)|(?<![\d.])0?\.\d+"
    rf"|(?<!\w)(?:{'|'.join(_NUMBERS)})(?= (?:[\w-]+ ){{0,3}}(?:nodules|masses|ribs|fractures|lesions|leads|drains))",
    re.IGNORECASE,
)


def found(pattern: re.Pattern[str], text: str) -> list[Word]:
    """The words of one kind in a text, each in small letters and without hyphens, "haemo" as "hemo"."""
    return [
        Word(*match.span(), re.sub(r"[\s-]+", "", match[0].lower()).replace("ae", "e"))
        for match in pattern.finditer(text)
    ]


def measures(text: str) -> list[Word]:
    """The measurements and numbers of findings in a text; "1.2 cm" and "12 mm" are the same."""
    return list(_measures(text))


def _measures(text: str) -> Iterator[Word]:
    for match in _MEASURE.finditer(text):
        numbers = [float(number.replace(",", ".")) for number in re.findall(r"\d+(?:[.,]\d+)?|\.\d+", match[0])]
        if match[0].lower() in _NUMBERS:
            numbers = [float(_NUMBERS.index(match[0].lower()) + 1)]
        scale = 10.0 if re.search(r"cm|centi", match[0], re.IGNORECASE) else 1.0
        yield Word(*match.span(), " ".join(f"{number * scale:g}" for number in numbers))
