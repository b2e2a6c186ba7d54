"""A server is ready once its model is loaded."""

from pathlib import Path

import httpx
import pytest

from clinicalblip.errors import ModelUnavailable
from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings
from clinicalblip.web.loading import LoadingReporter
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import one_page, until

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


def test_it_is_ready_once_the_model_is_loaded_and_says_where_it_cannot_be(tmp_path: Path) -> None:
    """Loading, loaded, failed."""
    outcomes: list[Reporter | Exception] = []

    def load() -> Reporter:
        until(lambda: outcomes, seconds=30)
        if isinstance(outcomes[0], Exception):
            raise outcomes[0]
        return outcomes[0]

    for outcome, states in (
        (ScriptedReporter(), ["loading", "loaded"]),
        (ModelUnavailable("The weights are missing."), ["loading", "failed"]),
    ):
        outcomes.clear()
        loading = LoadingReporter(load)
        loading.start()
        found = []
        with one_page(tmp_path / states[1], Settings(), loading) as page:  # type: ignore[arg-type]
            found.append(httpx.get(f"{page.url}readyz").json()["model"])
            outcomes.append(outcome)
            assert until(lambda url=page.url: httpx.get(f"{url}readyz").json()["model"] != "loading")
            found.append(httpx.get(f"{page.url}readyz").json()["model"])
        assert found == states
