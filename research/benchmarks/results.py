"""The scorecards of docs/results.md, and the document itself, written from them and from published figures.

    python -m research.benchmarks.results [--studies studies.jsonl [--no-film no-film.jsonl]]

Without options it writes the document and the cards' plots; with `--studies` also the baselines' cards, and with
`--no-film` those of the bundled model. A card that is not in docs/scorecards/ is not in the document.
tests/research/benchmarks/test_results_document.py checks that the document is what this script writes.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.evaluation.evaluate import evaluate
from clinicalblip.evaluation.request import EvaluationRequest
from clinicalblip.evaluation.scorecard.plots import plot_card
from clinicalblip.evaluation.scorecard.scorecard import RowKind, Scorecard, read_json, write_json
from clinicalblip.evaluation.scorecard.table import markdown_table, row_cells, write_table
from clinicalblip.radiology.report import Target

ROOT = Path(__file__).resolve().parents[2]

DOCUMENT = ROOT / "docs" / "results.md"
CARDS = ROOT / "docs" / "scorecards"
COMPARED = ("bleu-4", "meteor-coco-1.5", "rouge-l-coco")


@dataclass(frozen=True)
class CardPart:
    """One card of the document: its file's stem, heading and introduction, and what it is a card of."""

    stem: str
    heading: str
    introduction: str
    target: Target
    cut: int | None = None
    no_film: bool = False


PARTS = (
    CardPart("findings", "Findings, references whole", "The baselines that any model has to beat.", Target.FINDINGS),
    CardPart(
        "findings-cut-60",
        "Findings, references cut to 60 tokens",
        "The same, scored as the line of work after R2Gen scores.",
        Target.FINDINGS,
        cut=60,
    ),
    CardPart("impression", "Impression", "The same for the impression.", Target.IMPRESSION),
    CardPart(
        "no-film-findings",
        "The bundled model without a film, findings",
        "Drafted from a blank film and the indication. **No film: the pictures are not on these machines**, so this "
        "says nothing of what the model sees. The row without prior is drafted with `--without` and every slot's name "
        "besides.\n\n"
        "```bash\n"
        "python -m clinicalblip draft-all --studies studies.jsonl --split test --films blank --output no-film.jsonl\n"
        "```",
        Target.FINDINGS,
        no_film=True,
    ),
    CardPart(
        "no-film-impression",
        "The bundled model without a film, impression",
        "The same drafts, the other section. **No film: the pictures are not on these machines.**",
        Target.IMPRESSION,
        no_film=True,
    ),
)


@dataclass(frozen=True)
class Published:
    """Figures as others state them; a split or an implementation that they do not state is not guessed."""

    name: str
    data: str
    split: str
    bleu_4: str
    meteor: str
    meteor_by: str
    rouge_l: str
    source: str


NOT_STATED = "not stated"
R2GEN_SPLIT = "R2Gen's, 590 test studies"
PUBLISHED = (
    Published("R2Gen", "IU X-RAY", R2GEN_SPLIT, "0.165", "0.187", "COCO", "0.371", "Chen et al., EMNLP 2020"),
    Published(
        "CvT2DistilGPT2",
        "IU X-RAY",
        R2GEN_SPLIT,
        "0.175",
        "0.200",
        "COCO",
        "0.376",
        "Nicolson, Dowling, Koopman, Artif Intell Med 2023",
    ),
    Published("CMCRL", "IU X-RAY", R2GEN_SPLIT, "0.189", "0.204", "COCO", "0.397", "Chen et al., arXiv 2303.09117"),
)
CLINICALBLIP = tuple(
    Published(
        "ClinicalBLIP",
        data,
        NOT_STATED,
        "not given",
        meteor,
        NOT_STATED,
        rouge,
        "JMIR Form Res 2024;8:e32690, abstract",
    )
    for data, meteor, rouge in (("IU X-RAY", "0.570", "0.534"), ("MIMIC-CXR", "0.365", "0.313"))
)

INTRODUCTION = """# Results

Every figure here comes from a scorecard in [`scorecards/`](scorecards), and this document is written from them by
`python -m research.benchmarks.results`. Under each card stands the command that makes it. The studies are IU X-RAY's
reports in R2Gen's split:

```bash
python -m clinicalblip prepare iu-xray --source DIR --split-file annotation.json --without-images --output studies.jsonl
```

How to read it: a score means nothing without the constant normal report's beside it, which is ahead of most published
models on this split. METEOR stands in three columns because three programs of that name differ by a factor of two.
Cleaning and the cutting of references move scores by points, so that every card states them. Brackets are 95 %
bootstrap intervals over the studies. Nothing was tuned on these studies.

The finding labeler, by which drafts and references are compared, was made for this project; what it finds and misses
is in [labeler.md](labeler.md). CheXpert's or CheXbert's labels are others, and so are their F1 scores.
"""

