"""DICOM files written by the tests, in any encoding that is read here: `from dicom_files import write_dicom`."""

import warnings
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.uid import generate_uid

SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "explicit": "1.2.840.10008.1.2.1",
    "deflated": "1.2.840.10008.1.2.1.99",
    "big endian": "1.2.840.10008.1.2.2",
    "rle": "1.2.840.10008.1.2.5",
    "jpeg": "1.2.840.10008.1.2.4.50",
    "jpeg extended": "1.2.840.10008.1.2.4.51",
    "jpeg lossless": "1.2.840.10008.1.2.4.70",
    "jpeg-ls": "1.2.840.10008.1.2.4.80",
    "jpeg 2000 lossless": "1.2.840.10008.1.2.4.90",
    "jpeg 2000": "1.2.840.10008.1.2.4.91",
    "htj2k lossless": "1.2.840.10008.1.2.4.201",
    "deflated frame": "1.2.840.10008.1.2.8.1",
}
LOSSLESS = tuple(name for name in SYNTAXES if name not in ("jpeg", "jpeg extended", "jpeg 2000"))

CLASSES = {
    "CR": "1.2.840.10008.5.1.4.1.1.1",
    "DX": "1.2.840.10008.5.1.4.1.1.1.1",
    "CT": "1.2.840.10008.5.1.4.1.1.2",
    "MR": "1.2.840.10008.5.1.4.1.1.4",
    "MG": "1.2.840.10008.5.1.4.1.1.1.2",
    "US": "1.2.840.10008.5.1.4.1.1.6.1",
    "RF": "1.2.840.10008.5.1.4.1.1.12.2",
}
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def write_dicom(
    pixels: np.ndarray | None,
    *,
    syntax: str = "explicit",
    modality: str | None = "DX",
    photometric: str = "MONOCHROME2",
    bits: int = 12,
    signed: bool = False,
    patient_name: str = "Planted^Patient",
    **tags: Any,
) -> bytes:
    """Write a DICOM file, part 10.

    `pixels`: whole numbers, (rows, columns) or (rows, columns, 3); None for a file without pixel data. Words are
    8 bits wide for `bits` up to 8, else 16 or 32. `syntax`: a name in SYNTAXES. `modality` None: the tag is absent.
    `tags`: pydicom keywords, written last, so that they may contradict the pixels; None removes the tag.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom finds fault with files that are wrong on purpose
        uid = SYNTAXES[syntax if syntax != "deflated frame" else "jpeg 2000"]  # pydicom does not know the former
        dataset = Dataset()
        dataset.SOPClassUID = CLASSES.get(modality or "", SECONDARY_CAPTURE)
        dataset.SOPInstanceUID = generate_uid(entropy_srcs=["clinicalblip", "tests"])
        dataset.PatientName = patient_name
        dataset.PatientID = "PLANTED-ID"
        if modality is not None:
            dataset.Modality = modality
        if pixels is not None:
            _describe(dataset, pixels, photometric, bits, signed)
            _encode(dataset, pixels, syntax, bits, signed)
        for keyword, value in tags.items():
            if value is not None:
                setattr(dataset, keyword, value)
            elif keyword in dataset:
                del dataset[keyword]
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.MediaStorageSOPClassUID = dataset.get("SOPClassUID", SECONDARY_CAPTURE)
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        dataset.file_meta.TransferSyntaxUID = uid
        written = BytesIO()
        dcmwrite(written, dataset, enforce_file_format=True)
        data = written.getvalue()
        return data.replace(uid.encode(), SYNTAXES[syntax].encode() + b"\0", 1) if syntax == "deflated frame" else data


def enlarge(small: list[list[int]] | np.ndarray, side: int = 32) -> np.ndarray:
    """Each pixel as a square of `side` pixels: a picture worked out by hand becomes large enough to be a film."""
    return np.repeat(np.repeat(np.asarray(small), side, axis=0), side, axis=1)


def reduce(large: np.ndarray, side: int = 32) -> list[list[float]]:
    """What `enlarge` made, one pixel a square; the squares must be of one value each."""
    small = large[::side, ::side]
    if not np.array_equal(enlarge(small, side), large):
        raise ValueError("the squares are not of one value each")
    return small.tolist()


def lut_item(first: int, entries: list[int], bits: int, *, signed: bool = False) -> Dataset:
    """One item of a ModalityLUTSequence or VOILUTSequence."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if signed else "US", [len(entries) % 2**16, first, bits])
    item.add_new("LUTData", "US", entries)
    item.ModalityLUTType = "US"
    return item


def _describe(dataset: Dataset, pixels: np.ndarray, photometric: str, bits: int, signed: bool) -> None:
    dataset.Rows, dataset.Columns = pixels.shape[:2]
    dataset.SamplesPerPixel = 3 if pixels.ndim == 3 else 1
    if pixels.ndim == 3:
        dataset.PlanarConfiguration = 0
    dataset.PhotometricInterpretation = photometric
    dataset.BitsAllocated = 8 * _word(bits)
    dataset.BitsStored = bits
    dataset.HighBit = bits - 1
    dataset.PixelRepresentation = int(signed)


def _encode(dataset: Dataset, pixels: np.ndarray, syntax: str, bits: int, signed: bool) -> None:
    words = np.ascontiguousarray(pixels, dtype=f"{'i' if signed else 'u'}{_word(bits)}")
    if syntax in ("implicit", "explicit", "deflated", "big endian"):
        native = words.astype(words.dtype.newbyteorder(">" if syntax == "big endian" else "<")).tobytes()
        _put(dataset, native + b"\0" * (len(native) % 2), "OW" if bits > 8 or syntax == "implicit" else "OB")
    elif syntax == "jpeg":
        stream = BytesIO()
        Image.fromarray(words).save(stream, format="JPEG", quality=95)
        _put_stream(dataset, stream.getvalue())
    elif syntax == "deflated frame":
        deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        _put_stream(dataset, deflater.compress(words.astype(words.dtype.newbyteorder("<"))) + deflater.flush())
    elif syntax in ("jpeg extended", "jpeg lossless", "htj2k lossless"):
        import imagecodecs  # large, and these encodings alone need it

        if syntax == "jpeg extended":
            twelve = (words.astype(np.int64) & 0xFFF).astype("u2")
            _put_stream(dataset, imagecodecs.jpeg_encode(twelve, level=95, bitspersample=12))
        elif syntax == "jpeg lossless":
            unsigned = words.view(f"u{_word(bits)}") & (2**bits - 1)
            _put_stream(dataset, imagecodecs.ljpeg_encode(unsigned, bitspersample=bits))
        else:
            _put_stream(dataset, imagecodecs.htj2k_encode(words, reversible=True))
    else:
        plugins = {"rle": "pydicom", "jpeg-ls": "pyjpegls"}
        options: dict[str, Any] = {"j2k_cr": [4]} if syntax == "jpeg 2000" else {}
        dataset.compress(
            SYNTAXES[syntax],
            words,
            encoding_plugin=plugins.get(syntax, "pylibjpeg"),
            generate_instance_uid=False,
            **options,
        )


def _put(dataset: Dataset, value: bytes, vr: str) -> None:
    dataset.PixelData = value
    dataset["PixelData"].VR = vr


def _put_stream(dataset: Dataset, stream: bytes) -> None:
    _put(dataset, encapsulate([stream]), "OB")
    dataset["PixelData"].is_undefined_length = True


def _word(bits: int) -> int:
    return 1 if bits <= 8 else 2 if bits <= 16 else 4
