"""A page of ours that Gradio has no part in, as one HTML document without a script and without a file of its own."""

from html import escape


def html_document(title: str, style: str, body: str, *, policy: str = "") -> str:
    """The document: `style` is CSS and `body` markup; `policy` a content policy beside that of every answer."""
    stricter = f'<meta http-equiv="Content-Security-Policy" content="{policy}">' if policy else ""
    # The referrer's policy is said for forms alone: with the page's own, none at all, a browser hides the origin of a
    # form as well, and the server would take it for a page elsewhere.
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{stricter}'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="same-origin"><meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>"
    )
