"""How far final reports agree with the reference in findings."""

from clinicalblip.reader_study.results.estimates import Estimates, measure
from clinicalblip.reader_study.results.markdown import Section, Table, mean, number
from clinicalblip.reader_study.results.sections.by_arm import arm_table
from clinicalblip.reader_study.results.study_data import StudyData


def agreement_with_reference(data: StudyData, ask: Estimates) -> Section:
    """The section on agreement with the reference."""
    against = data.baseline
    tables = [
        arm_table(
            title,
            data.arms,
            rows,
            lambda row: row.agreement,
            ask.differences(measure(rows, lambda row: row.agreement), against),
            against=against,
            compared="difference of means to",
            digits=3,
        )
        for title, rows in (
            ("F1 with the reference", data.compared),
            ("F1 with the reference, without flagged readings", data.unflagged),
        )
    ]
    return Section(
        "Agreement with the reference",
        (
            "F1 of one report's findings with the reference's, over CheXpert's observations as this package's labeler "
            "names them, uncertain ones counted as present. The reference is the data set's own report: it can be "
            "wrong where the reader is right.",
        ),
        (*tables, _drafts(data)),
    )


def _drafts(data: StudyData) -> Table:
    """The draft's own score beside the final report's, of the same readings."""
    lines = []
    for arm in data.drafted:
        both = [
            (row.draft_agreement, row.agreement)
            for row in data.compared
            if row.arm == arm and row.draft_agreement is not None and row.agreement is not None
        ]
        scores = [mean([pair[place] for pair in both]) for place in (0, 1)]
        better = sum(after > before for before, after in both)
        worse = sum(after < before for before, after in both)
        lines.append((arm, str(len(both)), *(number(each, 3) for each in scores), str(better), str(worse)))
    return Table(
        "F1 of drafts and of final reports",
        ("arm", "readings", "draft, mean", "final report, mean", "final higher", "final lower"),
        tuple(lines),
    )
