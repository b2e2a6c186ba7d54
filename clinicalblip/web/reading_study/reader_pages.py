"""What a reader's own pages show: the way in, consent, how far they are, questions at the end, and pairs of drafts."""

from collections.abc import Mapping
from html import escape
from typing import Final

from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.assignment.assignment import AssignedPair, CaseKind
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.web import wording as page_wording
from clinicalblip.web.reading_study.forms import choice, form, hidden, scale
from clinicalblip.web.review_pages.documents import Place, paragraph
from clinicalblip.web.served_study import wording
from clinicalblip.web.served_study.questionnaires import Questionnaire
from clinicalblip.web.served_study.served_study import ServedStudy

MOST_WHY: Final = 2000

ENTER_SCRIPT: Final = (
    "function enter() { const code = location.hash.slice(1);"
    'if (!code) return; history.replaceState(null, "", location.pathname);'
    'if (/^[A-Za-z0-9_-]{43}$/.test(code)) { const form = document.querySelector("form");'
    'form.token.value = code; document.querySelector("main").classList.add("cb-entering"); form.submit(); } }'
    'addEventListener("hashchange", enter); enter();'
)
"""Takes the code out of the address, and sends it as the form would."""

PAIR_SCRIPT: Final = (
    "const opened = performance.now();"
    'document.querySelector("form").addEventListener("submit", ({ target }) => {'
    "target.seconds.value = ((performance.now() - opened) / 1000).toFixed(1); });"
)
"""Says how long the pair was looked at, by the page's own clock."""


def entrance_body(place: Place, said: str = "", *, has_password: bool) -> list[str]:
    """The way in for whoever is not signed in; `said` is why a link did not let them in."""
    alert = f'<p class="cb-warning" role="alert">{escape(said)}</p>' if said else ""
    token = (
        f'<label for="token">{escape(wording.NO_SCRIPT)}</label><input id="token" name="token" required minlength="43" '
        'maxlength="43" autocomplete="off" autocapitalize="none" spellcheck="false">'
    )
    owner = f'<p class="cb-quiet"><a href="{place.root}/sign-in">{escape(wording.FOR_OWNERS)}</a></p>'
    return [
        alert,
        paragraph(wording.OPEN_YOUR_LINK),
        f'<p class="cb-one-moment" role="status">{escape(wording.ENTERING)}</p>',
        form(f"{place.root}/reader-study/enter", wording.ENTER, token),
        owner if has_password else "",
    ]


def consent_body(place: Place, study: ServedStudy) -> list[str]:
    """What the study is and what is kept, with the two answers, before anything is read."""
    consent = f"{place.root}/reader-study/consent"
    return [
        _card(wording.CONSENT_TITLE, _paragraphs(study.design.consent)),
        _card(wording.KEPT_TITLE, _paragraphs(study.design.kept)),
        '<div class="cb-buttons">',
        form(consent, wording.AGREE, hidden(answer="agree"), look="cb-first"),
        form(consent, wording.LEAVE, hidden(answer="leave")),
        "</div>",
    ]


def home_body(place: Place, study: ServedStudy, reader: str, *, said: str = "", link: str = "") -> list[str]:
    """How far the reader is, what comes next, and the way to another machine; `link` is one that was just made."""
    root = f"{place.root}/reader-study"
    body = [f'<p class="cb-quiet" role="status">{escape(said)}</p>'] if said else []
    is_finished = _is_finished(study, reader)
    body.append(_next(place, study, reader, is_finished=is_finished))
    if study.is_break_due(reader):
        minutes = study.design.reading.break_minutes
        take = form(f"{root}/break", wording.TAKE_BREAK)
        body.append(_card(wording.BREAK_TITLE, paragraph(wording.BREAK.format(minutes=minutes)) + take))
    kept = _card(wording.KEPT_TITLE, _paragraphs(study.design.kept))
    if is_finished:
        return [*body, kept]
    leave = f'<p><a href="{root}/leave">{escape(wording.LEAVE_STUDY)}</a></p>'
    return [*body, _elsewhere(root, link), kept, leave]


def _elsewhere(root: str, link: str) -> str:
    """The way to another machine."""
    new_link = form(f"{root}/link", wording.NEW_LINK)
    if link:
        shown = f'<p><strong>{escape(wording.YOUR_LINK)}</strong></p><p class="cb-link" tabindex="0">{escape(link)}</p>'
        new_link = f'<div role="status">{shown}</div>'
    return _card(wording.ELSEWHERE_TITLE, paragraph(wording.ELSEWHERE) + new_link)


def _next(place: Place, study: ServedStudy, reader: str, *, is_finished: bool) -> str:
    """How far the reader is, and the one thing to do now."""
    count, done = len(study.list_for(reader).studies), study.done_count(reader)
    pairs, chosen = len(study.pairs(reader)), len(study.choices(reader))
    lines = [paragraph(wording.YOU_ARE.format(reader=reader))]
    if count:
        lines.append(_bar(wording.CASES_DONE.format(done=done, count=count), done, count))
    training = sum(case.kind is CaseKind.TRAINING for case in study.folder.assignment.cases)
    if training and done < training:
        said = wording.TRAINING_ONE if training == 1 else wording.TRAINING_FIRST.format(count=training)
        lines.append(paragraph(said, "cb-quiet"))
    if pairs:
        lines.append(_bar(wording.PAIRS_DONE.format(done=chosen, count=pairs), chosen, pairs))
    now = _thanks() if is_finished else _now(place, study, reader, is_first=not done)
    return _card(wording.PROGRESS_TITLE, "".join(lines) + now)


