"""Reading a study: its cases on the page and for programs, and the documents around them for readers and the owner.

What a study knows of its readers and cases, and every word that is said, is in `web.served_study`; the page itself in
`web.view` and `web.events`, of which `events.py` here changes what a study needs otherwise.
"""
