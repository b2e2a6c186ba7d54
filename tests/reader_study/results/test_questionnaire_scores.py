"""Scores of questionnaires at their ends."""

import pytest

from clinicalblip.reader_study.results.questionnaire_scores import TLX_SCALES, questionnaire_score

BEST = {f"sus-{number}": 5 if number % 2 else 1 for number in range(1, 11)}


@pytest.mark.parametrize(
    ("name", "answers", "score"),
    [
        ("sus", BEST, 100),
        ("sus", {name: 6 - answer for name, answer in BEST.items()}, 0),
        ("sus", dict.fromkeys(BEST, 3), 50),
        ("sus", BEST | {"sus-1": 4}, 97.5),
        ("umux-lite", {"umux-lite-1": 7, "umux-lite-2": 7}, 100),
        ("umux-lite", {"umux-lite-1": 1, "umux-lite-2": 4}, 25),
        ("nasa-tlx", dict.fromkeys(TLX_SCALES, 20), 100),
        ("nasa-tlx", dict.fromkeys(TLX_SCALES, 0), 0),
        ("nasa-tlx", dict.fromkeys(TLX_SCALES, 7), 35),
    ],
)
def test_scores(name: str, answers: dict[str, int], score: float) -> None:
    """From 0 to 100, by their authors' rules."""
    assert questionnaire_score(name, answers) == pytest.approx(score)


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("sus", {name: BEST[name] for name in list(BEST)[1:]}),
        ("sus", {}),
        ("umux-lite", {"umux-lite-1": 7}),
        ("nasa-tlx", {"effort": 3}),
        ("own", {"own": 3}),
        ("sus", BEST | {"sus-4": "often"}),
    ],
)
def test_no_score_without_all_items(name: str, answers: dict[str, int | str]) -> None:
    """Nothing is filled in, and another question has none."""
    assert questionnaire_score(name, answers) is None
