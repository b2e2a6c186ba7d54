"""The list of studies that a reader goes through: read from a studies file, a folder of DICOM films, or the samples.

What belongs here: the list, who has read what of it, and how long that takes. No page, and no film is decoded.

    work_list.py         WorkList and ListedStudy: what is to be read, in which order
    read.py              read_work_list: a studies file or a folder becomes a WorkList
    film_folder.py       a folder of DICOM films as studies, with the earlier study of the same patient as prior
    sample_cases.py      the drawn cases that come with the page
    list_key.py          the key of the digests that name studies
    reading_progress.py  which studies a reader has begun, saved or skipped, kept across restarts
    wording.py           what is said of a list and its studies
"""
