"""Reports composed of single sentences: what is true of a film and nothing else, in the order of organs.

What a reader has hinted comes first: a small language model forgets what it is to say late. Then each organ has what is
there, or a sentence that says that nothing is. The impression sums up, the most urgent first, without degrees and
places; of a normal film it is one that IU's train reports have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from clinicalblip.radiology.finding import Change
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from research.mini.reports.sentences import AIRSPACE, NormalSentence, Organ, Sentences, organ_of
from research.mini.reports.statements import Statement
from research.mini.reports.voice import Voice

O = Observation  # noqa: E741 - one letter keeps the tables below tables

_EVERY_REPORT: Final = frozenset({O.PLEURAL_EFFUSION, O.PNEUMOTHORAX})  # denied in every report that may
_SECOND_OF_LUNGS: Final = 0.5  # of voices say more of the lungs where they have not said all with one sentence
_OFTEN: Final = {Organ.MEDIASTINUM: 0.35, Organ.BONES: 0.35}
_UNREADABLE: Final = (
    ("The image does not show a chest that can be read.", 1.0),
    ("The image is nondiagnostic and cannot be read as a chest radiograph.", 1.0),
    ("This image cannot be interpreted as a chest radiograph.", 1.0),
)
_UNREADABLE_IMPRESSION: Final = (
    ("The examination is nondiagnostic.", 1.0),
    ("No interpretation is possible.", 1.0),
)
# What stays as it is can be all that is wrong; what is acute cannot.
_LASTING: Final = frozenset({O.CARDIOMEGALY, O.EMPHYSEMA, O.FIBROSIS, O.PLEURAL_OTHER, O.HERNIA})
_ALONE: Final = (
    ("Findings are consistent with {a_it}.", 2.0),
    ("Radiographic findings of {a_it}.", 1.0),
    ("The main finding is {a_it}.", 1.0),
    ("{It}, as described above.", 2.0),
    ("{It} on this examination.", 1.0),
    ("Abnormal chest radiograph with {a_it}.", 1.0),
)
_LASTING_ALONE: Final = (
    ("{It} without acute cardiopulmonary abnormality.", 2.0),
    ("{It} without acute disease.", 1.0),
    ("{It}, with no acute cardiopulmonary findings.", 1.0),
    ("Abnormal chest radiograph with {a_it}.", 1.0),
)
_SEVERAL: Final = (
    ("{It}.", 3.0),
    ("Findings are consistent with {a_it}.", 1.0),
    ("{It}, as described above.", 1.0),
    ("Abnormal chest radiograph with {a_it}.", 1.0),
    ("The main findings are {a_it}.", 1.0),
)


def compose(
    statements: Sequence[Statement],
    absent: Collection[Observation],
    sentences: Sentences,
    voice: Voice,
) -> Report:
    """A report that says these statements and claims nothing to be absent but what `absent` has.

    Hinted statements lead. What is not stated and not absent is not spoken of. The impression of a film of which
    nothing is stated is a normal one.
    """
    absent = frozenset(absent) - {each.observation for each in statements if each.observation}
    if any(each.observation in AIRSPACE for each in statements):
        absent -= AIRSPACE
    hinted = [each for each in statements if each.hinted]
    lines = [each.sentence(voice) for each in hinted]
    said = {each.observation for each in hinted if each.observation and each.certainty is Certainty.ABSENT}
    for organ in Organ:
        here = [each for each in statements if not each.hinted and organ_of(each.said_of.observation) is organ]
        lines += [each.sentence(voice) for each in sorted(here, key=_change_last)]
        touched = bool(here) or any(organ_of(each.said_of.observation) is organ for each in hinted)
        for normal in _normal_lines(organ, touched, absent, said, sentences, voice):
            lines.append(normal.text)
            said |= normal.claims
    return Report(" ".join(dict.fromkeys(lines)), _conclude(statements, sentences, voice))


def unreadable_report(voice: Voice) -> Report:
    """What is said of a picture without a chest: it affirms nothing and calls nothing normal."""
    return Report(voice.choose("unreadable", _UNREADABLE), voice.choose("nothing", _UNREADABLE_IMPRESSION))


def _normal_lines(
    organ: Organ,
    touched: bool,
    absent: frozenset[Observation],
    said: set[Observation],
    sentences: Sentences,
    voice: Voice,
) -> Iterator[NormalSentence]:
    """The sentences that call what is left of an organ normal: one, and for the pleura as many as it takes."""
    if (
        organ is Organ.DEVICES
        or (touched and organ is not Organ.PLEURA)
        or not voice.happens(organ.name, _OFTEN.get(organ, 1.0))
    ):
        return
    said, wanted = set(said), _EVERY_REPORT & absent if organ is Organ.PLEURA else frozenset[Observation]()
    left = 1 + voice.happens("lungs, more", _SECOND_OF_LUNGS) if organ is Organ.LUNGS else 1
    while wanted - said if organ is Organ.PLEURA else left:
        pool = {
            each.text: each
            for each in sentences.normal
            if each.claims <= absent
            and not each.claims & said
            and (each.claims & wanted if wanted else each.organ is organ)
        }
        if not pool:
            return
        found = pool[voice.choose(f"{organ.name} {left}", [(text, each.weight) for text, each in pool.items()])]
        yield found
        said |= found.claims
        left -= 1


def _conclude(statements: Sequence[Statement], sentences: Sentences, voice: Voice) -> str:
    """What the findings come to; devices, and what is gone, are left to the findings."""
    there = [
        each
        for each in statements
        if each.certainty is not Certainty.ABSENT
        and each.change is not Change.RESOLVED
        and each.observation is not O.SUPPORT_DEVICES
    ]
    if not there:
        return voice.choose("impression", sentences.impressions) if sentences.impressions else ""
    ranked = sorted(there, key=lambda each: (each.certainty is not Certainty.PRESENT, each.urgency))
    names = list(dict.fromkeys(each.in_impression() for each in ranked))
    lasting = len(names) == 1 and ranked[0].observation in _LASTING and not ranked[0].change
    pool = _SEVERAL if len(names) > 1 else _LASTING_ALONE if lasting else _ALONE
    named = _listed([noun for _, noun in names])
    with_articles = _listed([article + noun for article, noun in names])
    template = voice.choose(f"impression {len(names) > 1}", pool)
    return template.format(a_it=with_articles, It=named[:1].upper() + named[1:])


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _change_last(statement: Statement) -> bool:
    return statement.change is Change.RESOLVED
