"""Names that were replaced by the field's words do not come back."""

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

MODULES = {
    "answering": "error_boundary",
    "arguments": "cli",
    "asked": "request",
    "beforehand": "hints",
    "branches": "shared_prefix",
    "chest_gate": "ood_heuristics",
    "child": "worker",
    "company": "distributed",
    "desk": "app_context",
    "every_study": "batch",
    "extended": "jpeg12",
    "film_events": "events",
    "gate": "ood",
    "guard": "decode_errors",
    "identities": "phi",
    "kept": "array_cache",
    "kinds": "modality",
    "knob": "finding_bias",
    "location": "storage_path, checkpoint_files",
    "look": "qformer",
    "measured": "statistic",
    "namer": "labeler",
    "outward": "gateway",
    "panels": "html",
    "picture": "preprocess, png_jpeg",
    "predicted": "predictions",
    "quoted": "hint_check",
    "readings": "pseudo_labels",
    "requests": "request_info",
    "review_events": "events",
    "seeing": "vision_init",
    "sides": "laterality",
    "stored": "row_mapping",
    "together": "consistency",
    "trials": "counterfactuals",
    "visits": "session",
    "whole_file": "atomic",
    "wire": "protocol",
    "writing": "generation",
}
"""Names that no module has, whatever its folder, and what it is called now."""

PLACES = ("instructblip/evidence", "evaluation/pointing", "imaging/digest", "mini", "phantom")
"""And none of these stands in the package, whose name may be right elsewhere."""

CLASSES = {
    "Asked": "EvaluationRequest",
    "ChestGate": "OodDetector",
    "Child": "WorkerProcess",
    "Desk": "AppContext",
    "Given": "InputCondition",
    "Held": "LoadedFilm",
    "Naming": "PhiMatch",
    "Nonsense": "ProtocolError",
    "Parts": "Components",
    "Slot": "FilmRole",
    "Turns": "FairQueue",
    "Visit": "Session",
    "Way": "Method",
}
"""Names that no class has."""


def sources() -> list[Path]:
    """Every module of the package and of research."""
    return [file for folder in ("clinicalblip", "research") for file in sorted((ROOT / folder).rglob("*.py"))]


@cache
def classes() -> list[tuple[Path, str]]:
    """Every class of the package and of research, with its file."""
    return [
        (file.relative_to(ROOT), node.name)
        for file in sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    ]


@pytest.mark.parametrize("name", MODULES)
def test_no_module_has_a_replaced_name(name: str) -> None:
    """Neither a file nor a folder of modules."""
    assert [file for file in sources() if file.stem == name or file.parent.name == name] == []


def test_the_names_in_their_place_are_there() -> None:
    """So that the tables above say what a thing is called today."""
    modules = {name for file in sources() for name in (file.stem, file.parent.name)}
    assert {name for names in MODULES.values() for name in names.split(", ")} - modules == set()
    assert set(CLASSES.values()) - {name for _, name in classes()} == set()


@pytest.mark.parametrize("place", PLACES)
def test_what_moved_is_gone_from_its_old_place(place: str) -> None:
    """Neither as a file nor as a folder."""
    old = ROOT / "clinicalblip" / place
    assert not old.with_suffix(".py").exists()
    assert not list(old.rglob("*.py"))


def test_no_class_has_a_replaced_name() -> None:
    """At any depth of a module, with or without a leading underscore."""
    assert {f"{file}: {name}" for file, name in classes() if name.lstrip("_") in CLASSES} == set()
