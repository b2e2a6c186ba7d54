"""A reader's own reviews: the list, one of them in plain lines, and the question before its words are erased."""

from collections.abc import Sequence
from html import escape
from importlib.util import find_spec
from typing import Final

from clinicalblip.feedback.exports.write import FORMATS
from clinicalblip.feedback.plain_lines import plain_lines
from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.review_pages import wording
from clinicalblip.web.review_pages.documents import Place, paragraph, table
from clinicalblip.web.wording import VERDICT_CHOICES

LISTED: Final = 50
"""Reviews on one page of the list."""


def list_body(place: Place, reader: SignedIn, found: Sequence[StoredReview]) -> list[str]:
    """The list of a reader's reviews, the latest first; one more than `LISTED` says that there are earlier ones."""
    whose = wording.OF_ACCOUNT.format(pseudonym=reader.pseudonym) if reader.pseudonym else wording.OF_BROWSER
    if not found:
        return [paragraph(wording.NONE_YET), paragraph(whose, "cb-quiet")]
    body = [paragraph(whose, "cb-quiet"), paragraph(wording.LATEST_FIRST, "cb-quiet")]
    body += [f'<div class="cb-card">{review_table(place, found[:LISTED])}</div>']
    if len(found) > LISTED:
        before = f"{place.root}/reviews?before={found[LISTED - 1].number}"
        body.append(f'<p><a href="{escape(before)}">{escape(wording.EARLIER)}</a></p>')
    return [*body, exports(f"{place.root}/reviews/export", wording.EXPORT_OWN)]


def review_table(place: Place, found: Sequence[StoredReview], *, with_reader: bool = False) -> str:
    """A row a review: when, the decision, counts, the model, and what of it is kept."""
    header = [wording.SAVED_AT, wording.DECISION, wording.CHANGED, wording.ERRORS, wording.MODEL]
    header += [*([wording.READER] if with_reader else []), wording.TEXTS, wording.READING]
    rows = []
    for review in found:
        row = [
            _opened(place, review),
            escape(VERDICT_CHOICES[review.verdict]) + _version(review),
            escape(_changed(review)),
            str(sum(error.of_reader for error in review.errors)),
            escape(review.adapter or review.base),
        ]
        row += [*([escape(review.reader or "–")] if with_reader else []), *map(escape, kept_of(review))]
        rows.append(row)
    return table(header, rows, markup=True, look="cb-reviews")


def review_body(place: Place, review: StoredReview) -> list[str]:
    """All of one review, with the way to erase what rests on a consent."""
    if review.texts is None and review.reading is None:
        forget = paragraph(wording.NOTHING_TO_FORGET, "cb-quiet")
    else:
        forget = (
            f'<p><a class="cb-button" href="{place.root}/reviews/{review.id}/forget">{escape(wording.FORGET)}</a></p>'
        )
    texts, reading = kept_of(review)
    lead = wording.REVIEW_LINE.format(
        when=_when(review),
        decision=VERDICT_CHOICES[review.verdict].lower(),
        words=_changed(review),
        texts=texts,
        reading=reading,
    )
    lines = "\n".join(plain_lines(review))
    return [paragraph(lead), forget, f'<pre class="cb-card cb-lines" tabindex="0">{escape(lines)}</pre>']


def question_body(place: Place, review: StoredReview) -> list[str]:
    """What is erased and what stays, and the button that does it."""
    at = f"{place.root}/reviews/{review.id}"
    return [
        '<div class="cb-card cb-question">',
        paragraph(wording.FORGET_QUESTION.format(id=review.id), "cb-asked"),
        paragraph(wording.FORGET_WHAT),
        paragraph(wording.FORGET_STAYS, "cb-quiet"),
        f'<form method="post" action="{at}/forget"><button class="cb-button cb-alarm">{escape(wording.FORGET_YES)}'
        f'</button> <a class="cb-button" href="{at}">{escape(wording.FORGET_NO)}</a></form></div>',
    ]


def exports(path: str, what: str) -> str:
    """The links by which reviews are exported, those alone that this server can make."""
    links = "".join(
        f'<li><a class="cb-button" href="{escape(path)}?format={format}" download>{escape(wording.FORMATS[format])}</a>'
        "</li>"
        for format in FORMATS
        if format != "parquet" or has_parquet()
    )
    return (
        f'<section class="cb-card"><h2>{escape(wording.EXPORT)}</h2>{paragraph(what)}'
        f'<ul class="cb-buttons">{links}</ul>{paragraph(wording.EXPORT_LASTS, "cb-quiet")}</section>'
    )


def has_parquet() -> bool:
    """Whether this server can write Parquet."""
    return find_spec("pyarrow") is not None


def kept_of(review: StoredReview) -> tuple[str, str]:
    """Whether the texts, and the reading, of a review are kept, were not, or are erased."""

    def say(*, there: bool, consented: bool) -> str:
        return wording.KEPT if there else wording.ERASED if consented else wording.NOT_KEPT

    return (
        say(there=review.texts is not None, consented=review.consented),
        say(there=review.reading is not None, consented=review.reading_consented),
    )


def _opened(place: Place, review: StoredReview) -> str:
    when = _when(review)
    said = escape(wording.OPEN_REVIEW.format(when=when))
    return f'<a href="{place.root}/reviews/{review.id}" aria-label="{said}">{when}</a>'


def _when(review: StoredReview) -> str:
    return f"{review.created:%Y-%m-%d %H:%M}"


def _changed(review: StoredReview) -> str:
    if not review.words_added and not review.words_removed:
        return wording.UNCHANGED
    return wording.CHANGED_CELL.format(added=review.words_added, removed=review.words_removed)


def _version(review: StoredReview) -> str:
    said = wording.CORRECTED if review.superseded_by else wording.CORRECTS if review.replaces else ""
    return f" <small>({escape(said)})</small>" if said else ""
