"""A DICOM file -> Radiograph. No value of a tag that names a patient leaves this room.

reader.py          read_dicom, which puts the rest together
dataset.py         where the data set begins and how it is encoded, whatever the file states
elements.py        the data elements, whatever ends their items
header.py          the tags as plain values, read one at a time by tags.py
modality.py        which modalities are read, refused, or read with a warning
patient.py         an age group and a sex
views.py           the view
orientation.py     what brings the film upright
fragments.py       encapsulated pixel data: where it ends, and its stream
pixel_encoding.py  how the pixel data is encoded, by its own bytes
decode.py          the pixel data decoded; jpeg12.py for JPEG of 12 bits
sample_bits.py     which bits of the decoded words are the stored values
windows.py         the VOI LUTs and windows that the file offers, and their names
shutter.py         what shutters and collimators hide
"""
