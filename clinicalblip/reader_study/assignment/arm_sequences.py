"""Which arm stands at which place of a list, and which case is read under which arm, for one row of a crossover.

Rows come in groups of as many as there are arms. Within a group, and so within any number of whole groups, everything
is balanced exactly: at each place, and for each case, each arm comes once. A list goes through blocks of as many places
as there are arms, each with each arm once, whose orders are rows of Williams squares.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from clinicalblip.reader_study.assignment.latin_square import first_row


def draw_lot(seed: int, *what: str | int) -> random.Random:
    """The generator for one lot of a study: it depends on nothing but the seed and what is drawn."""
    return random.Random("/".join(map(str, (seed, *what))))


@dataclass(frozen=True)
class ArmSequences:
    """What is drawn for one group of rows; arms are numbers from 0.

    `cases` are so many places of a list. In a second period each block is shifted, so that each case has another arm.
    """

    seed: int
    arms: int
    cases: int
    group: int

    def places(self, period: int, shift: int) -> list[int]:
        """The arm at each place, for the row of the group that has this `shift`.

        Over the rows of a group each arm stands at each place once. Where a block ends, each difference between its
        last and the next block's first arm comes about equally often, that of none too: nothing can be foretold.
        """
        return [(arm + shift) % self.arms for arm in self._places(period)]

    def of_cases(self, what: str, period: int, shift: int) -> list[int]:
        """The arm under which each case of a list is read, whatever its place; in blocks of cases as the list has them.

        `what` names the list. Over the rows of a group each case has each arm once.
        """
        lot = draw_lot(self.seed, "arms of cases", what, self.group)
        blocks = self._blocks
        orders = [lot.sample(range(self.arms), self.arms) for _ in range(blocks)]
        later = self.shifts(period, blocks)
        return [
            (orders[number // self.arms][number % self.arms] + later[number // self.arms] + shift) % self.arms
            for number in range(self.cases)
        ]

    def shifts(self, period: int, blocks: int) -> list[int]:
        """By how many arms each block is shifted in a period against the first; about equally often by each number."""
        if period == 1 or self.arms == 1:
            return [0] * blocks
        return _evenly(range(1, self.arms), blocks, draw_lot(self.seed, "second period", self.group))

    @cached_property
    def _blocks(self) -> int:
        return -(-self.cases // self.arms)

    def _places(self, period: int) -> list[int]:
        lot = draw_lot(self.seed, "places", period, self.group)
        row = first_row(self.arms)
        begins_mirrored = self.group % 2 == 1
        steps = [lot.randrange(self.arms), *_evenly(range(self.arms), self._blocks - 1, lot)]
        arms: list[int] = []
        for block, step in enumerate(steps):
            mirrored = self.arms % 2 == 1 and (block % 2 == 1) is not begins_mirrored
            order = row[::-1] if mirrored else row
            begin = (arms[-1] if arms else 0) + step - order[0]
            arms += [(each + begin) % self.arms for each in order]
        return arms[: self.cases]


def _evenly(values: Sequence[int], count: int, lot: random.Random) -> list[int]:
    """So many of the values by lot, each as often as any other or once more."""
    drawn: list[int] = []
    while len(drawn) < count:
        drawn += lot.sample(values, len(values))
    return drawn[:count]
