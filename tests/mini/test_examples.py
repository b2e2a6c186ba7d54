"""What the bundled model is taught: pairs that only their films tell apart, and reports that are true of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from transformers import InstructBlipVisionModel, LlamaForCausalLM

from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.collate import IGNORED
from clinicalblip.mini.connect import FINDING_WEIGHT, assemble, question_loss, weighted_loss, word_weights
from clinicalblip.mini.drawn import ASPECTS, DrawnStudies
from clinicalblip.mini.encoder import vision_config
from clinicalblip.mini.examples import Examples, labels_of
from clinicalblip.mini.films import prepare_films
from clinicalblip.mini.language import language_config, learn_tokenizers
from clinicalblip.mini.recipe import TINY
from clinicalblip.mini.sentences import SPOKEN_OF, collect_sentences
from clinicalblip.mini.trials import names, sides_of
from clinicalblip.phantom.description import Kind
from clinicalblip.radiology.findings import Certainty, Observation, observations
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study

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


@pytest.fixture(scope="module")
def films(tiny_data, tmp_path_factory):
    """The tiny films with forty drawn ones."""
    return prepare_films(tiny_data, tmp_path_factory.mktemp("films"), replace(TINY, phantoms=40))


def present(text):
    """The observations that a text affirms."""
    said = observations(text)
    return {w for w, how in said.items() if how is Certainty.PRESENT and w is not Observation.NO_FINDING}


def test_the_same_seed_draws_the_same_examples(films, studies):
    """A killed run goes on with what it would have learnt."""
    examples = Examples(films, studies, collect_sentences(studies))
    assert examples.draw(9, (1,)) == examples.draw(9, (1,))
    assert examples.draw(9, (1,)) != examples.draw(9, (2,))
    assert len(examples.draw(9, (1,))) == 9


@pytest.mark.parametrize("drawn", [0.0, 1.0])
def test_what_was_known_beforehand_is_the_same_in_a_pair(films, studies, drawn):
    """Only the film, and a hint, tells the two of a pair apart."""
    pairs = Examples(films, studies, collect_sentences(studies), drawn=drawn).draw(40, (3,))
    for first, second in zip(pairs[::2], pairs[1::2], strict=True):
        assert replace(first.context, hints="") == replace(second.context, hints="")
    assert any(example.context.indication for example in pairs)


def test_a_whole_report_affirms_what_its_film_is_labelled_with(films, studies):
    """Of each pair the first film has a finding and the second none, and the reports say so."""
    drawn = Examples(films, studies, collect_sentences(studies), drawn=0.0).draw(40, (4,))
    for example in drawn:
        labels = labels_of(films.labels[example.row])
        assert present(example.report.findings) & set(SPOKEN_OF) <= {what for what, has in labels.items() if has}
    assert all(any(labels_of(films.labels[example.row]).values()) for example in drawn[::2])
    assert not any(any(labels_of(films.labels[example.row]).values()) for example in drawn[1::2])


def test_a_hint_of_a_real_film_is_repeated_with_its_side_and_degree(films, studies):
    """The report says as much as the hint, which is all that is known of side and degree."""
    drawn = Examples(films, studies, collect_sentences(studies), drawn=0.0, hinted=1.0).draw(60, (5,))
    hinted = [example for example in drawn if example.context.hints]
    assert hinted
    assert all(example.context.hints in example.report.findings for example in hinted)
    assert any(example.context.hints.startswith(("left", "right", "small", "large")) for example in hinted)


def test_a_question_is_of_a_film_that_has_it_and_of_one_that_lacks_it(films, studies):
    """The affirming sentence is true of the first film, the denying one of the second."""
    for question in Examples(films, studies, collect_sentences(studies)).ask(40, 0, (6,)):
        said = present(question.affirming) & set(SPOKEN_OF)
        assert said
        assert not present(question.denying)
        assert all(labels_of(films.labels[question.has])[what] for what in said)
        assert not any(labels_of(films.labels[question.lacks])[what] for what in said)


def test_a_question_teaches_the_difference_between_two_films_and_nothing_else(films, studies, tmp_path):
    """A model that hardly sees loses about log 2 however long the sentences are; it matters which film has it."""
    tokenizers = learn_tokenizers(studies, tmp_path, TINY)
    torch.manual_seed(0)
    language = LlamaForCausalLM(language_config(tokenizers[0], TINY))
    vision = InstructBlipVisionModel(vision_config(TINY)).state_dict()
    base = load_base(assemble(tmp_path / "base", vision, language, tokenizers, TINY), "fp32", "cpu")
    question = Examples(films, studies, collect_sentences(studies)).ask(1, 0, (7,))[0]

    def loss(each):
        return question_loss(base, films, [each], 0).item()

    reworded = replace(question, denying=f"{question.denying} And much more is said.")
    assert loss(question) == pytest.approx(0.6931, abs=0.2)
    assert loss(reworded) == pytest.approx(0.6931, abs=0.2)
    assert loss(question) != loss(replace(question, has=question.lacks, lacks=question.has))


def test_two_drawn_films_are_told_apart_by_sentences_that_are_true_of_one(films):
    """The first sentence holds for the first film and not for the second; the second for the second and not the first.

    Sentences are compared by what they say of their kind: that it is there, and where.
    """
    random = np.random.default_rng(4)
    drawn = DrawnStudies(films)
    elsewhere = 0
    for _ in range(200):
        first, second, affirming, other = drawn.told_apart(random)
        kinds = [kind for kind in Kind if names(affirming, kind)]
        assert kinds
        kind = next(kind for kind in kinds if first.phantom.finding(kind))
        assert sides_of(affirming, kind) <= {first.phantom.finding(kind).side, "left", "right"}
        if second.phantom.finding(kind):
            elsewhere += 1
            assert names(other, kind)
            there, here = second.phantom.finding(kind), first.phantom.finding(kind)
            assert (there.side, there.zone) != (here.side, here.zone)
        else:
            assert not names(other, kind)
    assert 20 < elsewhere < 120


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


def test_a_rare_finding_leads_less_often_than_a_common_one(films, studies):
    """More films have an effusion than a large heart: more pairs show one, and many show the other."""
    pairs = Examples(films, studies, collect_sentences(studies), drawn=0.0).draw(400, (8,))[::2]
    labels = [labels_of(films.labels[example.row]) for example in pairs]
    lead = [
        sum(each.get(what, False) for each in labels)
        for what in (Observation.PLEURAL_EFFUSION, Observation.CARDIOMEGALY)
    ]
    assert lead[0] > lead[1] > 20


def test_drawn_studies_report_what_was_drawn(films):
    """With a true hint or none the report names exactly the phantom's observations."""
    random = np.random.default_rng(0)
    for study in DrawnStudies(films).some:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        assert present(study.report(random).findings) - {Observation.LUNG_OPACITY} == expected


