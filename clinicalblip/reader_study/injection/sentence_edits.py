"""A sentence made wrong in one attribute: a word for another, and every other word as it stood.

Each function yields sentences that may say it, the most natural first; whether they do, and nothing else, the labeler
decides.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality
from clinicalblip.radiology.observation import Certainty
from clinicalblip.reader_study.injection.injected_error import InjectedKind
from clinicalblip.structured_report.rewording import reword

# What is on one side alone, so that the other side would be seen through at once.
_ONE_SIDED: Final = re.compile(
    r"(?<!\w)(?:(?:right )?middle lobe|rml|lingula\w*|minor fissure|horizontal fissure|azygos|aort\w+|ap window"
    r"|retrocardiac|heart|cardiac|ventric\w+|atri\w+|cavoatrial|svc|ivc|liver|hepatic|stomach|gastric|spleen)(?!\w)",
    re.IGNORECASE,
)
_LEFT: Final = re.compile(r"(?<!\w)(?:left|lll|lul)(?!\w)", re.IGNORECASE)
_RIGHT: Final = re.compile(r"(?<!\w)(?:right|r[lum]l)(?!\w)", re.IGNORECASE)
_LOBES: Final = {"rll": "lll", "rul": "lul", "lll": "rll", "lul": "rul"}
_LOBE: Final = re.compile(r"(?<!\w)(?:rll|rul|lll|lul)(?!\w)", re.IGNORECASE)
_RANGE: Final = re.compile(
    r"(?<!\w)(?:trace|tiny|minimal|mild|small|moderate)(?:ly)?(?:[ -]to[ -]|/|-)(?:mild|small|moderate|large|severe)"
    r"|(?<!\w)no more than",
    re.IGNORECASE,
)
_NEVER_LARGE: Final = re.compile(
    r"(?<!\w)(?:sub-?segmental|plate-?like|linear|discoid|mm|streaky)(?!\w)", re.IGNORECASE
)
_ODD_DEGREE: Final = re.compile(
    r"(?<!\w)(?:\w+ly (?:trace|small|large)|(?:trace|tiny) (?:cardio\w+|heart|cardiac|enlarge\w*|hernia\w*"
    r"|opaci\w+))(?!\w)"
    r"|(?:heart|silhouette) (?:\w+ ){0,3}(?:trace|tiny|small)(?!\w)",
    re.IGNORECASE,
)
_BESIDE_CHANGE: Final = re.compile(
    r"(?<!\w)(?:(?:grossly|essentially|relatively|overall|otherwise|significantly|largely|roughly|fairly|probably)"
    r" (?:unchanged|stable|similar)|(?:unchanged|stable) (?:appearance|in appearance|position|configuration|alignment)"
    r"|(?:unchanged|stable) (?:since|from|compared|dating)|(?:not|no) (?:\w+ ){0,2}chang\w+|again)(?!\w)",
    re.IGNORECASE,
)
# "new" stands before its noun, and what is enlarged is not called decreased
_ODD_CHANGE: Final = re.compile(
    r"(?<!\w)new(?: (?:since|from|compared|in|to|when|as|and)(?!\w)|[.,;]|$)"
    r"|(?<!\w)(?:is|are|remains?|appears?) new(?!\w)"
    r"|(?<!\w)(?:increased|decreased|larger|smaller|worsened|improved) (?:enlarged|mildly|since|appearance)(?!\w)",
    re.IGNORECASE,
)
_ARTICLE: Final = re.compile(r"(?<!\w)(?P<article>an?) $", re.IGNORECASE)


def edits_of(kind: InjectedKind, sentence: str, old: Finding, new: Finding) -> Iterator[str]:
    """Yield the sentence so that it says `new` in the place of `old`, which differ in what `kind` is about."""
    if kind is InjectedKind.CERTAINTY:
        yield from _with_certainty(sentence, new.certainty)
    elif kind is InjectedKind.SIDE:
        if _ONE_SIDED.search(sentence):
            return
        for each in (*_of_lobe(sentence, new), *reword(sentence, old, new)):
            if not (_LEFT.search(each) and _RIGHT.search(each)):  # other words of the sentence are about the old side
                yield each
    elif kind is InjectedKind.DEGREE:
        if _RANGE.search(sentence) or (new.degree is Degree.LARGE and _NEVER_LARGE.search(sentence)):
            return
        for each in reword(sentence, old, new):
            if not _ODD_DEGREE.search(each):
                yield _with_article(sentence, each)
    elif kind is InjectedKind.TEMPORAL:
        if old.change is None:
            yield from _with_change(sentence, new)
        elif not _BESIDE_CHANGE.search(sentence):
            for each in reword(sentence, old, new):
                if not _ODD_CHANGE.search(each):
                    yield _with_article(sentence, each)


def _of_lobe(sentence: str, new: Finding) -> Iterator[str]:
    letter = "l" if new.sides == frozenset({Laterality.LEFT}) else "r"
    changed = _LOBE.sub(lambda found: _in_case_of(found[0], _other_lobe(found[0], letter)), sentence)
    if changed != sentence:
        yield changed


def _other_lobe(lobe: str, letter: str) -> str:
    other = _LOBES[lobe.lower()]
    return other if other.startswith(letter) else lobe.lower()


def _in_case_of(old: str, word: str) -> str:
    if old.isupper():
        return word.upper()
    return word[:1].upper() + word[1:] if old[:1].isupper() else word


def _with_article(old: str, new: str) -> str:
    """The new sentence with "a" or "an" as the word that was changed behind it needs it."""
    same = next((at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), len(new))
    article = _ARTICLE.search(new, 0, same)
    if article is None or same == len(new):
        return new
    right = article["article"][0] + ("n" if new[same].lower() in "aeiou" else "")
    return f"{new[: article.start()]}{right} {new[same:]}"


# Certainty

_DOUBTED: Final = (
    (re.compile(r"^There (?:is|are) (?!no )", re.IGNORECASE), "There may be "),
    (re.compile(r"(?<!\w)(?:is|are) (?:present|seen|noted|identified|demonstrated)(?!\w)"), "may be present"),
    (re.compile(r"(?<!\w)(?:represents?|representing)(?!\w)"), "may represent"),
    (re.compile(r"(?<!\w)(?:consistent|compatible) with(?!\w)"), "possibly representing"),
    (re.compile(r"(?<!\w)in keeping with(?!\w)"), "possibly representing"),
)
_CONFIRMED: Final = (
    (re.compile(r"(?<!\w)(?:may|might|could) be(?= (?:a|an|some|mild|small|minimal|trace|present|seen)(?!\w))"), "is"),
    (re.compile(r"(?<!\w)(?:may|might|could) represent(?!\w)"), "represents"),
    (re.compile(r"(?<!\w)(?:may|might|could) reflect(?!\w)"), "reflects"),
    (re.compile(r"(?<!\w)(?:possibly|potentially|questionably) (?:representing|reflecting)(?!\w)"), "representing"),
    (re.compile(r"(?<!\w)(?:suggestive of|suspicious for|concerning for|worrisome for)(?!\w)"), "consistent with"),
    (re.compile(r"(?<!\w)(?:possible|questionable|suspected|potential|possibly|perhaps) ", re.IGNORECASE), ""),
)
_FRAGMENT: Final = re.compile(r"[^.!?]*[.!?]?\s*$")
_VERB: Final = re.compile(
    r"(?<!\w)(?:is|are|was|were|has|have|may|could|remains?|appears?|represents?|shows?|suggests?)(?!\w)", re.IGNORECASE
)
_ALREADY: Final = re.compile(r"(?<!\w)(?:no|without|possibl\w+|probabl\w+|likely|may|question\w+)(?!\w)", re.IGNORECASE)


_ONE_OF_SEVERAL: Final = re.compile(r"(?<!\w)(?:or|versus|vs|and)(?!\w)|/", re.IGNORECASE)
_BEGINS_WITH_CHANGE: Final = re.compile(
    r"(?:stable|unchanged|persistent|interval|new|increas\w+|decreas\w+|continued|xxxx|again)(?!\w)", re.IGNORECASE
)


def _with_certainty(sentence: str, certainty: Certainty) -> Iterator[str]:
    if certainty is Certainty.UNCERTAIN:
        if _ALREADY.search(sentence) or _BEGINS_WITH_CHANGE.match(sentence):
            return
        rules: Sequence[tuple[re.Pattern[str], str]] = _DOUBTED
        if not _VERB.search(sentence) and _FRAGMENT.fullmatch(sentence) and sentence[:1].isalpha():
            yield f"Possible {_without_capital(sentence)}"
    elif _ONE_OF_SEVERAL.search(sentence):
        return
    else:
        rules = _CONFIRMED
    for words, other in rules:
        for found in words.finditer(sentence):
            changed = f"{sentence[: found.start()]}{other}{sentence[found.end() :]}"
            yield changed[:1].upper() + changed[1:] if sentence[:1].isupper() else changed


def _without_capital(text: str) -> str:
    """The words as they stand inside a sentence; an abbreviation keeps its capitals."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


# Change

_NEW: Final = {Change.NEW: "new", Change.UNCHANGED: "unchanged"}
_IS_COMPARED: Final = re.compile(
    r"(?<!\w)(?:new\w*|stabl\w+|unchanged|increas\w+|decreas\w+|interval|again|also|improv\w+|wors\w+|persist\w+|old"
    r"|chronic|residual|prior|previous\w*|compar\w+|larger|smaller)(?!\w)|^XXXX",
    re.IGNORECASE,
)
_THERE: Final = re.compile(r"^(?P<there>There (?:is|are)(?: an?)?) (?!no )", re.IGNORECASE)


def _with_change(sentence: str, new: Finding) -> Iterator[str]:
    """The sentence with a word of change that it did not have."""
    word = _NEW.get(new.change) if new.change else None
    if word is None or _IS_COMPARED.search(sentence):
        return
    if found := _THERE.match(sentence):
        yield _with_article(sentence, f"{found['there']} {word} {sentence[found.end() :]}")
    elif not _VERB.search(sentence) and sentence[:1].isalpha() and not _ALREADY.search(sentence):
        yield f"{word.capitalize()} {_without_capital(sentence)}"
