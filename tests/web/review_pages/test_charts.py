"""What the owner's charts say of counts."""

from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.feedback.summary.counts import ALL, Counts, GroupBy, summarise
from clinicalblip.radiology.review import Review, Verdict
from clinicalblip.web.review_pages import charts, owner_wording
from clinicalblip.web.wording import ERROR_NAMES, VERDICT_CHOICES
from tests.fixtures.generated_reviews import FIRST, generated_reviews

COUNT = 40


@pytest.fixture(scope="module")
def reviews() -> list[Review]:
    """Forty invented reviews."""
    return list(generated_reviews(COUNT))


def counted(folder: Path, reviews: list[Review], by: GroupBy | None = None) -> dict[str, Counts]:
    """The counts of reviews, once they were stored."""
    with ReviewStore(folder / "reviews.sqlite3") as store:
        for review in reviews:
            store.add(review)
        return summarise(store.reviews(), by).groups


def test_shares_have_intervals(reviews: list[Review], tmp_path: Path) -> None:
    """Each decision with its count, share and Wilson's interval, in the chart and in the table."""
    counts = counted(tmp_path, reviews)[ALL]
    shown = unescape(charts.decisions_chart(counts))
    for verdict in Verdict:
        n = counts.verdicts[verdict]
        low, high = (round(100 * bound) for bound in wilson(n, COUNT))
        said = f"{n} · {round(100 * n / COUNT)} % ({low} to {high})"
        assert f"{VERDICT_CHOICES[verdict]}: {said}" in shown
        assert f"<td>{n}</td><td>{round(100 * n / COUNT)} %</td><td>{low} to {high} %</td>" in shown


def test_few_reviews_have_counts_and_no_shares(reviews: list[Review], tmp_path: Path) -> None:
    """One less than it takes."""
    few = reviews[: charts.LEAST_FOR_SHARES - 1]
    counts = counted(tmp_path, few)[ALL]
    versions = charts.versions_chart(counted(tmp_path, [], GroupBy.VERSION))
    for shown in (charts.decisions_chart(counts), charts.edits_chart(counts), versions):
        assert " % (" not in shown
        assert 'class="dot"' not in shown
    assert f" of {counts.n}" in versions or " of " in versions


def test_a_day_without_reviews_has_a_place(reviews: list[Review], tmp_path: Path) -> None:
    """And the table has the days with some, the latest first."""
    on = [0, 0, 3]
    stored = [replace(reviews[number], created=FIRST + timedelta(days=day)) for number, day in enumerate(on)]
    shown = charts.days_chart(counted(tmp_path, stored, GroupBy.DAY))
    assert shown.count("<rect") == 2
    assert shown.count('text-anchor="middle">') + shown.count('text-anchor="start">') >= 4
    assert shown.index('<th scope="row">2026-09-10</th><td>1</td>') < shown.index(
        '<th scope="row">2026-09-07</th><td>2</td>'
    )


def test_of_many_days_the_last_ones_are_drawn_and_that_is_said(reviews: list[Review], tmp_path: Path) -> None:
    """With how many reviews are from before."""
    days = [0, charts.DAYS_DRAWN - 1, charts.DAYS_DRAWN]
    stored = [replace(reviews[number], created=FIRST + timedelta(days=day)) for number, day in enumerate(days)]
    shown = charts.days_chart(counted(tmp_path, stored, GroupBy.DAY))
    assert f"the last {charts.DAYS_DRAWN} days; 1 reviews are from before" in shown
    assert shown.count("<rect") == 2


def test_every_kind_of_error_is_counted_with_how_much_it_matters(reviews: list[Review], tmp_path: Path) -> None:
    """The reader's own alone; the table has every significance."""
    counts = counted(tmp_path, reviews)[ALL]
    shown = unescape(charts.errors_chart(counts))
    total = 0
    for category, name in ERROR_NAMES.items():
        n = sum(count for (kind, _), count in counts.errors.items() if kind == category)
        total += n
        assert f'<th scope="row">{name}</th><td>{n}</td>' in shown
    assert total > 0
    assert f"{total} in {COUNT} reviews" in shown


def test_what_nobody_consented_to_is_said_to_be_unknown(reviews: list[Review], tmp_path: Path) -> None:
    """Instead of an empty chart."""
    stored = [replace(review, texts=None, reading=None) for review in reviews[:3]]
    counts = counted(tmp_path, stored)[ALL]
    assert owner_wording.KEPT_NONE in charts.kept_chart(counts)
    assert owner_wording.READING_NONE in charts.reading_chart(counts)
    assert "<svg" not in charts.kept_chart(counts) + charts.reading_chart(counts)


def test_every_review_is_in_one_column(reviews: list[Review], tmp_path: Path) -> None:
    """Of words and of times."""
    counts = counted(tmp_path, reviews)[ALL]
    for shown in (charts.edits_chart(counts), charts.editing_chart(counts)):
        rows = shown.split("<tbody>")[1].split("</tr>")[:-1]
        assert sum(int(row.split("<td>")[1].split("<")[0]) for row in rows) == COUNT


def test_each_version_is_named_by_its_digest(reviews: list[Review], tmp_path: Path) -> None:
    """In the chart by a few digits, in the table with base, precision and prompt."""
    groups = counted(tmp_path, reviews, GroupBy.VERSION)
    assert len(groups) == 3
    shown = unescape(charts.versions_chart(groups))
    for label, counts in groups.items():
        adapter = label.split(", ")[1]
        assert f">{adapter[:-4]}</text>" in shown
        assert f'<th scope="row">{label}</th><td>{counts.n}</td>' in shown


@pytest.mark.parametrize("draw", [charts.decisions_chart, charts.errors_chart, charts.edits_chart])
def test_one_review_is_drawn(reviews: list[Review], tmp_path: Path, draw: object) -> None:
    """The first one, before there is anything to divide by."""
    assert callable(draw)
    assert "<svg" in draw(counted(tmp_path, reviews[:1])[ALL])
