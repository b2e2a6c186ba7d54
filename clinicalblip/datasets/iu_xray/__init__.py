"""IU X-RAY (Open-i): the original XML reports become studies."""
