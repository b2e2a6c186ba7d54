"""The prompt and the target text of the model, the same in training and in drafting.

A prompt is an instruction and labelled slots, each on its own line and each optional:

    Write the findings and the impression of this chest radiograph.
    Views: PA, lateral.
    Indication: cough
    Report:

The reader's text stays in its slot whatever it contains: it is folded to one line, and nothing in it can pass for a
label or for a special token of the tokenizer. Hints are read first and put in one form (hints.py). The same text goes
to the language model and to the Q-Former; the reference report goes to neither.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.hints import SEPARATOR, write_hints
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report

PROMPT_VERSION = "2"
"""Changes with every change of what `build_prompt` or `target_text` makes of the same input."""

HINTS_AS_WRITTEN = "1"
"""The version in which hints are the reader's own words: an adapter that was trained with it is still prompted so."""

INSTRUCTION = "Write the findings and the impression of this chest radiograph."
CUE = "Report:"

SLOT_LABELS = {
    "indication": "Indication",
    "history": "History",
    "technique": "Technique",
    "comparison": "Comparison",
    "hints": "Hints",
    "prior_report": "Prior report",
}
"""The labels of the slots in the order of the prompt. The longest text comes last, because the Q-Former reads only as
much of the prompt's beginning as it has positions for."""

CUT_ORDER = ("prior_report", "history", "technique", "comparison", "hints", "indication")
"""The order in which slots are cut where the prompt is too long: the reason for the examination comes last."""

CHARACTERS_PER_TOKEN = 16
"""More than any text has on average: a text with more characters a token is cut before its tokens are counted."""

_VIEW_WORDS = {View.PA: "PA", View.AP: "AP", View.FRONTAL: "frontal", View.LATERAL: "lateral", View.UNKNOWN: "unknown"}
_HEADINGS = ("Findings", "Finding", "Impression", "Conclusion")
_LABEL = re.compile(rf"\b({'|'.join(['Views', 'Report', *SLOT_LABELS.values(), *_HEADINGS])})\s*:", re.IGNORECASE)
_HEADING = re.compile(rf"\b({'|'.join(_HEADINGS)})\s*:", re.IGNORECASE)
_CONTROL = re.compile(r"<<?([|/]{0,2}[A-Za-z_][^<>\s]{0,60})>>?|\[(/?[A-Z_]{2,20}\d*)\]")


@dataclass(frozen=True)
class Prompt:
    """The text that the model is given, with a warning for each slot that was cut."""

    text: str
    warnings: tuple[str, ...] = ()


def build_prompt(
    context: ClinicalContext,
    views: Sequence[View],
    *,
    count_tokens: Callable[[str], int],
    budget: int,
    special_tokens: Collection[str] = (),
    version: str = PROMPT_VERSION,
) -> Prompt:
    """Write the prompt for these films and what is known before they are read.

    `views` are those of the films in the model's order: frontal, lateral, prior. `count_tokens` says how many
    tokens a text takes and `budget` how many the prompt may take; what does not fit is cut in `CUT_ORDER`, at a
    word's end where there is one. `special_tokens` are the tokenizer's, and `version` is the one that the model was
    trained with. Raises ModelUnavailable where not even the instruction fits.
    """
    given = {name: getattr(context, name) for name in SLOT_LABELS}
    doubts: tuple[str, ...] = ()
    if version != HINTS_AS_WRITTEN:
        read = _first_words(given["hints"], max(0, budget) * CHARACTERS_PER_TOKEN)
        if read != given["hints"]:
            doubts = (f"The hints were read to their first {len(read)} of {len(given['hints'])} characters.",)
        given["hints"], contradictions = write_hints(read)
        doubts += contradictions
    whole = {name: fold_into_slot(text, special_tokens) for name, text in given.items()}
    texts = {name: text[: max(0, budget) * CHARACTERS_PER_TOKEN] for name, text in whole.items()}
    warnings = list(doubts)
    for name in CUT_ORDER:

        def fits(text: str, name: str = name) -> bool:
            return count_tokens(_join({**texts, name: text}, views)) <= budget

        if not fits(texts[name]):
            texts[name] = _longest_fitting(texts[name], fits)
        if texts[name] == whole[name]:
            continue
        if name == "hints" and version != HINTS_AS_WRITTEN:
            texts[name] = _whole_hints(texts[name], whole[name])
        kept = f"cut to its first {len(texts[name])} of {len(whole[name])} characters" if texts[name] else "left out"
        slot = f"{SLOT_LABELS[name].lower()} {'were' if name == 'hints' else 'was'}"
        warnings.append(f"The {slot} {kept}: the prompt has room for {budget} tokens.")
    needed = count_tokens(_join(texts, views))
    if needed > budget:
        raise ModelUnavailable(
            f"The base has room for a prompt of {budget} tokens, and the instruction alone takes {needed}; "
            "use fewer films or a base with more positions, or lower max_new_tokens."
        )
    return Prompt(_join(texts, views), tuple(warnings))


