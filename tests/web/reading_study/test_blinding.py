"""Nothing that reaches a reader tells the arms apart that show a draft: drafts of the same words look the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio.components import Component

from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.reader_study.preparation import prepare_study
from clinicalblip.reader_study.study_folder import StudyFolder
from clinicalblip.web.view.updates import Updates
from tests.fixtures.drafts_alike import without_lots
from tests.fixtures.page_passwords import with_password
from tests.fixtures.reader_study import ASSISTED, DESIGN, NONE, OFFERED, no_model, put_in_pneumothorax, write_sources
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader, serve_study
from tests.fixtures.walked_study import WalkedStudy, app_of_study, enrolled

BIRDS = DESIGN.replace("unaided", "wren").replace("assisted", "kestrel").replace("offered", "osprey")
"""The arms under names that are no words of the page."""

FIRST = DESIGN.replace("reading: {readers: 3}", "reading: {readers: 3, reader_first: yes}")


def prepare(folder: Path, design: str = DESIGN) -> Path:
    """A study in which the predictions file has the words of the references."""
    path = write_sources(folder / "sources", design=design)
    lines = [
        {"study_id": each.study_id, "findings": each.reference.findings, "impression": each.reference.impression}
        for each in read_studies(folder / "sources" / "studies.jsonl")
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (folder / "sources" / "predictions.jsonl").write_text(text, encoding="utf-8")
    prepare_study(path, folder / "study", no_model, inject=put_in_pneumothorax, log=lambda line: None)
    return folder / "study"


class RecordedStudy(WalkedStudy):
    """A reader's page that keeps all that its events answered, a part of the page each."""

    def __init__(self, *given: Any, **options: Any) -> None:
        self.received: list[tuple[str, str]] = []
        super().__init__(*given, **options)

    def show(self, updates: Updates) -> None:
        """Keep what came, without lots and places."""
        super().show(updates)
        for component, news in updates.items():
            if component is not self.components.work_list:  # where the case stands in the reader's list, and no more
                said = news._constructor_args if isinstance(news, Component) else news
                text = without_lots(json.dumps(said, default=repr))
                self.received.append((component.elem_id or type(component).__name__, text))


@pytest.fixture(params=[DESIGN, FIRST], ids=["draft at once", "impression first"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StudyFolder]:
    """The study, opened."""
    with StudyFolder.open(prepare(tmp_path, request.param)) as opened:
        yield opened


def read_all(folder: StudyFolder) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """What each case's reader received under each arm, over all readers."""
    received = {}
    app = app_of_study(folder)
    for number in range(folder.assignment.rows):
        page = RecordedStudy(app, enrolled(app), key=f"page {number}")
        for _ in folder.of_reader(page.reader):
            page.received.clear()
            arm = page.read()
            assert page.session.case is not None
            received[page.session.case.assigned.case, arm] = list(page.received)
    return received


def test_drafts_of_the_same_words_look_the_same_under_every_arm(folder: StudyFolder) -> None:
    """From opening a case to saving it, training and gold cases too: answers differ in lots and places alone."""
    received = read_all(folder)
    cases = [case for case, arm in received if arm == ASSISTED and (case, OFFERED) in received]
    assert len(cases) >= len(folder.assignment.cases) - 1  # one is for training, under another arm by reader
    for case in cases:
        assert received[case, ASSISTED] == received[case, OFFERED]
        assert len(received[case, ASSISTED]) > 40
    assert received[cases[0], ASSISTED] != received[cases[0], NONE], "that there is a draft is no secret"


def told_by(drafts: StudyFolder) -> set[str]:
    """Words that would tell an arm or its source."""
    models = [each.draft.model for each in drafts.drafts.values()]
    digests = {digest for each in models for digest in (each.base_digest, each.adapter_digest) if digest}
    sources = {name for each in models for name in (each.base, each.adapter) if name and name != "reference"}
    return {"wren", "kestrel", "osprey", "predictions", "injected", *digests, *sources}


@pytest.fixture
def page(tmp_path: Path) -> Iterator[ServedStudyPage]:
    """The same study, served."""
    with serve_study(prepare(tmp_path, BIRDS), with_password()) as served:
        yield served


def test_no_page_of_a_reader_names_an_arm_or_its_source(page: ServedStudyPage) -> None:
    """Neither documents nor what programs get, nor their headers and cookies, before a case is read and after."""
    reader = StudyReader(page, page.enrol())
    received = [reader.entered]
    paths = ("", "config", "reader-study", "reader-study/case", "reader-study/pair", "reader-study/pair/film")
    for _ in page.study.folder.of_reader(reader.reader):
        received += [reader.get(path) for path in paths]
        reader.read()
    for _ in page.study.pairs(reader.reader):
        received += [reader.get(path) for path in paths]
        position = re.search(r'name="pair" value="(\d+)"', reader.get("reader-study/pair").text)
        assert position is not None
        chosen = {"pair": position[1], "choice": "left", "why": "", "seconds": "3"}
        received.append(reader.post("reader-study/pair", **chosen))
    received.append(reader.get("reader-study"))
    reader.client.close()
    assert len(page.study.records.choices()) == 2
    everything = "\n".join(f"{answer.url}\n{answer.headers}\n{answer.text}" for answer in received).lower()
    assert "the heart is enlarged" in everything
    for word in told_by(page.study.folder):
        assert word.lower() not in everything, word


def test_the_two_sides_of_a_pair_look_the_same(page: ServedStudyPage) -> None:
    """Drafts of the same words on both sides are the same markup."""
    reader = StudyReader(page, page.enrol())
    for _ in page.study.folder.of_reader(reader.reader):
        reader.read()
    shown = reader.get("reader-study/pair").text
    reader.client.close()
    sides = re.findall(
        r'<section class="cb-card" aria-label="(?:Left|Right)"><h2>(?:Left|Right)</h2>(.*?)</section>', shown
    )
    assert len(sides) == 2
    assert sides[0] == sides[1]
