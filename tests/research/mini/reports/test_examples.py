"""Training examples: pairs that only their films tell apart, and reports that are true of them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.connect.example_batch import ANSWER_WEIGHT, FINDING_WEIGHT, PLACE_WEIGHT, token_weights
from research.mini.connect.language import learn_tokenizers
from research.mini.films.manifest import NIH_LABELS
from research.mini.recipe import TINY
from research.mini.reports.draft_findings import affirms, sides_of
from research.mini.reports.examples import Example, Examples
from research.mini.reports.phantom_studies import ASPECTS, PhantomStudies
from research.mini.reports.pseudo_labels import PseudoLabels
from research.mini.reports.sentences import REPORTED, collect_sentences
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


def test_the_same_seed_draws_the_same_examples(films, studies, pseudo_labels):
    """A killed run goes on with what it would have learnt."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels)
    assert examples.draw(9, (1,)) == examples.draw(9, (1,))
    assert examples.draw(9, (1,)) != examples.draw(9, (2,))
    assert len(examples.draw(9, (1,))) == 9


@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_a_pair_has_the_same_context(films, studies, pseudo_labels, drawn):
    """Only the film, and a hint, tells the two of a pair apart."""
    pairs = Examples(films, studies, collect_sentences(studies), pseudo_labels, phantom_fraction=drawn).draw(40, (3,))
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        assert replace(first.context, hints="") == replace(second.context, hints="")
    assert any(example.context.indication for example in pairs)


def test_a_report_of_a_real_film_says_what_is_read_in_it(films, studies, pseudo_labels):
    """Of each pair the first film has a finding and the second none, and the reports say so."""
    drawn = Examples(films, studies, collect_sentences(studies), pseudo_labels, phantom_fraction=0.0).draw(40, (4,))
    for place, example in enumerate(drawn):
        positive = {
            what for what, has in zip(REPORTED, pseudo_labels.positive(np.array([example.row]))[0], strict=True) if has
        }
        assert present(example.report.findings) & set(REPORTED) <= positive
        assert bool(positive) == (place % 2 == 0)


def test_a_hint_of_a_real_film_is_answered_first_with_its_side_and_degree(films, studies, pseudo_labels):
    """The report begins with the hint, says no more of that finding than it does, and a question asks for it."""
    drawn = Examples(
        films, studies, collect_sentences(studies), pseudo_labels, phantom_fraction=0.0, hinted_fraction=1.0
    ).draw(60, (5,))
    hinted = [example for example in drawn if example.context.hints]
    assert hinted
    assert all(example.report.findings.startswith(f"The hinted {example.context.hints} ") for example in hinted)
    assert all(example.context.hints.lower() in example.report.impression.lower() for example in hinted)
    assert all(example.context.hints in example.questions[0].affirming for example in hinted)
    assert any(example.context.hints.startswith(("left", "right", "small", "large")) for example in hinted)


def test_at_most_half_of_the_questions_are_about_the_context(films, studies, pseudo_labels):
    """A film with many changes since the last one is asked about as well."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels)
    for example in examples.draw_with_prior(20, (9,)):
        for number in (2, 4, 6):
            questions = examples.questions_about(example, number, np.random.default_rng(1))
            assert len(questions) == number
            assert sum(question in example.questions for question in questions) == min(
                len(example.questions), number // 2
            )


def test_a_question_of_a_real_film_asks_for_what_the_encoder_reads(films, studies, pseudo_labels):
    """One sentence affirms an observation, the other denies it, and the log odds are those that were read."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, phantom_fraction=0.0)
    effusion = films.labels[:, NIH_LABELS.index("Effusion")] == 1
    row = int(np.flatnonzero(effusion & ~films.is_phantom(np.arange(len(films.ids))).numpy())[0])
    questions = examples.questions_about(Example(row, ClinicalContext(), Report("-")), 13, np.random.default_rng(6))
    assert len(questions) == len(REPORTED)
    spoken = [(present(question.affirming) & set(REPORTED), question) for question in questions]
    assert sum(bool(named) for named, _ in spoken) >= 4  # of the rest these three reports have no sentence
    for named, question in spoken:
        assert not named & present(question.denying)
        assert all(question.log_odds == pseudo_labels.log_odds_of(row, what) for what in named)


