"""What is said of any text: how two differ, which findings one has, what is worth another look, the text as ticks."""

from dataclasses import asdict
from typing import Any, Final

import gradio as gr

from clinicalblip.errors import ClinicalBlipError
from clinicalblip.feedback.comparison import compare_words, count_edits
from clinicalblip.feedback.finding_comparison import compare_findings
from clinicalblip.labeler import sentences
from clinicalblip.proofreading import ReportContext, proofread
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening.texts import check_texts
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.impression import make_impression
from clinicalblip.structured_report.languages import is_english
from clinicalblip.structured_report.phrasings import restrict
from clinicalblip.web import wording
from clinicalblip.web.api.inputs import (
    check_switches,
    error_boundary,
    find_draft,
    of_item,
    read_context,
    read_list,
    read_texts,
)
from clinicalblip.web.api.json_values import (
    change_to_json,
    mention_to_json,
    read_finding,
    remark_to_json,
    row_to_json,
)
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.correction import given_with, remark_keys
from clinicalblip.web.identity import session_of

_MOST_TICKS: Final = 50


class Texts:
    """The calls about texts; nothing of them is kept."""

    def __init__(self, app: AppContext) -> None:
        self._app = app

    def compare(self, before: str, after: str) -> dict[str, Any]:
        """Compare two texts: their words, and what they say of each finding.

        `changes` are runs of words (`kind`, `before`, `after`), `words_added` and `words_removed` count them.
        `findings` are those that differ: `observation`, `differences`, `old` and `new` (null where a text does not name
        it), and `words` as the page says it: "added: pleural effusion, left, small".
        """
        with error_boundary():
            texts = self._texts(before=before, after=after)
            edits = count_edits(Report(texts["before"]), Report(texts["after"]))
            return {
                "changes": [asdict(change) for change in compare_words(texts["before"], texts["after"])],
                "words_added": edits.words_added,
                "words_removed": edits.words_removed,
                "findings": [change_to_json(each) for each in compare_findings(**texts).different],
            }

    def findings(self, text: str) -> dict[str, Any]:
        """Read a report, or a section of one, as the labeler does.

        `mentions` are the places where a finding is spoken of: `start` and `end` in the text, the number of its
        `sentence`, `observation`, `certainty`, `sides`, `zones`, `degree` and `change`. `sentences` have `start`, `end`
        and whether they are `english`: of another language the labeler knows names of findings, but no denials.
        """
        with error_boundary():
            text = self._texts(text=text)["text"]
            said = sentences(text)
            return {
                "sentences": [
                    {"start": each.start, "end": each.end, "english": is_english(text[each.start : each.end])}
                    for each in said
                ],
                "mentions": [mention_to_json(mention) for each in said for mention in each.mentions],
            }

    def check(
        self,
        request: gr.Request,
        findings: str,
        impression: str = "",
        draft_id: str = "",
        indication: str = "",
        history: str = "",
        technique: str = "",
        comparison: str = "",
        prior_report: str = "",
        hints: str = "",
        has_prior: bool = False,
        reference_findings: str = "",
        reference_impression: str = "",
    ) -> dict[str, Any]:
        """Say what is worth another look in a report before it is saved.

        With the `draft_id` of a draft of the same client, what was known before and whether there was a prior film are
        those of the draft; else the texts by name and `has_prior` say it. `remarks` have `key`, `check`, `section`,
        `start` and `end` (null for a key word that is not taken up, which is the `hint`), `observation`, and `words`
        as the page says it. The keys go to /save_review.
        """
        with error_boundary():
            final = Report(**self._texts(findings=findings, impression=impression))
            reference = self._texts(reference_findings=reference_findings, reference_impression=reference_impression)
            context = read_context(
                self._app.settings.limits,
                indication=indication,
                history=history,
                technique=technique,
                comparison=comparison,
                prior_report=prior_report,
                hints=hints,
            )
            check_switches(has_prior=has_prior)
            given = ReportContext(context, has_prior, Report(*reference.values()))
            if draft_id := read_texts(draft_id=draft_id)["draft_id"]:
                if context != ClinicalContext() or has_prior:
                    raise ClinicalBlipError(wording.CONTEXT_TWICE)
                given = given_with(find_draft(session_of(self._app.sessions, request), draft_id), given.reference)
            found = proofread(final, given)
            return {
                "remarks": [
                    remark_to_json(key, remark, final) for key, remark in zip(remark_keys(found), found, strict=True)
                ]
            }

    def tick(self, text: str, ticks: list[dict[str, Any]] | None = None, fill_in: bool = False) -> dict[str, Any]:
        """Read the findings of a report as rows of ticks, change some, and give the text that says it.

        Each of `ticks` has `now` and `new`: a finding as /findings has it, or null for what is not mentioned; they are
        done in turn, and change only the sentences that say them. `fill_in`: each region not mentioned has then
        its normal sentence. The answer has the `text`, its `rows` (`region`, `observation`, `finding`, `places`), the
        places of sentences that are `not_ticked`, and the `impression` that the findings come to.
        """
        with error_boundary():
            document = Document.read(self._texts(text=text)["text"])
            check_switches(fill_in=fill_in)
            for number, each in enumerate(read_list("ticks", ticks, most=_MOST_TICKS)):
                with of_item("ticks", number):
                    if each.keys() != {"now", "new"}:
                        raise ValueError("a tick has now and new")
                    new = read_finding(each["new"])
                    if new is not None and restrict(new) != new:
                        raise ValueError(f"not all of this can be ticked of {new.observation}")
                    document = document.tick(read_finding(each["now"]), new)
            if fill_in:
                document = document.fill_in()
            table = document.table
            return {
                "text": document.text,
                "rows": [row_to_json(row) for row in table.rows],
                "not_ticked": [list(place) for place in table.not_ticked],
                "impression": make_impression(row.finding for row in table.rows if row.finding),
            }

    def _texts(self, **texts: Any) -> dict[str, str]:
        read = read_texts(**texts)
        check_texts(read, self._app.settings.limits)
        return read
