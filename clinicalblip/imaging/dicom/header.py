"""The tags of a DICOM file that drawing it needs, as plain values; nothing else of it is kept."""

from dataclasses import dataclass
from typing import Literal

from clinicalblip.imaging.dicom.dataset import ParsedFile, parse_file
from clinicalblip.imaging.dicom.orientation import main_directions
from clinicalblip.imaging.dicom.patient import age_group, sex
from clinicalblip.imaging.dicom.shutter import Aperture, read_apertures
from clinicalblip.imaging.dicom.tags import Tags
from clinicalblip.imaging.dicom.views import view_from_descriptions
from clinicalblip.imaging.dicom.windows import MAX_WINDOWS, VoiLut, VoiWindow, window_name
from clinicalblip.imaging.grey import Lut
from clinicalblip.radiology.radiograph import PatientGroup, SpacingKind, View
from clinicalblip.settings import LimitSettings

_DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
_DATES = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")


@dataclass(frozen=True)
class Identity:
    """What kind of image the file says that it is; codes in capitals, None where the file does not say."""

    sop_class: str
    modality: str | None
    body_part: str | None
    presentation_intent: str | None
    burned_in_annotation: str | None


@dataclass(frozen=True)
class Positioning:
    """How the patient stood to the beam. `orientation`: main directions of rows and columns (PatientOrientation).

    `described_view`: the view that the descriptions name; the descriptions themselves are not kept.
    """

    view_position: str | None
    view_codes: tuple[tuple[str, str], ...]
    orientation: tuple[str, str] | None
    described_view: View


@dataclass(frozen=True, eq=False)
class Pixels:
    """The Image Pixel module (PS3.3 C.7.6.3), with the transfer syntax that the data is encoded in.

    `data` is as the file has it, encapsulated frames included. `padding`: both ends of the padding values. `palette`:
    red, green and blue. Rows and columns are None where the file does not say them.
    """

    transfer_syntax: str
    rows: int | None
    columns: int | None
    frames: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar_configuration: int
    padding: tuple[int, int] | None
    palette: tuple[Lut, Lut, Lut] | None
    data: bytes | None
    vr: Literal["OB", "OW"]


@dataclass(frozen=True, eq=False)
class GreyTransforms:
    """From stored values to greys: modality LUT or rescale (slope, intercept), VOI LUTs and windows, presentation."""

    rescale: tuple[float, float] | None
    modality_lut: Lut | None
    voi_luts: tuple[VoiLut, ...]
    windows: tuple[VoiWindow, ...]
    voi_function: str
    presentation_shape: str | None


@dataclass(frozen=True)
class Geometry:
    """Row and column spacing in mm, and the openings that are left to see through."""

    spacing: tuple[float, float] | None
    spacing_kind: SpacingKind | None
    shutters: tuple[Aperture, ...]
    collimators: tuple[Aperture, ...]


@dataclass(frozen=True, eq=False)
class Header:
    """A DICOM file in plain values.

    `patient`: an age group and a sex, all that is taken of the patient. `malformed`: the keywords of optional tags
    whose values could not be understood and are not used.
    """

    identity: Identity
    patient: PatientGroup
    positioning: Positioning
    pixels: Pixels
    greys: GreyTransforms
    geometry: Geometry
    malformed: tuple[str, ...]

    @property
    def is_inverted(self) -> bool:
        """Whether high values are shown dark: MONOCHROME1, or a presentation LUT shape that says so."""
        return self.pixels.photometric == "MONOCHROME1" or self.greys.presentation_shape == "INVERSE"


def read_header(data: bytes, limits: LimitSettings) -> Header:
    """Read the tags, and the pixel data undecoded.

    A deflated file is inflated up to a bound first: RadiographTooLarge. Raises whatever pydicom raises for damaged
    bytes, so it is called inside `translate_errors`.
    """
    parsed = parse_file(data, limits)
    tags = Tags(parsed.dataset, little_endian=parsed.is_little_endian)
    return Header(
        identity=_identity(tags, parsed),
        patient=_patient(tags),
        positioning=_positioning(tags),
        pixels=_pixels(tags, parsed),
        greys=_grey_transforms(tags),
        geometry=_geometry(tags),
        malformed=tuple(dict.fromkeys(tags.malformed)),
    )


def _identity(tags: Tags, parsed: ParsedFile) -> Identity:
    return Identity(
        sop_class=str(tags.first("SOPClassUID") or parsed.sop_class),
        modality=tags.code("Modality"),
        body_part=tags.code("BodyPartExamined"),
        presentation_intent=tags.code("PresentationIntentType"),
        burned_in_annotation=tags.code("BurnedInAnnotation"),
    )


