"""The command line: one function a command; what cannot be done is one line on standard error and exit code 2."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from clinicalblip.arguments import NO_BASE, make_parser
from clinicalblip.errors import BurnedInAnnotation, ClinicalBlipError, SettingsError, UnreadableRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.radiograph import Radiograph, Region, View
from clinicalblip.radiology.report import SLOTS, ClinicalContext
from clinicalblip.settings import Settings, read_settings

if TYPE_CHECKING:
    from clinicalblip.datasets.preparation import Preparation
    from clinicalblip.evaluation.baselines import Embed
    from clinicalblip.instructblip.batch.input_condition import InputCondition
    from clinicalblip.instructblip.reporter import InstructBlipReporter
    from clinicalblip.radiology.study import Study

_LONGEST_PRIOR_REPORT = 100_000  # bytes

# What needs torch or a database is imported by the command that uses it: `--help` and a broken file answer at once.


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    options = make_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO if options.verbose else logging.WARNING, format="%(name)s: %(message)s")
    try:
        _COMMANDS[options.command](options)
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
            warnings.append(wording.TEXT_UNMASKED_IN_COMMAND.format(role=role, places=wording.places(len(texts))))
        elif not texts and film.says_burned_in and not settings.privacy.allow_burned_in:
            raise BurnedInAnnotation(wording.FILM_TAG_UNFOUND.format(role=role))
        films.append(_masked(film, texts) if options.mask_text else film)
    return films, warnings


def _texts_in(film: Radiograph) -> list[Region]:
    from clinicalblip.deid.burned_in import find_burned_in_text

    return [found.region for found in find_burned_in_text(film) if not found.is_marker]


def _masked(film: Radiograph, texts: list[Region]) -> Radiograph:
    from clinicalblip.deid.mask import mask_regions

    return mask_regions(film, texts)


def _checked(context: ClinicalContext, settings: Settings, *, masks: bool) -> tuple[ClinicalContext, list[str]]:
    """What is known, masked where that was asked for, and what is to be warned of otherwise."""
    from clinicalblip.screening import phi
    from clinicalblip.web import handlers, wording

    if masks:
        return phi.mask_context(context), []
    found = phi.find_phi(handlers.context_texts(context)) if settings.privacy.check_texts else ()
    return context, [f"{phi.describe_phi(found)} {wording.PHI_IN_COMMAND}"] if found else []


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
    reading = ReadOptions(limits=settings.limits, allow_burned_in=settings.privacy.allow_burned_in, view=view)
    return read_radiograph(data, reading)


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
    from clinicalblip.feedback.storage_path import find_storage_path
    from clinicalblip.feedback.store import ReviewStore

    location = find_storage_path(read_settings(options.config))
    if not location.path.is_file():
        raise SettingsError(
            "There are no reviews where the settings say they are kept; name the file in storage.reviews."
        )
    return ReviewStore(location.path)


def _prepare_iu_xray(options: argparse.Namespace) -> None:
    from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray

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
    from clinicalblip.datasets.mimic_cxr.prepare import prepare_mimic_cxr

    output = _to_write(options.output)
    _write_prepared(
        prepare_mimic_cxr(options.source, without_images=options.without_images, workers=options.workers), output
    )


def _write_prepared(preparation: "Preparation", output: Path) -> None:
    from clinicalblip.datasets.files.studies import write_studies
    from clinicalblip.datasets.progress import with_progress

    write_studies(with_progress(preparation, sys.stderr), output)
    print(preparation.counts.table)


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
    from clinicalblip.instructblip.batch.draft_all import draft_all
    from clinicalblip.instructblip.distributed import rank

    reporter, studies, given = _every_study(options)
    empty = draft_all(
        reporter,
        studies,
        options.output,
        given,
        batch=options.batch,
        log=partial(print, file=sys.stderr, flush=True),
    )
    if rank() == 0:
        print(f"{len(studies)} studies drafted, {empty} of them without a word.")


def _score(options: argparse.Namespace) -> None:
    from clinicalblip.instructblip.batch.score_all import score_all
    from clinicalblip.instructblip.distributed import rank

    reporter, studies, given = _every_study(options)
    unread = score_all(reporter, studies, options.output, given, log=partial(print, file=sys.stderr, flush=True))
    if rank() == 0:
        print(f"{len(studies)} studies scored, {unread} of them without films that can be read.")


def _every_study(options: argparse.Namespace) -> "tuple[InstructBlipReporter, list[Study], InputCondition]":
    """The model, the studies of a split, and what of each it is given; files are looked at before it is loaded."""
    from clinicalblip.datasets.files.studies import read_studies
    from clinicalblip.instructblip.batch.input_condition import FilmCondition, InputCondition
    from clinicalblip.instructblip.reporter import load_reporter

    without = _slots(options.without)
    _to_write(options.output)
    studies = list(read_studies(options.studies, options.split))
    settings = _settings(options)
    seed = settings.generation.seed if options.seed is None else options.seed
    given = InputCondition(FilmCondition(options.films), without, seed, settings.limits)
    return load_reporter(settings), studies, given


def _evaluate(options: argparse.Namespace) -> None:
    from clinicalblip.evaluation.evaluate import evaluate
    from clinicalblip.evaluation.metrics.cleaning import Cleaning
    from clinicalblip.evaluation.predictions import HintSource
    from clinicalblip.evaluation.request import OPTIONS, EvaluationRequest
    from clinicalblip.evaluation.scorecard.files import write_card
    from clinicalblip.evaluation.scorecard.table import write_table
    from clinicalblip.radiology.report import Target

    named = {kind: getattr(options, name.replace("-", "_")) for kind, name in OPTIONS.items()}
    request = EvaluationRequest(
        studies=options.studies,
        split=options.split,
        target=Target(options.target),
        files={kind: path for kind, path in named.items() if path is not None},
        cleaning=Cleaning(options.cleaning),
        cut=options.cut,
        metrics=tuple(name.strip() for name in options.metrics.split(",") if name.strip()),
        train_studies=options.train_studies,
        hints=HintSource(options.hints) if options.hints else None,
        allow_missing=options.allow_missing,
        seed=options.seed,
    )
    output = _to_write(options.output) if options.output else None
    if output is not None and output.suffix != ".json":
        raise SettingsError("The card is written as JSON; name an output that ends in .json.")
    card = evaluate(request, None if options.base == NO_BASE else _embedder(_settings(options)))
    print(write_table(card), end="")
    if output is not None:
        write_card(card, output)


def _embedder(settings: Settings) -> "Embed":
    """The base's vision encoder, which is asked for only where there are films to compare: torch is loaded then."""

    @cache
    def embedder() -> "Embed":
        from clinicalblip.instructblip.vision.embed import FilmEmbedder

        return FilmEmbedder(settings.locate(settings.model.base))

    return lambda studies: embedder()(studies)


def _slots(names: str) -> tuple[str, ...]:
    """The prompt's slots of a list with commas. Raises SettingsError for a name that is none."""
    asked = tuple(name.strip().replace("-", "_") for name in names.split(",") if name.strip())
    if unknown := [name for name in asked if name not in SLOTS]:
        raise SettingsError(f"The prompt has no slot {', '.join(unknown)}; its slots are {', '.join(SLOTS)}.")
    return asked


_COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "draft": _draft,
    "feedback export": _export,
    "feedback forget": _forget,
    "prepare iu-xray": _prepare_iu_xray,
    "prepare mimic-cxr": _prepare_mimic_cxr,
    "train": _train,
    "rehearse": _rehearse,
    "draft-all": _draft_all,
    "score": _score,
    "evaluate": _evaluate,
}

if __name__ == "__main__":
    sys.exit(main())
