"""The tags of a DICOM file that drawing it needs, as plain values; nothing else of it is kept."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Literal

from clinicalblip.imaging.dicom.dataset import ParsedFile, parse_file
from clinicalblip.imaging.dicom.elements import UNDEFINED
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
_FOR_MEASURING = ("LOG", "DISP")
"""Pixel intensity relationships of values that are for display as they are: a modality LUT beside them leads back to
what the detector measured (PS3.3 C.8.7.1.1.2)."""
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
    """How the patient stood to the beam.

    `view_positions`: ViewPosition, more than one value where a file has them. `orientation`: main directions of rows
    and columns (PatientOrientation). `described_view`: the view that the descriptions name; the descriptions themselves
    are not kept.
    """

    view_positions: tuple[str, ...]
    view_codes: tuple[tuple[str, str], ...]
    orientation: tuple[str, str] | None
    described_view: View


@dataclass(frozen=True, eq=False)
class Pixels:
    """The Image Pixel module (PS3.3 C.7.6.3), and how the file says that its data is encoded.

    `stated_syntax`: the transfer syntax that the file names, empty where it names none. `encoding`: how its tags are
    encoded, which plain pixel data follows. `data` is as the file has it, encapsulated frames included;
    `is_undefined_length`: its element has no length, as encapsulated data has none. `padding`: both ends of the padding
    values. `palette`: red, green and blue. Rows and columns are None where the file does not say them.
    """

    stated_syntax: str
    encoding: str
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
    is_undefined_length: bool
    vr: Literal["OB", "OW"]


@dataclass(frozen=True, eq=False)
class GreyTransforms:
    """From stored values to greys: modality LUT or rescale (slope, intercept), VOI LUTs and windows, presentation.

    `is_modality_lost`: the modality LUT or rescale was understood in part, so neither it nor the windows, which are in
    the units that it makes, can be used. `is_rescale_half`: because the file states one of slope and intercept.
    `measuring_only`: the pixel intensity relationship by which the modality LUT is not for display, else None.
    `broken_windows`: how many windows beside good ones were understood in part.
    """

    rescale: tuple[float, float] | None
    modality_lut: Lut | None
    is_modality_lost: bool
    is_rescale_half: bool
    measuring_only: str | None
    voi_luts: tuple[VoiLut, ...]
    windows: tuple[VoiWindow, ...]
    broken_windows: int
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
        identity=read_identity(tags, parsed),
        patient=_patient(tags),
        positioning=read_positioning(tags),
        pixels=_pixels(tags, parsed),
        greys=_grey_transforms(tags),
        geometry=_geometry(tags),
        malformed=tuple(dict.fromkeys(tags.malformed)),
    )


def read_identity(tags: Tags, parsed: ParsedFile) -> Identity:
    """What kind of image the tags say that it is."""
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


def read_positioning(tags: Tags) -> Positioning:
    """How the tags say that the patient stood."""
    return Positioning(
        view_positions=tuple(tags.codes("ViewPosition")),
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
        stated_syntax=parsed.stated,
        encoding=parsed.encoding,
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
        is_undefined_length=getattr(data, "length", None) == UNDEFINED,
        vr="OB" if data is not None and data.VR == "OB" else "OW",
    )


def _padding(tags: Tags) -> tuple[int, int] | None:
    value, limit = tags.integer("PixelPaddingValue"), tags.integer("PixelPaddingRangeLimit")
    return None if value is None else (value, value if limit is None else limit)


def _grey_transforms(tags: Tags) -> GreyTransforms:
    rescale, is_lost, is_half = _rescale(tags)
    relationship = tags.code("PixelIntensityRelationship")
    items = tags.items("ModalityLUTSequence")
    measuring_only = relationship if items and relationship in _FOR_MEASURING else None
    modality_luts = tags.luts("ModalityLUTSequence", limit=1) if measuring_only is None else []
    if modality_luts:
        is_lost = is_half = False  # the table goes before the rescale
    elif items and measuring_only is None and rescale is None:
        is_lost = True
    windows, broken_windows = _windows(tags)
    voi_luts = tags.luts("VOILUTSequence", limit=MAX_WINDOWS)
    return GreyTransforms(
        rescale=rescale,
        modality_lut=modality_luts[0][0] if modality_luts else None,
        is_modality_lost=is_lost,
        is_rescale_half=is_half,
        measuring_only=measuring_only,
        voi_luts=tuple(VoiLut(lut, window_name(explanation)) for lut, explanation in voi_luts),
        windows=windows,
        broken_windows=broken_windows,
        voi_function=tags.code("VOILUTFunction") or "LINEAR",
        presentation_shape=tags.code("PresentationLUTShape"),
    )


def _rescale(tags: Tags) -> tuple[tuple[float, float] | None, bool, bool]:
    """Slope and intercept; whether they are lost, one of them being broken or missing; whether one of them is missing.

    A slope of 1 alone, or an intercept of 0 alone, changes nothing and counts as none.
    """
    malformed = len(tags.malformed)
    slope, intercept = tags.number("RescaleSlope"), tags.number("RescaleIntercept")
    if slope is not None and intercept is not None:
        return (slope, intercept), False, False
    is_broken = len(tags.malformed) > malformed
    is_idle = slope in (None, 1) and intercept in (None, 0)
    return None, is_broken or not is_idle, not is_broken and not is_idle


def _windows(tags: Tags) -> tuple[tuple[VoiWindow, ...], int]:
    """The windows whose centre and width are both understood, in their order, and how many others are beside them."""
    pairs = list(zip_longest(tags.number_list("WindowCenter"), tags.number_list("WindowWidth")))[:MAX_WINDOWS]
    explanations = tags.codes("WindowCenterWidthExplanation")
    explanations += [""] * max(0, len(pairs) - len(explanations))
    windows = tuple(
        VoiWindow(centre, width, window_name(explanation))
        for (centre, width), explanation in zip(pairs, explanations, strict=False)
        if centre is not None and width is not None
    )
    malformed = len(tags.malformed)
    if not windows:  # it is said which of the two tags is damaged
        tags.numbers("WindowCenter"), tags.numbers("WindowWidth")
    return windows, len(pairs) - len(windows) if len(tags.malformed) == malformed else 0


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
