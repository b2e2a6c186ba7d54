"""The reader study that a page serves: whose turn it is at which case, and what is asked; nothing of a page or session.

What readers do with it on the page, and the documents around that, are in `web.reading_study`; the study's own files,
its design and its records in `clinicalblip.reader_study`.
"""
