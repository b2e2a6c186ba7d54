"""Who may use the page, and whose reviews are whose: sign-in, readers and owners.

What a session holds is in `session.py`; which addresses and pages elsewhere may call is in `middleware/`.
"""
