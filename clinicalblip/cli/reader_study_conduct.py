"""The commands over a study that is read: `reader-study prepare`, `link`, `status`, `add-reader`, `extend`, `end`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clinicalblip.cli.options import add_config
from clinicalblip.cli.parser import add_command
from clinicalblip.errors import ReaderStudyError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from clinicalblip.cli.parser import Commands
    from clinicalblip.radiology.draft import Reporter
    from clinicalblip.reader_study.design.design import ArmPart
    from clinicalblip.reader_study.drafts.sources import LoadReporter
    from clinicalblip.reader_study.progress import StudyProgress
    from clinicalblip.reader_study.study_folder import StudyFolder

_HERE = "http://127.0.0.1:7860"


def add_commands(commands: Commands) -> None:
    """Add `prepare`, `link`, `status`, `add-reader`, `extend` and `end`."""
    prepare = add_command(
        commands,
        "prepare",
        _prepare,
        "draw the cases, assign them and make every draft, before the first reading; resumable",
        ("reader_study.yaml --output study", "reader_study.yaml --output study --config spaces_config.yaml"),
    )
    prepare.add_argument("design", type=Path, metavar="DESIGN", help="the design, as `reader-study new` begins one")
    prepare.add_argument("--output", type=Path, required=True, metavar="DIR", help="the study's folder")
    add_config(prepare)
    link = add_command(
        commands,
        "link",
        _link,
        "enrol a reader, or all, and print the link that each opens once",
        (f"study --at {_HERE}", f"study --reader R03 --at {_HERE}", f"study --all --at {_HERE}"),
    )
    _add_folder(link)
    who = link.add_mutually_exclusive_group()
    who.add_argument("--reader", metavar="R", help="a pseudonym; its links of before are void (default: the next free)")
    who.add_argument("--all", action="store_true", help="everybody in the assignment who has not left")
    link.add_argument("--at", required=True, metavar="URL", help="the address at which the page is served")
    status = add_command(
        commands,
        "status",
        _status,
        "say how far each reader and each arm is",
        ("study", "study --unblinded"),
    )
    _add_folder(status)
    status.add_argument(
        "--unblinded", action="store_true", help="outcomes by arm too, where the design allows it; it is recorded"
    )
    for name, run, what in (
        ("add-reader", _add_reader, "add a further row to the assignment, and enrol its reader"),
        ("extend", _extend, "take readings again in a study that was ended"),
        ("end", _end, "end the study: no reading is taken from then on"),
    ):
        _add_folder(add_command(commands, name, run, what, ("study",)))


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="DIR", help="the study's folder, made by `reader-study prepare`")


def _prepare(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.preparation import prepare_study
    from clinicalblip.reader_study.study_folder import StudyFolder
    from clinicalblip.settings import read_settings

    limits = read_settings(options.config).limits
    prepare_study(options.design, options.output, _loader(options.config, options.design), limits=limits)
    with StudyFolder.open(options.output) as study:
        kinds = [case.kind for case in study.assignment.cases]
        print(
            f"{len(kinds)} cases for {study.assignment.rows} readers, {len(study.drafts)} drafts "
            f"({len(study.key)} with errors put in). `reader-study link` enrols the readers."
        )


def _loader(config: Path, design: Path) -> LoadReporter:
    """What loads the model of an arm, each model once. Paths that an arm names begin at the design's folder."""
    loaded: dict[str, Reporter] = {}
    folder = design.absolute().parent

    def load(arm: ArmPart) -> Reporter:
        from clinicalblip.cli.options import settings_from
        from clinicalblip.cli.reporter import load_reporter
        from clinicalblip.datasets.files.studies import read_studies
        from clinicalblip.instructblip.book.find_book import refuse_seen
        from clinicalblip.reader_study.design.read_design import read_design

        is_folder = arm.base is not None and (folder / arm.base).is_dir()
        base = str(folder / arm.base) if is_folder and arm.base else arm.base
        adapter = str(folder / arm.adapter) if arm.adapter else None
        named = argparse.Namespace(config=config, base=base, adapter=adapter, precision=arm.precision)
        settings = settings_from(named)
        name = settings.model.model_dump_json()
        if name not in loaded:
            studies = read_design(design).studies
            refuse_seen(settings, list(read_studies(folder / studies.file, studies.split)))
            loaded[name] = load_reporter(settings)
        return loaded[name]

    return load


