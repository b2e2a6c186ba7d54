"""The command line: one function a command; what cannot be done is one line on standard error and exit code 2."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import fields, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip import __version__
from clinicalblip.errors import BurnedInAnnotation, ClinicalBlipError, SettingsError, UnreadableRadiograph
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Radiograph, Region, View
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.settings import CONFIG, Settings, read_settings

if TYPE_CHECKING:
    from clinicalblip.datasets.preparation import Preparation
    from clinicalblip.evaluation.baselines import Embed
    from clinicalblip.instructblip.every_study import Given
    from clinicalblip.instructblip.reporter import InstructBlipReporter
    from clinicalblip.radiology.study import Study

_ROOT = Path(__file__).resolve().parents[1]
_NO_BASE = "none"
_LONGEST_PRIOR_REPORT = 100_000  # bytes

# What needs torch or a database is imported by the command that uses it: `--help` and a broken file answer at once.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    try:
        options.run(options)
    except ClinicalBlipError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130
    return 0


def _draft(options: argparse.Namespace) -> None:
    settings = _settings(options)
    films, of_films = _films(options, settings)
    names = ("indication", "history", "technique", "comparison", "hints")
    texts = {name: getattr(options, name) for name in names}
    context = ClinicalContext(**texts, prior_report=_prior_report(options.prior_report))
    context, of_texts = _checked(context, settings, masks=options.mask_identifiers)

    from clinicalblip.instructblip.reporter import load_reporter

    reporter = load_reporter(settings)
    doubts = [doubt for film in films for doubt in reporter.doubts(film)]
    drafts = reporter.stream(films, context, seed=options.seed)
    (draft,) = (part for part in drafts if isinstance(part, Draft))
    warnings = dict.fromkeys((*doubts, *of_films, *of_texts, *draft.warnings))
    draft = replace(draft, warnings=tuple(warnings))
    if options.json:
        print(json.dumps(_contract(draft), ensure_ascii=False, indent=2))
        return
    print(draft.report.text)
    for warning in draft.warnings:
        print(warning, file=sys.stderr)


def _prior_report(file: Path | None) -> str:
    """The text of the prior report's file. Raises SettingsError where it is no text, or far longer than a report."""
    if file is None:
        return ""
    wanted = f"Give --prior-report a text file in UTF-8 of at most {_LONGEST_PRIOR_REPORT:,} bytes."
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST_PRIOR_REPORT + 1)
    except OSError as error:
        raise SettingsError(f"The prior report could not be read: {error.strerror}. {wanted}") from error
    if len(content) > _LONGEST_PRIOR_REPORT:
        raise SettingsError(f"The prior report's file is longer than any report. {wanted}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SettingsError(f"The prior report's file holds something else than text. {wanted}") from error


def _films(options: argparse.Namespace, settings: Settings) -> tuple[list[Radiograph], list[str]]:
    """The films that were named, looked through for text, and what is to be warned of."""
    from clinicalblip.web import wording

    reading = settings
    if options.mask_text:  # what a file warns of may be read, because it is masked before anything else sees it
        allowed = settings.privacy.model_copy(update={"allow_burned_in": True})
        reading = settings.model_copy(update={"privacy": allowed})
    named = (
        (options.radiograph, "frontal", None),
        (options.lateral, "lateral", View.LATERAL),
        (options.prior_image, "prior", None),
    )
    films, warnings = [], []
    for path, role, view in named:
        if path is None:
            continue
        try:
            film = _film(path, role, reading, view)
        except BurnedInAnnotation as error:
            raise BurnedInAnnotation(f"{error}{wording.FILM_TAG_IN_COMMAND}") from error
        texts = _texts_in(film) if options.mask_text or settings.privacy.find_burned_in else []
        if texts and not options.mask_text:
            warnings.append(wording.TEXT_UNMASKED_IN_COMMAND.format(slot=role, places=wording.places(len(texts))))
        elif not texts and film.says_burned_in and not settings.privacy.allow_burned_in:
            raise BurnedInAnnotation(wording.FILM_TAG_UNFOUND.format(slot=role))
        films.append(_masked(film, texts) if options.mask_text else film)
    return films, warnings


def _texts_in(film: Radiograph) -> list[Region]:
    from clinicalblip.imaging.burned_in import find_text

    return [found.region for found in find_text(film) if not found.is_marker]


def _masked(film: Radiograph, texts: list[Region]) -> Radiograph:
    from clinicalblip.imaging.mask import mask

    return mask(film, texts)


def _checked(context: ClinicalContext, settings: Settings, *, masks: bool) -> tuple[ClinicalContext, list[str]]:
    """What is known, masked where that was asked for, and what is to be warned of otherwise."""
    from clinicalblip.web import handlers, identities, wording

    if masks:
        return identities.masked_context(context), []
    found = identities.find_naming(handlers.context_texts(context)) if settings.privacy.check_texts else ()
    return context, [f"{identities.say_naming(found)} {wording.NAMING_IN_COMMAND}"] if found else []


def _contract(draft: Draft) -> dict[str, object]:
    return {
        "findings": draft.report.findings,
        "impression": draft.report.impression,
        "prompt": draft.prompt,
        "base": draft.model.base,
        "adapter": draft.model.adapter,
        "precision": draft.model.precision,
        "prompt_version": draft.model.prompt_version,
        "tokens": draft.tokens,
        "seconds": round(draft.seconds, 3),
        "warnings": list(draft.warnings),
    }


def _film(path: Path, role: str, settings: Settings, view: View | None = None) -> Radiograph:
    most = settings.limits.file_mebibytes * 2**20
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # reading one may wait for ever
            raise UnreadableRadiograph(f"The {role} radiograph is a pipe or a device; name a file.")
        with path.open("rb") as film:
            data = film.read(most + 1)  # one byte too many is enough for the reader to refuse it
    except OSError as error:
        why = (error.strerror or type(error).__name__).lower()
        raise UnreadableRadiograph(f"The {role} radiograph cannot be opened: {why}.") from error
    return read_radiograph(data, limits=settings.limits, allow_burned_in=settings.privacy.allow_burned_in, view=view)


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings(options.config)
    model = settings.model.model_dump()
    if options.base:
        # Another base has no use for the adapter of the one in the settings.
        model |= {"base": str(Path(options.base).resolve()) if Path(options.base).is_dir() else options.base}
        model |= {"adapter": None}
    if options.adapter:
        model |= {"adapter": str(Path(options.adapter).resolve())}
    if options.precision:
        model |= {"precision": options.precision}
    generation = settings.generation
    if getattr(options, "finding_bias", None) is not None:
        generation = generation.model_copy(update={"finding_bias": options.finding_bias})
    return settings.model_copy(update={"model": type(settings.model)(**model), "generation": generation})


def _export(options: argparse.Namespace) -> None:
    from clinicalblip.feedback.export import export_reviews

    count = export_reviews(_store(options), _to_write(options.output), options.format)
    print(f"{count} reviews exported.")


def _forget(options: argparse.Namespace) -> None:
    _store(options).forget(options.review)
    print(f"The texts of review {options.review} are erased; its ratings and digests stay.")


def _to_write(path: Path) -> Path:
    """Files are written beside their place and moved there when they are whole, which would replace a device."""
    if path.exists() and not path.is_file():
        raise SettingsError("The output that was named is a folder or a device; name a file to write.")
    return path


def _store(options: argparse.Namespace):  # type: ignore[no-untyped-def]  # the store's class stays unimported here
    from clinicalblip.feedback.location import reviews_location
    from clinicalblip.feedback.store import ReviewStore

    location = reviews_location(read_settings(options.config))
    if not location.path.is_file():
        raise SettingsError(
            "There are no reviews where the settings say they are kept; name the file in storage.reviews."
        )
    return ReviewStore(location.path)


def _prepare_iu_xray(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.iu_xray import prepare_iu_xray

    output = _to_write(options.output)
    _write_prepared(
        prepare_iu_xray(
            options.source,
            split_file=options.split_file,
            without_images=options.without_images,
            workers=options.workers,
        ),
        output,
    )


def _prepare_mimic_cxr(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.mimic_cxr import prepare_mimic_cxr

    output = _to_write(options.output)
    _write_prepared(
        prepare_mimic_cxr(options.source, without_images=options.without_images, workers=options.workers), output
    )


def _prepare_phantom_iu(options: argparse.Namespace) -> None:
    from clinicalblip.phantom.phantom_iu import write_phantom_iu

    counts = write_phantom_iu(
        options.source,
        options.split_file,
        options.output,
        size=options.size,
        lateral=not options.frontal_only,
        composed=options.composed,
        workers=options.workers,
    )
    print(counts.table)


def _write_prepared(preparation: "Preparation", output: Path) -> None:
    from clinicalblip.datasets.progress import with_progress
    from clinicalblip.datasets.studies import write_studies

    write_studies(with_progress(preparation, sys.stderr), output)
    print(preparation.counts.table)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError("a number of processes from 1 to 256")
    return int(text)


def _pixels(text: str) -> int:
    if not text.isdecimal() or not 32 <= int(text) <= 4096:
        raise argparse.ArgumentTypeError("a number of pixels from 32 to 4096")
    return int(text)


def _bias(text: str) -> float:
    with suppress(ValueError):
        if -10 <= float(text) <= 10:
            return float(text)
    raise argparse.ArgumentTypeError("a number of nats from -10 to 10")


def _train(options: argparse.Namespace) -> None:
    from clinicalblip.training.train import forecast_command, train_command

    without = _slots(options.without)
    if options.dry_run:
        print(
            forecast_command(
                options.plan,
                options.studies,
                options.base,
                options.precision or "auto",
                without=without,
                activation_checkpointing=options.activation_checkpointing,
            )
        )
        return
    adapter = train_command(
        options.plan,
        options.studies,
        options.run_folder,
        options.base,
        options.precision or "auto",
        without=without,
        strict=options.strict,
        workers=options.workers,
        activation_checkpointing=options.activation_checkpointing,
    )
    print(f"The adapter of plan {options.plan} is at {adapter}.")


def _rehearse(options: argparse.Namespace) -> None:
    from clinicalblip.training.plans import plan_named
    from clinicalblip.training.rehearse import rehearse

    plan = plan_named(options.plan)
    done = rehearse(
        options.shape,
        plan,
        precision=options.precision,
        device=options.device,
        tokens=options.tokens,
        say=partial(print, file=sys.stderr, flush=True),
    )
    print(done.table)


def _draft_all(options: argparse.Namespace) -> None:
    from clinicalblip.instructblip.company import rank
    from clinicalblip.instructblip.draft_all import draft_all

    reporter, studies, given = _every_study(options)
    empty = draft_all(
        reporter,
        studies,
        options.output,
        given,
        batch=options.batch,
        finding_bias=reporter.finding_bias,
        say=partial(print, file=sys.stderr, flush=True),
    )
    if rank() == 0:
        print(f"{len(studies)} studies drafted, {empty} of them without a word.")


def _score(options: argparse.Namespace) -> None:
    from clinicalblip.instructblip.company import rank
    from clinicalblip.instructblip.score_all import score_all

    reporter, studies, given = _every_study(options)
    unread = score_all(reporter, studies, options.output, given, say=partial(print, file=sys.stderr, flush=True))
    if rank() == 0:
        print(f"{len(studies)} studies scored, {unread} of them without films that can be read.")


def _every_study(options: argparse.Namespace) -> "tuple[InstructBlipReporter, list[Study], Given]":
    """The model, the studies of a split, and what of each it is given; files are looked at before it is loaded."""
    from clinicalblip.datasets.studies import read_studies
    from clinicalblip.instructblip.every_study import FilmsGiven, Given
    from clinicalblip.instructblip.reporter import load_reporter

    without = _slots(options.without)
    _to_write(options.output)
    studies = list(read_studies(options.studies, options.split))
    settings = _settings(options)
    seed = settings.generation.seed if options.seed is None else options.seed
    given = Given(FilmsGiven(options.films), without, seed, settings.limits)
    return load_reporter(settings), studies, given


def _evaluate(options: argparse.Namespace) -> None:
    from clinicalblip.evaluation.asked import OPTIONS, Asked
    from clinicalblip.evaluation.cleaning import Cleaning
    from clinicalblip.evaluation.evaluate import evaluate
    from clinicalblip.evaluation.files import write_card
    from clinicalblip.evaluation.predicted import Hints
    from clinicalblip.evaluation.table import write_table
    from clinicalblip.evaluation.target import Target

    named = {kind: getattr(options, name.replace("-", "_")) for kind, name in OPTIONS.items()}
    asked = Asked(
        studies=options.studies,
        split=options.split,
        target=Target(options.target),
        files={kind: path for kind, path in named.items() if path is not None},
        cleaning=Cleaning(options.cleaning),
        cut=options.cut,
        metrics=tuple(name.strip() for name in options.metrics.split(",") if name.strip()),
        train_studies=options.train_studies,
        hints=Hints(options.hints) if options.hints else None,
        allow_missing=options.allow_missing,
        seed=options.seed,
    )
    output = _to_write(options.output) if options.output else None
    if output is not None and output.suffix != ".json":
        raise SettingsError("The card is written as JSON; name an output that ends in .json.")
    card = evaluate(asked, None if options.base == _NO_BASE else _embedder(_settings(options)))
    print(write_table(card), end="")
    if output is not None:
        write_card(card, output)


def _embedder(settings: Settings) -> "Embed":
    """The base's vision encoder, which is asked for only where there are films to compare: torch is loaded then."""

    @cache
    def embedder() -> "Embed":
        from clinicalblip.instructblip.embed import FilmEmbedder

        folder = settings.folder / settings.model.base
        return FilmEmbedder(folder if folder.is_dir() else settings.model.base)

    return lambda studies: embedder()(studies)


def _slots(names: str) -> tuple[str, ...]:
    """The prompt's slots of a list with commas. Raises SettingsError for a name that is none."""
    asked = tuple(name.strip().replace("-", "_") for name in names.split(",") if name.strip())
    slots = [field.name for field in fields(ClinicalContext)]
    if unknown := [name for name in asked if name not in slots]:
        raise SettingsError(f"The prompt has no slot {', '.join(unknown)}; its slots are {', '.join(slots)}.")
    return asked


def _mini(options: argparse.Namespace) -> None:
    from clinicalblip.mini.make import make_mini
    from clinicalblip.mini.recipe import FULL, TINY

    make_mini(
        options.data, options.run_folder, options.output, recipe=TINY if options.tiny else FULL, seeing=options.seeing
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m clinicalblip",
        description="Drafts chest radiograph reports for a radiologist to correct. Research use only.",
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument("--verbose", action="store_true", help="say what is being done")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    draft = commands.add_parser("draft", help="draft the report of one examination")
    draft.set_defaults(run=_draft)
    draft.add_argument("radiograph", type=Path, metavar="RADIOGRAPH", help="the frontal film: DICOM, PNG or JPEG")
    draft.add_argument("--lateral", type=Path, metavar="F", help="the lateral film")
    draft.add_argument("--prior-image", type=Path, metavar="F", help="the earlier film")
    for name, what in (
        ("indication", "why the film was taken"),
        ("history", "what is known of the patient"),
        ("technique", "how the film was taken"),
        ("comparison", "what it is compared with"),
        ("hints", "key words of your own"),
    ):
        draft.add_argument(f"--{name}", default="", metavar="T", help=what)
    draft.add_argument("--prior-report", type=Path, metavar="F", help="a text file with the report of the earlier film")
    draft.add_argument("--mask-text", action="store_true", help="make text in the films black before they are used")
    draft.add_argument(
        "--mask-identifiers", action="store_true", help="mask names, numbers and addresses in the texts before use"
    )
    _add_model(draft)
    _add_bias(draft)
    draft.add_argument("--seed", type=int, metavar="N", help="the seed where drafting samples")
    draft.add_argument(
        "--json", action="store_true", help="print one JSON object with the draft and where it came from"
    )

    feedback = commands.add_parser("feedback", help="export the reviews, or erase the texts of one")
    reviews = feedback.add_subparsers(required=True, metavar="COMMAND")
    export = reviews.add_parser("export", help="write all reviews to a file")
    export.set_defaults(run=_export)
    export.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    export.add_argument("--output", type=Path, required=True, metavar="F")
    _add_config(export)
    forget = reviews.add_parser("forget", help="withdraw consent: erase the texts of a review, keep the rest")
    forget.set_defaults(run=_forget)
    forget.add_argument("review", metavar="ID", help="the id that saving showed")
    _add_config(forget)

    prepare = commands.add_parser("prepare", help="turn a public data set into a studies file")
    sets = prepare.add_subparsers(required=True, metavar="DATASET")
    iu = sets.add_parser("iu-xray", help="IU X-RAY (Open-i): the original XML reports")
    iu.set_defaults(run=_prepare_iu_xray)
    iu.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    iu.add_argument("--output", type=Path, required=True, metavar="F", help="the studies file to write (JSON lines)")
    iu.add_argument("--split-file", type=Path, metavar="F", help="R2Gen's annotation.json, whose ids then decide")
    mimic = sets.add_parser("mimic-cxr", help="MIMIC-CXR: the original tables, reports and films")
    mimic.set_defaults(run=_prepare_mimic_cxr)
    mimic.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with tables and files/")
    mimic.add_argument("--output", type=Path, required=True, metavar="F", help="the studies file to write (JSON lines)")
    drawn = sets.add_parser("phantom-iu", help="IU X-RAY's reports with films drawn from their tags: synthetic")
    drawn.set_defaults(run=_prepare_phantom_iu)
    drawn.add_argument("--source", type=Path, required=True, metavar="DIR", help="the folder with NLMCXR_reports.tgz")
    drawn.add_argument("--split-file", type=Path, required=True, metavar="F", help="R2Gen's annotation.json")
    drawn.add_argument("--output", type=Path, required=True, metavar="DIR", help="the folder to draw into; resumable")
    drawn.add_argument("--size", type=_pixels, default=320, metavar="N", help="pixels a side (default: 320)")
    drawn.add_argument("--frontal-only", action="store_true", help="draw no lateral films")
    drawn.add_argument("--composed", action="store_true", help="let reports say what was drawn and no more")
    for data_set in (iu, mimic):
        data_set.add_argument("--without-images", action="store_true", help="keep studies whose images are not there")
    for data_set in (iu, mimic, drawn):
        data_set.add_argument(
            "--workers", type=_workers, default=os.cpu_count() or 1, metavar="N", help="processes (default: all cores)"
        )

    train = commands.add_parser("train", help="train a ClinicalBLIP adapter in stages")
    train.set_defaults(run=_train)
    train.add_argument(
        "--plan", required=True, metavar="NAME", help="clinicalblip, single-stage, without-prior or mini"
    )
    train.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    train.add_argument(
        "--run",
        "--run-folder",  # torchrun takes --run for the beginning of an option of its own
        dest="run_folder",
        type=Path,
        required=True,
        metavar="DIR",
        help="where the run is kept",
    )
    train.add_argument(
        "--base",
        default=str(_ROOT / "assets" / "mini" / "instructblip-mini"),
        metavar="B",
        help="an InstructBLIP folder or hub name",
    )
    train.add_argument("--precision", choices=("auto", "nf4", "int8", "bf16", "fp32"))
    _add_without(train)
    train.add_argument("--workers", type=int, default=0, metavar="N", help="processes that read films beside it")
    train.add_argument("--strict", action="store_true", help="stop at a film that cannot be read")
    train.add_argument(
        "--activation-checkpointing", action="store_true", help="compute activations twice instead of keeping them"
    )
    train.add_argument("--dry-run", action="store_true", help="say what would be trained, and how much memory it takes")

    rehearse = commands.add_parser("rehearse", help="a full-size model with random weights: a step a stage, a draft")
    rehearse.set_defaults(run=_rehearse)
    rehearse.add_argument(
        "--shape", required=True, metavar="NAME", help="instructblip-vicuna-7b, instructblip-flan-t5-xl or tiny"
    )
    rehearse.add_argument("--plan", default="clinicalblip", metavar="NAME", help="whose stages take a step")
    rehearse.add_argument("--precision", choices=("nf4", "bf16", "fp32"), default="nf4")
    rehearse.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    rehearse.add_argument("--tokens", type=int, default=20, metavar="N", help="how many tokens are drafted")

    many = commands.add_parser("draft-all", help="draft every study of a file; resumable, also under torchrun")
    many.set_defaults(run=_draft_all)
    many.add_argument("--batch", type=int, default=8, metavar="N", help="studies drafted together")
    _add_every_study(many, "predictions")
    _add_bias(many)

    score = commands.add_parser("score", help="how likely each finding is, for every study; as draft-all")
    score.set_defaults(run=_score)
    _add_every_study(score, "scores")

    evaluation = commands.add_parser("evaluate", help="score the drafts of a split, with the baselines beside them")
    evaluation.set_defaults(run=_evaluate, adapter=None, precision=None)
    evaluation.add_argument(
        "--predictions", type=Path, metavar="P", help="the drafts (JSON lines); without, the card has the baselines"
    )
    evaluation.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    evaluation.add_argument("--split", choices=("train", "validate", "test"), required=True)
    evaluation.add_argument("--target", choices=("findings", "impression", "report"), required=True)
    evaluation.add_argument(
        "--output", type=Path, metavar="F", help="the card to write as JSON; the table and the plot lie beside it"
    )
    for name, what in (
        ("against", "other drafts, for the paired difference"),
        ("without-prior", "the same model's drafts with slots of the prompt left empty"),
        ("shuffled", "the same model's drafts from other studies' films"),
        ("blank", "the same model's drafts from a blank film"),
    ):
        evaluation.add_argument(f"--{name}", type=Path, metavar="P", help=what)
    evaluation.add_argument("--cleaning", choices=("r2gen", "raw"), default="r2gen", help="(default: r2gen)")
    evaluation.add_argument(
        "--cut", type=int, metavar="N", help="tokens that references are cut to: 60 as R2Gen does (default: whole)"
    )
    evaluation.add_argument("--metrics", default="", metavar="NAMES", help="bleu-4,findings,... (default: all)")
    evaluation.add_argument(
        "--train-studies", type=Path, metavar="F", help="the adapter's training-studies.txt, to look for leaks"
    )
    evaluation.add_argument(
        "--hints",
        choices=("oracle", "reader"),
        help="where the prompts' hints came from (default: taken from the references' tags)",
    )
    evaluation.add_argument("--allow-missing", action="store_true", help="leave out studies without a draft")
    evaluation.add_argument("--seed", type=int, default=0, metavar="N", help="the seed of the intervals")
    evaluation.add_argument(
        "--base", metavar="B", help=f"whose encoder finds the nearest film (default: the settings'; {_NO_BASE})"
    )
    _add_config(evaluation)

    mini = commands.add_parser("mini", help="make the bundled model anew (hours on two cores; resumable)")
    mini.set_defaults(run=_mini)
    mini.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder with radiographs/ and iu/")
    mini.add_argument("--run", dest="run_folder", type=Path, required=True, metavar="DIR", help="where the run is kept")
    mini.add_argument("--output", type=Path, default=Path("assets/mini"), metavar="DIR", help="where the model goes")
    mini.add_argument(
        "--seeing", type=Path, metavar="DIR", help="begin with the teacher and the encoder there (assets/seeing)"
    )
    mini.add_argument("--tiny", action="store_true", help="minutes instead of hours, to see that every part runs")
    return parser


def _add_every_study(parser: argparse.ArgumentParser, written: str) -> None:
    parser.add_argument("--studies", type=Path, required=True, metavar="F", help="a studies file")
    parser.add_argument("--split", choices=("train", "validate", "test"), help="(default: all studies)")
    parser.add_argument("--output", type=Path, required=True, metavar="F", help=f"the {written} file (JSON lines)")
    parser.add_argument(
        "--films", choices=("right", "shuffled", "blank"), default="right", help="which films the model is given"
    )
    _add_without(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="the seed of sampling and of shuffled films")
    _add_model(parser)


def _add_bias(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--finding-bias", type=_bias, metavar="N", help="above 0 misses fewer findings, below 0 invents fewer (nats)"
    )


def _add_without(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--without", default="", metavar="SLOTS", help="slots of the prompt left empty: prior_report,hints,..."
    )


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--config", type=Path, default=_ROOT / CONFIG, metavar="F", help=f"settings (default: {CONFIG})"
    )


def _add_model(parser: argparse.ArgumentParser) -> None:
    _add_config(parser)
    parser.add_argument("--base", metavar="B", help="an InstructBLIP folder or hub name (default: the settings')")
    parser.add_argument("--adapter", metavar="B", help="a ClinicalBLIP adapter folder made for that base")
    parser.add_argument("--precision", choices=("auto", "nf4", "int8", "bf16", "fp32"), help="(default: the settings')")


if __name__ == "__main__":
    sys.exit(main())
