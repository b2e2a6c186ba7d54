"""A summary of reviews as Markdown tables."""

from collections.abc import Iterable, Iterator, Sequence

from clinicalblip.feedback.summary.counts import ADDED, FLAGS, Counts, Summary
from clinicalblip.feedback.summary.distribution import describe_spread
from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.report_error import REXVAL, ErrorCategory, ErrorState, Significance
from clinicalblip.radiology.review import Verdict
from clinicalblip.radiology.sentence_review import SentenceFate

NOTHING = "There are no reviews yet.\n"


def write_markdown(summary: Summary) -> str:
    """The summary as Markdown: counts with what they are of, medians with quartiles; empty tables are left out."""
    if not summary.groups:
        return NOTHING
    total = sum(counts.n for counts in summary.groups.values())
    parts = [
        f"Reviews: {total}{f', by {summary.by}' if summary.by else ''}; earlier versions, which are not counted: "
        f"{summary.superseded}.",
        *(
            f"{title}:\n\n{_table(header, rows)}"
            for title, header, rows in (
                ("Decisions", _DECISIONS, [_decisions(*group) for group in summary.groups.items()]),
                ("Sentences of the drafts", _SENTENCES, [*_sentences(summary)]),
                ("Errors that readers confirmed or named", _ERRORS, [*_errors(summary)]),
                ("Errors that were proposed from edits, and what became of them", _PROPOSED, [*_proposed(summary)]),
                ("Edits and times: median (quartiles) of a review, or sums", _EDITS, [*_edits(summary)]),
                ("Checks", _CHECKS, [*_checks(summary)]),
                ("Readings, where readers let them be kept", _READINGS, [*_readings(summary)]),
            )
            if rows
        ),
    ]
    return "\n\n".join(parts) + "\n"


_DECISIONS = ("", "n", *map(str, Verdict), "would sign", "would not", "did not say")
_SENTENCES = ("", "reviews", "sentences", *map(str, SentenceFate), "the reader's own")
_ERRORS = ("", "category", "ReXVal's", "n", *map(str, Significance), "not set")
_PROPOSED = ("", "n", *map(str, ErrorState))
_EDITS = ("", "n", "words added", "words removed", "style edits", "content edits", "editing seconds")
_CHECKS = ("", "check", "shown", "dismissed")
_TEXT = ("", "category", "ReXVal's", "check")  # columns of words; the others have numbers
_READINGS = ("", "n", "active seconds", *(flag.replace("_", " ") for flag in FLAGS), "answers after the reference")


def _decisions(label: str, counts: Counts) -> list[str]:
    yes, no = counts.would_sign[True], counts.would_sign[False]
    decisions = [counts.verdicts[verdict] for verdict in Verdict]
    return [label, *map(str, (counts.n, *decisions, yes, no, counts.n - yes - no))]


def _sentences(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        fates = [counts.sentences[str(fate)] for fate in SentenceFate]
        if counts.with_sentences:
            yield [label, *map(str, (counts.with_sentences, sum(fates), *fates, counts.sentences[ADDED]))]


def _errors(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        for category in ErrorCategory:
            found = [counts.errors[category, significance] for significance in (*Significance, None)]
            if any(found):
                yield [label, str(category), str(REXVAL[category] or "–"), *map(str, (sum(found), *found))]


def _proposed(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        if counts.proposed:
            states = [counts.proposed[state] for state in ErrorState]
            yield [label, *map(str, (sum(states), *states))]


def _edits(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        edits = [str(counts.style_edits), str(counts.content_edits)]
        words = [describe_spread(counts.words_added), describe_spread(counts.words_removed)]
        yield [label, str(counts.n), *words, *edits, describe_spread(counts.editing_seconds)]


def _checks(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        for check in Check:
            if counts.shown[check]:
                name = check.replace("_", " ")
                yield [label, name, str(counts.shown[check]), str(counts.dismissed[check])]


def _readings(summary: Summary) -> Iterator[list[str]]:
    for label, counts in summary.groups.items():
        if counts.active_seconds:
            flags = [str(counts.flags[name]) for name in FLAGS]
            after = str(counts.answers_after_reference)
            yield [label, str(len(counts.active_seconds)), describe_spread(counts.active_seconds), *flags, after]


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---" if name in _TEXT else "---:" for name in header], *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _cell(text: str) -> str:
    """A model's or reader's name neither ends the cell nor is taken for markup."""
    return " ".join(text.split()).replace("|", "/").replace("<", "&lt;")
