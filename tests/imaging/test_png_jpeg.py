"""PNG and JPEG: every kind of pixel, orientation, transparency, colour, and sizes looked at before decoding."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import enlarge, reduce

GREYS = [[0, 51, 102], [153, 204, 255]]


def written(picture: Any, kind: str = "PNG", **options: Any) -> bytes:
    """The bytes of a picture or array."""
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    out = BytesIO()
    image.save(out, format=kind, **options)
    return out.getvalue()


def grey() -> np.ndarray:
    """Six grey squares, 8 bits, 64 x 96."""
    return enlarge(GREYS).astype(np.uint8)


def test_eight_bits_are_shown_as_they_are() -> None:
    """0 is black and 255 is white, also where neither occurs."""
    radiograph = read_radiograph(written(enlarge([[51, 102], [153, 102]]).astype(np.uint8)))
    assert reduce(radiograph.values) == [[51, 102], [153, 102]]
    assert reduce(radiograph.pixels) == [pytest.approx([0.2, 0.4]), pytest.approx([0.6, 0.4])]
    assert radiograph.view is View.UNKNOWN
    assert radiograph.spacing_mm is None
    assert radiograph.warnings == ()


def test_sixteen_bits_are_kept_and_shown_over_their_range() -> None:
    """A 12-bit film in a 16-bit PNG keeps its values and is not black."""
    stored = enlarge([[0, 1000, 2000], [3000, 4000, 4095]]).astype(np.uint16)
    radiograph = read_radiograph(written(stored))
    assert np.array_equal(radiograph.values, stored)
    assert radiograph.pixels.max() == 1
    assert radiograph.pixels[0, 32] == pytest.approx(1000 / 4095, abs=1e-6)


def test_jpeg_comes_close() -> None:
    """JPEG loses a little."""
    radiograph = read_radiograph(written(grey(), "JPEG", quality=95))
    assert np.abs(radiograph.values.astype(int) - enlarge(GREYS)).max() <= 6


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_grey_in_every_mode_is_the_same_film(mode: str) -> None:
    """Grey stored as colour, with alpha or by palette is neither changed nor taken for a photograph."""
    radiograph = read_radiograph(written(Image.fromarray(grey()).convert(mode)))
    assert reduce(radiograph.values) == GREYS
    assert radiograph.warnings == ()


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits_are_spread_over_the_range(bits: int) -> None:
    """PNGs of 1, 2 and 4 bits a pixel."""
    top = 2**bits - 1
    rows = b"".join(b"\0" + bytes([0] * (32 * bits // 8) + [255] * (32 * bits // 8)) for _ in range(64))
    header = struct.pack(">IIBBBBB", 64, 64, bits, 0, 0, 0, 0)
    radiograph = read_radiograph(png(("IHDR", header), ("IDAT", zlib.compress(rows)), ("IEND", b"")))
    assert radiograph.values[0, ::32].tolist() == [0, 255]
    assert top in (1, 3, 15)


def test_what_is_transparent_lies_on_black() -> None:
    """Alpha 0 is black whatever colour stands behind it, half of it is half as bright."""
    rgba = np.dstack([enlarge([[200, 200, 200], [100, 100, 100]])] * 3 + [enlarge([[0, 255, 128]] * 2)])
    radiograph = read_radiograph(written(rgba.astype(np.uint8)))
    assert reduce(radiograph.values) == [[0, 200, 100], [0, 100, 50]]


def test_a_transparent_palette_colour_lies_on_black() -> None:
    """A tRNS chunk counts as alpha does."""
    picture = Image.fromarray(grey()).convert("P")
    brightest = int(np.asarray(picture)[-1, -1])
    assert reduce(read_radiograph(written(picture, transparency=brightest)).values) == [[0, 51, 102], [153, 204, 0]]


def test_cmyk_is_read() -> None:
    """A CMYK JPEG of greys is a grey film."""
    data = written(Image.fromarray(grey()).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(read_radiograph(data).values.astype(int) - enlarge(GREYS)).max() <= 8


def test_cmyk_without_adobes_mark_is_not_inverted() -> None:
    """Adobe stores CMYK inverted and says so in a segment of its own; without it the inks are as they stand."""
    inverted = Image.fromarray(255 - grey()).convert("L")  # K alone, as Adobe's file of the same film holds it
    inks = Image.merge("CMYK", [Image.new("L", inverted.size)] * 3 + [inverted])
    marked = written(inks, "JPEG", quality=95)
    at = marked.index(b"\xff\xee\x00\x0eAdobe")
    plain = read_radiograph(marked[:at] + marked[at + 16 :])
    assert np.abs(read_radiograph(marked).values.astype(int) - enlarge(GREYS)).max() <= 8
    assert plain.values.max() <= 8  # cyan, magenta and yellow are full: all is black


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_sixteen_bits_of_colour_keep_all_of_them(channels: int) -> None:
    """Grey of 16 bits as red, green, blue, with alpha or without, is the grey film, to the value, in every filter."""
    import imagecodecs

    film = (np.arange(70 * 90).reshape(70, 90) * 37 % 65536).astype(np.uint16)
    picture = np.dstack([film] * (3 if channels > 2 else 1) + [np.full_like(film, 65535)] * (channels in (2, 4)))
    radiograph = read_radiograph(imagecodecs.png_encode(picture))
    assert np.array_equal(radiograph.values, film)
    assert radiograph.warnings == ()
    assert radiograph.pixels.max() == 1


def test_hues_of_16_bits_become_their_luma() -> None:
    """Red, green and blue of 16 bits are weighed as those of 8 are, and what is half transparent is half as bright."""
    import imagecodecs

    picture = np.zeros((64, 96, 4), dtype=np.uint16)
    picture[:, :32, 0] = picture[:, 32:64, 1] = picture[:, 64:, 2] = 60_000
    picture[..., 3] = 65535
    picture[32:, :, 3] = 32768
    radiograph = read_radiograph(imagecodecs.png_encode(picture))
    assert radiograph.values[::32, ::32].tolist() == [[17_940, 35_220, 6_840], [8_970, 17_610, 3_420]]
    assert "in colour" in radiograph.warnings[0]


def test_a_transparent_colour_of_16_bits_lies_on_black() -> None:
    """The one colour that tRNS names is black, and one that differs in the low byte alone is not."""
    rows = b"".join(b"\0" + b"\x80\x01" * 96 + b"\x80\x02" * 96 for _ in range(64))
    chunks = [("IHDR", struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0)), ("tRNS", b"\x80\x01" * 3)]
    radiograph = read_radiograph(png(*chunks, ("IDAT", zlib.compress(rows)), ("IEND", b"")))
    assert radiograph.values[0, ::32].tolist() == [0, 0x8002]


def test_a_jpeg_of_12_bits_is_refused_by_its_bits() -> None:
    """Outside DICOM nothing reads it; the sentence says what does."""
    import imagecodecs

    data = imagecodecs.jpeg_encode(enlarge(GREYS).astype(np.uint16), level=95, bitspersample=12)
    with pytest.raises(UnsupportedRadiograph, match="12 bits a channel"):
        read_radiograph(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_obeyed(orientation: int, kind: str) -> None:
    """A picture is upright as Pillow's own exif_transpose has it, for all eight orientations."""
    from PIL import ImageOps

    exif = Image.Exif()
    exif[0x0112] = orientation
    data = written(grey(), kind, exif=exif, **({"quality": 95} if kind == "JPEG" else {}))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(BytesIO(data))))
    assert np.array_equal(read_radiograph(data).values, upright)


