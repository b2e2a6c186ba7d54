"""Squares in which each treatment stands in each place once, and follows each other one equally often.

E. J. Williams, "Experimental designs balanced for the estimation of residual effects of treatments", Australian
Journal of Scientific Research A 2 (1949), 149-168.
"""


def williams_square(treatments: int) -> tuple[tuple[int, ...], ...]:
    """The rows of a Williams design over the treatments 0, 1, ...

    For an even number it is a Latin square in which each ordered pair of different treatments stands side by side
    once; for an odd number above 1 it is a square and its mirror, in which each does twice. Raises ValueError below 1.
    """
    if treatments < 1:
        raise ValueError("a square needs a treatment")
    first = first_row(treatments)
    square = [tuple((each + shift) % treatments for each in first) for shift in range(treatments)]
    if treatments % 2 and treatments > 1:
        square += [row[::-1] for row in square]
    return tuple(square)


def first_row(treatments: int) -> tuple[int, ...]:
    """0, 1, -1, 2, -2, ...: neighbours differ by each number once or, of an odd count, together with the mirror."""
    steps = [0]
    for step in range(1, treatments // 2 + 1):
        steps += [step, treatments - step]
    return tuple(steps[:treatments])
