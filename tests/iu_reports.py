"""A small IU X-RAY of our own making: the published layout, texts and films written here."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr


def iu_report(
    number: int,
    *,
    findings: str = "The lungs are clear.",
    impression: str = "Normal chest.",
    indication: str = "Cough",
    major: tuple[str, ...] = ("normal",),
    automatic: tuple[str, ...] = (),
    films: tuple[str, ...] = (),
) -> bytes:
    """One report as Open-i publishes it."""
    sections = {"COMPARISON": "None.", "INDICATION": indication, "FINDINGS": findings, "IMPRESSION": impression}
    texts = "".join(f"<AbstractText Label={quoteattr(k)}>{escape(v)}</AbstractText>\n" for k, v in sections.items())
    tags = "".join(f"<major>{escape(tag)}</major>" for tag in major)
    tags += "".join(f"<automatic>{escape(tag)}</automatic>" for tag in automatic)
    images = "".join(f"<parentImage id={quoteattr(film)}/>" for film in films)
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<eCitation><uId id="CXR{number}"/><MedlineCitation><Article>'
        f"<Abstract>{texts}</Abstract></Article></MedlineCitation><MeSH>{tags}</MeSH>{images}</eCitation>"
    ).encode()


def write_archive(source: Path, reports: Mapping[str, bytes]) -> None:
    """Write the reports (by file name) as NLMCXR_reports.tgz into the source folder."""
    source.mkdir(exist_ok=True)
    with tarfile.open(source / "NLMCXR_reports.tgz", "w:gz") as tar:
        for name, content in reports.items():
            member = tarfile.TarInfo(f"ecgen-radiology/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def write_metadata(source: Path, views: Mapping[str, str]) -> None:
    """Write the DICOM table with these films' View Positions."""
    rows = "".join(f"{film},{view}\n" for film, view in views.items())
    (source / "nlmcxr_dicom_metadata.csv.gz").write_bytes(gzip.compress(f"imageid,View Position\n{rows}".encode()))
