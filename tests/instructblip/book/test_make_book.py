"""Making a book of drafts, and what it may hold."""

from pathlib import Path

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.draft_book import DraftBook, read_book
from clinicalblip.instructblip.book.make_book import MIN_PATIENTS, BookSources, make_book
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study

COMMON = "The heart is normal in size. The lungs are clear."
RARE = "A bullet lies beside the left seventh rib and its jacket in the right axilla."
VOCABULARY: dict[str, int] = {}
EOS = 0


def encode(text: str) -> list[int]:
    """One token a word."""
    return [VOCABULARY.setdefault(word, len(VOCABULARY) + 1) for word in text.split()]


def study(number: int, findings: str, *, patient: str = "", split: str = "train") -> Study:
    """A study with a report; its patient has a number of their own unless another is named."""
    return Study(f"study-{number}", patient or f"patient-{number}", split, reference=Report(findings))


def made(sources: BookSources, folder: Path) -> DraftBook:
    """The book of these sources."""
    make_book(sources, encode, EOS, "words", folder / "book")
    return read_book(folder / "book", "words")


def rebuilt(book: DraftBook, text: str) -> int:
    """The longest run of a text that the book writes on by itself, from anywhere in it, in tokens."""
    tokens, longest = [*encode(f"Findings: {text}"), EOS], 0
    for start in range(len(tokens)):
        at = start
        while at < len(tokens) and (found := book.next(tokens[:at])) and found.token_id == tokens[at]:
            at += 1
        longest = max(longest, at - start)
    return longest


def test_a_draft_can_be_written_on_from_its_first_word(tmp_path: Path) -> None:
    """Drafts are the model's own words: all of one is in the book."""
    book = made(BookSources({"study-1": Report(RARE)}), tmp_path)
    assert rebuilt(book, RARE) == len(RARE.split()) + 2
    assert book.about.kinds == ("drafts",)


def test_of_reports_the_book_knows_what_ten_patients_have_in_common(tmp_path: Path) -> None:
    """And nothing of what stands in fewer, however often one patient's reports repeat it."""
    common = [study(number, COMMON) for number in range(MIN_PATIENTS)]
    repeated = [study(100 + number, RARE, patient="one") for number in range(3 * MIN_PATIENTS)]
    sources = BookSources({}, [*common, *repeated], reports=True, terms="made up")
    book = made(sources, tmp_path)
    assert rebuilt(book, COMMON) >= len(COMMON.split())
    assert rebuilt(book, RARE) <= 1  # "Findings:" stands in all of them
    assert book.about.terms == "made up"


def test_nine_patients_are_too_few(tmp_path: Path) -> None:
    """Then a book of their reports is empty."""
    studies = [study(number, COMMON) for number in range(MIN_PATIENTS - 1)]
    with pytest.raises(BookError, match="no draft with words"):
        make_book(BookSources({}, studies, reports=True, terms="made up"), encode, EOS, "words", tmp_path / "book")


def test_what_could_name_somebody_is_dropped(tmp_path: Path) -> None:
    """Also where ten patients' reports have it."""
    text = "The lungs are clear. Dictated by Dr. John Smith, MRN 4711 0815, for the clinic."
    studies = [study(number, text) for number in range(MIN_PATIENTS)]
    book = made(BookSources({}, studies, reports=True, terms="made up"), tmp_path)
    known = {VOCABULARY[word] for word in ("John", "Smith,", "4711", "0815,") if word in VOCABULARY}
    assert rebuilt(book, "The lungs are clear.") >= 4
    assert not known & set(book._found.token_ids.tolist())


@pytest.mark.parametrize("split", ["validate", "test"])
def test_drafts_of_studies_that_are_not_for_training_make_no_book(split: str) -> None:
    """How fast they are drafted would say nothing any more."""
    with pytest.raises(BookError, match="1 of the studies are not for training, the first is study-1"):
        BookSources({}, [study(1, COMMON, split=split)])


def test_drafts_of_studies_that_the_file_does_not_have_are_refused() -> None:
    """They might be of any."""
    with pytest.raises(BookError, match="1 of the drafts are of studies that the studies file does not have"):
        BookSources({"study-2": Report(COMMON)}, [study(1, COMMON)])


@pytest.mark.parametrize("terms", ["", "  "])
def test_reports_need_the_terms_of_their_data(terms: str) -> None:
    """The book says them to whoever opens it."""
    with pytest.raises(BookError, match="terms"):
        BookSources({}, [study(1, COMMON)], reports=True, terms=terms)


def test_mimic_is_known_by_its_patients(tmp_path: Path) -> None:
    """Nobody has to say that it is credentialed."""
    sources = BookSources({"study-1": Report(COMMON)}, [study(1, COMMON, patient="p10000032")])
    assert made(sources, tmp_path).about.credentialed


@pytest.mark.parametrize("sources", ["reports", "credentialed"])
def test_the_bundled_folder_takes_no_reports_and_nothing_credentialed(sources: str) -> None:
    """What comes with the project is made of the project's own drafts."""
    studies = [study(number, COMMON) for number in range(MIN_PATIENTS)]
    given = {
        "reports": BookSources({}, studies, reports=True, terms="made up"),
        "credentialed": BookSources({"study-1": Report(COMMON)}, studies, credentialed=True),
    }
    with pytest.raises(BookError, match="What comes with the project"):
        make_book(given[sources], encode, EOS, "words", ASSETS / "mini" / "other-book")
