"""What identifies a patient, found and masked: names, numbers, addresses in texts, and text burned into pixels.

What is asked of a reader about it belongs to `screening`; what is read of a DICOM file's tags to `imaging/dicom`.
"""
