"""Bytes -> Radiograph: DICOM, PNG and JPEG, and nothing of the patient.

The files, from what others call to what it stands on:

    read.py         read_radiograph: by content, the first reader that knows the bytes
    formats.py      the names of the files that are refused
    dicom.py        a DICOM file, put together from
        header.py       its tags as plain values
        kinds.py        which kinds of image are read, refused, or read with a warning
        decode.py       its pixel data as stored values
        grey.py         stored values -> uint16 values and what windows them
    picture.py      a PNG or JPEG
    colour.py       red, green, blue -> grey
    digest.py       what a film is called
    codestream.py   the size that a JPEG or JPEG 2000 stream itself claims
    limits.py       sizes, looked at before anything is decoded
    guard.py        what a decoder of others raises -> the family of errors
"""
