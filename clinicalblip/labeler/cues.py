"""Cues: the words that deny or doubt an observation, and those that end the reach of a denial or a doubt.

`CUES` finds them; the name of the group that matched is the kind of the cue. What each kind does is in `scope.py`.
The kinds are those of NegEx and ConText (Chapman et al., 2001 and 2007): cues that reach forwards, backwards
(`_before`) or both ways (`_around`), pseudo-negations, and terminations.
"""

import re
from collections.abc import Mapping
from typing import Final


def _words(*alternatives: str) -> str:
    return r"(?<![\w])(?:" + "|".join(alternatives) + r")(?![\w])"


_HOW: Final = r"(?:\w{2,15}ly |well )?"
_EXCLUDE: Final = "(?:exclude|rule[ -]out)"
_HARD: Final = "(?:difficult|hard|impossible|not possible|not able)"
_HERE: Final = (
    r"(?=[,)]|$| (?:on|in|at|given|due|by|because|without|based|but|and|here)(?!\w))"  # the sentence names no more
)
_CHANGED: Final = (
    "(?:changed?|changes|difference|increased?|decreased?|worsening|worsened|improve(?:d|ment)|progress(?:ed|ion))"
)
_ANY_CHANGE: Final = (
    "(?:significant(?:ly)? |substantial(?:ly)? |appreciabl[ey] |markedly |clearly |definitely |much |definite |"
    f"definitive |interval |obvious |major |real |acute |xxxx )*{_CHANGED}"
)
# "withdrawn 2 cm" and "withdrawn into the trachea" are still in the patient
_TAKEN_OUT: Final = (
    r"(?:removed|extracted|discontinued|withdrawn(?! (?:\d|slightly|approximately|about|by|into|to|back|and|xxxx)))"
)
_NOT_INVERTED: Final = r"(?! (?:is|are)(?!\w)| ?[:=])"  # "no longer seen is the effusion" denies what follows
_ASSESSED: Final = "(?:assessed|evaluated|judged|commented on)"
_SEEN: Final = (
    "(?:seen|identified|visuali[sz]ed|present|evident|demonstrated|appreciated|noted|detected|apparent|found|shown|"
    "observed|confirmed|recogni[sz]ed|visible)"
)