def _patient(tags: Tags) -> PatientGroup:
    """Damaged dates and ages count as absent and bring no warning: drawing the film does not need them."""
    malformed = len(tags.malformed)
    dates = (tags.code(keyword) for keyword in _DATES)
    taken = next((date for date in dates if date), None)
    group = PatientGroup(
        age_group(tags.code("PatientAge"), tags.code("PatientBirthDate"), taken), sex(tags.code("PatientSex"))
    )
    del tags.malformed[malformed:]
    return group


def _positioning(tags: Tags) -> Positioning:
    return Positioning(
        view_position=tags.code("ViewPosition"),
        view_codes=tags.coded_entries("ViewCodeSequence"),
        orientation=main_directions(tags.codes("PatientOrientation")),
        described_view=view_from_descriptions(tags.code(keyword) or "" for keyword in _DESCRIPTIONS),
    )


def _pixels(tags: Tags, parsed: ParsedFile) -> Pixels:
    bits_allocated = tags.integer("BitsAllocated") or 0
    bits_stored = tags.integer("BitsStored") or bits_allocated
    high_bit = tags.integer("HighBit")
    photometric = tags.code("PhotometricInterpretation") or "MONOCHROME2"
    data = parsed.dataset.get_item("PixelData")  # unconverted: its VR may be any
    return Pixels(
        transfer_syntax=parsed.transfer_syntax,
        rows=tags.integer("Rows"),
        columns=tags.integer("Columns"),
        frames=max(1, tags.integer("NumberOfFrames") or 1),
        samples=tags.integer("SamplesPerPixel") or 1,
        photometric=photometric,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=high_bit if high_bit is not None else bits_stored - 1,
        signed=tags.integer("PixelRepresentation") == 1,
        planar_configuration=tags.integer("PlanarConfiguration") or 0,
        padding=_padding(tags),
        palette=tags.palette() if photometric == "PALETTE COLOR" else None,
        data=None if data is None or not isinstance(data.value, bytes) else data.value,
        vr="OB" if data is not None and data.VR == "OB" else "OW",
    )


def _padding(tags: Tags) -> tuple[int, int] | None:
    value, limit = tags.integer("PixelPaddingValue"), tags.integer("PixelPaddingRangeLimit")
    return None if value is None else (value, value if limit is None else limit)


def _grey_transforms(tags: Tags) -> GreyTransforms:
    slope, intercept = tags.number("RescaleSlope"), tags.number("RescaleIntercept")
    modality_luts = tags.luts("ModalityLUTSequence", limit=1)
    voi_luts = tags.luts("VOILUTSequence", limit=MAX_WINDOWS)
    return GreyTransforms(
        rescale=None if slope is None or intercept is None else (slope, intercept),
        modality_lut=modality_luts[0][0] if modality_luts else None,
        voi_luts=tuple(VoiLut(lut, window_name(explanation)) for lut, explanation in voi_luts),
        windows=_windows(tags),
        voi_function=tags.code("VOILUTFunction") or "LINEAR",
        presentation_shape=tags.code("PresentationLUTShape"),
    )


def _windows(tags: Tags) -> tuple[VoiWindow, ...]:
    centres, widths = tags.numbers("WindowCenter"), tags.numbers("WindowWidth")
    explanations = tags.codes("WindowCenterWidthExplanation")
    explanations += [""] * max(0, len(centres) - len(explanations))
    return tuple(
        VoiWindow(centre, width, window_name(explanation))
        for centre, width, explanation in zip(centres[:MAX_WINDOWS], widths, explanations, strict=False)
    )


def _geometry(tags: Tags) -> Geometry:
    spacing, kind = _spacing(tags)
    aspect = spacing[0] / spacing[1] if spacing else 1.0
    shutters, collimators = (tuple(read_apertures(tags, name, aspect=aspect)) for name in ("Shutter", "Collimator"))
    return Geometry(spacing, kind, shutters, collimators)


def _spacing(tags: Tags) -> tuple[tuple[float, float] | None, SpacingKind | None]:
    """The calibrated spacing before the detector's (a digitiser's scanning step is that of the film), PS3.3 10.7.1.3.

    PixelSpacing is calibrated where the file says how, or where it differs from the detector's; beside an equal one
    it is the detector's again, and alone it may be either.
    """
    shown = tags.positive_pair("PixelSpacing")
    detector = tags.positive_pair("ImagerPixelSpacing") or tags.positive_pair("NominalScannedPixelSpacing")
    if shown is None:
        return detector, SpacingKind.DETECTOR if detector else None
    if tags.code("PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL") or (detector and detector != shown):
        return shown, SpacingKind.CALIBRATED
    return shown, SpacingKind.DETECTOR if detector else None
