"""Training examples: pairs that only their films tell apart, and reports that are true of them."""

import re
from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.instructblip.collate import check_reference
from clinicalblip.instructblip.hints import read_hints
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study
from research.mini.connect.example_batch import CHANGE_WEIGHT, PLACE_WEIGHT, token_weights
from research.mini.connect.language import learn_tokenizers
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.unreadable import UNREADABLE, name_of, pictures_of
from research.mini.recipe import TINY
from research.mini.reports.draft_findings import affirms, affirms_any, sides_of
from research.mini.reports.examples import Example, Examples
from research.mini.reports.hints import chatter
from research.mini.reports.phantom_studies import ASPECTS, PhantomStudies
from research.mini.reports.pseudo_labels import PseudoLabels
from research.mini.reports.sentences import REPORTED, collect_sentences, split_sentences
from research.mini.reports.voice import VOICES, Voice
from research.phantom.description import Kind
from research.phantom.reports.report import Change, changes

REPORTS = (
    "The heart is enlarged. There is a small left pleural effusion. There is no pneumothorax.",
    "Heart size is normal. The lungs are clear. No pleural effusion or pneumothorax. No focal infiltrate is seen.",
    "Right lower lobe nodule. Heart size is normal. No pleural effusion. There is an infiltrate.",
) * 3
COMPARES = re.compile(r"\b(?:new|increased|larger|decreased|smaller|unchanged|stable|resolved|removed|no longer)\b")


@pytest.fixture(scope="module")
def studies():
    """Nine training studies with an indication each."""
    return [
        Study(
            f"s{n}",
            f"p{n}",
            "train",
            context=ClinicalContext(indication=f"cough {n}"),
            reference=Report(text, "No acute disease."),
        )
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
    """Only the film, a hint and a prior report tell the two of a pair apart."""
    pairs = Examples(
        films,
        studies,
        collect_sentences(studies),
        pseudo_labels,
        phantom_fraction=drawn,
        hinted_fraction=0.0,
        unreadable_fraction=0.0,
    ).draw(40, (3,))
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        assert replace(first.context, prior_report="") == replace(second.context, prior_report="")
    assert any(example.context.indication for example in pairs)


def test_a_report_of_a_real_film_says_what_is_read_in_it(films, studies, pseudo_labels):
    """Of each pair the first film has a finding and the second none, and the reports say so."""
    drawn = Examples(
        films,
        studies,
        collect_sentences(studies),
        pseudo_labels,
        phantom_fraction=0.0,
        hinted_fraction=0.0,
        unreadable_fraction=0.0,
    ).draw(40, (4,))
    for place, example in enumerate(drawn):
        (row,) = pseudo_labels.positive(np.array([example.row]))
        positive = {what for what, has in zip(REPORTED, row, strict=True) if has}
        assert present(example.report.findings) & set(REPORTED) == positive
        assert bool(positive) == (place % 2 == 0)


def hinted_examples(films, studies, pseudo_labels, drawn, number=60):
    """Examples of which every one has something in the slot of hints."""
    fractions = {"phantom_fraction": drawn, "hinted_fraction": 1.0, "unreadable_fraction": 0.0}
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, **fractions)
    return [example for example in examples.draw(number, (5,)) if example.context.hints], examples


@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_every_hint_is_said_in_its_own_words_whatever_the_film_has(films, studies, pseudo_labels, drawn):
    """The report begins with the hints in the prompt's words, true or false, and no sentence speaks of hints."""
    hinted, examples = hinted_examples(films, studies, pseudo_labels, drawn)
    assert len(hinted) > 40
    false = 0
    for example in hinted:
        known = [hint for hint in read_hints(example.context.hints)[0] if hint.said]
        lines = list(split_sentences(example.report.findings))
        for hint, line in zip(known, lines, strict=False):
            assert hint.words.removeprefix("no ").removeprefix("possible ").lower() in line.lower()
        assert "hint" not in example.report.text
        assert examples.questions_about(example, 6, np.random.default_rng(0)) == []
        names = {hint.finding.observation for hint in known if hint.finding} & set(REPORTED)
        false += bool(names - {w for w in REPORTED if pseudo_labels.log_odds_of(example.row, w) > 0})
    assert 5 < false < len(hinted)


def test_what_is_not_hinted_stays(films, studies, pseudo_labels):
    """Beside its hints a report says all else that its film has, and nothing that neither has."""
    hinted, _ = hinted_examples(films, studies, pseudo_labels, 0.0)
    others = 0
    for example in hinted:
        hints = read_hints(example.context.hints)[0]
        named = {hint.finding.observation for hint in hints if hint.finding}
        (row,) = pseudo_labels.positive(np.array([example.row]))
        own = {what for what, has in zip(REPORTED, row, strict=True) if has} - named
        assert own <= present(example.report.findings)
        assert (present(example.report.findings) & set(REPORTED)) - named <= own | {Observation.EMPHYSEMA}
        others += bool(own)
    assert others > 5


