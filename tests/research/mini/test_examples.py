"""What the bundled model is taught: pairs that only their films tell apart, and reports that are true of them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.connect import ANSWER_WEIGHT, FINDING_WEIGHT, PLACE_WEIGHT, word_weights
from research.mini.counterfactuals import names, sides_of
from research.mini.drawn import ASPECTS, DrawnStudies
from research.mini.examples import Example, Examples
from research.mini.films import NIH_LABELS
from research.mini.language import learn_tokenizers
from research.mini.pseudo_labels import Readings
from research.mini.recipe import TINY
from research.mini.sentences import SPOKEN_OF, collect_sentences
from research.phantom.description import Kind

REPORTS = (
    "The heart is enlarged. There is a small left pleural effusion. No pneumothorax.",
    "Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax. No focal infiltrate.",
    "Right lower lobe nodule. Heart size is normal. No nodules or masses. There is an infiltrate.",
)


@pytest.fixture(scope="module")
def studies():
    """Three training studies with an indication each."""
    return [
        Study(f"s{n}", f"p{n}", "train", context=ClinicalContext(indication=f"cough {n}"), reference=Report(text))
        for n, text in enumerate(REPORTS)
    ]


def present(text):
    """The observations that a text affirms."""
    said = observations(text)
    return {w for w, how in said.items() if how is Certainty.PRESENT and w is not Observation.NO_FINDING}


def test_the_same_seed_draws_the_same_examples(films, studies, readings):
    """A killed run goes on with what it would have learnt."""
    examples = Examples(films, studies, collect_sentences(studies), readings)
    assert examples.draw(9, (1,)) == examples.draw(9, (1,))
    assert examples.draw(9, (1,)) != examples.draw(9, (2,))
    assert len(examples.draw(9, (1,))) == 9


@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_what_was_known_beforehand_is_the_same_in_a_pair(films, studies, readings, drawn):
    """Only the film, and a hint, tells the two of a pair apart."""
    pairs = Examples(films, studies, collect_sentences(studies), readings, drawn=drawn).draw(40, (3,))
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        assert replace(first.context, hints="") == replace(second.context, hints="")
    assert any(example.context.indication for example in pairs)


def test_a_whole_report_tells_what_is_read_in_its_film(films, studies, readings):
    """Of each pair the first film has a finding and the second none, and the reports say so."""
    drawn = Examples(films, studies, collect_sentences(studies), readings, drawn=0.0).draw(40, (4,))
    for place, example in enumerate(drawn):
        told = {what for what, has in zip(SPOKEN_OF, readings.told(np.array([example.row]))[0], strict=True) if has}
        assert present(example.report.findings) & set(SPOKEN_OF) <= told
        assert bool(told) == (place % 2 == 0)


def test_a_hint_of_a_real_film_is_answered_first_with_its_side_and_degree(films, studies, readings):
    """The report begins with the hint, says no more of that finding than it does, and a question asks for it."""
    drawn = Examples(films, studies, collect_sentences(studies), readings, drawn=0.0, hinted=1.0).draw(60, (5,))
    hinted = [example for example in drawn if example.context.hints]
    assert hinted
    assert all(example.report.findings.startswith(f"The hinted {example.context.hints} ") for example in hinted)
    assert all(example.context.hints.lower() in example.report.impression.lower() for example in hinted)
    assert all(example.context.hints in example.asked[0].affirming for example in hinted)
    assert any(example.context.hints.startswith(("left", "right", "small", "large")) for example in hinted)


def test_what_was_known_beforehand_is_at_most_half_of_what_is_asked(films, studies, readings):
    """A film with many changes since the last one is asked about as well."""
    examples = Examples(films, studies, collect_sentences(studies), readings)
    for example in examples.draw_with_prior(20, (9,)):
        for number in (2, 4, 6):
            asked = examples.ask(example, number, np.random.default_rng(1))
            assert len(asked) == number
            assert sum(question in example.asked for question in asked) == min(len(example.asked), number // 2)


def test_a_question_of_a_real_film_asks_for_what_the_encoder_reads(films, studies, readings):
    """One sentence affirms an observation, the other denies it, and the log odds are those that were read."""
    examples = Examples(films, studies, collect_sentences(studies), readings, drawn=0.0)
    effusion = films.labels[:, NIH_LABELS.index("Effusion")] == 1
    row = int(np.flatnonzero(effusion & ~films.is_drawn(np.arange(len(films.ids))).numpy())[0])
    asked = examples.ask(Example(row, ClinicalContext(), Report("-")), 13, np.random.default_rng(6))
    assert len(asked) == len(SPOKEN_OF)
    spoken = [(present(question.affirming) & set(SPOKEN_OF), question) for question in asked]
    assert sum(bool(named) for named, _ in spoken) >= 4  # of the rest these three reports have no sentence
    for named, question in spoken:
        assert not named & present(question.denying)
        assert all(question.log_odds == readings.of(row, what) for what in named)


def test_a_question_of_a_drawn_film_has_a_true_and_a_false_sentence(films, studies, readings):
    """The first sentence names only what was drawn, and the second is not true of it: not there, or not so placed."""
    random = np.random.default_rng(4)
    examples = Examples(films, studies, collect_sentences(studies), readings)
    elsewhere = 0
    for study in DrawnStudies(films).some * 5:
        drawn = {finding.observation for finding in study.phantom.findings} - {None}
        for question in examples.ask(Example(study.row, ClinicalContext(), Report("-")), 4, random):
            assert question.log_odds == np.inf
            named = {kind for kind in Kind if names(question.affirming, kind)}
            placed = [kind for kind in named if names(question.denying, kind) and study.phantom.finding(kind)]
            if not placed:
                assert present(question.affirming) - {Observation.LUNG_OPACITY} <= drawn
                continue
            elsewhere += 1
            finding = study.phantom.finding(placed[0])
            assert sides_of(question.affirming, placed[0]) == {finding.side} or finding.side == "both"
            assert question.affirming != question.denying
    assert elsewhere > 20


def test_what_is_read_near_the_line_is_told_now_and_then():
    """A reading on the line is told half of the time; one far from it always or never."""
    odds = np.full((1, len(SPOKEN_OF)), -5.0)
    odds[0, :2] = (0.0, 5.0)
    random = np.random.default_rng(0)
    readings = Readings(odds, np.zeros(len(SPOKEN_OF)))
    told = np.array([list(readings.tell(0, random).values()) for _ in range(200)])
    assert 60 < told[:, 0].sum() < 140
    assert told[:, 1].all()
    assert not told[:, 2:].any()


def test_the_truth_of_a_drawn_film_has_sides_zones_and_degrees(films):
    """Each kind's aspects are those of the drawn finding; a real film's are unknown."""
    drawn = DrawnStudies(films)
    rows = np.array([0, *(study.row for study in drawn.some)])
    truth = drawn.truth(rows).reshape(len(rows), len(Kind), len(ASPECTS))
    assert np.isnan(truth[0]).all()
    for study, table in zip(drawn.some, truth[1:], strict=True):
        for kind, row in zip(Kind, table, strict=True):
            said = dict(zip(ASPECTS, row, strict=True))
            finding = study.phantom.finding(kind)
            assert said["present"] == (finding is not None)
            if finding:
                assert (said["right"], said["left"]) == (-1 in finding.signs, 1 in finding.signs)
                assert said["much"] == (finding.severity >= 0.5)
                assert not finding.zone or said[finding.zone] == 1.0
            else:
                assert not row.any()


def test_a_rare_finding_leads_less_often_than_a_common_one(films, studies, readings):
    """More films have an effusion than a large heart: more pairs show one, and many show the other."""
    pairs = Examples(films, studies, collect_sentences(studies), readings, drawn=0.0).draw(400, (8,))[::2]
    told = readings.told(np.array([example.row for example in pairs]))
    lead = [told[:, SPOKEN_OF.index(w)].sum() for w in (Observation.PLEURAL_EFFUSION, Observation.CARDIOMEGALY)]
    assert lead[0] > lead[1] > 20


def test_drawn_studies_report_what_was_drawn(films):
    """With a true hint or none the report names exactly the phantom's observations."""
    random = np.random.default_rng(0)
    for study in DrawnStudies(films).some:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        assert present(study.report(random).findings) - {Observation.LUNG_OPACITY} == expected