def test_a_colour_photograph_is_said() -> None:
    """A picture with hues is read as grey, with a warning."""
    rng = np.random.default_rng(0)
    (warning,) = read_radiograph(written(rng.integers(0, 256, (80, 90, 3), dtype=np.uint8), "JPEG")).warnings
    assert "in colour" in warning


def test_a_coloured_marker_is_not_a_photograph() -> None:
    """A small red L on a grey film does not make it a photograph, nor does JPEG's noise."""
    rgb = np.dstack([enlarge(GREYS, 64).astype(np.uint8)] * 3)
    rgb[4:12, 4:12] = (255, 0, 0)
    assert read_radiograph(written(rgb, "JPEG", quality=60)).warnings == ()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_small_pictures_are_refused(kind: str) -> None:
    """The size found and the size needed are named."""
    with pytest.raises(UnsupportedRadiograph, match="has 20 x 300 pixels; a radiograph needs at least 64"):
        read_radiograph(written(np.zeros((20, 300), np.uint8), kind))


def test_a_picture_of_64_pixels_is_read() -> None:
    """The limit itself is allowed."""
    assert read_radiograph(written(np.eye(64, dtype=np.uint8) * 255)).values.shape == (64, 64)


def png(*chunks: tuple[str, bytes]) -> bytes:
    """A PNG of these chunks, checksums right."""
    out = b"\x89PNG\r\n\x1a\n"
    for name, body in chunks:
        out += struct.pack(">I", len(body)) + name.encode() + body
        out += struct.pack(">I", zlib.crc32(name.encode() + body))
    return out


