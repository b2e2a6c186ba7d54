"""Bytes -> Radiograph: DICOM, PNG and JPEG, and nothing of the patient but what the options ask for.

Files, from what other rooms call to what it stands on:

    read.py           read_radiograph, in a worker process
    entries.py        read_entry_of_file: which study a film belongs to, in a worker process
    film_entry.py     FilmEntry: its study and patient as keyed digests, and a rank by date
    options.py        ReadOptions: what may be read, and what is wanted besides the film
    sandbox/          the worker processes, and the protocol between them and this process
    readers.py        read_in_process: the first reader that knows the bytes
    dicom/            a DICOM file
    png_jpeg.py       a PNG or JPEG
    formats.py        the names of the files that are refused
    limits.py         sizes, checked before anything is decoded
    codestream.py     the size that a JPEG or JPEG 2000 codestream itself claims
    colour.py         red, green, blue -> grey
    grey.py           stored values -> uint16 values, and the windows over them
    decode_errors.py  what a foreign decoder raises -> the family of errors

Text burned into the pixels is found and masked in `deid`; what a reader is asked about it is in `screening`.
"""
