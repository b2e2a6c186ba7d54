"""What may come next in a draft: proposals from a book of drafts and from the draft's own prompt.

The model reads all of them in one pass and keeps those that it would have written itself. It writes its own tokens, one
after another, and a proposal is only compared with them, so that no word depends on what is proposed. For a sampled
draft that is the rule of speculative sampling (Leviathan, Kalman and Matias 2023, section 2.3) for proposals that are
certain: one is kept with the probability that the model gives it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from clinicalblip.instructblip.book.draft_book import DraftBook

_COPIED: Final = 3
"""So many tokens in a row that stand in the prompt, too, are taken for a quotation of it."""

_QUOTED: Final = 0.5
_FORGETS: Final = 0.9
_HIGHEST: Final = 0.99


@dataclass
class _Source:
    """How far proposals of one kind can be trusted in one draft: kept ones beside those that were expected to be."""

    expected: float = 2.0
    kept: float = 2.0

    def probability(self, told: float) -> float:
        """The probability that a proposal is kept, from what its source tells of it."""
        return min(_HIGHEST, told * self.kept / self.expected)

    def learn(self, expected: float, kept: int) -> None:
        """Take a pass into account; what was long ago counts less."""
        self.expected = self.expected * _FORGETS + expected
        self.kept = self.kept * _FORGETS + kept


@dataclass(frozen=True)
class Proposal:
    """A token that may come next, and how likely it is kept where all before it are."""

    token_id: int
    probability: float
    told: float
    source: _Source = field(compare=False, repr=False)


class Proposer:
    """Proposals for one draft. `prompt_ids` are its prompt's tokens, `eos_token_id` the one that ends a report."""

    def __init__(self, book: DraftBook, prompt_ids: Sequence[int], eos_token_id: int) -> None:
        self._book, self._prompt, self._eos_token_id = book, list(prompt_ids), eos_token_id
        self._from_book, self._from_prompt = _Source(), _Source()
        ends = range(_COPIED, len(self._prompt))
        self._places = {tuple(self._prompt[end - _COPIED : end]): end for end in ends}

    def propose(self, written: Sequence[int], most: int) -> list[Proposal]:
        """The tokens that may follow, one after another, at most so many; none where nothing is known."""
        found: list[Proposal] = []
        text = list(written)
        while len(found) < most:
            proposal = self._next(text)
            if proposal is None:
                break
            found.append(proposal)
            text.append(proposal.token_id)
            if proposal.token_id == self._eos_token_id:
                break
        return found

    def learn(self, proposals: Sequence[Proposal], kept: int) -> None:
        """Take into account that the first `kept` of these proposals were kept, and the one after them was not."""
        seen = proposals[: kept + 1]
        for source in (self._from_book, self._from_prompt):
            own = [index for index, each in enumerate(seen) if each.source is source]
            if own:
                source.learn(sum(seen[index].told for index in own), sum(index < kept for index in own))

    def _next(self, text: Sequence[int]) -> Proposal | None:
        candidates = []
        if known := self._book.next(text):
            candidates.append((known.token_id, known.probability, self._from_book))
        place = self._places.get(tuple(text[-_COPIED:]))
        if place is not None:
            candidates.append((self._prompt[place], _QUOTED, self._from_prompt))
        made = [Proposal(token_id, source.probability(told), told, source) for token_id, told, source in candidates]
        return max(made, key=lambda proposal: proposal.probability, default=None)
