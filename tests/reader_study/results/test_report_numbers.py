"""Each number of a report follows from its CSV files, by other means than the report's."""

import re
from collections import Counter
from collections.abc import Mapping
from math import exp, log

import pytest

from clinicalblip.reader_study.results.study_data import StudyData
from tests.reader_study.results.report_tables import (
    Line,
    bounds,
    compared,
    csv_rows,
    findings,
    floats,
    least_squares,
    middle_and_quartiles,
    report_tables,
)

Files = Mapping[str, bytes]
Tables = dict[str, list[Line]]

ARMS = ("unaided", "assisted", "marked")
DRAFTED = ARMS[1:]
NAMES = 13  # CheXpert's observations without No Finding


@pytest.fixture(scope="session")
def tables(files: Files) -> Tables:
    """The report's tables."""
    return report_tables(files["report.md"])


def by(table: list[Line], column: str) -> dict[str, Line]:
    """The lines of a table by one of their cells."""
    return {line[column]: line for line in table}


def of_arm(rows: list[Line], arm: str) -> list[Line]:
    """The rows of an arm."""
    return [row for row in rows if row["arm"] == arm]


def test_readings_are_counted_by_reader_and_by_arm(files: Files, tables: Tables) -> None:
    """What was read, of each kind, once and again."""
    rows = csv_rows(files, "readings.csv")
    for reader, line in by(tables["Readings by reader"], "reader").items():
        own = [row for row in rows if row["reader"] == reader]
        once = Counter(row["kind"] for row in own if row["repeat"] == "0")
        assert [int(line[name]) for name in ("read", "training", "main", "gold", "read again")] == [
            len(own),
            once["training"],
            once["main"],
            once["gold"],
            sum(row["repeat"] == "1" for row in own),
        ]
    for arm, line in by(tables["Readings by arm"], "arm").items():
        main = of_arm(compared(files), arm)
        assert [int(line[name]) for name in ("read", "main, once", "readers", "cases")] == [
            len(of_arm(rows, arm)),
            len(main),
            len({row["reader"] for row in main}),
            len({row["case"] for row in main}),
        ]


def test_nothing_is_left_out_unsaid(files: Files, tables: Tables) -> None:
    """Why readings are not compared, each reason counted."""
    rows = csv_rows(files, "readings.csv")
    reasons = {line["why"].split(":")[0].split(" by ")[0]: int(line["readings"]) for line in tables[_LEFT_OUT]}
    assert reasons["training case"] == sum(row["kind"] == "training" for row in rows)
    assert reasons["gold case"] == sum(row["kind"] == "gold" for row in rows)
    assert reasons["read again"] == sum(row["repeat"] == "1" for row in rows)
    text = files["report.md"].decode()
    assert f"In comparisons: {len(compared(files))} of {len(rows)} readings." in text
    assert "Training cases, gold cases and second readings" in text


_LEFT_OUT = "Not in comparisons of arms, and why"


def test_times(files: Files, tables: Tables) -> None:
    """Medians, geometric means, and ratios near those of least squares within readers and cases."""
    rows = compared(files)
    for arm, line in by(tables["Active seconds by arm"], "arm").items():
        seconds = floats(rows, "active_seconds", arm)
        assert line["readings"] == str(len(seconds))
        assert line["median (quartiles)"] == middle_and_quartiles(seconds, 1)
        assert line["geometric mean"] == f"{exp(sum(map(log, seconds)) / len(seconds)):.1f}"
        if arm != "unaided":
            value, low, high = bounds(line["ratio to unaided"])
            plain = exp(least_squares(rows, lambda row: log(float(row["active_seconds"])), arm, "unaided"))
            assert low < value < high
            assert value == pytest.approx(plain, rel=0.05)
    for reader, line in by(tables["Active seconds by reader: geometric means"], "reader").items():
        for arm in ARMS:
            own = floats([row for row in rows if row["reader"] == reader], "active_seconds", arm)
            assert line[arm] == f"{exp(sum(map(log, own)) / len(own)):.1f}"