def test_a_hint_that_the_film_contradicts_is_denied(films):
    """A false hint never makes the report affirm what was not drawn."""
    random = np.random.default_rng(1)
    false = 0
    for study in DrawnStudies(films).some * 3:
        expected = {finding.observation for finding in study.phantom.findings} - {None}
        hint, report = study.hint_and_report(random)
        assert hint
        assert present(report.findings) - {Observation.LUNG_OPACITY} == expected
        false += any(word in report.findings for word in ("suspected", "contrary", "hinted"))
    assert 10 < false < 110


def test_only_a_study_with_a_prior_film_compares(films, studies):
    """The prior film is of the same person, and its report is in the prompt most of the time."""
    examples = Examples(films, studies, collect_sentences(studies))
    later = examples.draw_with_prior(20, (7,))
    assert all(films.ids[example.prior] == f"{films.ids[example.row]}_prior" for example in later)
    assert any(example.context.prior_report for example in later)
    assert all(example.prior is None for example in examples.draw(40, (8,)))


def test_words_of_an_affirming_sentence_weigh_more(studies, tmp_path):
    """Every word piece of a sentence that affirms a finding has the weight, and no other has."""
    tokenizer, _ = learn_tokenizers(studies, tmp_path, TINY)
    target = "Findings: Heart size is normal. There is a left pleural effusion. No pneumothorax."
    ids = tokenizer(target, add_special_tokens=False)["input_ids"]
    labels = torch.tensor([[IGNORED, IGNORED, *ids, tokenizer.eos_token_id, IGNORED]])
    weights = word_weights(tokenizer, [target], labels)[0, 2 : 2 + len(ids)]
    heavy = tokenizer.decode([i for i, weight in zip(ids, weights, strict=True) if weight == FINDING_WEIGHT])
    assert heavy.strip() == "There is a left pleural effusion."
    assert set(weights.tolist()) == {1.0, FINDING_WEIGHT}


def test_the_weighted_loss_is_the_plain_one_where_all_weigh_the_same():
    """With equal weights it is cross-entropy over the words that are learnt."""
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 5, 7), torch.randint(7, (2, 5))
    labels[:, :2] = IGNORED
    plain = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), labels[:, 1:].flatten())
    assert torch.allclose(weighted_loss(logits, labels, torch.full((2, 5), 3.0)), plain)
