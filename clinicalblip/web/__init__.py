"""The page and its API, around a Reporter that is handed in.

Handlers, sessions and what they do with films and reviews know nothing of Gradio; `events/`, `view/`, `middleware/`,
`api.py` and `page.py` do. What is asked of films and texts belongs to `screening`, the reviews on disk to `feedback`.
"""
