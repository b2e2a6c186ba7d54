"""The object that programs get of a draft."""

import json

from clinicalblip.radiology.draft import Draft, GenerationOptions
from clinicalblip.radiology.draft_json import draft_to_json
from clinicalblip.radiology.report import Report
from tests.fixtures.scripted_reporter import IDENTITY


def test_a_draft_has_the_contracts_fields() -> None:
    """Names and order are those of the contract, and every value is plain."""
    draft = Draft(
        report=Report("Clear lungs.", "Normal."),
        prompt="Indication: cough",
        radiographs=("d" * 64,),
        model=IDENTITY,
        generation=GenerationOptions(220, temperature=0.7, top_p=0.9),
        seed=3,
        tokens=7,
        seconds=1.23456,
        warnings=("Look twice.",),
    )
    answer = draft_to_json(draft)
    assert json.loads(json.dumps(answer)) == answer
    assert list(answer.items()) == [
        ("findings", "Clear lungs."),
        ("impression", "Normal."),
        ("prompt", "Indication: cough"),
        ("base", "recited"),
        ("adapter", "by-heart"),
        ("precision", "fp32"),
        ("prompt_version", "0"),
        (
            "generation",
            {
                "max_new_tokens": 220,
                "temperature": 0.7,
                "top_p": 0.9,
                "repetition_penalty": 1.0,
                "finding_bias": 0.0,
                "seed": 3,
            },
        ),
        ("tokens", 7),
        ("seconds", 1.235),
        ("warnings", ["Look twice."]),
    ]
