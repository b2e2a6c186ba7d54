"""Bytes -> Radiograph: DICOM, PNG and JPEG, and nothing of the patient.

The files, from what others call to what it stands on:

    read.py         read_radiograph, in a child process; read_here: by content, the first reader that knows the bytes
    pool.py         the children, each lent to one reader at a time
    child.py        what runs in one, and what it may take
    wire.py         what passes between the two
    formats.py      the names of the files that are refused
    dicom.py        a DICOM file, put together from
        dataset.py      its data elements, and how they are encoded, whatever the file says
        header.py       its tags as plain values, with tags.py, which reads one at a time
        kinds.py        which kinds of image are read, refused, or read with a warning
        patient.py      an age group and a sex: all that is taken of the patient
        views.py        the view that it says it is
        orientation.py  what brings it upright
        decode.py       its pixel data as stored values; extended.py for JPEG of 12 bits
        windows.py      the windows that it offers, and their names
        shutter.py      what its shutters and collimators hide
        grey.py         stored values -> uint16 values and what windows them
    picture.py      a PNG or JPEG
    colour.py       red, green, blue -> grey
    digest.py       what a film is called
    codestream.py   the size that a JPEG or JPEG 2000 stream itself claims
    limits.py       sizes, looked at before anything is decoded
    guard.py        what a decoder of others raises -> the family of errors
"""
