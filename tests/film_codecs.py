"""Films of the matrix as DICOM files, encoded where it can be by other code than decodes them."""

import warnings
import zlib
from io import BytesIO
from typing import Any

import imagecodecs
import jpeg_ls
import numpy as np
import pydicom
from dicom_files import write_dicom
from film_greys import colour_film, grey_film, palette, palette_film, windowing
from film_matrix import LEVELS, NATIVE, UIDS, YBR, Cell
from openjpeg.utils import encode_array
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders import RLELosslessEncoder


def write_film(cell: Cell) -> bytes:
    """A cell's film as a DICOM file, part 10."""
    return write_samples(cell, *_samples(cell))


def write_samples(cell: Cell, samples: np.ndarray, tags: dict[str, Any]) -> bytes:
    """Stored values as a DICOM file that is encoded as a cell says, with these tags."""
    word = f"{'i' if cell.signed else 'u'}{1 if cell.bits == 8 else 2}"
    native = _subsampled(samples) if cell.photometric == "YBR_FULL_422" else None
    if native is not None:
        tags["PixelData"] = native
    written = write_dicom(
        samples,
        syntax=cell.syntax if cell.syntax in NATIVE else "explicit",
        modality=None if cell.is_colour else "DX",
        photometric=cell.photometric,
        bits=cell.bits,
        signed=cell.signed,
        **tags,
    )
    if cell.syntax in NATIVE:
        return written
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(BytesIO(written))
        dataset.PixelData = encapsulate([bytes(_stream(cell, samples.astype(word)))])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = UIDS["rle"]  # any that is compressed: pydicom does not know them all
        file = BytesIO()
        pydicom.dcmwrite(file, dataset, enforce_file_format=True)
    return with_syntax(file.getvalue(), UIDS["rle"], UIDS[cell.syntax])


def with_syntax(data: bytes, old: str, new: str) -> bytes:
    """A file whose meta group names another transfer syntax, whatever its pixel data is."""
    was, becomes = (_syntax_element(uid) for uid in (old, new))
    if data.count(was) != 1:
        raise ValueError(f"the file does not name {old} once")
    length = int.from_bytes(data[140:144], "little") + len(becomes) - len(was)  # of the meta group, its first element
    return data[:140] + length.to_bytes(4, "little") + data[144:].replace(was, becomes)


def _syntax_element(uid: str) -> bytes:
    value = uid.encode("ascii") + b"\0" * (len(uid) % 2)
    return b"\x02\x00\x10\x00UI" + len(value).to_bytes(2, "little") + value


def _samples(cell: Cell) -> tuple[np.ndarray, dict[str, Any]]:
    if not cell.is_colour:
        return grey_film(cell), dict(windowing(cell).tags)
    if cell.photometric == "PALETTE COLOR":
        entries, tags = palette(cell), {}
        order = ">u2" if cell.syntax == "big endian" else "<u2"
        for colour, row in zip(("Red", "Green", "Blue"), entries.T, strict=True):
            tags[f"{colour}PaletteColorLookupTableDescriptor"] = [len(entries), 0, 16]
            tags[f"{colour}PaletteColorLookupTableData"] = row.astype(order).tobytes()
        return palette_film(cell), tags
    rgb = colour_film(cell)
    if cell.photometric in ("YBR_FULL", "YBR_FULL_422") and cell.syntax != "jpeg baseline":
        return _ybr(rgb), {}
    return rgb, {}  # the coders make YBR of it themselves


def _ybr(rgb: np.ndarray) -> np.ndarray:
    """PS3.3 C.7.6.3.1.2, YBR_FULL."""
    matrix = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
    return np.clip(np.rint(rgb @ matrix.T + [0, 128, 128]), 0, 255).astype(np.int64)


def _subsampled(ybr: np.ndarray) -> bytes:
    """Y Y B R of every two pixels."""
    pairs = np.stack((ybr[:, ::2, 0], ybr[:, 1::2, 0], ybr[:, ::2, 1], ybr[:, ::2, 2]), axis=-1)
    return pairs.astype(np.uint8).tobytes()


def _stream(cell: Cell, words: np.ndarray) -> bytes:
    """One frame, encoded. Coders that know no sign get the bits as they lie in the word."""
    if "2000" in cell.syntax:
        return _jpeg_2000(cell, words)
    if cell.syntax.startswith("htj2k"):
        return _htj2k(cell, words)
    if cell.syntax == "deflated frame":
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return deflater.compress(words.tobytes()) + deflater.flush()
    unsigned = words.view(f"u{words.itemsize}") & (2**cell.bits - 1)
    if cell.syntax == "rle":
        return _rle(cell, words)
    if cell.syntax.startswith("jpeg-ls"):
        return _jpeg_ls(cell, unsigned)
    return _jpeg(cell, unsigned)


def _rle(cell: Cell, words: np.ndarray) -> bytes:
    return RLELosslessEncoder.encode(
        words,
        encoding_plugin="pydicom",
        rows=words.shape[0],
        columns=words.shape[1],
        number_of_frames=1,
        samples_per_pixel=_planes(words),
        bits_allocated=8 * words.itemsize,
        bits_stored=cell.bits,
        pixel_representation=int(cell.signed),
        photometric_interpretation=cell.photometric,
        planar_configuration=0,
    )


def _jpeg(cell: Cell, unsigned: np.ndarray) -> bytes:
    options: dict[str, Any] = {"bitspersample": cell.bits}
    if "lossless" in cell.syntax:
        options |= {"lossless": True, "predictor": 1 if "sv1" in cell.syntax else 6}
    else:
        options |= {"level": 98}
    if unsigned.ndim == 3:
        is_ybr = cell.photometric in YBR
        options |= {"colorspace": "RGB", "outcolorspace": "YCBCR" if is_ybr else "RGB"}
        options |= {"subsampling": "422" if cell.photometric == "YBR_FULL_422" else "444"}
    stream = imagecodecs.jpeg8_encode(unsigned, **options)
    if cell.syntax == "jpeg extended":
        stream = stream.replace(b"\xff\xc0", b"\xff\xc1", 1)  # the coder calls 8 bits baseline
    return bytes(stream)


def _jpeg_ls(cell: Cell, unsigned: np.ndarray) -> bytes:
    near = LEVELS if "near" in cell.syntax else 0
    stream = jpeg_ls.encode_buffer(
        unsigned.tobytes(),
        *unsigned.shape[:2],
        samples_per_pixel=_planes(unsigned),
        bits_stored=cell.bits,
        lossy_error=near,
        interleave_mode=2 if unsigned.ndim == 3 else 0,
    )
    return bytes(stream)


def _jpeg_2000(cell: Cell, words: np.ndarray) -> bytes:
    loses = cell.syntax == "jpeg 2000" and cell.photometric != "YBR_RCT"
    options = {"signal_noise_ratios": [80]} if loses else {}
    mixed = cell.photometric in ("YBR_RCT", "YBR_ICT")
    kind = 1 if words.ndim == 3 else 2  # RGB, grey
    return encode_array(words, bits_stored=cell.bits, photometric_interpretation=kind, use_mct=mixed, **options)


def _htj2k(cell: Cell, words: np.ndarray) -> bytes:
    stream = imagecodecs.htj2k_encode(
        words,
        reversible=cell.syntax != "htj2k",
        rgb=cell.photometric in ("YBR_RCT", "YBR_ICT"),
        tlm="rpcl" in cell.syntax,
    )
    return bytes(stream)


def _planes(pixels: np.ndarray) -> int:
    return 3 if pixels.ndim == 3 else 1