def test_words_that_are_no_finding_leave_the_report_as_it_is(films, studies, pseudo_labels):
    """A name or a complaint in the slot of hints is not answered."""
    rng = np.random.default_rng(3)
    for _ in range(10):
        assert not [hint for hint in read_hints(chatter(rng))[0] if hint.said]
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, hinted_fraction=0.5).draw(200, (6,))
    chats = [e for e in examples if e.context.hints and not any(h.said for h in read_hints(e.context.hints)[0])]
    assert chats
    assert not any(word in example.report.text for example in chats for word in ("Smith", "Monday", "Brown"))


def test_at_most_half_of_the_questions_are_about_the_context(films, studies, pseudo_labels):
    """A film with many changes since the last one is asked about as well."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels)
    for example in examples.draw_with_prior(20, (9,)):
        for number in (2, 4, 6):
            questions = examples.questions_about(example, number, np.random.default_rng(1))
            assert len(questions) == number
            assert sum(question in example.questions for question in questions) >= min(
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
    assert sum(bool(named) for named, _ in spoken) == len(REPORTED)
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
    fractions = {"phantom_fraction": 0.0, "unreadable_fraction": 0.0}
    pairs = Examples(films, studies, collect_sentences(studies), pseudo_labels, **fractions).draw(400, (8,))[::2]
    positive = pseudo_labels.positive(np.array([example.row for example in pairs]))
    lead = [positive[:, REPORTED.index(w)].sum() for w in (Observation.PLEURAL_EFFUSION, Observation.CARDIOMEGALY)]
    assert lead[0] > lead[1] > 20


def test_drawn_studies_state_what_was_drawn(films):
    """Each finding once, and nothing of it among what is absent."""
    for study in PhantomStudies(films).studies:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        stated = study.statements(Voice(1))
        assert {each.observation for each in stated} - {None} == expected
        assert len(stated) == len(study.phantom.findings)
        assert not study.absent() & {each.said_of.observation for each in stated}


def test_two_films_of_a_person_are_compared_both_ways(films):
    """What is larger one way is smaller the other way, and what is new has then resolved."""
    studies = PhantomStudies(films).with_prior
    turned = {Change.LARGER: Change.SMALLER, Change.NEW: Change.RESOLVED}
    turned |= {after: before for before, after in turned.items()} | {Change.UNCHANGED: Change.UNCHANGED}
    for one, other in zip(studies[::2], studies[1::2], strict=True):
        assert (one.row, one.prior) == (other.prior, other.row)
        there, back = changes(one.phantom, one.earlier), changes(other.phantom, other.earlier)
        assert sorted(turned[change] for change in there.values()) == sorted(back.values())


def test_only_a_study_with_a_prior_film_or_report_compares(films, studies, pseudo_labels):
    """The prior film is the same person's; most have its report, some the film alone, and some the report alone."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, hinted_fraction=0.0)
    later = examples.draw_with_prior(60, (7,))
    for example in later:
        one, other = films.ids[example.row], films.ids[example.prior]
        assert {one, other} == {one.removesuffix("_prior"), f"{one.removesuffix('_prior')}_prior"}
        assert bool(COMPARES.search(example.report.findings)) == bool(example.questions)
    assert {bool(example.context.prior_report) for example in later} == {True, False}
    drawn = examples.draw(400, (8,))
    assert all(example.prior is None for example in drawn)
    without = [example for example in drawn if not example.context.prior_report]
    assert not any(COMPARES.search(example.report.text) for example in without)
    assert any(COMPARES.search(example.report.text) for example in drawn)


def test_no_prior_report_is_the_report_that_is_to_be_learnt(films, studies, pseudo_labels):
    """An unchanged chest is worded otherwise than before: a report in its own prompt would be copied."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, hinted_fraction=0.0)
    drawn = [*examples.draw(900, (11,)), *examples.draw_with_prior(100, (12,))]
    with_report = [example for example in drawn if example.context.prior_report]
    assert len(with_report) > 60
    for example in with_report:
        check_reference(f"Prior report: {example.context.prior_report}", target_text(example.report))


def test_a_picture_without_a_chest_affirms_nothing_whatever_is_hinted(films, studies, pseudo_labels):
    """Its row lies past the table's end, and its report is the same with a hint."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, unreadable_fraction=1.0)
    drawn = examples.draw(30, (2,))
    assert any(example.context.hints for example in drawn)
    for example in drawn:
        assert name_of(films, example.row).startswith("unreadable_")
        assert not affirms_any(example.report.text)
        assert examples.questions_about(example, 4, np.random.default_rng(0)) == []