def test_a_hint_that_the_film_contradicts_is_denied_first(films):
    """The report begins with the answer, and a false hint never makes it affirm what was not drawn."""
    random = np.random.default_rng(1)
    false = 0
    for study in DrawnStudies(films).some * 3:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        hint, report, question = study.hinted(random)
        answer = report.findings.split(". ")[0]
        holds = "not" not in answer.split()
        assert answer.startswith(f"The hinted {hint} ")
        assert present(report.findings) - {Observation.LUNG_OPACITY} == expected
        assert ("not" in question.affirming.split()) != holds
        false += not holds
    assert 10 < false < 110


def test_only_a_study_with_a_prior_film_compares(films, studies, readings):
    """The prior film is the same person's, its report is in the prompt most of the time, and the course comes first."""
    examples = Examples(films, studies, collect_sentences(studies), readings)
    later = examples.draw_with_prior(20, (7,))
    assert all(films.ids[example.prior] == f"{films.ids[example.row]}_prior" for example in later)
    assert any(example.context.prior_report for example in later)
    first = [example.report.findings.split(". ")[0] for example in later if example.asked]
    said = re.compile("new|larger|smaller|unchanged|stable|no longer")
    assert first
    assert all(said.search(sentence) for sentence in first)
    assert all(example.prior is None for example in examples.draw(40, (8,)))


def test_words_of_an_affirming_sentence_weigh_more(studies, tmp_path):
    """Every word piece of a sentence that affirms a finding does, and where it is most; no other does."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = "Findings: Heart size is normal. There is a left pleural effusion. No pneumothorax on the right."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    weights = word_weights(tokenizer, target)
    said = {
        weight: tokenizer.decode([i for i, own in zip(ids, weights, strict=True) if own == weight]).strip()
        for weight in set(weights)
    }
    assert said.pop(PLACE_WEIGHT) == "left"
    assert said.pop(FINDING_WEIGHT).split() == ["There", "is", "a", "pleural", "effusion."]
    assert set(said) == {1.0}


@pytest.mark.parametrize(
    ("begins", "answers"),
    [("The hinted", "left pleural effusion is not seen."), ("The", "left pleural effusion is stable.")],
)
def test_words_that_answer_what_was_known_beforehand_weigh_more(studies, tmp_path, begins, answers):
    """The name and what is so have to be learnt, whatever it is; that there is an answer weighs like any word."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = f"Findings: {begins} {answers} Heart size is normal."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    weights = word_weights(tokenizer, target)
    assert set(weights) == {1.0, ANSWER_WEIGHT}
    weighed = [i for i, own in zip(ids, weights, strict=True) if own == ANSWER_WEIGHT]
    assert tokenizer.decode(weighed).strip() == answers