def _link(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.records.records import EventKind

    address = _address(options.at)
    with _open(options.folder) as study:
        for reader in _readers(study, options):
            token = study.records.make_link(reader)
            study.record(EventKind.LINK_MADE, reader)
            print(f"{reader}  {address}/reader-study#{token}")


def _readers(study: StudyFolder, options: argparse.Namespace) -> Iterator[str]:
    """The readers that get a link, enrolled. Raises ReaderStudyError."""
    enrolled = {each.row: each for each in study.records.enrolments()}
    if options.all:
        for row in range(1, study.assignment.rows + 1):
            known = enrolled.get(row) or study.records.enrol(row)
            if known.left is None:
                yield known.reader
    elif options.reader is None:
        yield study.records.enrol().reader
    else:
        row = int(options.reader[1:]) if options.reader[:1] == "R" and options.reader[1:].isdecimal() else 0
        yield (enrolled.get(row) or study.records.enrol(row)).reader


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ReaderStudyError(f"The address is one of a page, as {_HERE}; name the one at which readers reach it.")
    return text.rstrip("/")


def _status(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.progress import study_progress, unblind

    with _open(options.folder) as study:
        print(study.design.title)
        print(*_progress_lines(study_progress(study)), sep="\n")
        if options.unblinded:
            rows = [(each.arm, str(each.readings), _seconds(each.active_seconds)) for each in unblind(study)]
            print("", *_table(("arm", "compared readings", "median seconds"), rows), sep="\n")


def _progress_lines(progress: StudyProgress) -> Iterator[str]:
    yield f"{len(progress.readers)} of {progress.rows} readers are enrolled." + (
        " The study has ended." if progress.has_ended else ""
    )
    readers = [
        (
            each.enrolment.reader + (" (left)" if each.enrolment.left else ""),
            f"{each.done} of {each.assigned}",
            f"{each.chosen} of {each.pairs}",
            str(each.last_day or "-"),
            _seconds(each.active_seconds),
            f"{each.repeated_alike} of {each.repeated}",
            ", ".join(f"{count} {flag}" for flag, count in each.flags.items()) or "-",
        )
        for each in progress.readers
    ]
    if readers:
        yield ""
        titles = ("reader", "read", "chosen", "last day", "median seconds", "repeated alike", "flags")
        yield from _table(titles, readers)
    yield ""
    arms = [
        (
            each.arm,
            f"{each.done} of {each.assigned}",
            "-" if each.mean_position is None else f"{each.mean_position:.1f}",
        )
        for each in progress.arms
    ]
    yield from _table(("arm", "read", "mean position"), arms)


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    for row in (titles, *rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _seconds(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:.0f}"


def _add_reader(options: argparse.Namespace) -> None:
    with _open(options.folder) as study:
        longer, enrolled = study.add_reader()
        print(
            f"{enrolled.reader} is enrolled; the assignment has {longer.assignment.rows} rows now. "
            f"`reader-study link --reader {enrolled.reader}` makes a link."
        )


def _extend(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.records.records import EventKind

    with _open(options.folder) as study:
        if not study.records.has_ended:
            raise ReaderStudyError("The study has not ended, and takes readings; nothing was changed.")
        study.record(EventKind.EXTENDED)
    print("Readings are taken again. That the study was extended after its end is recorded, and will be reported.")


def _end(options: argparse.Namespace) -> None:
    from clinicalblip.reader_study.records.records import EventKind

    with _open(options.folder) as study:
        if study.records.has_ended:
            raise ReaderStudyError("The study has ended already; nothing was changed.")
        study.record(EventKind.ENDED)
    print("The study has ended: no reading is taken from now on. `reader-study report` writes its results.")


def _open(folder: Path) -> StudyFolder:
    from clinicalblip.reader_study.study_folder import StudyFolder

    return StudyFolder.open(folder)