# The order matters: where several kinds fit at one place the first is taken, so that "cannot exclude" is no "not".
_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    # Looks like a denial, but denies nothing.
    "pseudo": (
        f"(?:no|not|without) {_ANY_CHANGE}",
        "no (?:doubt|question)",
        "without (?:a )?doubt",
        "not only",
        "none (?:on|in|at|elsewhere)",
        f"(?:neither|nor)(?=[^,;.]{{1,80}} (?:has|have|is|are) {_HOW}{_CHANGED})",
        f"nor (?:has|have|is|are)(?=[^,;.]{{1,100}} (?:altered|{_CHANGED}))",
        f"not {_HOW}{_SEEN} (?:before|previously|earlier|(?:on|in|at) (?:the |a |her |his )?"
        "(?:prior|previous|earlier|old(?:er)?|comparison|last|recent))",
        f"not {_HOW}(?:without|absent|free (?:of|from)|clear of|negative for|resolved|cleared|gone)",
        "(?:(?:has|have|had|is|are) )?(?:partial(?:ly)?|incomplete(?:ly)?|nearly|almost|mostly|largely|near)[ -]"
        "(?:complete |completely |interval )*(?:resolved|resolution|cleared|clearing)",
        f"not previously {_SEEN}",
    ),
    # Doubts what stands before it.
    "doubts_before": (
        f"(?:can ?not|can't|could not|may not) {_HOW}be {_HOW}(?:excluded|ruled out)",
        f"(?:is|are) not {_HOW}(?:excluded|ruled out)",
        f"not {_HOW}(?:excluded|ruled out)",
        f"(?:can ?not|can't|could not) {_HOW}be {_HOW}{_ASSESSED}",
        f"(?:(?:is|are) )?not {_HOW}(?:assessable|evaluable|{_ASSESSED})",
        "(?:is|are|remains?) (?:also |still )?(?:possible(?! to)|probable|suspected|question(?:ed|able)|uncertain)",
        "(?:is|are|be|remains?) (?:also |still )?(?:a |an |another |the )?(?:possibility|consider(?:ation|ed))",
        "(?:is|are) in the differential",
        f"(?:is|are) {_HOW}(?:equivocal|indeterminate|not certain)",
        f"may be {_HOW}(?:occult|missed|obscured|hidden|masked)",
        "(?<!is )(?<!are )suspected(?=[,)]|$)",
        f"(?:may|might|could|would) not be {_HOW}{_SEEN}",
        "(?:may|might|could) (?:also )?(?:be present|look like this"
        "|have (?:a |this |the )?(?:similar |same )?appearance)",
        f"{_HARD} to {_HOW}(?:{_EXCLUDE}|detect|see|identify|appreciate|diagnose){_HERE}",
        "(?:(?:is|are) )?less likely(?=[,)]|$)",
        "(?:is|are) \\w{1,12},? if any",
        "(?:is|are) (?:not well|poorly|incompletely|not fully|not adequately)[ -]"
        "(?:evaluated|visuali[sz]ed|assessed|seen)",
    ),
    # Denies what stands before it.
    "denies_before": (
        f"(?:(?:is|are|was|were|has|have) )?(?:not|no longer) (?:been )?(?:\\w+ly )?{_SEEN}{_NOT_INVERTED}",
        "(?:(?:is|are|was|were) )?(?:not|no longer) there",
        "(?:has|have|had|is|are) (?:now |since |been )?(?:\\w+ly )?(?:resolved|cleared|disappeared|gone)",
        "(?:is|are|was|were) (?:now )?(?:absent|excluded|ruled out|unlikely)",
        "(?:has|have) been (?:\\w+ly )?(?:ruled out|excluded)",
        "(?<!be )(?:ruled out|excluded)(?=[,)]|$)",
        f"(?:(?:has|have) (?:\\w{{3,5}} )?been|was|were) {_HOW}{_TAKEN_OUT}",
        "(?:has|have|had) not (?:yet )?(?:recurred|reoccurred|returned|developed|re-?accumulated|re-?appeared)",
        "removal(?! of)",
        "(?:removed|withdrawn|gone)(?=[,)]|$)",
        "(?:now|since) (?:resolved|removed|cleared)",
        "unlikely",
    ),
    # Denies what stands on either side: "resolved effusion", "effusion: resolved", "pneumothorax absent".
    "denies_around": ("resolved", "absent", "none"),
    # Speaks of the past or of the question asked: no statement about this film.
    "history": (
        "(?:history|hx) of",
        "h/o",
        "(?:personal|clinical|known|past|remote) history",
        "treat(?:ed|ment) for",
        "(?:evaluate|evaluation|assess|assessment|looking) (?:for|of)",
    ),
    # Doubts what follows.
    "doubts": (
        f"(?:can ?not|can't|could not|unable to|{_HARD} to|to|not) {_HOW}{_EXCLUDE}",
        f"(?:can ?not|can't|could not|unable to) {_HOW}(?:assess|evaluate)(?: for)?",
        "(?:no|without) (?:\\w+ )?evidence against",
        f"(?:{_EXCLUDE}|r/o|excluding)",
        "possib(?:le|ly|ility)(?: of)?",
        "probab(?:le|ly)",
        "less likely(?! than)",
        "perhaps",
        "maybe",
        "may",
        "might",
        "could",
        "suspect(?:ed|s)?",
        "suspici(?:ous|on) (?:for|of)",
        "concern(?:ing|s)? (?:for|of)",
        "worrisome for",
        "question(?:able)?(?: of)?",
        "presum(?:ed|ably|ptive)",
        "suggest(?:s|ive|ing|ion)?(?: of)?",
        "equivocal",
        "(?:un)?certain",
        "borderline",
        "favou?r(?:s|ed to|ing)?",
        "consider",
        "correlat(?:e|ion) (?:clinically )?for",
        "no (?:definite )?new",
    ),
    # Doubts a whole list that follows: "differential includes pneumonia, edema and atelectasis".
    "doubts_list": ("differential",),
    # Denies what follows.
    "denies": (
        "no longer",
        "not (?:to )?be (?:confused with|mistaken (?:for|as)|misinterpreted as|misread as|taken for)",
        "(?:pertinent )?neg(?:ative)?s?(?= ?[:=])",
        "neg for",
        "no",
        "not",
        "isn't",
        "aren't",
        "doesn't",
        "without",
        "(?:absence|lack|resolution|removal|clearing) of",
        "negative for",
        "(?:free|clear(?:ed)?) (?:of|from)",
        "clear(?= (?:focal )?air ?space)",  # a preposition that was taken out with a name
        "neither",
        "nothing (?:to suggest|suggesting|suspicious for)",
        "nor",
        "never",
        "denies",
        "rather than",
        "instead of",
        "fail(?:s|ed)? to (?:show|demonstrate|reveal)",
    ),
    # Begins something else, and ends the reach of what stands before.
    "terminates": (
        "but",
        "however",
        "although",
        "though",
        "except",
        "aside from",
        "apart from",
        "other than",
        "whereas",
        "while",
        "nevertheless",
        "yet",
        "with",
        "after",
        "following",
        "status post",
        "s/p",
        "post(?! primary)",
        "despite",
        "because",
        "since",
        "there (?:is|are|was|were|has|have)",
        "again (?:seen|noted|demonstrated)",
        "demonstrat(?:es|ing)",
        "(?:unchanged|stable|similar) (?:from|to|compared)",
        "in the (?:clinical )?(?:setting|context) of",
    ),
    # Begins what a finding may come from: it ends what reaches backwards.
    "explains": (
        "represent(?:s|ing)?",
        "reflect(?:s|ing)?",
        "(?:consistent|compatible|associated|in keeping) with",
        "(?:due|secondary|related) to",
    ),
    # Doubts what stands on either side.
    "doubts_around": (
        "versus",
        "vs",
        "if (?:any|present|at all)",
        "(?:(?:is|are|be) )?less likely than",
        "(?:(?:is|are) (?:\\w+ly )?)?favou?red(?: over)?",
    ),
    "or": ("or", "and/or", "nor"),
    "and": ("and",),
    # Opens a statement of its own, unless it stands in a list.
    "grade": (
        "mild(?:ly)?",
        "moderate(?:ly)?",
        "severe(?:ly)?",
        "minimal(?:ly)?",
        "slight(?:ly)?",
        "small",
        "tiny",
        "trace",
        "stable",
        "unchanged",
        "persistent",
        "improved",
        "worsening",
        "bibasilar",
        "left",
        "right",
        "bilateral",
        "chronic",
        "old",
        "low",
        "prominent",
        "tortuous",
        "degenerative",
        "osseous",
        "bony",
    ),
    "subject": (
        "the",
        "an?",
        "there",
        "th(?:is|ese)",
        "it",
        "heart",
        "lungs",
        "lung (?:fields?|volumes?|parenchyma)",
        "cardiac (?:silhouettes?|contours?|size|shadow)",
        "cardiomediastinal",
        "aorta",
    ),
    "verb": (
        "(?:is|are)(?! (?:felt|thought|considered|believed|deemed) )",
        "shows?",
        "remains?",
        "appears?",
        "has",
        "have",
    ),
}