def fold_into_slot(text: str, special_tokens: Collection[str] = ()) -> str:
    """Fold a reader's text to one line in which nothing passes for a label or a special token.

    Compatibility forms become plain ones (NFKC), control, format (bidirectional marks, zero-width) and unassigned
    characters go, white space becomes single spaces; `<image>` becomes `(image)` and `History:` becomes `History -`.
    """
    text = keep_printable(unicodedata.normalize("NFKC", keep_printable(text)))
    special = [token for token in special_tokens if token.strip()]
    before = None
    while before != text:
        before = text
        text = _CONTROL.sub(lambda match: f"({match[1] or match[2]})", text)
        for token in special:
            text = text.replace(token, " ")
        text = " ".join(_LABEL.sub(r"\1 -", text).split())
    return text


def name_views(views: Sequence[View]) -> str:
    """Name the films in the model's order: the first and a lateral film by their view, a later one as prior."""
    words: list[str] = []
    for number, view in enumerate(views):
        is_lateral = view is View.LATERAL or (number == 1 and len(views) > 2)
        if number == 0:
            words.append(_VIEW_WORDS[view])
        else:
            words.append("lateral" if is_lateral and "lateral" not in words else "prior")
    return ", ".join(words)


def target_text(report: Report) -> str:
    """The text that the model is trained to write for a report; `parse_sections` reads it back.

    An empty section is left out. White space is folded, and a heading inside a section loses its colon, so that the
    sections that come back are the ones that went in.
    """
    sections = (("Findings", report.findings), ("Impression", report.impression))
    folded = [(heading, " ".join(_HEADING.sub(r"\1 -", text).split())) for heading, text in sections]
    return " ".join(f"{heading}: {text}" for heading, text in folded if text)


def _join(texts: dict[str, str], views: Sequence[View]) -> str:
    lines = [INSTRUCTION]
    if views:
        lines.append(f"Views: {name_views(views)}.")
    lines.extend(f"{label}: {texts[name]}" for name, label in SLOT_LABELS.items() if texts[name])
    return "\n".join([*lines, CUE])


def _longest_fitting(text: str, fits: Callable[[str], bool]) -> str:
    """The longest beginning of a text that fits, back to the end of a word where it has one; empty if none does."""
    if not fits(""):
        return ""
    fitting, too_long = 0, len(text)
    while too_long - fitting > 1:
        middle = (fitting + too_long) // 2
        fitting, too_long = (middle, too_long) if fits(text[:middle].rstrip()) else (fitting, middle)
    kept = text[:fitting].rstrip()
    if fitting < len(text) and text[fitting] != " " and " " in kept:
        kept = kept[: kept.rfind(" ")].rstrip()
    return kept if kept and fits(kept) else ""


def _first_words(hints: str, characters: int) -> str:
    """The key words that stand within the first so many characters: reading more than fits takes time for nothing."""
    if len(hints) <= characters:
        return hints
    kept = hints[:characters]
    return kept[: max(kept.rfind(separator) for separator in ",;\n")] if re.search(r"[,;\n]", kept) else kept


def _whole_hints(kept: str, whole: str) -> str:
    """The beginning of the hints without the one that was cut through: "moderate left pleural" names nothing."""
    return kept if whole.startswith(kept + SEPARATOR) else kept.rpartition(SEPARATOR)[0]


def keep_printable(text: str) -> str:
    """Turn white space into spaces and remove control, format and unassigned characters, which draw nothing."""
    printable = []
    for character in text:
        if character.isspace():
            printable.append(" ")
        elif unicodedata.category(character)[0] != "C":
            printable.append(character)
    return "".join(printable)
