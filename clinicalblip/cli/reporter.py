"""The reporter that the settings name: replicas elsewhere, or the model in this process."""

from collections.abc import Callable

from clinicalblip.radiology.draft import Reporter
from clinicalblip.settings import Settings


def load_reporter(settings: Settings) -> Reporter:
    """A reporter that drafts; waits until it can. Raises SettingsError, ModelError and AdapterError."""
    return make_loader(settings)()


def make_loader(settings: Settings) -> Callable[[], Reporter]:
    """What loads the reporter, once it is called; raises SettingsError at once for an address that cannot be asked.

    Where `model.at` names replicas, none of the model's packages is imported.
    """
    if settings.model.at is not None:
        from clinicalblip.serving.remote_reporter import connect

        remote = connect(settings.model)

        def wait() -> Reporter:
            remote.wait()
            return remote

        return wait

    def load() -> Reporter:
        from clinicalblip.instructblip.reporter import load_reporter

        return load_reporter(settings)

    return load
