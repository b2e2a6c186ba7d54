"""What is counted over reviews, and how it is written and drawn."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.feedback.summary.counts import ALL, GroupBy, Summary, summarise, summarise_each
from clinicalblip.feedback.summary.files import write_summary
from clinicalblip.feedback.summary.markdown import NOTHING, write_markdown
from clinicalblip.feedback.summary.plot import MOST_GROUPS, plot_summary
from clinicalblip.radiology.report_error import ErrorCategory, ErrorState, Significance
from clinicalblip.radiology.review import Review, Verdict

Make = Callable[..., Review]


@pytest.fixture
def reviewed(store: ReviewStore, review: Make, parts: dict[str, Any]) -> ReviewStore:
    """Two readers, two models, three cases, and one review that was corrected."""
    first = store.add(review(0, reader="heron-42", study="d" * 64))
    store.add(review(1, reader="heron-42", study="d" * 64, replaces=first, **parts))
    store.add(review(2, reader="finch-7", study="c" * 64, verdict=Verdict.ACCEPTED, would_sign=True))
    other = replace(review().draft, model=replace(review().draft.model, adapter=None, adapter_digest=None))
    store.add(review(3, consent=False, draft=other, verdict=Verdict.REJECTED))
    return store


def test_a_corrected_review_counts_once(reviewed: ReviewStore) -> None:
    """In its latest version, with its own errors and sentences."""
    summary = summarise(reviewed.reviews())
    counts = summary.groups[ALL]
    assert (counts.n, summary.superseded) == (3, 1)
    assert counts.verdicts == {Verdict.MINOR_EDITS: 1, Verdict.ACCEPTED: 1, Verdict.REJECTED: 1}
    assert counts.would_sign == {False: 1, True: 1}
    assert counts.sentences == {"edited": 1, "dropped": 1, "added": 1}
    assert (counts.with_sentences, counts.style_edits, counts.content_edits) == (1, 1, 2)
    assert (counts.active_seconds, counts.flags) == ([40.25], {"never_zoomed": 1})


def test_only_the_readers_errors_count_as_errors(reviewed: ReviewStore) -> None:
    """One that was proposed and passed over counts among the proposed ones."""
    counts = summarise(reviewed.reviews()).groups[ALL]
    assert counts.errors == {
        (ErrorCategory.SEVERITY, Significance.SIGNIFICANT): 1,
        (ErrorCategory.MISSING_FINDING, None): 1,
    }
    assert counts.proposed == {ErrorState.CHANGED: 1, ErrorState.IGNORED: 1}


@pytest.mark.parametrize(
    ("by", "labels"),
    [
        (GroupBy.READER, {"heron-42": 1, "finch-7": 1, "without a pseudonym": 1}),
        (GroupBy.MODEL, {"base, adapter, fp32, prompt 1": 2, "base, no adapter, fp32, prompt 1": 1}),
        (
            GroupBy.CASE,
            {"study dddddddddddd": 1, "study cccccccccccc": 1, "films ffffffffffff, eeeeeeeeeeee": 1},
        ),
        (
            GroupBy.VERSION,
            {
                "base bbbbbbbbbbbb, adapter aaaaaaaaaaaa, fp32, prompt 1": 2,
                "base bbbbbbbbbbbb, no adapter, fp32, prompt 1": 1,
            },
        ),
        (GroupBy.DAY, {"2026-11-24": 3}),
    ],
)
def test_reviews_are_counted_apart(reviewed: ReviewStore, by: GroupBy, labels: dict[str, int]) -> None:
    """By the reader's pseudonym, by what wrote, or by the case; what is not named is a group of its own."""
    groups = summarise(reviewed.reviews(), by).groups
    assert {label: counts.n for label, counts in groups.items()} == labels
    assert [counts.n for counts in groups.values()] == sorted(labels.values(), reverse=True)


def test_several_groupings_are_counted_in_one_reading(reviewed: ReviewStore) -> None:
    """Each as it is by itself, though reviews come only once."""
    groupings = (None, GroupBy.DAY, GroupBy.READER)
    once = iter(list(reviewed.reviews()))
    assert summarise_each(once, groupings) == {by: summarise(reviewed.reviews(), by) for by in groupings}


def test_days_stand_in_their_order(store: ReviewStore, review: Make) -> None:
    """Not by their size, and as they are in UTC."""
    for day, hour in ((3, 23), (1, 12), (1, 13), (2, 0)):
        created = datetime(2026, 11, day, hour, tzinfo=timezone(timedelta(hours=-2)))
        store.add(review(created=created))
    groups = summarise(store.reviews(), GroupBy.DAY).groups
    assert {label: counts.n for label, counts in groups.items()} == {
        "2026-11-01": 2,
        "2026-11-02": 1,
        "2026-11-04": 1,
    }
    assert list(groups) == sorted(groups)
    everything = summarise(store.reviews()).groups[ALL]
    assert (everything.first, everything.last) == (date(2026, 11, 1), date(2026, 11, 4))


