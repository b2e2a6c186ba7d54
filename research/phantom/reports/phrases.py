"""The sentences of phantoms' reports: our own wording in the manner of short chest reports.

`{side}` is right or left, `{place}` a place such as "left lower zone", `{degree}` a word of size or grade, `{size}` a
diameter. Each sentence names its finding and no other, so that a labeler can read back what a report says.
"""

from __future__ import annotations

from typing import Final

from research.phantom.description import Kind

DEGREES: Final = {
    Kind.CARDIOMEGALY: ("mild", "moderate", "marked"),
    Kind.EFFUSION: ("small", "moderate", "large"),
    Kind.PNEUMOTHORAX: ("small", "moderate", "large"),
    Kind.CONSOLIDATION: ("patchy", "moderate", "extensive"),
    Kind.ATELECTASIS: ("minimal", "mild", "moderate"),
    Kind.EDEMA: ("mild", "moderate", "severe"),
    Kind.HYPERINFLATION: ("mild", "moderate", "marked"),
    Kind.SCOLIOSIS: ("mild", "moderate", "marked"),
    Kind.RIB_FRACTURE: ("minimally", "mildly", "clearly"),
}

PRESENT: Final = {
    Kind.CARDIOMEGALY: (
        "There is {degree} cardiomegaly.",
        "{Degree} cardiomegaly is present.",
        "{Degree} enlargement of the heart, that is, cardiomegaly.",
        "The heart is enlarged, to a {degree} degree.",
    ),
    Kind.EFFUSION: (
        "There is a {degree} pleural effusion {on_side}.",
        "{Degree} {sided} pleural effusion.",
        "A {degree} {sided} pleural effusion is seen.",
        "Pleural effusion {on_side}, {degree} in size.",
    ),
    Kind.PNEUMOTHORAX: (
        "There is a {degree} pneumothorax {on_side}.",
        "{Degree} {sided} pneumothorax.",
        "A {degree} {sided} pneumothorax is seen.",
        "Pneumothorax {on_side}, {degree} in size, with a visible pleural line.",
    ),
    Kind.CONSOLIDATION: (
        "There is {degree} consolidation in the {place}.",
        "{Degree} consolidation in the {place}.",
        "{Degree} airspace consolidation is seen in the {place}.",
        "Consolidation of the {place}, {degree} in extent.",
    ),
    Kind.ATELECTASIS: (
        "There is {degree} atelectasis in the {place}.",
        "{Degree} bandlike atelectasis in the {place}.",
        "{Degree} atelectasis is seen in the {place}.",
        "Bands of atelectasis cross the {place}, {degree} in degree.",
    ),
    Kind.NODULE: (
        "There is a {size} nodule in the {place}.",
        "{Size} nodule in the {place}.",
        "A lung nodule of {size} is seen in the {place}.",
        "Nodule in the {place}, {size} in diameter.",
    ),
    Kind.MASS: (
        "There is a {size} mass in the {place}.",
        "{Size} mass in the {place}.",
        "A lung mass of {size} is seen in the {place}.",
        "Mass in the {place}, {size} in diameter.",
    ),
    Kind.EDEMA: (
        "There is {degree} pulmonary edema.",
        "{Degree} pulmonary edema.",
        "{Degree} pulmonary edema on both sides.",
        "Perihilar haze and thick septal lines, in keeping with {degree} pulmonary edema.",
    ),
    Kind.HYPERINFLATION: (
        "There is {degree} hyperinflation of the lungs.",
        "The lungs show {degree} hyperinflation with low, flat diaphragms.",
        "{Degree} hyperinflation with flattened diaphragms.",
        "{Degree} hyperinflation of both lungs.",
    ),
    Kind.SCOLIOSIS: (
        "There is {degree} thoracic scoliosis, convex to the {side}.",
        "{Degree} scoliosis convex to the {side}.",
        "The thoracic spine shows {degree} scoliosis with its convexity to the {side}.",
        "{Degree} {sided} convex scoliosis of the thoracic spine.",
    ),
    Kind.GRANULOMA: (
        "There is a calcified granuloma in the {place}.",
        "Calcified granuloma in the {place}.",
        "A {size} calcified granuloma is seen in the {place}.",
        "Small calcified granuloma of the {place}.",
    ),
    Kind.RIB_FRACTURE: (
        "There is a {degree} displaced rib fracture at the level of the {place}.",
        "{Degree} displaced fracture of a {side} rib beside the {zone} zone.",
        "A {side} rib fracture is seen at the {zone} zone, {degree} displaced.",
        "Rib fracture {on_side} over the {zone} zone, {degree} displaced.",
    ),
    Kind.PACEMAKER: (
        "There is a {sided} pacemaker with leads in the right atrium and right ventricle.",
        "{Sided} pacemaker with two leads.",
        "A pacemaker lies over the {side} chest wall, its leads in the right heart.",
    ),
    Kind.CENTRAL_LINE: (
        "There is a {sided} central venous catheter with its tip in the superior vena cava.",
        "{Sided} central line with the tip in the SVC.",
        "A central venous line enters from the {side} and ends in the SVC.",
    ),
    Kind.ENDOTRACHEAL_TUBE: (
        "There is an endotracheal tube with its tip above the carina.",
        "Endotracheal tube tip above the carina.",
        "The endotracheal tube ends above the carina.",
    ),
    Kind.STERNOTOMY_WIRES: (
        "There are median sternotomy wires.",
        "Median sternotomy wires are in place.",
        "Sternal wires after median sternotomy.",
    ),
}

