#!/usr/bin/env bash
# Everything that testing needs, installed into an environment of its own, and run: linters, types, floors, tests.
#   bash tests/run.sh              all that takes seconds
#   bash tests/run.sh --system     what needs a browser or servers, trains for minutes, or starts, cuts off and kills processes
#   bash tests/run.sh tests/web    arguments go to pytest, which runs as many processes as there are cores
#   bash tests/run.sh --lint       no tests
# TORCH_INDEX_URL names an index with torch's CPU build, where PyPI's larger one is not wanted.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=${TEST_VENV:-.venv-tests}
export PIP_DISABLE_PIP_VERSION_CHECK=1 HF_HUB_OFFLINE=1 GRADIO_ANALYTICS_ENABLED=False TOKENIZERS_PARALLELISM=false
# Two processes with busy threads on two cores are forty times slower than two that yield.
export OMP_WAIT_POLICY=PASSIVE OMP_NUM_THREADS=${OMP_NUM_THREADS:-1}

packages=$(cat requirements*.txt | sha256sum | cut -c1-16)
if [ ! -x "$venv/bin/python" ] || [ "$(cat "$venv/installed" 2>/dev/null)" != "$packages" ]; then
    "$python" -m venv --clear "$venv"
    # torch first and pinned: a range lets pip look for a newer build, which is the large one with CUDA.
    "$venv/bin/python" -m pip install -q ${TORCH_INDEX_URL:+--index-url "$TORCH_INDEX_URL"} "torch==2.13.0"
    "$venv/bin/python" -m pip install -q -r requirements-dev.txt
    echo "$packages" > "$venv/installed"
fi

bin=$venv/bin
lint() {
    "$bin/ruff" check .
    "$bin/ruff" format --check .
    "$bin/mypy"
    "$bin/lint-imports"
}
if [ "${1:-}" = --lint ]; then
    lint
    exit
fi
system=no selection="not system and not browser"
if [ "${1:-}" = --system ]; then
    system=yes selection="system or browser"
    shift
fi

find_browser() { command -v chromium && command -v chromedriver; }
find_java() { java -version 2>&1; }
find_nginx() { command -v nginx || PATH=$PATH:/usr/sbin command -v nginx; }
find_postgresql() { compgen -G "/usr/lib/postgresql/*/bin/postgres" || command -v postgres; }
wanted=()
find_java > /dev/null || wanted+=(default-jre-headless)
if [ "$system" = yes ]; then
    find_browser > /dev/null || wanted+=(chromium chromium-driver fonts-liberation)
    find_postgresql > /dev/null || wanted+=(postgresql)
    find_nginx > /dev/null || wanted+=(nginx)
fi
if [ ${#wanted[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${wanted[@]}" > /dev/null
fi
if [ "$system" = yes ]; then
    axe=axe-core@4.11.0
    if [ ! -e "$venv/node_modules/axe-core/axe.min.js" ] && command -v npm > /dev/null; then
        npm install --silent --no-audit --no-fund --prefix "$venv" "$axe" > /dev/null
    fi
    [ -e "$venv/node_modules/axe-core/axe.min.js" ] || echo "No npm here: the page is not searched for barriers." >&2
    find_browser > /dev/null || echo "No chromium with chromedriver here: the browser tests are skipped." >&2
    find_nginx > /dev/null || echo "No nginx here: its tests are skipped." >&2
    find_postgresql > /dev/null || echo "No PostgreSQL here: its tests are skipped." >&2
fi
find_java > /dev/null || echo "No Java here: the tests of METEOR 1.5 are skipped." >&2

[ "$system" = yes ] || lint
"$bin/python" -m pytest -m "$selection" -n "${TEST_PROCESSES:-auto}" --dist worksteal "$@"
