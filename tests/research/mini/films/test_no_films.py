"""Pictures that are no films: blank, shaded and noisy ones, the same for the same seed."""

import torch

from research.mini.films.no_films import no_films


def test_they_are_blank_shaded_and_noisy_in_turn():
    """A blank one has one grey, a shaded one is smooth, a noisy one is not; all are greys, and none is like another."""
    pictures = no_films(30, 64, torch.Generator().manual_seed(2))
    assert pictures.shape == (30, 1, 64, 64)
    assert pictures.min() >= 0.0
    assert pictures.max() <= 1.0
    blank, shaded, noise = (pictures[kind::3] for kind in range(3))
    assert torch.equal(blank, blank[..., :1, :1].expand_as(blank))
    assert (shaded.flatten(1).std(1) > 0.001).float().mean() > 0.8
    steps = [(kind[..., 1:] - kind[..., :-1]).abs().amax((1, 2, 3)) for kind in (shaded, noise)]
    assert steps[0].max() < 0.05
    assert steps[1].mean() > 0.1
    assert len({tuple(picture.flatten().tolist()) for picture in pictures}) == 30


def test_a_seed_gives_the_same_ones_and_none_is_an_empty_batch():
    """A run that was killed sees what one that was not would have seen."""
    first, second = (no_films(4, 32, torch.Generator().manual_seed(9)) for _ in range(2))
    assert torch.equal(first, second)
    assert no_films(0, 32, torch.Generator()).shape == (0, 1, 32, 32)