def test_a_question_of_a_drawn_film_has_a_true_and_a_false_sentence(films, studies, pseudo_labels):
    """The first sentence names only what was drawn, and the second is not true of it: not there, or not so placed."""
    rng = np.random.default_rng(4)
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels)
    elsewhere = 0
    for study in PhantomStudies(films).studies * 5:
        drawn = {finding.observation for finding in study.phantom.findings} - {None}
        for question in examples.questions_about(Example(study.row, ClinicalContext(), Report("-")), 4, rng):
            assert question.log_odds == np.inf
            named = {kind for kind in Kind if affirms(question.affirming, kind)}
            placed = [kind for kind in named if affirms(question.denying, kind) and study.phantom.finding(kind)]
            if not placed:
                assert present(question.affirming) - {Observation.LUNG_OPACITY} <= drawn
                continue
            elsewhere += 1
            finding = study.phantom.finding(placed[0])
            assert sides_of(question.affirming, placed[0]) == {finding.side} or finding.side == "both"
            assert question.affirming != question.denying
    assert elsewhere > 20


def test_a_finding_near_its_threshold_is_affirmed_sometimes():
    """On the threshold it is affirmed half of the time; far from it always or never."""
    odds = np.full((1, len(REPORTED)), -5.0)
    odds[0, :2] = (0.0, 5.0)
    rng = np.random.default_rng(0)
    pseudo_labels = PseudoLabels(odds, np.zeros(len(REPORTED)))
    sampled = np.array([list(pseudo_labels.sample(0, rng).values()) for _ in range(200)])
    assert 60 < sampled[:, 0].sum() < 140
    assert sampled[:, 1].all()
    assert not sampled[:, 2:].any()


def test_the_truth_of_a_drawn_film_has_sides_zones_and_degrees(films):
    """Each kind's aspects are those of the drawn finding; a real film's are unknown."""
    drawn = PhantomStudies(films)
    rows = np.array([0, *(study.row for study in drawn.studies)])
    truth = drawn.truth(rows).reshape(len(rows), len(Kind), len(ASPECTS))
    assert np.isnan(truth[0]).all()
    for study, table in zip(drawn.studies, truth[1:], strict=True):
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


def test_a_rare_finding_leads_less_often_than_a_common_one(films, studies, pseudo_labels):
    """More films have an effusion than a large heart: more pairs show one, and many show the other."""
    pairs = Examples(films, studies, collect_sentences(studies), pseudo_labels, phantom_fraction=0.0).draw(400, (8,))[
        ::2
    ]
    positive = pseudo_labels.positive(np.array([example.row for example in pairs]))
    lead = [positive[:, REPORTED.index(w)].sum() for w in (Observation.PLEURAL_EFFUSION, Observation.CARDIOMEGALY)]
    assert lead[0] > lead[1] > 20


def test_drawn_studies_report_what_was_drawn(films):
    """With a true hint or none the report names exactly the phantom's observations."""
    rng = np.random.default_rng(0)
    for study in PhantomStudies(films).studies:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        assert present(study.report(rng).findings) - {Observation.LUNG_OPACITY} == expected


def test_a_hint_that_the_film_contradicts_is_denied_first(films):
    """The report begins with the answer, and a false hint never makes it affirm what was not drawn."""
    rng = np.random.default_rng(1)
    false = 0
    for study in PhantomStudies(films).studies * 3:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        hint, report, question = study.with_hint(rng)
        answer = report.findings.split(". ")[0]
        holds = "not" not in answer.split()
        assert answer.startswith(f"The hinted {hint} ")
        assert present(report.findings) - {Observation.LUNG_OPACITY} == expected
        assert ("not" in question.affirming.split()) != holds
        false += not holds
    assert 10 < false < 110


def test_only_a_study_with_a_prior_film_compares(films, studies, pseudo_labels):
    """The prior film is the same person's, its report is in the prompt most of the time, and the course comes first."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels)
    later = examples.draw_with_prior(20, (7,))
    assert all(films.ids[example.prior] == f"{films.ids[example.row]}_prior" for example in later)
    assert any(example.context.prior_report for example in later)
    first = [example.report.findings.split(". ")[0] for example in later if example.questions]
    said = re.compile("new|larger|smaller|unchanged|stable|no longer")
    assert first
    assert all(said.search(sentence) for sentence in first)
    assert all(example.prior is None for example in examples.draw(40, (8,)))


def test_words_of_an_affirming_sentence_weigh_more(studies, tmp_path):
    """Every word piece of a sentence that affirms a finding does, and where it is most; no other does."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = "Findings: Heart size is normal. There is a left pleural effusion. No pneumothorax on the right."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    weights = token_weights(tokenizer, target)
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
    weights = token_weights(tokenizer, target)
    assert set(weights) == {1.0, ANSWER_WEIGHT}
    weighed = [i for i, own in zip(ids, weights, strict=True) if own == ANSWER_WEIGHT]
    assert tokenizer.decode(weighed).strip() == answers
