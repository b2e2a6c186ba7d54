"""A Reporter elsewhere: as the one here, to the word, also when the line to it is cut."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from pydantic import SecretStr

from clinicalblip.asset_folder import ASSETS
from clinicalblip.errors import (
    DegenerateDraft,
    ModelError,
    ModelUnavailable,
    SettingsError,
    UnsupportedRadiograph,
)
from clinicalblip.instructblip.reporter import InstructBlipReporter
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.serving import replica_app
from clinicalblip.serving.remote_reporter import RemoteReporter, connect
from clinicalblip.settings import ModelSettings
from tests.fixtures.served_page import free_port, until
from tests.fixtures.served_replica import SECRET, cut_line, served_replica

Asking = Callable[..., RemoteReporter]
CONTEXT = ClinicalContext(indication="cough and fever", history="known effusion")


def untimed(draft: Draft) -> Draft:
    """The draft without the seconds that it took."""
    return replace(draft, seconds=0.0)


def local_draft(bundled: InstructBlipReporter, film: Radiograph) -> Draft:
    """What the model drafts in this process."""
    *_, draft = bundled.stream([film], CONTEXT)
    assert isinstance(draft, Draft)
    return untimed(draft)


def test_it_is_the_model_that_is_served(replica: str, bundled: InstructBlipReporter, asking: Asking) -> None:
    """Identity, options and calibrated observations are those of the replica."""
    remote = asking(replica)
    assert (remote.identity, remote.generation, remote.calibrated) == (
        bundled.identity,
        bundled.generation,
        bundled.calibrated,
    )


def test_a_draft_is_what_it_would_be_here(
    replica: str, bundled: InstructBlipReporter, film: Radiograph, asking: Asking
) -> None:
    """Words come one after another, only ever grow, and end as the same Draft, warnings of the film included."""
    warned = Radiograph(
        film.values, film.window, film.inverted, film.view, (0.1, 0.1), film.digest, warnings=("It is dark.",)
    )
    *grown, draft = asking(replica).stream([warned], CONTEXT)
    assert isinstance(draft, Draft)
    assert draft.warnings[0] == "It is dark."
    assert untimed(draft) == local_draft(bundled, warned)
    assert len(grown) > 1
    for before, after in pairwise([*grown, draft.report]):
        assert isinstance(before, Report)
        assert isinstance(after, Report)
        assert after.findings.startswith(before.findings)
        assert after.impression.startswith(before.impression)


def test_scores_evidence_doubts_and_the_film_as_seen_are_the_same(
    replica: str, bundled: InstructBlipReporter, film: Radiograph, asking: Asking
) -> None:
    """To the bit, for floats go through JSON whole."""
    remote, report = asking(replica), Report("The lungs are clear.", "No acute disease.")
    scores = remote.score([film], CONTEXT)
    assert (list(scores), scores) == (list(bundled.score([film], CONTEXT)), bundled.score([film], CONTEXT))
    for there, here in zip(
        remote.evidence([film], CONTEXT, report), bundled.evidence([film], CONTEXT, report), strict=True
    ):
        assert (there.sentence, there.likelihood) == (here.sentence, here.likelihood)
        np.testing.assert_array_equal(there.drops[0], here.drops[0])
    blank = Radiograph(np.full((200, 200), 7, np.uint16), film.window, False, film.view, None, "0" * 64)
    blank = replace(blank, digest=digest(blank.values))
    assert remote.doubts(blank) == bundled.doubts(blank) != ()
    assert remote.doubts(film) == bundled.doubts(film)
    np.testing.assert_array_equal(remote.seen(film), bundled.seen(film))


def test_many_drafts_are_each_what_one_is(
    replica: str, bundled: InstructBlipReporter, film: Radiograph, asking: Asking
) -> None:
    """In the order in which they were asked for."""
    contexts = [ClinicalContext(indication="cough " * number) for number in range(6)]
    drafts = asking(replica).draft_many([([film], context) for context in contexts])
    here = bundled.draft_many([([film], context) for context in contexts])
    assert [untimed(draft) for draft in drafts] == [untimed(draft) for draft in here]
    assert asking(replica).draft_many([]) == []


@pytest.mark.parametrize("cuts", [[0], [200], [1500, 1500, 2500], [700, 0, 0, 3000]])
def test_a_draft_that_is_cut_goes_on(
    cuts: list[int],
    replica: str,
    bundled: InstructBlipReporter,
    film: Radiograph,
    asking: Asking,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Before its first word, in the middle of a line, several times: no word is lost, none comes twice."""
    monkeypatch.setattr(replica_app, "TELLS_EVERY", 0.0)  # a line for every word, however fast the machine is
    with cut_line(replica) as line:
        remote = asking(line.url)
        remote.wait()
        line.cuts = list(cuts)
        *grown, draft = remote.stream([film], CONTEXT)
        remote.close()
        assert line.cuts == []
        assert line.posts == len(cuts) + 1
    assert isinstance(draft, Draft)
    assert untimed(draft) == local_draft(bundled, film)
    for before, after in pairwise(grown):
        assert isinstance(before, Report)
        assert isinstance(after, Report)
        assert after.findings.startswith(before.findings)


