"""What the package and its extras need, at any depth, has no licence that binds who runs it."""

import re
from functools import cache
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
FILES = tuple(f"requirements{extra}.txt" for extra in ("", "-evaluate", "-export", "-ray", "-reader-study", "-train"))
"""What the package needs, and each of its extras."""

PERMISSIVE = re.compile(
    r"\b(Apache|MIT(-CMU)?|(0|Free)?BSD|ISC|PSFL?|Python Software Foundation|HPND|Zlib|Unlicense|CC0|BSL|Boost|CNRI)\b",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\b(A?GPL|Affero|GNU General Public)", re.IGNORECASE)
WEAK = re.compile(r"\b(LGPL|Lesser|MPL|Mozilla|EPL|CDDL)", re.IGNORECASE)

BY_HAND = {
    "certifi": "MPL-2.0 by file, and the file is a list of certificates, used as it is",
    "pycocoevalcap": "BSD-2-Clause in its repository, unsaid in its metadata; METEOR's jar, LGPL-2.1, runs as a program"
    " of its own, and Stanford's jars, GPL, are never started here",
    "orjson": "MPL-2.0 by file for what is its own, used as it is; gradio asks for it",
    "tqdm": "MPL-2.0 by file for parts of it, used as it is; transformers asks for it",
}
"""Packages whose own licence is weaker than permissive, and why they may be used."""

CARRIED = {
    "numpy": "libgfortran and libquadmath, GPL-3 with GCC's runtime exception and LGPL-2.1, as libraries of their own",
    "opencv-python-headless": "FFmpeg, LGPL-2.1, as libraries of their own; no video is read here",
    "scipy": "libgfortran, GPL-3 with GCC's runtime exception, as a library of its own",
    "setuptools": "autocommand, LGPL-3, which only its own development uses; torch asks for setuptools",
    "shapely": "GEOS, LGPL-2.1, as a library of its own; rapidocr asks for it",
    "torch": "the text beside a test of a library for C++ requests, of which nothing is in the wheel",
}
"""Packages whose wheels carry the text of a GNU licence, for what, and why that binds nobody here."""

GPUS_OWN = ("nvidia-", "cuda-", "triton")
"""With torch for a GPU come NVIDIA's libraries under its own terms; torch's build for CPUs has none of them."""

GNU_TEXT = re.compile(r"GNU\s+((LESSER|AFFERO|LIBRARY)\s+)?GENERAL\s+PUBLIC\s+LICENSE\s+Version\s+\d")  # its title
LICENCE_FILE = re.compile(r"licen[cs]e|copying|notice", re.IGNORECASE)


@cache
def needed() -> dict[str, Distribution]:
    """Every distribution that the package and its extras pull in on this machine, by its canonical name."""
    lines = (line.split("#")[0].strip() for name in FILES for line in (ROOT / name).read_text().splitlines())
    waiting = [(Requirement(line), "") for line in lines if line]
    seen: set[tuple[str, str]] = set()
    found: dict[str, Distribution] = {}
    while waiting:
        requirement, extra = waiting.pop()
        if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
            continue
        name = canonicalize_name(requirement.name)
        if name.startswith(GPUS_OWN):
            continue
        found.setdefault(name, distribution(name))
        for wanted in ("", *requirement.extras):
            if (name, wanted) not in seen:
                seen.add((name, wanted))
                waiting += [(Requirement(one), wanted) for one in found[name].requires or ()]
    return found


def licence_of(package: Distribution) -> str:
    """What the metadata says: the SPDX expression, else the classifiers, else the first line of the licence's text."""
    metadata = package.metadata
    if metadata.get("License-Expression"):
        return str(metadata["License-Expression"])
    classifiers = [
        text.split(" :: ")[-1] for text in metadata.get_all("Classifier") or () if text.startswith("License :: ")
    ]
    classifiers = [text for text in classifiers if text != "OSI Approved"]
    return "; ".join(classifiers) or (metadata.get("License") or "").strip().split("\n")[0]


def verdict(name: str, licence: str) -> str | None:
    """Why a package may not be used; None where it may."""
    if COPYLEFT.search(licence):
        return f"{name}: {licence}"
    if WEAK.search(licence) and name not in BY_HAND:
        return f"{name}: {licence} has to be looked at, and entered with a reason"
    if not (PERMISSIVE.search(licence) or name in BY_HAND):
        return f"{name}: {licence!r} is not known, and has to be entered with a reason"
    return None


def test_all_that_is_needed_is_permissive() -> None:
    """No GPL or AGPL; LGPL, MPL and what says nothing only by an entry with a reason."""
    verdicts = (verdict(name, licence_of(package)) for name, package in sorted(needed().items()))
    assert [why for why in verdicts if why] == []


def test_what_wheels_carry_besides_is_known() -> None:
    """Metadata speaks of a package's own code; a GNU licence's text beside it shows what else lies in the wheel."""
    carrying = {
        name
        for name, package in needed().items()
        for file in package.files or ()
        if LICENCE_FILE.search(file.name)
        and Path(file.locate()).is_file()
        and GNU_TEXT.search(Path(file.locate()).read_text(encoding="utf-8", errors="replace"))
    }
    assert carrying - set(CARRIED) == set()


def test_no_reason_outlives_its_package() -> None:
    """What is entered by hand is still needed."""
    assert (set(BY_HAND) | set(CARRIED)) - set(needed()) == set()


def test_the_gpl_decoder_is_not_among_them() -> None:
    """pylibjpeg's JPEG plugin is GPL-3: neither asked for, nor pulled in."""
    assert "pylibjpeg" in needed()
    assert "pylibjpeg-libjpeg" not in needed()
    wanted = "".join(file.read_text() for file in ROOT.glob("requirements*.txt"))
    assert "pylibjpeg-libjpeg" not in wanted


@pytest.mark.parametrize(
    ("licence", "is_allowed"),
    [
        ("GPL-3.0-or-later", False),
        ("GNU General Public License v3 (GPLv3)", False),
        ("AGPL-3.0", False),
        ("GNU Affero General Public License v3", False),
        ("LGPL-2.1", False),
        ("MPL-2.0", False),
        ("", False),
        ("Proprietary", False),
        ("MIT", True),
        ("BSD License", True),
        ("Apache Software License", True),
    ],
)
def test_licences_are_told_apart(licence: str, is_allowed: bool) -> None:
    """The words that metadata uses."""
    assert (verdict("some-package", licence) is None) == is_allowed
