"""What is said about a request that is refused before Gradio has it. Who asks by the page reads it there."""

WRONG_HOST = (
    "This server does not answer to that name; use the address it prints when it starts, or have its owner add the "
    "name to server.hosts."
)
WRONG_ORIGIN = (
    "A page of another address asked for this, which is not allowed; open this page itself, or have its owner add the "
    "address to server.origins."
)
WRONG_ROOT_PATH = (
    "The proxy serves this page below {said}, and its settings say {expected}, so it could not be shown; have its "
    "owner set server.root_path to the path that the proxy uses."
)
NOT_SERVED = "This page does not serve that."
NO_METRICS = 'What is counted here is read with "Authorization: Bearer" and the secret of server.metrics_secret.'
NOT_A_CALL = "This is no call that the page understands, so nothing was done; docs/api.md has those that it does."
OLD_PAGE = (
    "This call is of another version of the page, so nothing was done. Copy what you typed, reload the page and begin "
    "again."
)
NO_ADDRESSES = "Upload the file itself; addresses are not fetched."
TOO_LONG_A_CALL = "The texts are longer than all boxes together may be, so nothing was done; shorten them."
TOO_SLOW = "What was sent took too long to arrive, so nothing was done; check the connection and try again."
TOO_MANY_CALLS = (
    "The server has more requests than it can take just now; nothing you typed is lost. Try again in a minute."
)
UPLOADS_FULL = "The server holds as many files as it can take just now; choose the file again in a minute."
NO_DISK = (
    "The server's disk takes no more files just now; choose the file again in a minute, and tell the owner if it stays."
)
NOT_FROM_THE_PAGE = (
    'A file has to come from the page or from gradio_client; other programs send the header "X-ClinicalBLIP: 1".'
)
NOT_AN_UPLOAD = "The upload did not arrive as a form with one file; choose the file again."
FILE_TOO_LARGE_TO_SEND = "The file is larger than the {allowed} MiB that are read. Export the film smaller."
