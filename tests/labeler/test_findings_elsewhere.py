"""Sentences in the manner of another hospital than the one whose reports the rules were made on, a trap in each.

All are invented, and each answer was written down as a reader of films holds it before any was read by the labeler;
docs/labeler.md says how many came out right at first.
"""

import pytest

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation

P, A, U = Certainty.PRESENT, Certainty.ABSENT, Certainty.UNCERTAIN
NORMAL, MEDIASTINUM = Observation.NO_FINDING, Observation.ENLARGED_CARDIOMEDIASTINUM
CARDIOMEGALY, OPACITY, LESION = Observation.CARDIOMEGALY, Observation.LUNG_OPACITY, Observation.LUNG_LESION
EDEMA, CONSOLIDATION, PNEUMONIA = Observation.EDEMA, Observation.CONSOLIDATION, Observation.PNEUMONIA
ATELECTASIS, PNEUMOTHORAX = Observation.ATELECTASIS, Observation.PNEUMOTHORAX
EFFUSION, PLEURAL_OTHER = Observation.PLEURAL_EFFUSION, Observation.PLEURAL_OTHER
FRACTURE, DEVICES = Observation.FRACTURE, Observation.SUPPORT_DEVICES
INFILTRATION, EMPHYSEMA, HERNIA = Observation.INFILTRATION, Observation.EMPHYSEMA, Observation.HERNIA