def test_times_counted_otherwise(files: Files, tables: Tables) -> None:
    """With idle seconds, without flagged readings, and without the first three of an arm."""
    rows = sorted(compared(files), key=lambda row: (row["reader"], int(row["position"])))
    seen: Counter[tuple[str, str]] = Counter()
    later = []
    for row in rows:
        seen[row["reader"], row["arm"]] += 1
        later += [row] if seen[row["reader"], row["arm"]] > 3 else []
    wanted = {
        "active seconds": rows,
        "all seconds, idle ones included": rows,
        "active seconds, without flagged readings": [row for row in rows if not row["flags"]],
        "active seconds, without each reader's first 3 of an arm": later,
    }
    for line in tables["Reading time, other ways of counting"]:
        kept = wanted[line["what is counted"]]
        assert int(line["readings"]) == len(of_arm(kept, line["arm"]))
        assert int(line["readings of unaided"]) == len(of_arm(kept, "unaided"))
        name = "seconds" if line["what is counted"].startswith("all") else "active_seconds"
        if len(kept) < 20:
            assert line["ratio to unaided"] == "–"
            continue
        plain = exp(least_squares(kept, lambda row, name=name: log(float(row[name])), line["arm"], "unaided"))
        assert bounds(line["ratio to unaided"])[0] == pytest.approx(plain, rel=0.08)


@pytest.mark.parametrize(
    ("title", "column", "digits", "against", "unflagged"),
    [
        ("Words added and removed", "edit_distance", 1, "assisted", False),
        ("Words added and removed, without flagged readings", "edit_distance", 1, "assisted", True),
        ("Errors named in a reading", "errors_named", 2, "assisted", False),
        ("F1 with the reference", "f1", 3, "unaided", False),
        ("F1 with the reference, without flagged readings", "f1", 3, "unaided", True),
    ],
)
def test_means_and_differences(
    files: Files, tables: Tables, title: str, column: str, digits: int, against: str, unflagged: bool
) -> None:
    """Differences are those of least squares within readers and cases."""
    rows = [row for row in compared(files) if not (unflagged and row["flags"])]
    for arm, line in by(tables[title], "arm").items():
        values = floats(rows, column, arm)
        assert line["readings"] == str(len(values))
        assert line["mean"] == f"{sum(values) / len(values):.{digits}f}"
        assert line["median (quartiles)"] == middle_and_quartiles(values, digits)
        if arm != against:
            value, low, high = bounds(line[f"difference of means to {against}"])
            plain = least_squares(rows, lambda row: float(row[column]) if row[column] else None, arm, against)
            assert low < value < high
            assert value == pytest.approx(plain, abs=10**-digits)


def test_decisions(files: Files, tables: Tables) -> None:
    """Counts by arm, and an odds ratio on the side of the mean ranks."""
    ranks = ("accepted", "minor edits", "major edits", "rejected")
    means = {}
    for arm, line in by(tables["Decisions by arm"], "arm").items():
        own = of_arm(compared(files), arm)
        counts = Counter(row["decision"] for row in own)
        assert [int(line[name]) for name in ranks] == [counts[name] for name in ranks]
        said = [sum(row["would_sign"] == answer for row in own) for answer in "10"]
        assert [line["would sign"], line["would not"]] == [str(each) if any(said) else "–" for each in said]
        means[arm] = sum(ranks.index(row["decision"]) for row in own) / len(own)
    value, low, high = bounds(by(tables["Decisions by arm"], "arm")["marked"]["odds ratio of more work to assisted"])
    assert (value < 1) is (means["marked"] < means["assisted"])
    assert low < value < high


def test_content_errors(files: Files, tables: Tables) -> None:
    """By arm, category and significance."""
    errors = [row for row in csv_rows(files, "errors.csv") if row["source"] == "named"]
    main = [row for row in errors if row["kind"] == "main" and row["repeat"] == "0"]
    title = "Errors named, by category and significance"
    assert {(line["arm"], line["category"]) for line in tables[title]} == {
        (row["arm"], row["category"]) for row in main
    }
    for line in tables[title]:
        own = [row for row in main if (row["arm"], row["category"]) == (line["arm"], line["category"])]
        assert int(line["n"]) == len(own)
        for significance in ("urgent", "benign", "negligible", ""):
            count = sum(row["significance"] == significance for row in own)
            assert line[significance or "not set"] == (str(count) if count else "–")


