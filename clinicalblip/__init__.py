"""ClinicalBLIP: drafts chest radiograph reports for a radiologist to correct. Research use only.

For a notebook: a reporter is loaded once and drafts any number of reports.

    reporter = clinicalblip.load_reporter()
    draft = clinicalblip.draft(reporter, "FILM.dcm", clinicalblip.ClinicalContext(indication="cough"))
    print(draft.report.text)
"""

from importlib import import_module
from typing import TYPE_CHECKING

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.version import __version__

if TYPE_CHECKING:
    from clinicalblip.api import compare, draft, load_reporter, read_radiograph
    from clinicalblip.radiology.report import ClinicalContext

__all__ = [
    "ClinicalBlipError",
    "ClinicalContext",
    "__version__",
    "compare",
    "draft",
    "load_reporter",
    "read_radiograph",
]

if not TYPE_CHECKING:  # a type checker would take it for a promise that every name is there

    def __getattr__(name: str) -> object:
        """Import what is asked for when it is asked for: `import clinicalblip` itself is quick."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        module = "clinicalblip.radiology.report" if name == "ClinicalContext" else "clinicalblip.api"
        return getattr(import_module(module), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
