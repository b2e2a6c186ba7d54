# docs/deploy.md: pip wheel --no-deps --wheel-dir dist . && docker build --tag clinicalblip --file Dockerfile dist
FROM python:3.11-slim
COPY clinicalblip-*.whl /tmp/
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu /tmp/clinicalblip-*.whl \
    && rm /tmp/clinicalblip-*.whl \
    && useradd --uid 10001 --no-create-home --home-dir /data reader \
    && install --directory --owner reader --group reader --mode 700 /data
# Whatever is written goes to the volume, uploads too, which end with the page or at its next start.
ENV HOME=/data TMPDIR=/data CLINICALBLIP_STORAGE_REVIEWS=/data/reviews.sqlite3 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 GRADIO_ANALYTICS_ENABLED=False \
    NO_PROXY=127.0.0.1,localhost PYTHONDONTWRITEBYTECODE=1
USER reader
WORKDIR /data
VOLUME /data
EXPOSE 7860
HEALTHCHECK --start-period=2m CMD python -c \
    "from os import environ as e; from urllib.request import urlopen as o; o('http://127.0.0.1:' + e['GRADIO_SERVER_PORT'] + '/healthz')"
CMD ["clinicalblip", "serve"]