def test_a_png_that_claims_too_much_is_refused_before_decoding() -> None:
    """50,000 x 50,000 in 100 bytes."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    with pytest.raises(RadiographTooLarge, match="50000 x 50000 pixels; up to 100 megapixels"):
        read_radiograph(png(("IHDR", header), ("IDAT", zlib.compress(b"\0" * 100)), ("IEND", b"")))


def test_a_jpeg_that_claims_too_much_is_refused_before_decoding() -> None:
    """The frame header alone is looked at."""
    data = bytearray(written(grey(), "JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 60_000, 50_000)
    with pytest.raises(RadiographTooLarge, match="60000 x 50000"):
        read_radiograph(bytes(data))


def test_sizes_between_pillows_own_limits_and_ours_do_not_warn() -> None:
    """95 megapixels are allowed: Pillow's bomb warning would be an error here, and the picture is merely cut off."""
    header = struct.pack(">IIBBBBB", 9_500, 10_000, 1, 0, 0, 0, 0)
    with pytest.raises(UnreadableRadiograph, match="damaged or cut off"):
        read_radiograph(png(("IHDR", header), ("IDAT", zlib.compress(b"\0" * 100)[:-4])))


def test_a_size_that_only_the_settings_allow_is_refused_by_pillow_in_our_words() -> None:
    """Where the settings allow more than Pillow does, its error becomes ours."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    with pytest.raises(RadiographTooLarge, match="more pixels than are read"):
        read_radiograph(
            png(("IHDR", header), ("IDAT", b""), ("IEND", b"")), ReadOptions(limits=LimitSettings(megapixels=1000))
        )


def test_an_animated_png_is_refused() -> None:
    """A radiograph has one frame."""
    frames = [Image.fromarray(grey()), Image.fromarray(255 - grey())]
    data = written(frames[0], save_all=True, append_images=frames[1:])
    with pytest.raises(UnsupportedRadiograph, match="animation"):
        read_radiograph(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_cut_pictures_are_refused(kind: str) -> None:
    """Half a picture is no film."""
    noise = np.random.default_rng(0).integers(0, 256, (80, 90), dtype=np.uint8)
    data = written(noise, kind)
    with pytest.raises(UnreadableRadiograph, match="damaged or cut off"):
        read_radiograph(data[: len(data) // 2])


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_cut_jpeg_with_an_end_is_refused(mode: str) -> None:
    """What mended the file wrote an end marker behind the cut; no grey is put in place of what is missing."""
    noise = np.random.default_rng(0).integers(0, 256, (80, 90), dtype=np.uint8)
    data = written(Image.fromarray(noise).convert(mode), "JPEG")
    with pytest.raises(UnreadableRadiograph, match="damaged or cut off"):
        read_radiograph(data[: len(data) * 9 // 10] + b"\xff\xd9")


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 3}])
def test_a_whole_jpeg_is_read_whatever_follows_it(options: dict[str, Any]) -> None:
    """Cameras write data of their own behind the picture."""
    data = written(grey(), "JPEG", quality=95, **options)
    assert np.array_equal(read_radiograph(data + b"of its own" * 9).values, read_radiograph(data).values)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_two_pictures_in_one_file_are_refused(kind: str) -> None:
    """One behind the other: which of them is meant, only the reader knows."""
    with pytest.raises(UnsupportedRadiograph, match="a second film behind the first"):
        read_radiograph(written(grey(), kind) + written(grey().T, kind))


def test_the_first_view_of_a_cameras_picture_is_read() -> None:
    """A JPEG that says that it keeps more views of the same picture (MPF) is no two films."""
    more = {"save_all": True, "append_images": [Image.fromarray(255 - grey())]}
    assert np.abs(read_radiograph(written(grey(), "MPO", quality=95, **more)).values.astype(int) - grey()).max() <= 6


@pytest.mark.parametrize("start", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"\xff\xd8\xff\xd9"])
def test_a_signature_alone_is_refused(start: bytes) -> None:
    """The first bytes of a picture, and nothing else."""
    with pytest.raises(UnreadableRadiograph, match="it has no size"):
        read_radiograph(start)
