"""Scores: the cached prompt gives what whole passes give, and the likelier sentence decides."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from clinicalblip.errors import ModelUnavailable
from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import IGNORE_INDEX, collate
from clinicalblip.instructblip.phrasings import PHRASINGS, Phrasings
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.instructblip.scoring.likelihood import BATCH_SIZE, log_likelihoods
from clinicalblip.instructblip.scoring.score import SCALE_FILE, UNSCALED, ScoreScale, load_scale, margins, write_scale
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import CHEXPERT, Certainty, Observation
from clinicalblip.radiology.report import Report

PROMPT = "Write the findings and the impression of this chest radiograph.\nReport:"
SENTENCES = ("There is no pleural effusion.", "There is a pleural effusion.", "The heart size is normal.", "Clear.")


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> Base:
    """A tiny base of either kind."""
    found: Base = request.getfixturevalue(f"tiny_{request.param}_base")
    return found


def films(number: int, seed: int = 0) -> list[NDArray[np.float32]]:
    """Films of noise."""
    return list(np.random.default_rng(seed).random((number, 40, 36), dtype=np.float32))


@torch.no_grad()
def whole_pass(base: Base, shown: list[NDArray[np.float32]], text: str) -> float:
    """The log-likelihood of a text without its EOS token, by one plain pass of the whole model."""
    batch = collate(base, [shown], [PROMPT], [text])
    log_probabilities = base.model(**batch).logits.log_softmax(-1)
    wanted = batch["labels"]
    if base.is_decoder_only:
        log_probabilities, wanted = log_probabilities[:, :-1], wanted[:, 1:]
    real = (wanted != IGNORE_INDEX).nonzero()[:-1]
    return sum(float(log_probabilities[row, place, wanted[row, place]]) for row, place in real)


@pytest.mark.parametrize("number", [1, 3])
def test_cached_prompt_gives_what_whole_passes_give(base: Base, number: int) -> None:
    """One reading of film and prompt for all texts, more than fit in one pass, equals a plain pass for each text."""
    shown = films(number)
    repeated = (" ".join([sentence] * times) for times in range(1, 10) for sentence in SENTENCES)
    texts = [target_text(Report(text)) for text in repeated]
    assert len(texts) > BATCH_SIZE
    fast = log_likelihoods(base, base.model, collate(base, [shown], [PROMPT]), texts)
    assert fast == pytest.approx([whole_pass(base, shown, text) for text in texts], abs=1e-4)


def test_texts_that_begin_differently_or_are_one(base: Base) -> None:
    """Nothing in common, one the beginning of another, and a single text are all likelihoods of whole texts."""
    batch = collate(base, [films(1)], [PROMPT])
    texts = ["The lungs are clear.", "The lungs are", "No effusion."]
    together = log_likelihoods(base, base.model, batch, texts)
    alone = [log_likelihoods(base, base.model, batch, [text])[0] for text in texts]
    assert together == pytest.approx(alone, abs=1e-4)
    assert together[0] < together[1] < 0
    with pytest.raises(ValueError, match="without a token"):
        log_likelihoods(base, base.model, batch, [])
    with pytest.raises(ValueError, match="one study"):
        log_likelihoods(base, base.model, collate(base, [films(1)] * 2, [PROMPT] * 2), texts)


def test_margin_is_that_of_the_sentences(base: Base) -> None:
    """An observation's margin is the mean log-likelihood of what affirms it over that of what denies it."""
    shown, what = films(1), Observation.PLEURAL_EFFUSION
    found = margins(base, base.model, collate(base, [shown], [PROMPT]))
    assert tuple(found) == CHEXPERT
    affirmed, denied = (
        np.mean([whole_pass(base, shown, target_text(Report(text))) for text in texts])
        for texts in (PHRASINGS[what].affirming, PHRASINGS[what].denying)
    )
    assert found[what] == pytest.approx(affirmed - denied, abs=1e-4)