SAID = {
    # It cannot be excluded, in several orders
    "It is not possible to exclude a small left pleural effusion.": {EFFUSION: U},
    "A small pneumothorax would be difficult to exclude on this supine film.": {PNEUMOTHORAX: U},
    "Superimposed infection cannot be excluded in the appropriate clinical setting.": {PNEUMONIA: U},
    "There is no pleural effusion or pneumothorax, although a small subpulmonic effusion cannot be excluded.": {
        PNEUMOTHORAX: A, EFFUSION: U,
    },
    "Chest CT is recommended to rule out an underlying mass.": {LESION: U},
    "If clinically indicated, CT could exclude pulmonary embolism; no pneumothorax.": {NORMAL: P, PNEUMOTHORAX: A},
    # Denied twice
    "The study is not without abnormality: a small right effusion persists.": {EFFUSION: P},
    "Compared to the prior study, the right effusion has decreased but not resolved.": {EFFUSION: P},
    "Pneumothorax has not recurred.": {NORMAL: P, PNEUMOTHORAX: A},
    # No change is no denial
    "There is no change in the moderate right pleural effusion.": {EFFUSION: P},
    "No interval change in the appearance of the multifocal opacities.": {OPACITY: P},
    "The previously described effusion on the left is unchanged.": {EFFUSION: P},
    "Slight decrease in size of right pleural effusion, now small.": {EFFUSION: P},
    "No new focal opacity; unchanged left basilar atelectasis.": {OPACITY: U, ATELECTASIS: P},
    # Resolved, cleared, improved
    "Previously seen right pneumothorax has resolved.": {NORMAL: P, PNEUMOTHORAX: A},
    "Interval resolution of the left lower lobe consolidation.": {NORMAL: P, CONSOLIDATION: A},
    "There has been interval clearing of pulmonary edema.": {NORMAL: P, EDEMA: A},
    "Partial interval resolution of the left effusion.": {EFFUSION: P},
    "An opacity, previously seen at the right base, has cleared.": {NORMAL: P, OPACITY: A},
    "Treated pneumonia has resolved without residual scarring.": {NORMAL: P, PNEUMONIA: A},
    "The left apical pneumothorax is no longer seen.": {NORMAL: P, PNEUMOTHORAX: A},
    "No longer any sign of congestive heart failure.": {NORMAL: P, EDEMA: A},
    "Pulmonary edema has improved.": {EDEMA: P},
    "Improved but persistent pulmonary edema.": {EDEMA: P},
    # What was before, and what is asked
    "Patient with a history of recurrent pneumonia and a prior rib fracture.": {},
    "___-year-old woman with shortness of breath, evaluate for pneumonia or effusion.": {},
    "Please assess for pneumothorax.": {},
    "Evaluation for pneumothorax is limited by supine positioning.": {},
    # Devices and their tips
    "Right internal jugular central venous catheter tip terminates in the mid SVC.": {DEVICES: P},
    "The tip of the Dobbhoff tube projects over the stomach.": {DEVICES: P},
    "Endotracheal tube ends 4.5 cm above the carina, and there is no pneumothorax.": {
        NORMAL: P, PNEUMOTHORAX: A, DEVICES: P,
    },
    "The endotracheal tube has been withdrawn 2 cm.": {DEVICES: P},
    "Without evidence of pneumothorax following chest tube removal.": {NORMAL: P, PNEUMOTHORAX: A, DEVICES: A},
    "Interval removal of the right chest tube, with no residual pneumothorax.": {
        NORMAL: P, PNEUMOTHORAX: A, DEVICES: A,
    },
    "Left-sided pacemaker leads terminate in the right atrium and right ventricle.": {DEVICES: P},
    "The patient is status post median sternotomy and CABG; sternal wires are intact.": {DEVICES: P},
    "Tracheostomy tube in standard position.": {DEVICES: P},
    "Multiple lines and tubes are unchanged in position.": {DEVICES: P},
    "The enteric tube courses below the diaphragm and out of view.": {DEVICES: P},
    "XXXX XXXX catheter tip overlies the right atrium without pneumothorax.": {
        NORMAL: P, PNEUMOTHORAX: A, DEVICES: P,
    },
    # Clear of, free of
    "The lungs are clear of consolidation or edema.": {NORMAL: P, EDEMA: A, CONSOLIDATION: A},
    "Free of consolidation, the lungs show mild edema.": {EDEMA: P, CONSOLIDATION: A},
    "Lungs are clear bilaterally without effusion.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A, EFFUSION: A},
    "The right lung is clear; the left shows a large effusion.": {EFFUSION: P},
    "Absence of effusion.": {NORMAL: P, EFFUSION: A},
    # Lists, and where a list ends
    "No pleural effusion, pneumothorax, or focal consolidation is seen.": {
        NORMAL: P, CONSOLIDATION: A, PNEUMOTHORAX: A, EFFUSION: A,
    },
    "There is no effusion but there is consolidation at the right base.": {CONSOLIDATION: P, EFFUSION: A},
    "Although there is no focal consolidation, mild edema is present.": {EDEMA: P, CONSOLIDATION: A},
    "No pneumonia, but a moderate effusion remains.": {PNEUMONIA: A, EFFUSION: P},
    "Neither pneumothorax nor pleural effusion is present.": {NORMAL: P, PNEUMOTHORAX: A, EFFUSION: A},
    "There is neither cardiomegaly nor edema; a hiatal hernia is noted.": {CARDIOMEGALY: A, EDEMA: A, HERNIA: P},
    "No pulmonary edema; the heart remains enlarged.": {CARDIOMEGALY: P, EDEMA: A},
    "Lungs are hyperinflated, consistent with emphysema; no pneumonia.": {PNEUMONIA: A, EMPHYSEMA: P},
    # Not seen, no definite
    "A discrete pneumothorax is not seen.": {NORMAL: P, PNEUMOTHORAX: A},
    "No definite pleural effusion is identified.": {NORMAL: P, EFFUSION: A},
    "Low lung volumes with bronchovascular crowding; no definite focal consolidation.": {CONSOLIDATION: A},
    "There is no evidence of free air below the diaphragm.": {},
    "No displaced rib fracture.": {NORMAL: P, FRACTURE: A},
    "No acute fracture or dislocation.": {NORMAL: P, FRACTURE: A},
    "Calcified granuloma; no suspicious mass.": {LESION: A},
    # One or the other, perhaps
    "Retrocardiac opacity may represent atelectasis or early pneumonia.": {OPACITY: P, PNEUMONIA: U, ATELECTASIS: U},
    "Bibasilar opacities, atelectasis versus aspiration pneumonia.": {OPACITY: P, PNEUMONIA: U, ATELECTASIS: U},
    "Right lower lobe opacity concerning for pneumonia, less likely atelectasis.": {
        OPACITY: P, PNEUMONIA: U, ATELECTASIS: U,
    },
    "Pneumonia is felt to be less likely than atelectasis.": {PNEUMONIA: U, ATELECTASIS: U},
    "Atelectasis is favored over pneumonia.": {PNEUMONIA: U, ATELECTASIS: U},
    "Increased interstitial markings suggest mild edema or atypical infection.": {
        OPACITY: P, EDEMA: U, PNEUMONIA: U,
    },
    "Pneumonia should be considered.": {PNEUMONIA: U},
    "Blunting of the left costophrenic angle suggests a small effusion.": {EFFUSION: U},
    "Effusion, if present, is small.": {EFFUSION: U},
    "There may be a trace right effusion.": {EFFUSION: U},
    "Question of a tiny left apical pneumothorax.": {PNEUMOTHORAX: U},
    "Mild pulmonary vascular congestion without frank edema.": {EDEMA: U},
    # Sure enough
    "Patchy opacities likely reflect atelectasis.": {OPACITY: P, ATELECTASIS: P},
    "Findings compatible with mild interstitial edema.": {EDEMA: P},
    "Interval development of a small right pneumothorax after thoracentesis.": {PNEUMOTHORAX: P},
    "Interval increase in bilateral infiltrates.": {OPACITY: P, INFILTRATION: P},
    "Hazy density over the right hemithorax from layering effusion.": {OPACITY: P, EFFUSION: P},
    "There is bilateral pleural fluid.": {EFFUSION: P},
    "Volume loss in the left lower lobe with collapse.": {ATELECTASIS: P},
    "Stable 8-mm nodule in the right upper lobe; no new nodule.": {LESION: P},
    "Pulmonary nodules, better assessed on prior CT, are unchanged.": {LESION: P},
    "Old healed right rib fractures.": {FRACTURE: P},
    "Biapical scarring and pleural thickening.": {PLEURAL_OTHER: P},
    # Heart and mediastinum
    "Cardiac silhouette is enlarged but stable.": {CARDIOMEGALY: P},
    "Moderate to severe cardiomegaly is re-demonstrated.": {CARDIOMEGALY: P},
    "Heart size is top normal.": {NORMAL: P, CARDIOMEGALY: A},
    "The cardiomediastinal silhouette is stable.": {},
    "The aorta is tortuous.": {},
    "The mediastinum is not widened.": {NORMAL: P, MEDIASTINUM: A},
    "Mediastinal and hilar contours are unremarkable.": {NORMAL: P, MEDIASTINUM: A},
    # Typing errors, and names taken out
    "Small left pleural effussion.": {EFFUSION: P},
    "No pneumothroax.": {NORMAL: P, PNEUMOTHORAX: A},
    "Bibasilar atelectais, unchanged.": {ATELECTASIS: P},
    "Mild cardiomegally.": {CARDIOMEGALY: P},
    "No focal consolodation.": {NORMAL: P, CONSOLIDATION: A},
    "Mild pulmonary edmea.": {EDEMA: P},
    "There is XXXX opacity in the left lower lobe.": {OPACITY: P},
}  # fmt: skip