def _now(place: Place, study: ServedStudy, reader: str, *, is_first: bool) -> str:
    number, asked = study.next_number(reader), study.next_questionnaire(reader)
    if study.is_ended:
        return f'<p class="cb-warning">{escape(wording.ENDED)}</p>'
    if number is not None:
        then = study.waits_until(reader, number)
        if then is not None:
            return f'<p class="cb-warning">{escape(wording.WASHOUT.format(day=f"{then:%Y-%m-%d %H:%M}"))}</p>'
        return _go(f"{place.root}/", wording.FIRST_CASE if is_first else wording.NEXT_CASE)
    if study.next_pair(reader) is not None:
        return _go(f"{place.root}/reader-study/pair", wording.NEXT_PAIR)
    assert asked is not None  # noqa: S101 - it is said above that there is nothing else
    return questionnaire_form(place, asked)


def _is_finished(study: ServedStudy, reader: str) -> bool:
    """Whether nothing is left to read, to compare or to answer."""
    waiting = (study.next_number(reader), study.next_pair(reader), study.next_questionnaire(reader))
    return all(each is None for each in waiting)


def _thanks() -> str:
    return f'<p class="cb-asked">{escape(wording.THANKS_TITLE)}</p>{paragraph(wording.THANKS)}'


def _go(path: str, label: str) -> str:
    return f'<p><a class="cb-button cb-first" href="{escape(path)}">{escape(label)}</a></p>'


def _bar(said: str, done: int, count: int) -> str:
    return f'<p>{escape(said)} <progress max="{count}" value="{done}" aria-label="{escape(said)}"></progress></p>'


def questionnaire_form(place: Place, asked: Questionnaire, given: Mapping[str, str] | None = None) -> str:
    """A questionnaire as a form; `given` are answers that were chosen already."""
    chosen = given or {}
    items = "".join(scale(item, chosen.get(item.name, "")) for item in asked.items)
    source = paragraph(wording.ITEMS_OF.format(source=asked.source), "cb-quiet") if asked.source else ""
    title = f"<h3>{escape(asked.title)}</h3>" if asked.source else ""
    inside = hidden(questionnaire=asked.name) + items
    return title + form(f"{place.root}/reader-study/questions", wording.SUBMIT, inside, look="cb-first") + source


def leave_body(place: Place) -> list[str]:
    """The question before a reader leaves for good."""
    root = f"{place.root}/reader-study"
    stay = f'<a class="cb-button" href="{root}">{escape(wording.LEAVE_NO)}</a>'
    leave = form(f"{root}/leave", wording.LEAVE_YES, look="cb-alarm")
    asked = f'<p class="cb-asked">{escape(wording.LEAVE_QUESTION)}</p>'
    return [f'<div class="cb-card cb-question">{asked}<div class="cb-buttons">{leave}{stay}</div></div>']


def pair_body(place: Place, pair: AssignedPair, drafts: tuple[Report, Report], *, said: str = "") -> list[str]:
    """The film of a pair with both drafts, neither of which says where it is from, and the question."""
    root = f"{place.root}/reader-study/pair"
    film = f'<img src="{root}/film?pair={pair.position}" alt="{escape(wording.PAIR_FILM)}">'
    shown = "".join(
        f'<section class="cb-card" aria-label="{escape(name)}"><h2>{escape(name)}</h2>{_report(draft)}</section>'
        for name, draft in zip((wording.LEFT_DRAFT, wording.RIGHT_DRAFT), drafts, strict=True)
    )
    answers = {str(each): wording.CHOICES[each] for each in Choice}
    why = (
        f'<label for="why">{escape(wording.WHY)}</label>'
        f'<textarea id="why" name="why" rows="2" maxlength="{MOST_WHY}"></textarea>'
    )
    inside = hidden(pair=pair.position, seconds="") + choice("choice", wording.PAIR_QUESTION, answers) + why
    alert = f'<p class="cb-warning" role="alert">{escape(said)}</p>' if said else ""
    asked = form(root, wording.SUBMIT, inside, look="cb-first")
    keys = paragraph(wording.PAIR_KEYS, "cb-quiet")
    return [alert, f'<div class="cb-pair"><figure>{film}</figure><div>{shown}</div></div>', asked, keys]


def _report(report: Report) -> str:
    parts = ((page_wording.FINDINGS, report.findings), (page_wording.IMPRESSION, report.impression))
    return "".join(
        f'<h3>{escape(name)}</h3><p class="cb-words">{escape(text)}</p>' for name, text in parts if text.strip()
    )


def _card(title: str, inside: str) -> str:
    return f'<section class="cb-card cb-measure"><h2>{escape(title)}</h2>{inside}</section>'


def _paragraphs(text: str) -> str:
    return "".join(paragraph(part.strip()) for part in text.split("\n\n") if part.strip())
