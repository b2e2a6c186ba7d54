"""What the tests of replicas share: the bundled model, loaded once, and served once."""

from collections.abc import Callable, Iterator

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.serving.remote_reporter import RemoteReporter
from clinicalblip.settings import GenerationSettings, ModelSettings, Settings
from tests.fixtures.served_replica import SECRET, served_replica

SETTINGS = Settings(
    folder=ASSETS.parent,
    model=ModelSettings(precision="fp32", device="cpu"),
    generation=GenerationSettings(max_new_tokens=80, timeout_seconds=60),
)


@pytest.fixture(scope="session")
def bundled() -> InstructBlipReporter:
    """The bundled model in this process."""
    return load_reporter(SETTINGS)


@pytest.fixture(scope="session")
def film() -> Radiograph:
    """A drawn film of the sample cases."""
    return read_radiograph(sorted((ASSETS / "cases").rglob("frontal.png"))[0].read_bytes())


@pytest.fixture(scope="session")
def replica(bundled: InstructBlipReporter) -> Iterator[str]:
    """The address of a replica that serves it."""
    with served_replica(bundled) as url:
        yield url


@pytest.fixture
def asking() -> Iterator[Callable[..., RemoteReporter]]:
    """Make reporters that ask at an address, closed after the test."""
    made: list[RemoteReporter] = []

    def ask(url: str, **options: float) -> RemoteReporter:
        made.append(RemoteReporter(url, SECRET, **options))
        return made[-1]

    yield ask
    for reporter in made:
        reporter.close()
