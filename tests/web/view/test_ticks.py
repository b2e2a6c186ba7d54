"""A report as ticks, as the page shows it."""

import json
import re
from html import unescape

from clinicalblip.radiology.report import Report
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.document_json import finding_from_json
from clinicalblip.structured_report.regions import ORDER, Region
from clinicalblip.web import wording
from clinicalblip.web.ticking import Ticked
from clinicalblip.web.view.ticks import ticked_report, view_switch

TEXT = "Small left effusion, new. No pneumothorax. Mild <b>scoliosis</b> of the spine. Clips in the abdomen."


def shown(findings: str, impression: str = "") -> str:
    """The markup of a report."""
    return ticked_report(Ticked(Document.read(findings), Report(findings, impression)))


def rows(markup: str) -> list[str]:
    """The rows of observations."""
    return re.findall(r'<div role="row" class="cb-tick".*?</div>', markup)


def test_every_observation_has_a_row_in_its_region() -> None:
    """With what it says in words and as values that give the finding again."""
    markup = shown(TEXT)
    assert re.findall(r'data-region="([^"]*)"', markup) == list(Region)
    assert re.findall(r'data-row="([^"]*)#0"', markup) == list(ORDER)
    effusion = next(row for row in rows(markup) if 'data-row="Pleural Effusion#0"' in row)
    assert 'aria-label="pleural effusion: present, left, small, new"' in effusion
    told = re.search(r'data-finding="([^"]*)"', effusion)
    assert told is not None
    assert finding_from_json(json.loads(unescape(told[1]))) in Document.read(TEXT).ticked
    assert f'data-span="0,{len("Small left effusion, new.")}"' in effusion
    assert 'data-value="left" title="left" aria-label="left" aria-pressed="true"' in effusion


def test_only_what_applies_is_offered() -> None:
    """No degree of what is absent, no side of the heart, no change of what is not there but that it resolved."""
    markup = {row.split("#", 1)[0].rpartition('"')[2]: row for row in rows(shown(TEXT))}
    assert 'data-part="degree"' not in markup["Pneumothorax"]
    changes = markup["Pneumothorax"].partition('data-part="change"')[2]
    assert re.findall(r'option value="(\w+)"', changes) == ["resolved"]
    assert 'data-part="side"' not in markup["Cardiomegaly"]
    assert 'data-part="degree"' not in markup["Fracture"]


def test_what_is_not_understood_stays_as_text_where_it_belongs() -> None:
    """Marked as such, with its place as a browser counts it; markup in it is text."""
    markup = shown(f"🫁 {TEXT}")
    assert f"spine. <small>{wording.NOT_TICKED}" in markup
    assert "&lt;b&gt;scoliosis" in markup
    bones = markup.index('data-region="bones"')
    assert bones < markup.index("scoliosis") < markup.index('data-region="devices"')
    assert markup.index(wording.OTHER_TEXT) < markup.index("Clips in the abdomen.")
    start = TEXT.index("Mild") + len("🫁 ".encode("utf-16-le")) // 2
    assert f'class="cb-not-ticked" data-span="{start},' in markup


def test_several_zones_and_another_language_are_said() -> None:
    """What the lists do not have stands in them as it is; a sentence that is not English is text."""
    markup = shown("Consolidation in the left upper and lower lobes. Kein Pneumothorax.")
    assert '<option value="several" selected disabled>upper + lower</option>' in markup
    assert f"Kein Pneumothorax. <small>{wording.NOT_TICKED}" in markup


def test_it_is_said_when_the_impression_no_longer_fits() -> None:
    """What it leaves out, and what it says otherwise; nothing where it fits."""
    assert wording.IMPRESSION_MISSING.format(findings="pneumothorax") in shown("Right pneumothorax.", "Clear heart.")
    assert wording.IMPRESSION_OTHERWISE.format(findings="pleural effusion") in shown(TEXT, "Right effusion.")
    assert "cb-impression-fit" not in shown(TEXT, "Left effusion.")


def test_a_report_of_twenty_thousand_characters_is_shown_whole() -> None:
    """Each finding once, however often it is said; a sentence of thousands of words is cut where it is shown."""
    assert len(rows(shown((TEXT + " ") * 180))) == len(ORDER)
    markup = shown("Of note " * 3000)
    assert len(markup) < len(shown("")) + 500


def test_the_switch_says_which_view_is_shown() -> None:
    """The text, until the reader presses."""
    assert re.findall(r'data-view="(\w+)" aria-pressed="(\w+)"', view_switch()) == [
        ("text", "true"),
        ("ticks", "false"),
    ]