PUBLISHED_NOTE = """## What others report

The same split, METEOR by COCO's program. Rows in plain type are as published, without an interval; rows of this
project are from the card with references cut to 60 tokens. The published pipelines also replace every word that comes
less than three times in their training reports by one sign, in drafts and references, which this project does not do,
so that a difference of a point between a published row and one of ours says nothing.
"""

CLINICALBLIP_NOTE = """### The ClinicalBLIP paper

Its abstract, which is all that was read for this project, states neither split nor METEOR implementation, and not
whether there was prior knowledge in the prompt. Its figures can be compared with no column of this document.
"""


def document() -> str:
    """The document that the cards in `docs/scorecards/` make."""
    cards = {part.stem: read_card(part) for part in PARTS}
    parts = [INTRODUCTION, PUBLISHED_NOTE, _published(cards["findings-cut-60"]), CLINICALBLIP_NOTE, _clinicalblip()]
    for part in PARTS:
        card = cards[part.stem]
        if card is not None:
            picture = f"![{part.heading}: the rows with their intervals](scorecards/{part.stem}.svg)\n"
            parts += [f"## {part.heading}\n", f"{part.introduction}\n", write_table(card), picture]
    return "\n".join(parts)


def read_card(part: CardPart) -> Scorecard | None:
    """The part's card, or None where it has not been made."""
    file = CARDS / f"{part.stem}.json"
    return read_json(file.read_text(encoding="utf-8")) if file.is_file() else None


def _published(card: Scorecard | None) -> str:
    header = ["", "BLEU-4", "METEOR (COCO 1.5)", "ROUGE-L (COCO)", "split", "source"]
    rows = [[row.name, row.bleu_4, row.meteor, row.rouge_l, row.split, row.source] for row in PUBLISHED]
    if card is not None:
        there = {row.label for row in card.rows}
        ours = [cells for cells in row_cells(card, COMPARED) if cells[0] in there]
        rows += [[f"*{cells[0]}*", *cells[1:], R2GEN_SPLIT, "this project"] for cells in ours]
    return markdown_table(header, rows) + "\n"


def _clinicalblip() -> str:
    header = [
        "",
        "data",
        "METEOR (implementation not stated)",
        "ROUGE (which one is not stated)",
        "split",
        "prior",
        "source",
    ]
    rows = [[row.name, row.data, row.meteor, row.rouge_l, row.split, NOT_STATED, row.source] for row in CLINICALBLIP]
    return markdown_table(header, rows) + "\n"


def make_cards(studies: Path, drafts: Path | None, without_prior: Path | None, train_studies: Path | None) -> None:
    """Score anew: the baselines, or where there are drafts those of the bundled model."""
    files = {RowKind.SCORED: drafts, RowKind.WITHOUT_PRIOR: without_prior} if drafts else {}
    named = {kind: path for kind, path in files.items() if path is not None}
    CARDS.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        if part.no_film is bool(named):
            request = EvaluationRequest(
                studies, "test", part.target, files=named, cut=part.cut, train_studies=train_studies
            )
            write_atomically(CARDS / f"{part.stem}.json", write_json(evaluate(request)))


def main() -> None:
    """Make the cards that were asked for, and write the document."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=Path, metavar="F", help="IU X-RAY in R2Gen's split, to make cards anew")
    parser.add_argument("--no-film", type=Path, metavar="P", help="the bundled model's drafts from a blank film")
    parser.add_argument(
        "--no-film-without-prior", type=Path, metavar="P", help="the same without anything in the prompt"
    )
    parser.add_argument("--train-studies", type=Path, metavar="F", help="the adapter's training-studies.txt")
    options = parser.parse_args()
    if options.studies is not None:
        make_cards(options.studies, options.no_film, options.no_film_without_prior, options.train_studies)
    for part in PARTS:
        if (card := read_card(part)) is not None:
            plot_card(card, CARDS / f"{part.stem}.svg")
    write_atomically(DOCUMENT, document())


if __name__ == "__main__":
    main()
