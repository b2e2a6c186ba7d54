"""Findings that are not there and that a radiologist would believe: how they are said, and what would give them away.

Each is common and small, so that a film that lacks it does not shout it down. How often one is taken follows how many
of IU X-RAY's 2069 training reports say that it is there or doubted: pneumothoraces 9, consolidations 25, effusions 81,
atelectases 205, opacities 365. The rarest are taken more often than that, as a study that never has one says nothing
of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.observation import Observation

O = Observation  # noqa: E741 - one letter keeps the tables below tables


@dataclass(frozen=True)
class FalseFinding:
    """A finding in the words of a report; `{side}` and `{other}` are the two sides, by lot.

    `sentence` is for findings; `short`, which is `sentence` without its verb, for impressions and for reports in that
    style. `acute`: an impression that nothing is acute cannot stand beside it.
    """

    observation: Observation
    weight: int
    sentence: str
    short: str
    acute: bool = True


FALSE_FINDINGS: Final = (
    FalseFinding(
        O.LUNG_OPACITY,
        6,
        "There is hazy opacity at the {side} lung base.",
        "Hazy {side} basilar opacity.",
    ),
    FalseFinding(
        O.LUNG_OPACITY,
        6,
        "There is patchy opacity in the {side} lower lobe.",
        "Patchy {side} lower lobe opacity.",
    ),
    FalseFinding(
        O.ATELECTASIS,
        6,
        "There is mild {side} basilar atelectasis.",
        "Mild {side} basilar atelectasis.",
        acute=False,
    ),
    FalseFinding(
        O.ATELECTASIS,
        6,
        "There is mild bibasilar atelectasis.",
        "Mild bibasilar atelectasis.",
        acute=False,
    ),
    FalseFinding(
        O.CARDIOMEGALY,
        10,
        "The heart is mildly enlarged.",
        "Mild cardiomegaly.",
        acute=False,
    ),
    FalseFinding(
        O.PLEURAL_EFFUSION,
        8,
        "There is a small {side} pleural effusion.",
        "Small {side} pleural effusion.",
    ),
    FalseFinding(
        O.PLEURAL_EFFUSION,
        3,
        "There are small bilateral pleural effusions.",
        "Small bilateral pleural effusions.",
    ),
    FalseFinding(
        O.LUNG_LESION,
        4,
        "There is a 7 mm nodule in the {side} upper lobe.",
        "7 mm {side} upper lobe nodule.",
    ),
    FalseFinding(
        O.LUNG_LESION,
        3,
        "There is a 9 mm nodule in the {side} lower lobe.",
        "9 mm {side} lower lobe nodule.",
    ),
    FalseFinding(
        O.CONSOLIDATION,
        5,
        "There is focal consolidation in the {side} lower lobe.",
        "Focal {side} lower lobe consolidation.",
    ),
    FalseFinding(
        O.EDEMA,
        5,
        "There is mild interstitial pulmonary edema.",
        "Mild interstitial pulmonary edema.",
    ),
    FalseFinding(
        O.PNEUMOTHORAX,
        5,
        "There is a small {side} apical pneumothorax.",
        "Small {side} apical pneumothorax.",
    ),
    FalseFinding(
        O.FRACTURE,
        4,
        "There is a nondisplaced fracture of the {side} lateral seventh rib.",
        "Nondisplaced fracture of the {side} lateral seventh rib.",
    ),
    FalseFinding(
        O.HERNIA,
        3,
        "There is a small hiatal hernia.",
        "Small hiatal hernia.",
        acute=False,
    ),
    FalseFinding(
        O.PLEURAL_OTHER,
        3,
        "There is mild {side} apical pleural thickening.",
        "Mild {side} apical pleural thickening.",
        acute=False,
    ),
    FalseFinding(
        O.EMPHYSEMA,
        3,
        "There is mild emphysema.",
        "Mild emphysema.",
        acute=False,
    ),
)

FALSE_DEVICES: Final = (
    FalseFinding(
        O.SUPPORT_DEVICES,
        4,
        "A {side}-sided PICC is present with tip in the lower SVC.",
        "{Side}-sided PICC with tip in the lower SVC.",
        acute=False,
    ),
    FalseFinding(
        O.SUPPORT_DEVICES,
        4,
        "A {side} chest port is present with tip at the cavoatrial junction.",
        "{Side} chest port with tip at the cavoatrial junction.",
        acute=False,
    ),
    FalseFinding(
        O.SUPPORT_DEVICES,
        3,
        "A left chest wall pacemaker is present with leads in the right atrium and right ventricle.",
        "Left chest wall pacemaker with leads in the right atrium and right ventricle.",
        acute=False,
    ),
    FalseFinding(
        O.SUPPORT_DEVICES,
        2,
        "A {side} internal jugular central venous catheter terminates in the SVC.",
        "{Side} internal jugular central venous catheter with tip in the SVC.",
        acute=False,
    ),
)

LUNG: Final = frozenset({O.LUNG_OPACITY, O.ATELECTASIS, O.LUNG_LESION, O.CONSOLIDATION, O.EDEMA, O.EMPHYSEMA})
"""Findings beside which lungs are only "otherwise clear"."""

DENIED_WITH: Final[Mapping[Observation, frozenset[Observation]]] = MappingProxyType(
    {
        O.LUNG_OPACITY: frozenset({O.INFILTRATION}),
        O.CONSOLIDATION: frozenset({O.INFILTRATION, O.PNEUMONIA, O.LUNG_OPACITY}),
        O.EDEMA: frozenset({O.LUNG_OPACITY}),
        O.CARDIOMEGALY: frozenset(),
        O.EMPHYSEMA: frozenset(),
    }
)
"""What a report may not deny beside a false finding, but for clear lungs: "no infiltrate" beside a consolidation."""


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


GIVEN_AWAY_BY: Final[Mapping[Observation, re.Pattern[str]]] = MappingProxyType(
    {
        O.EDEMA: _words(r"vascul\w+|vessels?|interstiti\w+|congest\w*|failure"),
        O.PLEURAL_EFFUSION: _words(r"costophrenic|cp angles?|pleura|pleural spaces?|sulci"),
        O.FRACTURE: _words(r"bon(?:es?|y)|osseous|skelet\w+|ribs?|thoracic cage|chest wall"),
        O.CARDIOMEGALY: _words(r"hearts?|cardiac|cardio\w*|mediastin\w+|chf|failure"),
        O.LUNG_LESION: _words(r"granulom\w+|calcifi\w+ nod\w+|masses|mass|nodul\w+|suspicious"),
        O.EMPHYSEMA: _words(
            r"low lung volumes?|hypo\w+|lung volumes|(?:well|normally|fully) \w+|interstiti\w+|copd|hyper\w+|expan\w+"
            r"|crowding"
        ),
        O.PLEURAL_OTHER: _words(r"pleura|apic\w+|apex|costophrenic"),
        O.HERNIA: _words(r"hiat\w+|stomach|gastric|diaphragm\w*"),
        O.CONSOLIDATION: _words(r"airspace disease|air space disease|interstiti\w+"),
        O.LUNG_OPACITY: _words(r"airspace disease|air space disease|interstiti\w+|parenchymal|bases"),
        O.SUPPORT_DEVICES: _words(r"lines?|tubes?|devices?|hardware|catheters?|sternotomy|picc|port|pacemaker|leads?"),
        O.PNEUMOTHORAX: _words(r"apices|apex"),
        O.ATELECTASIS: _words(r"bases|low lung volumes?|volume loss"),
    }
)
"""Words of other sentences that say, or nearly, what a false finding would deny."""