@pytest.mark.parametrize("kind", ["main", "gold"])
def test_injected_errors(files: Files, tables: Tables, data: StudyData, kind: str) -> None:
    """Their fates by arm, reader, category, significance, kind, position, marks and evidence."""
    errors = [
        row
        for row in csv_rows(files, "errors.csv")
        if row["source"] == "injected" and row["kind"] == kind and row["repeat"] == "0"
    ]
    # The list without its training case, which is first, and without the two that come again at the end.
    first, last = 2, 15
    groups = {
        "arm": lambda row: row["arm"],
        "reader": lambda row: row["reader"],
        "category": lambda row: row["category"],
        "significance": lambda row: row["significance"],
        "kind": lambda row: row["injected_kind"],
        "position": lambda row: THIRDS[3 * (int(row["position"]) - first) // (last - first + 1)],
    }
    for what, group in groups.items():
        table = by(tables[f"Errors put in, {kind} cases, by {what}"], what)
        assert set(table) == {group(row) for row in errors}
        for name, line in table.items():
            fates = Counter(row["fate"] for row in errors if group(row) == name)
            assert [int(line[each]) for each in ("caught", "changed", "missed")] == [
                fates[each] for each in ("caught", "changed", "missed")
            ]
            total = fates.total()
            assert line["errors"] == str(total)
            if total < 5:
                assert line["caught, share"] == "–"
            else:
                assert bounds(line["caught, share"])[0] == pytest.approx(100 * fates["caught"] / total, abs=0.05)
    wrong = f"Right findings made wrong, {kind} cases"
    for arm, line in by(tables[wrong], "arm").items():
        own = [row for row in csv_rows(files, "readings.csv") if row["kind"] == kind and row["repeat"] == "0"]
        counts = [int(value) for value in floats(own, "wrongly_corrected", arm)]
        assert (int(line["readings"]), int(line["readings with one or more"])) == (len(counts), sum(map(bool, counts)))
        assert line["findings"] == str(sum(counts))


THIRDS = ("first third", "second third", "last third")


def test_drafts_and_final_reports(files: Files, tables: Tables) -> None:
    """Of readings that have both scores."""
    for arm, line in by(tables["F1 of drafts and of final reports"], "arm").items():
        both = [
            (float(row["f1_draft"]), float(row["f1"]))
            for row in of_arm(compared(files), arm)
            if row["f1"] and row["f1_draft"]
        ]
        assert line["readings"] == str(len(both))
        assert line["draft, mean"] == f"{sum(draft for draft, _ in both) / len(both):.3f}"
        assert line["final report, mean"] == f"{sum(final for _, final in both) / len(both):.3f}"
        assert int(line["final higher"]) == sum(final > draft for draft, final in both)
        assert int(line["final lower"]) == sum(final < draft for draft, final in both)


def test_scores_follow_from_the_findings(files: Files) -> None:
    """F1 is twice what both name over all that either names."""
    for row in csv_rows(files, "readings.csv"):
        true, said = findings(row, "findings_reference"), findings(row, "findings_final")
        expected = f"{2 * len(true & said) / (len(true) + len(said)):.6f}" if true or said else ""
        assert (f"{float(row['f1']):.6f}" if row["f1"] else "") == expected


def test_preference(files: Files, tables: Tables) -> None:
    """With two arms the odds are wins over wins, a tie half of one for each."""
    choices = [row for row in csv_rows(files, "choices.csv") if row["kind"] == "main"]
    chosen, kinds = Counter(row["chosen"] for row in choices), Counter(row["choice"] for row in choices)
    lines = by(tables["Choices by arm"], "arm")
    assert {arm: int(line["chosen"]) for arm, line in lines.items()} == {arm: chosen[arm] for arm in DRAFTED}
    odds = (chosen["assisted"] + kinds["tie"] / 2) / (chosen["marked"] + kinds["tie"] / 2)
    assert bounds(lines["assisted"]["odds of being preferred to marked"])[0] == pytest.approx(odds, abs=0.006)
    text = " ".join(files["report.md"].decode().split())
    assert f"{kinds['tie']} ties, and {kinds['neither']} in which neither draft was usable" in text
    assert f"left draft was chosen {kinds['left']} times, the right one {kinds['right']} times" in text


def test_questions(files: Files, tables: Tables) -> None:
    """After cases by arm; at the end scores by their authors' rules, from the answers."""
    answers = csv_rows(files, "answers.csv")
    after = [
        row for row in answers if row["asked"] == "after a case" and row["kind"] == "main" and row["repeat"] == "0"
    ]
    for arm, line in by(tables["sure: How sure are you? (1 to 5)"], "arm").items():
        own = [int(row["answer"]) for row in of_arm(after, arm) if row["question"] == "sure"]
        assert (line["readings"], line["mean"]) == (str(len(own)), f"{sum(own) / len(own):.2f}")
    for answer, line in by(tables["film: Is the film good enough?"], "answer").items():
        for arm in ARMS:
            assert int(line[arm]) == sum(row["answer"] == answer for row in of_arm(after, arm))
    lines = {line["questionnaire"].split(",")[0]: line for line in tables["Questionnaires at the end"]}
    for asked, name, score in (
        ("sus", "SUS", lambda own: 2.5 * sum(own[n] - 1 if n % 2 else 5 - own[n] for n in range(1, 11))),
        ("umux-lite", "UMUX-Lite", lambda own: (own[1] + own[2] - 2) / 12 * 100),
        ("nasa-tlx", "NASA-TLX", lambda own: sum(own.values()) / 6 * 5),
    ):
        given: dict[str, dict[object, int]] = {}
        for row in answers:
            if row["asked"] == asked:
                number = re.search(r"\d+$", row["question"])
                key = int(number[0]) if number else row["question"]
                given.setdefault(row["reader"], {})[key] = int(row["answer"])
        scores = [score(own) for own in given.values()]
        assert (lines[name]["readers"], lines[name]["mean"]) == (str(len(scores)), f"{sum(scores) / len(scores):.1f}")
        assert (lines[name]["lowest"], lines[name]["highest"]) == (f"{min(scores):.1f}", f"{max(scores):.1f}")


def alpha_and_ac1(units: list[list[int]]) -> tuple[float, float]:
    """Krippendorff's alpha and Gwet's AC1 of ones and zeros by their definitions, unit by unit."""
    values = [value for unit in units for value in unit]
    ones, n = sum(values), len(values)
    disagree = sum(2 * sum(unit) * (len(unit) - sum(unit)) / (len(unit) - 1) for unit in units)
    alpha = 1 - disagree / (2 * ones * (n - ones) / (n - 1))
    agreed = [
        (sum(unit) * (sum(unit) - 1) + (len(unit) - sum(unit)) * (len(unit) - sum(unit) - 1))
        / (len(unit) * (len(unit) - 1))
        for unit in units
    ]
    share = sum(sum(unit) / len(unit) for unit in units) / len(units)
    chance = 2 * share * (1 - share)
    return alpha, (sum(agreed) / len(agreed) - chance) / (1 - chance)


def test_agreement_between_readers(files: Files, tables: Tables) -> None:
    """Alpha and AC1 by their definitions, before drafts and after."""
    columns = {"before the draft": "findings_first", "final report": "findings_final"}
    for line in tables["Agreement between readers on findings"]:
        column = columns[line["report"].split(",")[0]]
        units = units_of(of_arm(compared(files), line["arm"]), column)
        values = [value for unit in units for value in unit]
        assert int(line["units"]) == len(units)
        assert int(line["cases"]) == len(units) // NAMES
        assert line["called present"] == f"{sum(values)} of {len(values)}"
        alpha, ac1 = alpha_and_ac1(units)
        assert bounds(line["Krippendorff's alpha"])[0] == pytest.approx(alpha, abs=0.0006)
        assert bounds(line["Gwet's AC1"])[0] == pytest.approx(ac1, abs=0.0006)


def units_of(rows: list[Line], column: str) -> list[list[int]]:
    """Ones and zeros of all readers of a case, observation by observation; nobody names more than these four."""
    seen = ("Cardiomegaly", "Pleural Effusion", "Atelectasis", "Edema")
    of_case: dict[str, list[set[str]]] = {}
    for row in rows:
        of_case.setdefault(row["case"], []).append(findings(row, column))
    several = [said for said in of_case.values() if len(said) > 1]
    return [[int(name in each) for each in said] for said in several for name in (*seen, *[""] * (NAMES - len(seen)))]


def test_agreement_of_readers_with_themselves(files: Files, tables: Tables) -> None:
    """Of cases that were read again."""
    (line,) = tables["Agreement of readers with themselves"]
    pairs: dict[tuple[str, str], list[set[str]]] = {}
    for row in csv_rows(files, "readings.csv"):
        pairs.setdefault((row["reader"], row["case"]), []).append(findings(row, "findings_final"))
    twice = [said for said in pairs.values() if len(said) == 2]
    assert int(line["cases"]) == len(twice)
    names = ("Cardiomegaly", "Pleural Effusion", "Atelectasis", "Edema", *[""] * (NAMES - 4))
    alpha, ac1 = alpha_and_ac1([[int(name in each) for each in said] for said in twice for name in names])
    assert bounds(line["Krippendorff's alpha"])[0] == pytest.approx(alpha, abs=0.0006)
    assert bounds(line["Gwet's AC1"])[0] == pytest.approx(ac1, abs=0.0006)


def test_what_is_wrong_and_stays(files: Files, tables: Tables) -> None:
    """By arm and in which way it is wrong, beside the same cases without a draft."""
    rows = compared(files)
    for line in tables["Wrong findings of drafts that stand in final reports"]:
        own = of_arm(rows, line["arm"])
        wrong = {}
        for row in own:
            true, drafted = findings(row, "findings_reference"), findings(row, "findings_draft")
            said, left_out = drafted - true, true - drafted
            wrong[row["case"]] = {
                "either": said | left_out,
                "said, not in the reference": said,
                "in the reference, not said": left_out,
            }[line["what is wrong"]]

        def kept(rows: list[Line], wrong: dict[str, set[str]] = wrong) -> str:
            every = [
                name in (findings(row, "findings_final") ^ findings(row, "findings_reference"))
                for row in rows
                for name in wrong.get(row["case"], ())
            ]
            return f"{sum(every)} of {len(every)}"

        assert line["kept"] == kept(own)
        assert line["the same without a draft"] == kept(of_arm(rows, "unaided"))
        part, whole = map(int, line["kept"].split(" of "))
        assert bounds(line["share kept"])[0] == pytest.approx(100 * part / whole, abs=0.05)


def test_what_a_draft_changes_in_an_impression(files: Files, tables: Tables) -> None:
    """Where impression and draft differ, by who was right."""
    title = "Where the first impression and the draft differ: how often the final report says what the draft says"
    for arm, line in by(tables[title], "arm").items():
        found: dict[bool, list[bool]] = {True: [], False: []}
        for row in of_arm(compared(files), arm):
            first, draft, final, true = (
                findings(row, f"findings_{name}") for name in ("first", "draft", "final", "reference")
            )
            for name in first ^ draft:
                found[(name in draft) == (name in true)].append((name in final) == (name in draft))
        assert line["the draft was right"] == f"{sum(found[True])} of {len(found[True])}"
        assert line["the draft was wrong"] == f"{sum(found[False])} of {len(found[False])}"
    for arm, line in by(tables["F1 with the reference before and after the draft"], "arm").items():
        both = [row for row in of_arm(compared(files), arm) if row["f1"] and row["f1_first"]]
        first, final = (floats(both, name) for name in ("f1_first", "f1"))
        assert line["first impression, mean"] == f"{sum(first) / len(first):.3f}"
        difference = sum(final) / len(final) - sum(first) / len(first)
        assert bounds(line["difference of means"])[0] == pytest.approx(difference, abs=0.0006)


def test_order(files: Files, tables: Tables) -> None:
    """By the third of the list."""
    rows = compared(files)
    thirds = {id(row): THIRDS[3 * (int(row["position"]) - 2) // 14] for row in rows}
    for part, line in by(tables["By the part of the list"], "part").items():
        own = [row for row in rows if thirds[id(row)] == part]
        seconds = floats(own, "active_seconds")
        scores = floats(own, "f1")
        assert line["readings"] == str(len(own))
        assert line["active seconds, median (quartiles)"] == middle_and_quartiles(seconds, 1)
        assert line["mean F1"] == f"{sum(scores) / len(scores):.3f}"
    for arm, line in by(tables["Readings by arm and part of the list"], "arm").items():
        assert [int(line[part]) for part in THIRDS] == [
            sum(thirds[id(row)] == part for row in of_arm(rows, arm)) for part in THIRDS
        ]


def test_flags(files: Files, tables: Tables) -> None:
    """How many of each arm, and what leaving them out changes is what the other tables say."""
    for flag, line in by(tables["Flagged readings in comparisons, by arm"], "flag").items():
        for arm in ARMS:
            own = of_arm(compared(files), arm)
            has = [bool(row["flags"]) if flag == "any" else flag in row["flags"].split("; ") for row in own]
            assert int(line[arm]) == sum(has)
    changes = {(line["outcome"], line["arm"]): line for line in tables["What leaving flagged readings out changes"]}
    without = by(tables["F1 with the reference, without flagged readings"], "arm")
    line = changes["F1 with the reference, difference", "marked"]
    assert line["without flagged"] == without["marked"]["difference of means to unaided"]


def test_named_comparisons(tables: Tables) -> None:
    """Estimates are those of the tables, p values grow by Holm's method, and what is shown follows from both."""
    lines = tables["Comparisons"]
    ratio = by(tables["Active seconds by arm"], "arm")["assisted"]["ratio to unaided"]
    assert bounds(lines[0]["estimate"])[0] == pytest.approx(bounds(ratio)[0], abs=0.006)
    known = sorted((float(line["p"]), float(line["p (Holm)"])) for line in lines if line["p"] != "–")
    largest = 0.0
    for rank, (p, adjusted) in enumerate(known):
        largest = max(largest, min(1.0, (len(lines) - rank) * p))
        assert adjusted == pytest.approx(largest, abs=0.004)
    for line in lines:
        if line["p"] == "–":
            assert line["what it shows"] == "no estimate"
        elif float(line["p (Holm)"]) >= 0.05:
            assert line["what it shows"] == "not shown"
