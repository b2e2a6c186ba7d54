"""What holds from the server's start to its end: no log has what a visitor sends, nothing of theirs is left after them.

Requests and answers belong into `middleware`, what a session is into `web.session`.
"""
