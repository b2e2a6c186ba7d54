"""What a methods text says of outcomes and statistics, and whom it cites."""

from collections.abc import Iterator, Mapping
from typing import Final

from clinicalblip.reader_study.design.design import QuestionnaireName
from clinicalblip.reader_study.results.estimates import LEAST_IN_ARM, LEAST_READINGS
from clinicalblip.reader_study.results.markdown import percent
from clinicalblip.reader_study.results.reading_flags import FAST_SHARE, IDLE_SHARE, LEAST_FOR_FAST
from clinicalblip.reader_study.results.study_data import FIRST_LEFT_OUT, StudyData

_SCORED: Final[Mapping[QuestionnaireName, str]] = {
    QuestionnaireName.SUS: "SUS by its author's score",
    QuestionnaireName.UMUX_LITE: "UMUX-Lite by its authors' score",
    QuestionnaireName.NASA_TLX: "NASA-TLX raw, without weights",
}
_CITED: Final[Mapping[QuestionnaireName, str]] = {
    QuestionnaireName.SUS: "Brooke. SUS: a quick and dirty usability scale. Usability evaluation in industry. 1996.",
    QuestionnaireName.UMUX_LITE: "Lewis, Utesch, Maher. UMUX-LITE. CHI 2013.",
    QuestionnaireName.NASA_TLX: "Hart, Staveland. Development of NASA-TLX. Adv Psychol 1988;52:139.",
}


def analysis(data: StudyData) -> Iterator[str]:
    """The paragraphs on outcomes and their models."""
    asked = data.design.analysis
    yield (
        f"Intervals are at {percent(asked.confidence)} and take readers and cases as drawn from many. Bootstraps draw "
        f"readers and cases {asked.bootstrap} times from the seed {data.design.seed}. With fewer than {LEAST_READINGS} "
        f"values, or fewer than {LEAST_IN_ARM} in an arm, there are counts and no estimate."
    )
    yield (
        "Reading time: active seconds by the page's clock, from opening a case to saving it, an impression before the "
        "draft included, in which the page was visible and the reader not idle; their logarithms in a linear mixed "
        "model with readers and cases as crossed random effects and arm, period and position as fixed ones; ratios of "
        "geometric means. Other ways of counting: all seconds; without flagged "
        f"readings; without each reader's first {FIRST_LEFT_OUT} readings under an arm."
    )
    if data.drafted:
        yield (
            "Edit distance: words added and removed between draft and final report, by an alignment of words; "
            "differences of means within readers and cases, bootstrap over both. Decisions: accepted, minor edits, "
            "major edits, rejected, as ranks; ordinal generalised estimating equations, clustered by reader and by "
            "case; odds ratios. Content errors: those that readers confirmed or named, by CRIMSON's categories and "
            "significances; differences of means as above."
        )
        yield (
            "Errors that were put in: caught where the final report says of the finding what was said before, changed "
            "where it says something else again, missed where it stands as it was; found by comparing findings as a "
            "labeler names them. Shares with Wilson's interval at the effective number of a bootstrap over readers and "
            "cases."
        )
    yield (
        "Agreement with the reference: F1 of a report's findings, over CheXpert's observations as the package's "
        "labeler names them, uncertain ones counted as present; differences of means as above. Agreement between "
        "readers on these, No Finding aside: Krippendorff's alpha, nominal, and Gwet's AC1, over units, which are an "
        "observation of a case."
    )
    if data.design.pairwise is not None:
        yield "Preference: Bradley and Terry's model, a tie as half a win; bootstrap over readers and cases."
    scored = [_SCORED[each] for each in QuestionnaireName if each in data.design.questions.end]
    if scored:
        yield f"Questionnaires: {'; '.join(scored)}."
    yield _comparisons(data)
    yield (
        f"Flags: accepted faster than can be read; accepted all at once; idle for more than {percent(IDLE_SHARE)} of "
        f"the seconds; faster than {percent(FAST_SHARE)} of the median of the same reader's readings under the arm, "
        f"where there are {LEAST_FOR_FAST} or more; interrupted. Flagged readings stay in."
    )


def _comparisons(data: StudyData) -> str:
    named = data.design.analysis.comparisons
    if not named:
        return "No comparison was named before the study, so no hypothesis is tested."
    said = "; ".join(
        f"{each.outcome}, {each.arm} against {each.against}"
        + ("" if each.margin is None else f", non-inferiority by {each.margin:g}")
        for each in named
    )
    return (
        f"Comparisons that were named before the study, the first of them the primary one: {said}. Those without a "
        "margin ask for superiority. Holm's method holds all p values together; nothing else is tested."
    )


def references(data: StudyData) -> Iterator[str]:
    """Whose methods these are."""
    cited = [
        "Baharoon et al. CRIMSON: a clinically-grounded LLM-based metric for generative radiology report evaluation. "
        "arXiv:2603.06183.",
        "Irvin et al. CheXpert. AAAI 2019.",
        "Gwet. Br J Math Stat Psychol 2008;61:29.",
        "Krippendorff. Computing Krippendorff's alpha-reliability. 2011.",
        "Holm. Scand J Stat 1979;6:65.",
        "Mancl, DeRouen. Biometrics 2001;57:126.",
        "Cameron, Gelbach, Miller. J Bus Econ Stat 2011;29:238.",
        "Korn, Graubard. Surv Methodol 1998;24:193.",
        "Tejani et al. Checklist for Artificial Intelligence in Medical Imaging (CLAIM): 2024 update. Radiol Artif "
        "Intell 2024;6(4):e240300.",
    ]
    cited += [_CITED[each] for each in QuestionnaireName if each in data.design.questions.end]
    yield "\n".join(f"- {each}" for each in cited)
