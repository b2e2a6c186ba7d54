"""The model in other processes: replicas behind Ray Serve, and the Reporter that asks them.

    protocol.py, film_frames.py      what passes between the two, and nothing else does
    secret.py, address.py            who may ask, and where
    replica_app.py, line_stream.py   what a replica answers, over HTTP
    replica.py, ray_server.py        a replica as Ray runs it; starting, replacing and stopping them: all that knows Ray
    replica_options.py               how many, and where they listen
    connection.py, patience.py       one question to the replicas, and how long it is asked again
    resumable_draft.py               a draft as far as replicas have told it
    remote_reporter.py               a Reporter that goes on elsewhere when a replica is gone

Whoever asks needs neither torch nor Ray. How words are chosen belongs to `instructblip`, the page to `web`.
"""
