"""The names of the files that are not read, found by their first bytes."""

from clinicalblip.errors import RadiographError, UnreadableRadiograph, UnsupportedRadiograph

_FIRST_BYTES = (
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"II*\0", "a TIFF picture"),
    (b"MM\0*", "a TIFF picture"),
    (b"II+\0", "a TIFF picture"),
    (b"MM\0+", "a TIFF picture"),
    (b"BM", "a BMP picture"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 codestream"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"NRRD", "an NRRD volume"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
)
_FORMATS = "DICOM, PNG and JPEG are read"


def format_error(data: bytes) -> RadiographError:
    """The error for bytes that no reader knows; it names their format where that can be told."""
    if not data:
        return UnreadableRadiograph(f"The file is empty; {_FORMATS}. Export the film again.")
    archive = _archive_name(data)
    if archive is not None:
        return UnsupportedRadiograph(f"The file is {archive}; {_FORMATS}. Unpack it and upload the single film.")
    name = _format_name(data)
    if name is None:
        return UnreadableRadiograph(f"The file is of no kind that is known here; {_FORMATS}. Export the film as one.")
    return UnsupportedRadiograph(f"The file is {name}; {_FORMATS}. Export the film as one of these.")


def second_film_error() -> UnsupportedRadiograph:
    """The error for a file in which one film is written behind another."""
    return UnsupportedRadiograph(
        "The file holds a second film behind the first; one film a file is read. Upload each as a file of its own."
    )


def _archive_name(data: bytes) -> str | None:
    """The kind of archive, which is not unpacked: only the reader knows which film is meant, and it may be a bomb."""
    if data[257:262] == b"ustar":
        return "a tar archive"
    return next((name for first, name in _ARCHIVES if data.startswith(first)), None)


def _format_name(data: bytes) -> str | None:
    for first, name in _FIRST_BYTES:
        if data.startswith(first):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "a WebP picture"
    if data[4:8] == b"ftyp":
        return "a HEIC or AVIF picture, or a film of moving pictures"
    if data[344:347] in (b"n+1", b"ni1"):
        return "a NIfTI volume"
    return "a text" if _is_text(data[:4096]) else None


def _is_text(start: bytes) -> bool:
    """Printable in UTF-8, or in UTF-16 with its mark; a character cut at the end does not count against it."""
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = start.decode("utf-16", errors="ignore")
    else:
        text = start.decode("utf-8", errors="replace").rstrip("\ufffd")
    return bool(text) and all(sign.isprintable() or sign.isspace() for sign in text) and "\ufffd" not in text
