"""A film that names its patient wherever a DICOM file can: in every text tag, in its bytes, and in its picture."""

import io
import warnings

import numpy as np
import pydicom
from burned_in_films import Writing, burn
from dicom_files import write_dicom
from pydicom.datadict import DicomDictionary
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset

from clinicalblip.phantom.cases import CASES
from clinicalblip.phantom.draw import draw_chest
from clinicalblip.radiology.radiograph import Region

TAG = "ZEBRATAG"
BORN = "19310917"
UID = "1.2.826.0.1.3680043.9.777.31"
BURNED = "ZEBRAPIX, JANE"
PLANTED = (TAG, BORN, UID, "ZEBRAPIX")

_TEXT_VRS = {"LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT", "AE", "CS"}
# A name there would make another film of it, or none; tests/test_planted_names.py plants it alone.
_READ = """
    SOPClassUID Modality PhotometricInterpretation SpecificCharacterSet BodyPartExamined PresentationIntentType
    BurnedInAnnotation ViewPosition PatientOrientation VOILUTFunction PresentationLUTShape ShutterShape CollimatorShape
    PatientSex PatientAge ViewCodeSequence ModalityLUTSequence VOILUTSequence WindowCenterWidthExplanation
"""


def film_of_names(side: int = 512) -> tuple[bytes, Region]:
    """A 12-bit film of a drawn chest with a name in every place, and where the one in the picture is written."""
    chest = draw_chest(next(case for case in CASES if case.id == "cardiomegaly").phantom, side)
    greys, written = burn(chest.astype(np.float32), Writing(BURNED, "name"), np.random.default_rng(0))
    pixels = np.rint(greys * 4095).astype(np.uint16)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a name is a wrong value in some of these tags
        return _plant(write_dicom(pixels, patient_name=f"{TAG}^JANE", ViewPosition="PA")), written


def _plant(plain: bytes) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(plain))
    read = set(_READ.split())
    for number, (tag, (vr, _, _, _, keyword)) in enumerate(sorted(DicomDictionary.items())):
        group = tag >> 16
        if group in (0x0000, 0x0002, 0x0004, 0xFFFE, 0x7FE0) or not keyword or keyword in read or tag in dataset:
            continue
        if vr in _TEXT_VRS:
            dataset.add_new(tag, vr, f"{TAG}{number}")
        elif vr == "DA":
            dataset.add_new(tag, vr, BORN)
        elif vr == "UI":
            dataset.add_new(tag, vr, f"{UID}.{number}")
        elif vr == "SQ":
            item = Dataset()
            item.PatientName = f"{TAG}^NESTED"
            item.add_new(0x0040A160, "UT", f"{TAG} in a sequence")
            dataset.add_new(tag, vr, [item])
    dataset.PatientID = f"{TAG}ID"
    dataset.PatientBirthDate = BORN
    dataset.WindowCenter, dataset.WindowWidth = ["2048", "1500"], ["4096", "2000"]
    dataset.WindowCenterWidthExplanation = [f"{TAG}W1", f"{TAG}W2"]
    private = dataset.private_block(0x0009, f"{TAG}MAKER", create=True)
    private.add_new(1, "PN", f"{TAG}^PRIVATE")
    private.add_new(2, "OB", f"{TAG} wide  ".encode("utf-16-le"))
    private.add_new(3, "UN", f"{TAG} unknown ".encode())
    for element, vr, value in (
        (0x0010, "US", 8),
        (0x0011, "US", 8),
        (0x0022, "LO", f"{TAG} overlay"),
        (0x0040, "CS", "G"),
        (0x0050, "SS", [1, 1]),
        (0x0100, "US", 1),
        (0x0102, "US", 0),
        (0x1500, "LO", f"{TAG} label"),
        (0x3000, "OW", TAG.encode()),
        (0x4000, "LT", f"{TAG} comment"),
    ):
        dataset.add(DataElement(0x60000000 + element, vr, value))
    dataset.add(DataElement(0xFFFCFFFC, "OB", f"{TAG} padding ".encode()))
    dataset.file_meta.SourceApplicationEntityTitle = TAG
    dataset.file_meta.ImplementationVersionName = TAG
    dataset.file_meta.PrivateInformationCreatorUID = f"{UID}.1"
    dataset.file_meta.PrivateInformation = f"{TAG} meta ".encode()
    dataset.preamble = (f"{TAG} preamble".encode() * 8)[:128]
    written = io.BytesIO()
    pydicom.dcmwrite(written, dataset, enforce_file_format=True)
    return written.getvalue()
