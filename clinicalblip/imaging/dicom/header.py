"""The tags of a DICOM file that drawing it needs, as plain values; nothing else of it is kept."""

from dataclasses import dataclass
from typing import Literal

from clinicalblip.imaging.dicom.dataset import parse
from clinicalblip.imaging.dicom.orientation import orientation_of
from clinicalblip.imaging.dicom.patient import age_group, sex
from clinicalblip.imaging.dicom.shutter import Aperture, shapes_in
from clinicalblip.imaging.dicom.tags import Tags
from clinicalblip.imaging.dicom.views import view_in_words
from clinicalblip.imaging.dicom.windows import MOST_OFFERED, StatedTable, StatedWindow, known_name
from clinicalblip.imaging.grey import Table
from clinicalblip.radiology.radiograph import PatientGroup, SpacingKind, View
from clinicalblip.settings import LimitSettings

_DESCRIPTIONS = ("SeriesDescription", "ProtocolName", "AcquisitionDeviceProcessingDescription")
_DAYS = ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate")


@dataclass(frozen=True, eq=False)
class Header:
    """A DICOM file in plain values: codes in capitals, None where the file does not say.

    `pixel_data` is as the file has it (encapsulated frames included). `palette`: red, green and blue. `described`:
    the view that words of the descriptions name; the descriptions are not kept. `group`: all that is taken of the
    patient. `malformed`: the names of optional tags whose values could not be understood and are not used.
    """

    syntax: str
    sop_class: str
    modality: str | None
    body_part: str | None
    presentation_intent: str | None
    burned_in: str | None
    view_position: str | None
    view_codes: tuple[tuple[str, str], ...]
    orientation: tuple[str, str] | None
    described: View
    group: PatientGroup
    rows: int | None
    columns: int | None
    frames: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    planar: int
    padding: tuple[int, int] | None
    rescale: tuple[float, float] | None
    modality_table: Table | None
    voi_tables: tuple[StatedTable, ...]
    windows: tuple[StatedWindow, ...]
    voi_function: str
    presentation_shape: str | None
    spacing: tuple[float, float] | None
    spacing_kind: SpacingKind | None
    shutters: tuple[Aperture, ...]
    collimators: tuple[Aperture, ...]
    palette: tuple[Table, Table, Table] | None
    pixel_data: bytes | None
    pixel_vr: Literal["OB", "OW"]
    malformed: tuple[str, ...]


def read_header(data: bytes, limits: LimitSettings) -> Header:
    """Read the tags, and the pixel data undecoded.

    A deflated file is inflated up to a bound first: RadiographTooLarge. Raises whatever pydicom raises for damaged
    bytes, so it is called where that is caught.
    """
    parsed = parse(data, limits)
    tags = Tags(parsed.dataset, little=parsed.is_little)
    bits_allocated = tags.whole("BitsAllocated") or 0
    bits_stored = tags.whole("BitsStored") or bits_allocated
    high_bit = tags.whole("HighBit")
    photometric = tags.word("PhotometricInterpretation") or "MONOCHROME2"
    modality_tables = tags.tables_in("ModalityLUTSequence", most=1)
    spacing, spacing_kind = _spacing(tags)
    aspect = spacing[0] / spacing[1] if spacing else 1.0
    pixels = parsed.dataset.get_item("PixelData")  # unconverted: its VR may be any
    return Header(
        syntax=parsed.syntax,
        sop_class=str(tags.first("SOPClassUID") or parsed.sop_class),
        modality=tags.word("Modality"),
        body_part=tags.word("BodyPartExamined"),
        presentation_intent=tags.word("PresentationIntentType"),
        burned_in=tags.word("BurnedInAnnotation"),
        view_position=tags.word("ViewPosition"),
        view_codes=tags.codes("ViewCodeSequence"),
        orientation=orientation_of(tags.words("PatientOrientation")),
        described=view_in_words(tags.word(keyword) or "" for keyword in _DESCRIPTIONS),
        group=_group(tags),
        rows=tags.whole("Rows"),
        columns=tags.whole("Columns"),
        frames=max(1, tags.whole("NumberOfFrames") or 1),
        samples=tags.whole("SamplesPerPixel") or 1,
        photometric=photometric,
        bits_allocated=bits_allocated,
        bits_stored=bits_stored,
        high_bit=high_bit if high_bit is not None else bits_stored - 1,
        signed=tags.whole("PixelRepresentation") == 1,
        planar=tags.whole("PlanarConfiguration") or 0,
        padding=_padding(tags),
        rescale=_rescale(tags),
        modality_table=modality_tables[0][0] if modality_tables else None,
        voi_tables=tuple(
            StatedTable(table, known_name(said)) for table, said in tags.tables_in("VOILUTSequence", most=MOST_OFFERED)
        ),
        windows=_windows(tags),
        voi_function=tags.word("VOILUTFunction") or "LINEAR",
        presentation_shape=tags.word("PresentationLUTShape"),
        spacing=spacing,
        spacing_kind=spacing_kind,
        shutters=tuple(shapes_in(tags, "Shutter", aspect=aspect)),
        collimators=tuple(shapes_in(tags, "Collimator", aspect=aspect)),
        palette=tags.palette() if photometric == "PALETTE COLOR" else None,
        pixel_data=None if pixels is None or not isinstance(pixels.value, bytes) else pixels.value,
        pixel_vr="OB" if pixels is not None and pixels.VR == "OB" else "OW",
        malformed=tuple(dict.fromkeys(tags.malformed)),
    )


def _group(tags: Tags) -> PatientGroup:
    """Damaged dates and ages are as good as absent, and not remarked on: they are not needed to draw the film."""
    malformed = len(tags.malformed)
    days = (tags.word(keyword) for keyword in _DAYS)
    taken = next((day for day in days if day), None)
    group = PatientGroup(
        age_group(tags.word("PatientAge"), tags.word("PatientBirthDate"), taken), sex(tags.word("PatientSex"))
    )
    del tags.malformed[malformed:]
    return group


def _padding(tags: Tags) -> tuple[int, int] | None:
    value, limit = tags.whole("PixelPaddingValue"), tags.whole("PixelPaddingRangeLimit")
    return None if value is None else (value, value if limit is None else limit)


def _rescale(tags: Tags) -> tuple[float, float] | None:
    slope, intercept = tags.number("RescaleSlope"), tags.number("RescaleIntercept")
    return None if slope is None or intercept is None else (slope, intercept)


def _windows(tags: Tags) -> tuple[StatedWindow, ...]:
    centres, widths = tags.numbers("WindowCenter"), tags.numbers("WindowWidth")
    names = tags.words("WindowCenterWidthExplanation")
    names += [""] * max(0, len(centres) - len(names))
    return tuple(
        StatedWindow(centre, width, known_name(name))
        for centre, width, name in zip(centres[:MOST_OFFERED], widths, names, strict=False)
    )


def _spacing(tags: Tags) -> tuple[tuple[float, float] | None, SpacingKind | None]:
    """The calibrated spacing before the detector's (a digitiser's scanning step is that of the film), PS3.3 10.7.1.3.

    PixelSpacing is calibrated where the file says how, or where it differs from the detector's; beside an equal one
    it is the detector's again, and alone it may be either.
    """
    shown = tags.pair("PixelSpacing")
    detector = tags.pair("ImagerPixelSpacing") or tags.pair("NominalScannedPixelSpacing")
    if shown is None:
        return detector, SpacingKind.DETECTOR if detector else None
    if tags.word("PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL") or (detector and detector != shown):
        return shown, SpacingKind.CALIBRATED
    return shown, SpacingKind.DETECTOR if detector else None
