"""A DICOM file -> Radiograph. No value of a tag that names a patient leaves this room.

reader.py       read_dicom, which puts the rest together
dataset.py      the data elements and the transfer syntax, whatever the file states
header.py       the tags as plain values, read one at a time by tags.py
modality.py     which modalities are read, refused, or read with a warning
patient.py      an age group and a sex
views.py        the view
orientation.py  what brings the film upright
decode.py       the pixel data as stored values; jpeg12.py for JPEG of 12 bits
windows.py      the VOI LUTs and windows that the file offers, and their names
shutter.py      what shutters and collimators hide
"""
