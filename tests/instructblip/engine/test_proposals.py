"""What may come next in a draft."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.book.draft_book import BookAbout, DraftBook
from clinicalblip.instructblip.book.ngrams import TokenText, count_continuations
from clinicalblip.instructblip.engine.proposals import Proposal, Proposer

EOS = 2


def book_of(*texts: Sequence[int]) -> DraftBook:
    """A book of texts."""
    counted = count_continuations([TokenText(tuple(text), str(number)) for number, text in enumerate(texts)])
    return DraftBook(BookAbout("words", len(texts), ("drafts",)), counted, counted.keys[:0])


def tokens(proposals: Sequence[Proposal]) -> list[int]:
    """The token ids of proposals."""
    return [each.token_id for each in proposals]


def test_a_book_writes_on_to_the_end_of_a_report_and_no_further() -> None:
    """What it knows is proposed token by token; after the end of a report comes nothing."""
    proposer = Proposer(book_of([5, 6, 7, 8, EOS]), [], EOS)
    assert tokens(proposer.propose([5], 15)) == [6, 7, 8, EOS]
    assert tokens(proposer.propose([5], 2)) == [6, 7]
    assert proposer.propose([5], 0) == []


def test_what_stands_in_the_prompt_is_proposed_after_three_of_its_tokens() -> None:
    """A prior report is quoted in long stretches, which no book has."""
    proposer = Proposer(book_of([5, EOS]), [90, 91, 92, 93, 94], EOS)
    assert tokens(proposer.propose([90, 91, 92], 8)) == [93, 94]
    assert proposer.propose([80, 91, 92], 8) == []


def test_nothing_is_proposed_after_what_nobody_wrote() -> None:
    """A draft that leaves the book at once is written as without one."""
    assert Proposer(book_of([5, 6, EOS]), [], EOS).propose([40, 41], 8) == []


def test_a_source_that_is_wrong_is_trusted_less_and_one_that_is_right_more() -> None:
    """Within one draft, and each source by its own."""
    proposer = Proposer(book_of([5, 6, 7, EOS], [5, 6, 7, EOS]), [], EOS)
    (first, *_) = before = proposer.propose([5], 3)
    proposer.learn(before, 0)
    (wrong, *_) = proposer.propose([5], 3)
    for _ in range(9):
        proposer.learn(proposer.propose([5], 3), 3)
    (right, *_) = proposer.propose([5], 3)
    assert wrong.probability < first.probability < right.probability < 1


@given(
    texts=st.lists(st.lists(st.integers(3, 9), min_size=1, max_size=9), min_size=1, max_size=5),
    prompt=st.lists(st.integers(3, 9), max_size=20),
    written=st.lists(st.integers(3, 9), max_size=9),
    most=st.integers(0, 15),
    kept=st.lists(st.integers(0, 15), max_size=5),
)
def test_proposals_are_bounded(
    texts: list[list[int]], prompt: list[int], written: list[int], most: int, kept: list[int]
) -> None:
    """Never more than was asked for, each with a probability between 0 and 1, whatever was kept before."""
    proposer = Proposer(book_of(*([*text, EOS] for text in texts)), prompt, EOS)
    for each in kept:
        found = proposer.propose(written, 15)
        proposer.learn(found, min(each, len(found)))
    found = proposer.propose(written, most)
    assert len(found) <= most
    assert all(0 < each.probability < 1 for each in found)
