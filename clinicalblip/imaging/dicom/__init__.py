"""A DICOM file -> Radiograph: its data set, its tags, its pixels, and how they are shown.

No value of a tag that names a patient leaves this room.
"""
