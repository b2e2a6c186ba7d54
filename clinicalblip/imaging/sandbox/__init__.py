"""Worker processes in which strangers' files are read, and the protocol between them and the process that asks.

    pool.py      the workers of this process, each lent to one reader at a time
    process.py   one worker, from the side that started it
    worker.py    what runs in it, and the limits that it sets itself
    protocol.py  the frames that pass between the two; films go to replicas of the model (`serving`) in the same

Written here instead of taken from multiprocessing or concurrent.futures: those send pickles, and unpickling runs what
the sender names. A worker that a film has taken over could so take over the page.
"""