def test_a_request_that_ends_every_replica_is_given_up(replica: str, film: Radiograph, asking: Asking) -> None:
    """After three at the same word, in one sentence, before it has ended the others."""
    with cut_line(replica) as line:
        remote = asking(line.url)
        remote.wait()
        line.cuts = [400] * 20
        with pytest.raises(ModelError, match="3 replicas of the model were lost"):
            list(remote.stream([film], CONTEXT))
        remote.close()
        assert line.posts < 20


def test_nobody_there_is_one_sentence(asking: Asking, film: Radiograph) -> None:
    """After the patience, counted by a clock that nobody sets."""
    remote = asking(f"http://127.0.0.1:{free_port()}", patience=0.3)
    began = time.monotonic()
    with pytest.raises(ModelError, match=r"No replica of the model has answered for 0\.3 seconds"):
        list(remote.stream([film], CONTEXT))
    assert time.monotonic() - began < 10


def test_a_clock_that_jumps_changes_nothing(
    replica: str, film: Radiograph, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day forth and back at each look."""
    days = iter(range(10**9))
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + (next(days) % 2) * 86400)
    with cut_line(replica) as line:
        remote = asking(line.url, patience=5.0)
        remote.wait()
        line.cuts = [900, 0]
        *_, draft = remote.stream([film], CONTEXT)
        remote.close()
    assert isinstance(draft, Draft)


def test_a_stop_ends_the_work_at_the_replica(
    bundled: InstructBlipReporter, film: Radiograph, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is there becomes the Draft, and the replica writes nothing more; so it is when the iterator is closed."""
    ended = threading.Event()
    generate = bundled.generate

    def slowly(*given: object, **options: object) -> object:
        try:
            for progress in generate(*given, **options):  # type: ignore[arg-type]
                time.sleep(0.05)
                yield progress
                ended.clear()
        finally:
            ended.set()

    monkeypatch.setattr(bundled, "generate", slowly)
    with served_replica(bundled) as url:
        remote = asking(url)
        seen: list[Report | Draft] = []
        seen.extend(remote.stream([film], CONTEXT, stop=lambda: len(seen) >= 2))
        draft = seen[-1]
        assert isinstance(draft, Draft)
        assert draft.stopped
        assert 0 < draft.tokens < 30
        assert draft.prompt.endswith("Report:")
        assert until(ended.is_set, seconds=5)
        stream = remote.stream([film], CONTEXT)
        next(stream)
        ended.clear()
        stream.close()  # type: ignore[attr-defined]
        assert until(ended.is_set, seconds=5)
        remote.close()


def test_a_stop_before_the_first_word_is_one_sentence(replica: str, film: Radiograph, asking: Asking) -> None:
    """There is no prompt, so that there is no draft."""
    with pytest.raises(ModelError, match="stopped before a replica"):
        list(asking(replica).stream([film], CONTEXT, stop=lambda: True))


def test_errors_of_the_model_keep_their_kind(
    bundled: InstructBlipReporter, film: Radiograph, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And an error that is none of the family becomes one sentence that holds nothing of it."""
    remote_errors: list[BaseException] = [DegenerateDraft("The scores are none."), KeyError("Jane Doe")]

    def fail(*given: object) -> object:
        raise remote_errors.pop(0)

    monkeypatch.setattr(bundled, "score", fail)
    with served_replica(bundled) as url:
        remote = asking(url)
        with pytest.raises(DegenerateDraft, match="The scores are none"):
            remote.score([film], CONTEXT)
        with pytest.raises(ModelError, match="replica failed") as caught:
            remote.score([film], CONTEXT)
        assert "Doe" not in str(caught.value)
        remote.close()


def test_no_film_is_refused_as_here(replica: str, asking: Asking) -> None:
    """By the same sentence."""
    with pytest.raises(UnsupportedRadiograph, match="There is no radiograph"):
        list(asking(replica).stream([], CONTEXT))


def test_a_replica_of_another_model_is_refused(
    bundled: InstructBlipReporter, film: Radiograph, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the first has said what it runs, only the same is asked; also for what a draft goes on with."""
    with served_replica(bundled) as url:
        remote = asking(url)
        remote.wait()
        served = remote._served
        assert served is not None
        remote._served = replace(served, identity=replace(served.identity, adapter_digest="f" * 64))
        with pytest.raises(ModelUnavailable, match="another model"):
            list(remote.stream([film], CONTEXT))
        remote.close()


def test_another_version_is_refused(replica: str, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    """By both versions' names."""
    monkeypatch.setattr("clinicalblip.serving.connection.__version__", "9.9")
    with pytest.raises(ModelUnavailable, match=r"'0\.1\.0' of ClinicalBLIP, and here is 9\.9"):
        asking(replica).wait()


def test_a_wrong_secret_is_one_sentence(replica: str) -> None:
    """Which holds neither secret."""
    remote = RemoteReporter(replica, SecretStr("b" * 32))
    with pytest.raises(ModelUnavailable, match="CLINICALBLIP_MODEL_SECRET") as caught:
        remote.wait()
    assert "b" * 32 not in str(caught.value)
    assert SECRET.get_secret_value() not in str(caught.value)
    remote.close()


def test_settings_without_a_secret_are_refused() -> None:
    """Before anybody is asked."""
    with pytest.raises(SettingsError, match="no secret"):
        connect(ModelSettings(at="http://127.0.0.1:8000"))


PAGE = """
import sys
from pathlib import Path

import gradio as gr
from gradio_client import Client, handle_file

from clinicalblip.cli.serve import serve


def ask(page: gr.Blocks) -> None:
    client = Client(page.local_url, verbose=False)
    answer = client.predict(frontal=handle_file(sys.argv[2]), despite_doubts=True, api_name="/draft")
    assert answer["findings"] and answer["base"] == "instructblip-mini", answer
    heavy = {"torch", "transformers", "peft", "bitsandbytes", "ray"} & set(sys.modules)
    assert not heavy, heavy
    page.close(verbose=False)


gr.Blocks.block_thread = ask
serve(Path(sys.argv[1]))
print("drafted")
"""


def test_the_page_drafts_without_torch(replica: str, tmp_path: Path) -> None:
    """The command `serve` in a process of its own with `model.at`, a program that asks it, and no model in it."""
    film = sorted((ASSETS / "cases").rglob("frontal.png"))[0]
    config = tmp_path / "settings.yaml"
    reviews = tmp_path / "reviews.sqlite3"
    config.write_text(f"model: {{at: '{replica}'}}\nstorage: {{reviews: '{reviews}'}}\n", encoding="utf-8")
    environment = {
        **os.environ,
        "CLINICALBLIP_MODEL_SECRET": SECRET.get_secret_value(),
        "GRADIO_SERVER_PORT": str(free_port()),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    command = [sys.executable, "-c", PAGE, str(config), str(film)]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=110)
    assert ended.stdout.endswith("drafted\n"), ended.stderr
    assert SECRET.get_secret_value() not in ended.stdout + ended.stderr