# Written after the rules had been mended for those above.
LATER = {
    "There is no evidence of acute pneumonia or congestive heart failure.": {NORMAL: P, EDEMA: A, PNEUMONIA: A},
    "Interval decrease in the left pneumothorax, which is now barely visible.": {PNEUMOTHORAX: P},
    "A subtle fracture would not be visible on this study.": {FRACTURE: U},
    "Small effusions cannot confidently be excluded.": {EFFUSION: U},
    "It would be hard to rule out an early consolidation at the left base.": {CONSOLIDATION: U},
    "Recently treated for pneumonia; the lungs are now clear.": {OPACITY: A, CONSOLIDATION: A, NORMAL: P},
    "The right basal opacity has nearly completely resolved.": {OPACITY: P},
    "Near complete resolution of the right effusion.": {EFFUSION: P},
    "Interval extubation; the nasogastric tube has also been removed.": {DEVICES: A, NORMAL: P},
    "Swan-Ganz catheter has been pulled back and now ends in the main pulmonary artery.": {DEVICES: P},
    "Left PICC ends at the cavoatrial junction.": {DEVICES: P},
    "There is no pneumothorax or pleural effusion; the pacer wires are unchanged.": {
        NORMAL: P, PNEUMOTHORAX: A, EFFUSION: A, DEVICES: P,
    },
    "No radiographic evidence for pneumonia.": {NORMAL: P, PNEUMONIA: A},
    "Lungs are grossly clear without focal consolidation, effusion, or pneumothorax.": {
        NORMAL: P, OPACITY: A, CONSOLIDATION: A, EFFUSION: A, PNEUMOTHORAX: A,
    },
    "Pleural effusion is present on the left and absent on the right.": {EFFUSION: P},
    "Opacification of the left base could be due to atelectasis, effusion, or both.": {
        OPACITY: P, ATELECTASIS: U, EFFUSION: U,
    },
    "Findings are most consistent with pulmonary edema, although pneumonia could have a similar appearance.": {
        EDEMA: P, PNEUMONIA: U,
    },
    "Heart is mildly enlarged, unchanged.": {CARDIOMEGALY: P},
    "The heart size cannot be assessed.": {},
    "The cardiac silhouette is difficult to assess given the effusion.": {EFFUSION: P},
    "Mediastinal widening is likely due to patient rotation.": {MEDIASTINUM: P},
    "Cardiomediastinal contours are within normal limits.": {NORMAL: P, MEDIASTINUM: A, CARDIOMEGALY: A},
    "Unremarkable cardiac and mediastinal silhouettes.": {NORMAL: P, MEDIASTINUM: A, CARDIOMEGALY: A},
    "There are no new areas of consolidation; the known right upper lobe mass is again seen.": {
        CONSOLIDATION: U, LESION: P,
    },
    "No pneumothorax status post chest tube placement.": {NORMAL: P, PNEUMOTHORAX: A, DEVICES: P},
    "Small right apical pneumothorax, not seen on the prior study.": {PNEUMOTHORAX: P},
    "Perihilar haziness suggestive of mild edema.": {OPACITY: P, EDEMA: U},
    "Left lower lobe atelectasis, with superimposed pneumonia not excluded.": {ATELECTASIS: P, PNEUMONIA: U},
    "Persistent left retrocardiac opacity, probably atelectasis.": {OPACITY: P, ATELECTASIS: U},
    "No overt edema.": {NORMAL: P, EDEMA: A},
    "No large effusion, but a small one may be present.": {EFFUSION: U},
    "Pneumothorax: absent. Effusion: small, left.": {PNEUMOTHORAX: A, EFFUSION: P},
    "Old right clavicular fracture without acute fracture.": {FRACTURE: P},
    "Degenerative changes without compression fracture.": {FRACTURE: A},
    "Emphysematous lungs, otherwise clear.": {EMPHYSEMA: P, OPACITY: A, CONSOLIDATION: A},
    "Moderate cardiomegaly is stable, and the previously seen edema has cleared.": {CARDIOMEGALY: P, EDEMA: A},
    "Given the history of malignancy, a nodule cannot be excluded.": {LESION: U},
    "Rounded opacity in the right lung is suspicious for a mass.": {OPACITY: P, LESION: U},
    "Neither the effusion nor the consolidation has changed.": {EFFUSION: P, CONSOLIDATION: P},
    "Right middle lobe pnuemonia.": {PNEUMONIA: P},
    "Bilateral plueral effusions.": {EFFUSION: P},
    "Pulmonary edema is mild, if any.": {EDEMA: U},
    "Lungs: No consolidation. Pleura: No effusion. Heart: Enlarged.": {CONSOLIDATION: A, EFFUSION: A, CARDIOMEGALY: P},
    "There is no longer evidence of a left pneumothorax.": {NORMAL: P, PNEUMOTHORAX: A},
    "Tubes and lines have been removed in the interval.": {NORMAL: P, DEVICES: A},
}  # fmt: skip