ABSENT: Final = {
    Kind.CARDIOMEGALY: (
        "The heart is normal in size.",
        "Heart size is normal.",
        "The heart is not enlarged.",
        "Normal heart size.",
        "The cardiac silhouette is normal.",
    ),
    Kind.EFFUSION: (
        "No pleural effusion.",
        "There is no pleural effusion.",
        "No effusion is seen.",
        "The pleural spaces are clear.",
    ),
    Kind.PNEUMOTHORAX: (
        "No pneumothorax.",
        "There is no pneumothorax.",
        "No pneumothorax is seen.",
        "Neither lung shows a pneumothorax.",
    ),
    Kind.CONSOLIDATION: (
        "No consolidation.",
        "There is no focal consolidation.",
        "No consolidation is seen.",
    ),
    Kind.EDEMA: ("No pulmonary edema.", "There is no edema.", "No evidence of pulmonary edema."),
    Kind.NODULE: ("No nodule or mass.", "There is no nodule or mass.", "No lung nodule is seen."),
    Kind.ATELECTASIS: ("No atelectasis.", "There is no atelectasis."),
    Kind.RIB_FRACTURE: ("No rib fracture.", "No displaced fracture is seen.", "There is no rib fracture."),
}
CLEAR: Final = (
    "The lungs are clear.",
    "Both lungs are clear.",
    "Lungs are clear.",
    "Lungs clear on both sides.",
)
BONES: Final = ("The bones are intact.", "Bony structures are intact.", "The skeleton of the chest is unremarkable.")
MIDDLE: Final = ("The mediastinum is unremarkable.", "Mediastinal contours are normal.", "Normal mediastinal contours.")
NORMAL: Final = (
    "No acute disease.",
    "Normal chest.",
    "No acute cardiopulmonary abnormality.",
    "Normal chest radiograph.",
    "No active disease.",
)

# What an impression calls each finding; its degree is left to the findings.
SHORT: Final = {
    Kind.CARDIOMEGALY: "{Degree} cardiomegaly.",
    Kind.EFFUSION: "{Degree} {sided} pleural effusion.",
    Kind.PNEUMOTHORAX: "{Degree} {sided} pneumothorax.",
    Kind.CONSOLIDATION: "Consolidation in the {place}.",
    Kind.ATELECTASIS: "Atelectasis in the {place}.",
    Kind.NODULE: "Nodule in the {place}.",
    Kind.MASS: "Mass in the {place}.",
    Kind.EDEMA: "{Degree} pulmonary edema.",
    Kind.HYPERINFLATION: "Hyperinflation.",
    Kind.SCOLIOSIS: "Thoracic scoliosis.",
    Kind.GRANULOMA: "Calcified granuloma in the {place}.",
    Kind.RIB_FRACTURE: "{Sided} rib fracture.",
    Kind.PACEMAKER: "{Sided} pacemaker.",
    Kind.CENTRAL_LINE: "{Sided} central line.",
    Kind.ENDOTRACHEAL_TUBE: "Endotracheal tube in place.",
    Kind.STERNOTOMY_WIRES: "Median sternotomy wires.",
}

# About a finding or a device where there is an earlier film; `{name}` is "left pleural effusion" and the like.
UNCHANGED: Final = (
    "The {name} {is} unchanged.",
    "The {name} {is} stable since the prior film.",
    "No change of the {name}.",
)
NEW: Final = ("The {name} {is} new.", "The {name} {is} new since the prior film.", "The {name} {was} not there before.")
LARGER: Final = ("The {name} {has} increased.", "The {name} {is} larger than before.", "Increase of the {name}.")
SMALLER: Final = ("The {name} {has} decreased.", "The {name} {is} smaller than before.", "Decrease of the {name}.")
RESOLVED: Final = ("No remaining {name}.", "No residual {name}.", "No {name} any more.")
SAME: Final = ("No change since the prior film.", "Unchanged since the prior film.", "No interval change.")
