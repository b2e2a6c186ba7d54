"""The child processes in which strangers' files are read, and the protocol between them and the page."""