def test_one_finding_is_enough_against_a_normal_chest(base: Base) -> None:
    """`No Finding` is weighed against the mean likelihood of the findings, devices apart, none of them averaged out."""
    shown = films(1)
    found = margins(base, base.model, collate(base, [shown], [PROMPT]))
    by_finding = [
        np.mean([whole_pass(base, shown, target_text(Report(text))) for text in PHRASINGS[what].affirming])
        for what in CHEXPERT
        if what is not Observation.SUPPORT_DEVICES
    ]
    normal, others = by_finding[0], np.array(by_finding[1:])
    assert found[Observation.NO_FINDING] == pytest.approx(normal - np.log(np.exp(others).mean()), abs=1e-4)


def test_another_film_gives_other_margins(base: Base) -> None:
    """The film is looked at, and the same film gives the same."""
    first, again, other = (margins(base, base.model, collate(base, [films(1, seed)], [PROMPT])) for seed in (0, 0, 1))
    assert first == again
    assert all(first[what] != other[what] for what in CHEXPERT)


@pytest.mark.parametrize("what", CHEXPERT, ids=lambda what: what.value)
def test_phrasings_say_one_thing(what: Observation) -> None:
    """Every sentence that affirms an observation, and every one that denies it, is read as just that."""
    phrasings = PHRASINGS[what]
    for text in phrasings.affirming:
        assert observations(text) == {what: Certainty.PRESENT}
    for text in phrasings.denying:
        named = observations(text)
        if what is Observation.NO_FINDING:
            assert set(named.values()) == {Certainty.PRESENT}
            assert what not in named
        else:
            assert named == {what: Certainty.ABSENT, Observation.NO_FINDING: Certainty.PRESENT}


def test_phrasings_need_both_sides() -> None:
    """An observation without a denial, or with one sentence on both sides, is refused."""
    for denying in ((), ("There is one.",)):
        with pytest.raises(ValueError, match="affirm it"):
            Phrasings(("There is one.",), denying)


def test_scale_comes_back_for_its_base_and_adapter_only(tiny_llama_base: Base, tmp_path: Path) -> None:
    """What was written is read again; with another adapter, or without a file, nothing is scaled, nor calibrated."""
    unscaled = ScoreScale(tiny_llama_base.digest, None, UNSCALED, frozenset())
    assert load_scale(tmp_path, tiny_llama_base, None) == unscaled
    scale = Scale(2.5, tuple(float(number) for number in range(len(CHEXPERT))))
    measured = ScoreScale(tiny_llama_base.digest, "a" * 64, scale, frozenset(CHEXPERT[:3]))
    write_scale(measured, tmp_path)
    assert load_scale(tmp_path, tiny_llama_base, "a" * 64) == measured
    assert load_scale(tmp_path, tiny_llama_base, None) == unscaled


def test_a_scale_that_does_not_say_what_it_was_measured_on_calibrates_nothing(
    tiny_llama_base: Base, tmp_path: Path
) -> None:
    """As files were written before; its scale holds all the same."""
    write_scale(ScoreScale(tiny_llama_base.digest, None, UNSCALED, frozenset(CHEXPERT)), tmp_path)
    values = json.loads((tmp_path / SCALE_FILE).read_text(encoding="utf-8"))
    assert values.pop("calibrated") == [str(what) for what in CHEXPERT]
    (tmp_path / SCALE_FILE).write_text(json.dumps(values), encoding="utf-8")
    assert load_scale(tmp_path, tiny_llama_base, None).calibrated == frozenset()


def test_scale_of_another_base_is_refused(tiny_llama_base: Base, tmp_path: Path) -> None:
    """The error names the file, both digests' beginnings and what to do; so it is for a file that is damaged."""
    write_scale(ScoreScale("f" * 64, None, UNSCALED), tmp_path)
    with pytest.raises(ModelUnavailable, match=rf"{SCALE_FILE}.*ffffffffffff.*{tiny_llama_base.digest[:12]}"):
        load_scale(tmp_path, tiny_llama_base, None)
    for damaged in ("", "[]", "{}", '{"base": "x", "adapter": null, "temperature": -1, "bias": {}}'):
        (tmp_path / SCALE_FILE).write_text(damaged)
        with pytest.raises(ModelUnavailable, match="cannot be read"):
            load_scale(tmp_path, tiny_llama_base, None)


def test_scale_needs_every_observation() -> None:
    """A scale with fewer biases than observations is refused."""
    with pytest.raises(ValueError, match="bias for each"):
        ScoreScale("b" * 64, None, Scale(1.0, (0.0,)))