# And once more.
LAST = {
    "As compared to the previous radiograph, there is no relevant change.": {},
    "As compared to the previous radiograph, the left pleural effusion has slightly increased.": {EFFUSION: P},
    "Unchanged monitoring and support devices.": {DEVICES: P},
    "The known right pneumothorax is no longer visible.": {NORMAL: P, PNEUMOTHORAX: A},
    "No evidence of complications, notably no pneumothorax.": {NORMAL: P, PNEUMOTHORAX: A},
    "Borderline size of the cardiac silhouette without pulmonary edema.": {CARDIOMEGALY: U, EDEMA: A},
    "Mild fluid overload but no overt pulmonary edema.": {EDEMA: A},
    "Retrocardiac atelectasis persists, as does the small right effusion.": {ATELECTASIS: P, EFFUSION: P},
    "Cardiac, mediastinal and hilar contours are normal.": {NORMAL: P, CARDIOMEGALY: A, MEDIASTINUM: A},
    "Pulmonary vasculature is normal, and the lungs are clear.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A},
    "No focal consolidation, pleural effusion or pneumothorax is present, and the heart is top normal in size.": {
        NORMAL: P, CONSOLIDATION: A, EFFUSION: A, PNEUMOTHORAX: A, CARDIOMEGALY: A,
    },
    "There are no acute osseous abnormalities.": {NORMAL: P},
    "Streaky opacities in the lung bases likely reflect atelectasis, though infection is not excluded.": {
        OPACITY: P, ATELECTASIS: P, PNEUMONIA: U,
    },
    "Hyperinflated lungs with flattened diaphragms suggest emphysema.": {EMPHYSEMA: U},
    "No pleural effusion or pneumothorax is seen, however left apical pleural thickening is noted.": {
        EFFUSION: A, PNEUMOTHORAX: A, PLEURAL_OTHER: P,
    },
    "Right lung base opacity, which could represent pneumonia in the correct clinical setting.": {
        OPACITY: P, PNEUMONIA: U,
    },
    "Previously noted pulmonary edema has nearly resolved.": {EDEMA: P},
    "Interval placement of a right chest tube with re-expansion of the lung and no residual pneumothorax.": {
        DEVICES: P, PNEUMOTHORAX: A, NORMAL: P,
    },
    "Heart size is mildly enlarged but unchanged.": {CARDIOMEGALY: P},
    "Mild to moderate cardiomegaly with unfolding of the aorta.": {CARDIOMEGALY: P},
    "No subdiaphragmatic free air, pneumothorax, or displaced fracture.": {NORMAL: P, PNEUMOTHORAX: A, FRACTURE: A},
    "Subtle deformity of a left rib may reflect an old fracture.": {FRACTURE: U},
    "The patient is rotated, which limits evaluation for mediastinal widening.": {},
    "Wet read: no pneumonia. Final: right lower lobe pneumonia.": {PNEUMONIA: P},
    "1. No pneumonia.\n2. Small hiatal hernia.": {PNEUMONIA: A, HERNIA: P},
    "There is a new right upper lobe collapse.": {ATELECTASIS: P},
    "The left hemithorax is completely opacified.": {OPACITY: P},
    "Multifocal pneumonia is improving.": {PNEUMONIA: P},
    "Pneumonia has cleared, but a small parapneumonic effusion remains.": {PNEUMONIA: A, EFFUSION: P},
    "It is unclear whether this represents atelectasis or consolidation.": {ATELECTASIS: U, CONSOLIDATION: U},
    "Can't rule out a tiny effusion.": {EFFUSION: U},
    "Suspected right hilar mass.": {LESION: U},
    "A 9 mm nodular opacity projects over the left fifth rib.": {OPACITY: P, LESION: P},
    "No pulmonary nodules or masses are identified, and no lymphadenopathy.": {NORMAL: P, LESION: A},
    "The lungs are well expanded and clear.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A},
    "Lungs clear. Heart normal. No effusions.": {NORMAL: P, OPACITY: A, CONSOLIDATION: A, CARDIOMEGALY: A, EFFUSION: A},
    "Aside from mild left basal atelectasis, the lungs are clear.": {ATELECTASIS: P, OPACITY: A, CONSOLIDATION: A},
    "Rather than pneumonia, this is likely asymmetric edema.": {PNEUMONIA: A, EDEMA: P},
    "An underlying pneumonia would be difficult to detect.": {PNEUMONIA: U},
    "The nasogastric tube is not visualized.": {DEVICES: A, NORMAL: P},
    "Mild interstitial abnormality, most likely edema.": {OPACITY: P, EDEMA: P},
    "No interval development of effusion.": {NORMAL: P, EFFUSION: A},
}  # fmt: skip


@pytest.mark.parametrize("text", [*SAID, *LATER, *LAST])
def test_sentence_of_another_hospital(text: str) -> None:
    """Each is read as a reader of films means it."""
    assert observations(text) == (SAID | LATER | LAST)[text]
