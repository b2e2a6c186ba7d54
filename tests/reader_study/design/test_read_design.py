"""A design's file: every fault in it is one sentence with the file, the line and the field."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.read_design import read_design
from clinicalblip.reader_study.design.template import TEMPLATE

SMALL = """\
title: A small study
seed: 7
studies: {file: studies.jsonl, count: 4}
arms:
  - {name: unaided, draft: none}
  - name: assisted
    draft: reference
reading:
  readers: 2
questions:
  case:
    - {name: sure, text: "How sure are you?"}
  end: [sus]
consent: You take part in a study, and can leave it at any time.
kept: Your reports are kept under a pseudonym.
"""


def refusal(folder: Path, text: str | bytes) -> str:
    """The sentence with which a file of this text is refused."""
    path = folder / "study.yaml"
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    with pytest.raises(ReaderStudyError) as refused:
        read_design(path)
    return str(refused.value)


def test_a_small_design_is_read(tmp_path: Path) -> None:
    """What it leaves out has its default."""
    path = tmp_path / "study.yaml"
    path.write_text(SMALL, encoding="utf-8")
    design = read_design(path)
    assert (design.studies.file, design.main_count, design.reading.kind) == (Path("studies.jsonl"), 4, "crossover")
    assert design.arm("assisted").shows_draft
    assert not design.arm("unaided").shows_draft


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("readers: 2", "readers: yes", "line 9, reading.readers: found `yes`, which should be a whole number."),
        ("readers: 2", 'readers: "2"', "line 9, reading.readers: found `2`, which should be a whole number."),
        ("readers: 2", "readers: 2.0", "line 9, reading.readers: found `2.0`, which should be a whole number."),
        ("readers: 2", "readers: 0", "line 9, reading.readers: found `0`, which should be greater than or equal to 1."),
        ("readers: 2", "readers: 1:30", "line 9, reading.readers: found `1:30`; write a plain decimal number,"),
        ("readers: 2", f"readers: {'9' * 5000}", "line 9, reading.readers: found `9999999"),
        ("readers: 2", "reader: 2", "line 9, reading.reader: there is no such field; known there are kind, readers,"),
        ("readers: 2", "readers:", "line 9, reading.readers: it is missing."),
        ("readers: 2", "readers: 2\n  readers: 4", "line 10, reading.readers: it stands on line 9 already; keep one."),
        (
            "readers: 2",
            "readers: 2\n  periods: yes",
            "line 10, reading.periods: found `yes`, which should be a number.",
        ),
        (
            "readers: 2",
            "readers: 2\n  kind: both",
            "line 10, reading.kind: found `both`, which should be 'crossover' or",
        ),
        (
            "readers: 2",
            "readers: !!python/name:os.system x",
            "line 9, reading.readers: the tag `!!python/name:os.system`",
        ),
        ("readers: 2", "readers: [2]", "line 9, reading.readers: found a list of 1, which should be a whole number."),
        ("readers: 2", "readers: {of: 2}", "line 9, reading.readers: found fields, which should be a whole number."),
        ("seed: 7", "seed: 0123", "line 2, seed: found `0123`; write a plain decimal number, or a text in quotes."),
        ("seed: 7", "seed: .nan", "line 2, seed: found `.nan`; write a plain decimal number,"),
        ("seed: 7", "? [seed]\n: 7", "line 2: the name of a field is no text."),
        ("seed: 7", "seed: 7\nversion: 2", "line 3, version: found `2`, which should be 1."),
        ("seed: 7", "seed: 7\nversion: yes", "line 3, version: found `yes`, which should be a number."),
        ("seed: 7", "seed: 7\n<<: {seed: 8}", "line 3, <<: there is no such field; known there are version, title,"),
        ("seed: 7", "seed: &seed 7\ngold: {count: *seed}", "line 3: it refers to another place by an alias (*);"),
        ("seed: 7", "seed: 7\ngold: &gold [*gold]", "line 3: it refers to another place by an alias (*);"),
        ("seed: 7", f"seed: {'[' * 60}", "line 2: it is nested deeper than any field of a design is."),
        ("seed: 7", "seed: 7\n---\nseed: 8", "line 3: it is no YAML: but found another document."),
        ("seed: 7", "seed: 7\ngold: 3", "line 3, gold: found `3`, where fields are expected: count, errors."),
        (
            "seed: 7",
            "seed: 7\nowner: no",
            "line 3, owner: found `no`, where fields are expected: unblinded_before_end.",
        ),
        ("A small study", "'A small", "it is no YAML:"),
        ("A small study", '"A \\ud800"', "line 1, title: it has a character that no text has."),
        ("A small study", '"A \\0"', "line 1, title: it has a character that no text has."),
        ("A small study", "A \x07", "line 1: it has a character that no text has."),
        ("A small study", "yes", "line 1, title: found `yes`, which should be a text; put a text that looks like one"),
        ("A small study", "12", "line 1, title: found `12`, which should be a text; put a text that looks like one"),
        ("A small study", "A", "line 1, title: found `A`, which should have at least 3 characters."),
        ("name: unaided", "name: Un aided", "line 5, arms[1].name: found `Un aided`; a name is small letters, digits"),
        ("draft: reference", "draft: truth", "line 7, arms[2].draft: found `truth`, which should be 'none', 'model',"),
        ("[sus]", "[sas]", "line 13, questions.end[1]: found `sas`, which should be 'sus', 'umux-lite' or 'nasa-tlx'."),
        ("[sus]", "[{name: mine}]", "line 13, questions.end[1].text: it is missing."),
        ("[sus]", "[{QuestionPart: 1}]", "line 13, questions.end[1].QuestionPart: there is no such field; known there"),
        (
            "seed: 7",
            "seed: 7\nQuestionPart: 1",
            "line 3, QuestionPart: there is no such field; known there are version",
        ),
        ("[sus]", "[3]", "line 13, questions.end[1]: found `3`, which should be 'sus', 'umux-lite' or 'nasa-tlx'"),
        ("[sus]", "[{name: mine, text: It was, most: 11}]", "line 13, questions.end[1].most: found `11`, which should"),
        ('"How sure are you?"', "On, choices: [yes, no]", "line 12, questions.case[1].text: found `On`"),
        ("count: 4", "count: 5", "line 3, studies.count: 5 cases to compare cannot be read under 2 arms equally often"),
    ],
)
def test_a_fault_is_one_sentence(old: str, new: str, said: str, tmp_path: Path) -> None:
    """It begins with the file, the line and the field, and is no longer than can be read."""
    assert old in SMALL
    sentence = refusal(tmp_path, SMALL.replace(old, new, 1))
    assert sentence.startswith("study.yaml, line ")
    assert said in sentence
    assert sentence.count("\n") == 0
    assert len(sentence) < 400


def test_of_several_faults_the_first_is_said(tmp_path: Path) -> None:
    """With how many more there are."""
    text = SMALL.replace("readers: 2", "readers: none").replace("A small study", "3").replace("count: 4", "cont: 4")
    assert refusal(tmp_path, text).startswith("study.yaml, line 1, title: found `3`, which should be a text;")
    assert refusal(tmp_path, text).endswith(" (3 more faults follow).")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "study.yaml is empty; `clinicalblip reader-study new` writes one"),
        (b"# nothing\n", "study.yaml is empty;"),
        (b"- a\n- b\n", "study.yaml, line 1: a design is made of named fields;"),
        (b"title", "study.yaml, line 1: a design is made of named fields;"),
        (SMALL.encode("utf-16"), "study.yaml, line 1: it is in UTF-16; save it as UTF-8."),
        (
            SMALL.replace("small", "kleine für").encode("latin-1"),
            "study.yaml, line 1: it has bytes that are not UTF-8;",
        ),
        (b"#" * (128 * 1024 + 1), "study.yaml is larger than 128 KiB, and no design;"),
    ],
)
def test_a_file_that_is_no_design_is_one_sentence(data: bytes, said: str, tmp_path: Path) -> None:
    """It says what was found and what to do."""
    assert refusal(tmp_path, data).startswith(said)


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """And so is a folder in its place."""
    with pytest.raises(ReaderStudyError, match="There is no design at that place; `clinicalblip reader-study new`"):
        read_design(tmp_path / "none.yaml")
    with pytest.raises(ReaderStudyError, match=r"The design cannot be read \(Is a directory\)"):
        read_design(tmp_path)


def test_a_byte_order_mark_and_crlf_are_passed_over(tmp_path: Path) -> None:
    """As other programs write them."""
    path = tmp_path / "study.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    assert read_design(path).title == "A small study"


def test_a_field_that_is_left_empty_has_its_default(tmp_path: Path) -> None:
    """A section whose fields are all in comments, too."""
    path = tmp_path / "study.yaml"
    path.write_text(SMALL + "gold:\npairwise:\nanalysis:\n  comparisons:\n  bootstrap:\n", encoding="utf-8")
    design = read_design(path)
    assert (design.gold.count, design.pairwise, design.analysis.bootstrap) == (0, None, 2000)


LINES = TEMPLATE.splitlines()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.lists(
        st.tuples(
            st.integers(0, len(LINES) - 1),
            st.one_of(
                st.text(max_size=20),
                st.sampled_from(
                    [
                        "",
                        "- x",
                        "a: {b: [1, yes, .inf]}",
                        "  - [*a]",
                        "&a",
                        "!!set {x}",
                        '"\\udc00"',
                        "x: 1_0",
                        "{",
                        "|",
                    ]
                ),
            ),
        ),
        min_size=1,
        max_size=3,
    )
)
def test_a_changed_line_is_read_or_one_sentence(changes: list[tuple[int, str]], tmp_path: Path) -> None:
    """Whatever stands in it, nothing else than a ReaderStudyError comes of it."""
    lines = list(LINES)
    for number, text in changes:
        lines[number] = text
    path = tmp_path / "study.yaml"
    path.write_bytes("\n".join(lines).encode("utf-8", "surrogatepass"))
    try:
        read_design(path)
    except ReaderStudyError as error:
        said = str(error)
    else:
        said = "It is read."
    assert said.endswith(".")
    assert len(said) < 1000


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=200))
def test_any_bytes_are_one_sentence(data: bytes, tmp_path: Path) -> None:
    """No bytes of this length are a design, and all are refused in words."""
    assert refusal(tmp_path, data).endswith(".")
