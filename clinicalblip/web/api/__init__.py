"""The page's API for programs, as gradio_client calls it: all that a reader does at the page.

`drafting` has what the model is asked for, `reviewing` what becomes of a draft, `texts` what is said of any text.
`arguments` reads what a caller sends, and gives one sentence for what cannot be done. Rules of what a report says, and
of what a review keeps, belong to the rooms that the page asks as well.
"""

from clinicalblip.web.api.calls import bind_api

__all__ = ["bind_api"]
