"""What of a reader's session survives a restart of the server: one encrypted file a session, and nothing of a film.

`snapshot.py` says what is kept of a session, `files.py` how it lies on the disk. What a session is belongs into
`web.session`; saved reviews belong into `feedback`.
"""
