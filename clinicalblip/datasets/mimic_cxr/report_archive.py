"""The reports in MIMIC-CXR's zip, listed and read one by one.

zipfile holds the whole table of contents in memory (140 MB for 227,835 reports, and that in every process); this goes
through the table on disk instead, as APPNOTE.TXT 4.3 has it, and reads what such an archive has: members stored or
deflated, not encrypted, below 4 GiB.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from clinicalblip.errors import MalformedStudy

_END: Final = struct.Struct("<4s4H2LH")
_LOCATOR: Final = struct.Struct("<4sLQL")
_END_64: Final = struct.Struct("<4sQ2H2L4Q")
_ENTRY: Final = struct.Struct("<4s6H3L5H2L")
_LOCAL: Final = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT: Final = 2**16 - 1
_STORED: Final = 0
_DEFLATED: Final = 8
_ENCRYPTED: Final = 1


@dataclass(frozen=True)
class ArchiveMember:
    """Where one file of an archive lies: offset and sizes in bytes, compression method, and CRC-32."""

    offset: int
    compressed_size: int
    size: int
    method: int
    crc32: int


def list_members(path: Path) -> Iterator[tuple[str, ArchiveMember]]:
    """Names and places of an archive's files, in the table's order, in constant memory.

    Raises MalformedStudy for a file that is no zip, or a part of one.
    """
    try:
        with path.open("rb") as file:
            count, offset = _find_table(file)
            file.seek(offset)
            for _ in range(count):
                entry = _ENTRY.unpack(file.read(_ENTRY.size))
                name_size, extra_size, comment_size = entry[10:13]
                name = file.read(name_size)
                file.seek(extra_size + comment_size, 1)
                if entry[0] != b"PK\x01\x02" or len(name) != name_size:
                    raise ValueError
                method = -1 if entry[3] & _ENCRYPTED else entry[4]
                yield (
                    name.decode("utf-8", "replace"),
                    ArchiveMember(
                        offset=entry[16], compressed_size=entry[8], size=entry[9], method=method, crc32=entry[7]
                    ),
                )
    except (struct.error, OSError, ValueError, OverflowError) as error:
        raise MalformedStudy("The archive of reports breaks off or is no zip; download it again.") from error


def read_member(file: BinaryIO, member: ArchiveMember, largest: int) -> bytes:
    """The bytes of one file. Raises MalformedStudy, without a name, where they are damaged or more than `largest`."""
    if max(member.size, member.compressed_size) > largest:
        raise MalformedStudy(f"the report is larger than {largest // 2**10} KiB.")
    if member.method not in (_STORED, _DEFLATED):
        raise MalformedStudy("the report is packed in a way that MIMIC's archive is not.")
    try:
        file.seek(member.offset)
        local = _LOCAL.unpack(file.read(_LOCAL.size))
        file.seek(local[9] + local[10], 1)
        data = file.read(member.compressed_size)
        content = data if member.method == _STORED else zlib.decompressobj(-15).decompress(data, largest + 1)
    except (struct.error, OSError, zlib.error, OverflowError) as error:
        raise MalformedStudy("the report is damaged in the archive.") from error
    if local[0] != b"PK\x03\x04" or len(content) != member.size or zlib.crc32(content) != member.crc32:
        raise MalformedStudy("the report is damaged in the archive.")
    return content


def _find_table(file: BinaryIO) -> tuple[int, int]:
    """The number of entries of the table of contents, and its offset. Raises ValueError or struct.error."""
    whole = file.seek(0, 2)
    start = file.seek(max(0, whole - _END.size - _LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0:
        raise ValueError
    end = _END.unpack_from(tail, at)
    count, offset = end[4], end[6]
    if count != 2**16 - 1 and offset != 2**32 - 1:
        return count, offset
    file.seek(max(0, start + at - _LOCATOR.size))
    locator = _LOCATOR.unpack(file.read(_LOCATOR.size))
    if locator[0] != b"PK\x06\x07":  # exactly 65,535 entries need no wider table
        return count, offset
    file.seek(locator[2])
    wide = _END_64.unpack(file.read(_END_64.size))
    if wide[0] != b"PK\x06\x06":
        raise ValueError
    return wide[7], wide[9]
