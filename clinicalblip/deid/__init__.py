"""What identifies a patient, found and masked: names, numbers, addresses in texts, and text burned into pixels.

    identifiers.py   find_identifiers, mask_identifiers; person_names.py and name_words.py for names
    burned_in.py     find_burned_in_text, by ocr.py; markers.py tells side markers from text
    mask.py          mask_regions

What is asked of a reader about it belongs to `screening`; what is read of a DICOM file's tags to `imaging/dicom`.
"""