def test_two_weights_of_one_name_are_two_versions(store: ReviewStore, review: Make) -> None:
    """A digest tells them apart; by model they are one."""
    store.add(review(0))
    other = replace(review().draft, model=replace(review().draft.model, adapter_digest="c" * 64))
    store.add(review(1, draft=other))
    assert len(summarise(store.reviews(), GroupBy.VERSION).groups) == 2
    assert len(summarise(store.reviews(), GroupBy.MODEL).groups) == 1


def test_the_share_of_words_that_were_kept_is_of_reviews_with_texts(store: ReviewStore, review: Make) -> None:
    """The edit distance is of all: what was added, and what was removed."""
    store.add(review(0, words_removed=1, words_added=2))  # the draft has four words
    store.add(review(1, consent=False, words_removed=4, words_added=0))
    counts = summarise(store.reviews()).groups[ALL]
    assert counts.kept_shares == [0.75]
    assert counts.words_changed == [3, 4]


def test_markdown_has_every_count_with_what_it_is_of(reviewed: ReviewStore) -> None:
    """Decisions, sentences, errors with ReXVal's category, edits, checks and readings."""
    text = write_markdown(summarise(reviewed.reviews()))
    for line in (
        "Reviews: 3; earlier versions, which are not counted: 1.",
        "| all | 3 | 1 | 1 | 0 | 1 | 1 | 1 | 1 |",
        "| all | 1 | 2 | 0 | 1 | 1 | 1 |",
        "| all | missing finding | omission of a finding | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 1 |",
        "| all | severity | incorrect severity of a finding | 1 | 0 | 0 | 0 | 0 | 1 | 0 | 0 |",
        "| all | 2 | 0 | 1 | 0 | 1 |",
        "| all | side conflict | 2 | 1 |",
        "| all | 1 | 40 | 0 | 0 | 1 | 0 | 3 |",
    ):
        assert line in text.splitlines()


def test_quartiles_are_given_where_there_are_values_for_them(store: ReviewStore, review: Make) -> None:
    """Of four reviews and more; below that the median stands alone."""
    for second, seconds in enumerate((10.0, 20.0, 30.0)):
        store.add(review(second, editing_seconds=seconds))
    assert "| 20 |" in write_markdown(summarise(store.reviews()))
    store.add(review(3, editing_seconds=40.0))
    assert "| 25 (18 to 32) |" in write_markdown(summarise(store.reviews()))


def test_a_name_neither_ends_a_cell_nor_is_markup(store: ReviewStore, review: Make) -> None:
    """A model's folder may be called anything."""
    identity = replace(review().draft.model, base="a|b\n<script>")
    store.add(review(0, draft=replace(review().draft, model=identity)))
    text = write_markdown(summarise(store.reviews(), GroupBy.MODEL))
    assert "| a/b &lt;script>, adapter, fp32, prompt 1 | 1 |" in text


def test_without_reviews_that_is_said(store: ReviewStore) -> None:
    """And no empty table."""
    assert write_markdown(summarise(store.reviews())) == NOTHING


def drawn(summary: Summary) -> str:
    """The picture as text."""
    picture = BytesIO()
    plot_summary(summary, picture)
    return picture.getvalue().decode()


def test_the_picture_names_groups_and_numbers(reviewed: ReviewStore) -> None:
    """It is SVG, the same bytes for the same reviews."""
    summary = summarise(reviewed.reviews(), GroupBy.READER)
    text = drawn(summary)
    root = ElementTree.fromstring(text)
    said = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"heron-42 (n = 1)", "accepted", "rejected", "missing finding", "not set", "significant"} <= said
    assert "Errors that readers confirmed or named (n = 2 in 3 reviews)" in said
    assert text == drawn(summary)


def test_names_are_drawn_as_they_are(store: ReviewStore, review: Make) -> None:
    """No dollar signs that would be mathematics, no letters that would be a warning."""
    store.add(review(0, reader="$\\frac{ \u6f22"))
    assert "$\\frac{ \u6f22 (n = 1)" in drawn(summarise(store.reviews(), GroupBy.READER))


def test_many_groups_are_drawn_in_part_and_that_is_said(store: ReviewStore, review: Make) -> None:
    """The largest ones; Markdown has them all."""
    for second in range(MOST_GROUPS + 2):
        store.add(review(second, consent=False, reader=f"heron-{second}"))
    summary = summarise(store.reviews(), GroupBy.READER)
    assert f"Decisions, the {MOST_GROUPS} largest of {MOST_GROUPS + 2}" in drawn(summary)
    assert write_markdown(summary).count("| heron-") == 2 * (MOST_GROUPS + 2)


def test_an_empty_summary_is_drawn_empty(store: ReviewStore) -> None:
    """Nobody gets a traceback for asking early."""
    assert "Decisions" in drawn(summarise(store.reviews()))


@pytest.mark.parametrize("format", ["markdown", "svg"])
def test_an_unwritable_summary_is_one_sentence(reviewed: ReviewStore, tmp_path: Path, format: Any) -> None:
    """A missing folder is said, and nothing is left behind."""
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ReviewNotSaved, match=r"^The summary was not written \(.+\); name a file"):
        write_summary(summarise(reviewed.reviews()), tmp_path / "missing" / "summary", format)
    assert sorted(tmp_path.rglob("*")) == before
