"""Bringing the page to where readers are: a Space on Hugging Face.

    space_files.py   which files a Space needs, and its README
    space_plan.py    what a Space is to be: files, hardware, variables, secrets, bucket; as text for a dry run
    push_space.py    making or updating it over the hub's API

What runs on a Space is the same page as elsewhere; what differs there is decided by settings.
"""