def test_unreadable_pictures_vary_and_are_the_same_every_time(films):
    """Noise, blank films, gradients, stripes and films in pieces; a film of the table is what it was."""
    rows = np.array([0, *range(len(films.ids), len(films.ids) + UNREADABLE, 37)])
    pictures = pictures_of(films, rows)
    assert np.array_equal(pictures, pictures_of(films, rows))
    assert np.array_equal(pictures[:1], films.pictures(rows[:1]))
    assert pictures.min() >= 0
    assert pictures.max() <= 1
    assert len({float(picture.std()) for picture in pictures}) > 5


def test_examples_alone_have_a_film_and_hints_and_nothing_else(films, studies, pseudo_labels):
    """Neither what a report before said nor why the film was taken."""
    examples = Examples(films, studies, collect_sentences(studies), pseudo_labels, hinted_fraction=0.5)
    alone = examples.draw_alone(60, (4,))
    assert len(alone) == 60
    assert all(each.prior is None and each.context == ClinicalContext(hints=each.context.hints) for each in alone)
    assert 0 < sum(bool(each.context.hints) for each in alone) < 60


def test_in_one_voice_the_film_alone_tells_reports_apart(films, studies):
    """Of films with an effusion and of films with nothing there are two reports; in all voices there are more."""
    odds = np.random.default_rng(0).normal(-9, size=(len(films.ids), len(REPORTED))).astype(np.float32)
    odds[::2, REPORTED.index(Observation.PLEURAL_EFFUSION)] += 18
    labels = PseudoLabels(odds, np.zeros(len(REPORTED), dtype=np.float32))
    shares = {"phantom_fraction": 0.0, "hinted_fraction": 0.0, "unreadable_fraction": 0.0}
    numbers = []
    for one_voice in (True, False):
        examples = Examples(films, studies, collect_sentences(studies), labels, **shares, one_voice=one_voice)
        numbers.append(len({each.report for each in examples.draw_alone(100, (4,))}))
    assert numbers[0] == 2 < numbers[1]


def test_a_film_with_several_findings_is_drawn_no_oftener(films, studies):
    """Three films have a finding each and one has all three: each of the four is drawn as often."""
    rows = films.rows("train", NIH_SETS)[:4]
    columns = [REPORTED.index(what) for what in (Observation.PNEUMONIA, Observation.EDEMA, Observation.FIBROSIS)]
    odds = np.full((len(films.ids), len(REPORTED)), -9.0, dtype=np.float32)
    odds[rows[0], columns] = 9
    odds[rows[1:], columns] = 9
    labels = PseudoLabels(odds, np.zeros(len(REPORTED), dtype=np.float32))
    shares = {"phantom_fraction": 0.0, "hinted_fraction": 0.0, "unreadable_fraction": 0.0}
    drawn = Examples(films, studies, collect_sentences(studies), labels, **shares).draw(1600, (4,))[::2]
    assert all(abs(sum(each.row == row for each in drawn) - 200) < 50 for row in rows)


def test_films_that_look_alike_share_a_voice():
    """The voice goes with what the encoder reads, and all voices are used about as often."""
    odds = np.random.default_rng(0).normal(size=(720, len(REPORTED))).astype(np.float32)
    labels = PseudoLabels(odds, np.zeros(len(REPORTED), dtype=np.float32))
    numbers = [labels.voice_of(row).number for row in range(len(odds))]
    counts = np.bincount(numbers, minlength=VOICES)
    assert counts.min() > 5
    nearly = PseudoLabels(odds + np.float32(1e-4), np.zeros(len(REPORTED), dtype=np.float32))
    assert sum(nearly.voice_of(row).number == number for row, number in enumerate(numbers)) > 700


def test_where_a_finding_is_weighs_more(studies, tmp_path):
    """The same word in a sentence that affirms nothing does not."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = "Findings: Heart size is normal. There is a left pleural effusion. No pneumothorax on the right."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    weights = token_weights(tokenizer, target)
    said = {
        weight: tokenizer.decode([i for i, own in zip(ids, weights, strict=True) if own == weight]).strip()
        for weight in set(weights)
    }
    assert said.pop(PLACE_WEIGHT) == "left"
    assert set(said) == {1.0}


def test_the_word_that_compares_weighs_most(studies, tmp_path):
    """One word in a hundred says how a finding has changed."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = "Findings: The left pleural effusion has increased. Heart size is normal."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    weights = token_weights(tokenizer, target)
    assert set(weights) == {1.0, PLACE_WEIGHT, CHANGE_WEIGHT}
    weighed = [i for i, own in zip(ids, weights, strict=True) if own == CHANGE_WEIGHT]
    assert tokenizer.decode(weighed).strip() == "increased"