# What stands after a name and answers it: "effusion: no", "effusion = none", "effusion - negative", "effusion (-)".
_SIGN: Final = r"(?: ?[:=] ?| -+ ?|(?<=[a-z])- )"
_BOX: Final = r"(?:\[ ?\]|\u2610)"
_NO: Final = (
    f"(?:no|none|nil|nothing|neg|negative|absent|gone|resolved|removed|n|0|false|no evidence|not {_SEEN}|-ve|-"
    r"|\((?:-|no|none|neg|negative|absent)\)|\[ ?\])"
    f"(?: (?:{_SEEN}|evident|at all))?(?= ?(?:[,)]|$))"
)
_YES: Final = r"(?:yes|y|positive|pos|present|1|true|\(\+\)|\+(?:ve)?|\[x\])(?= ?(?:[,)]|$))"
_DOUBT: Final = (
    "(?:possibl[ey]|probabl[ey]|suspected|equivocal|uncertain|indeterminate|questionable|unclear|maybe|borderline|\\?)"
    "(?= ?(?:[,)]|$))"
)
_ANSWERS: Final = (
    rf"(?P<denies_next>(?:^|(?<=, )|(?<=,))\((?:-|neg)\) ?(?=\w)|(?:^|(?<=, ))-ve for|^{_BOX} ?(?=\w))"
    rf"|(?P<answers_no>{_SIGN}{_NO}|{_SIGN}none(?= (?:on|in|at) (?:the )?(?:left|right)(?: side)?$)"
    rf"|(?<=[a-z])(?: ?\((?:-|no|none|neg|negative|absent)\)| -ve(?! ?for))"
    r"|(?<=[a-z]) (?:no|nil|neg|negative|-)(?=,|$)"
    # "Effusion: no effusion": the answer is a sentence, but "no change" is none.
    rf"| ?[:=](?= ?(?:no|without)(?!\w)(?! {_ANY_CHANGE}| longer)))"
    rf"|(?P<answers_yes>{_SIGN}{_YES}|(?<=[a-z]) ?(?:\(\+\)|\+(?:ve)?(?!\w)|\(yes\)))"
    rf"|(?P<answers_doubt>{_SIGN}{_DOUBT}|(?<=[a-z]) ?\(\?\)"
    r"|(?<=cardiomegaly),? (?:(?:is|remains|appears) )?borderline(?=[,)]|$))"
)

CUES: Final = re.compile(
    _ANSWERS
    + "|"
    + "|".join(f"(?P<{kind}>{_words(*alternatives)})" for kind, alternatives in _KINDS.items())
    # A comma before "which has cleared" ends nothing, and one right before a verb something put in between.
    + r"|(?P<relative>,(?= (?:which|that) (?:has|have|had|is|are) (?:now |since |been |\w+ly )*"
    r"(?:resolved|cleared|disappeared|gone|no longer)(?!\w)"
    r"| (?:now|since) (?:resolved|cleared|gone|absent|removed)(?!\w)))"
    r"|(?P<resumes>,(?= (?:is|are|was|were|has|have) ))|(?P<comma>,|(?<= )-(?= ))"
    + r"|(?P<asks>(?<!\w)\?)|(?P<asks_before>\?$)"
)
