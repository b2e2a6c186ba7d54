"""Where a reader is in the list: kept across restarts, each reader's own, and how long the rest takes."""

from pathlib import Path

from clinicalblip.worklist.reading_progress import Reading, ReadingProgress, ReadingState, SkipReason
from clinicalblip.worklist.work_list import ListedStudy

STUDIES = tuple(ListedStudy(number, f"{number:064x}") for number in range(1, 11))


def test_a_reader_goes_on_where_they_were_and_sees_only_their_own(tmp_path: Path) -> None:
    """After a restart what was saved, begun and skipped is there again; another reader's list is new."""
    record = ReadingProgress(tmp_path / "readings").of("heron-1")
    record.begin(STUDIES[0])
    record.save(STUDIES[0], 41.23)
    record.begin(STUDIES[1])
    record.skip(STUDIES[2], SkipReason.QUALITY)
    again = ReadingProgress(tmp_path / "readings")
    assert [again.of("heron-1").of(study) for study in STUDIES[:4]] == [
        Reading(ReadingState.SAVED, seconds=41.2),
        Reading(ReadingState.BEGUN),
        Reading(ReadingState.SKIPPED, SkipReason.QUALITY),
        Reading(),
    ]
    assert all(again.of("heron-2").of(study) == Reading() for study in STUDIES)
    assert again.of("heron-1").done(STUDIES) == 2
    names = [file.name for file in (tmp_path / "readings").iterdir()]
    assert not any("heron" in name for name in names)


def test_what_is_saved_stays_saved(tmp_path: Path) -> None:
    """Opened again, skipped, or saved once more: it stays saved, with the time of the first reading."""
    record = ReadingProgress(tmp_path).of("heron-1")
    record.save(STUDIES[0], 30)
    record.begin(STUDIES[0])
    record.skip(STUDIES[0], SkipReason.OTHER)
    record.save(STUDIES[0], 900)
    assert ReadingProgress(tmp_path).of("heron-1").of(STUDIES[0]) == Reading(ReadingState.SAVED, seconds=30)


def test_half_a_line_and_lines_of_others_do_not_count(tmp_path: Path) -> None:
    """A process that was killed in the middle, or another version, leaves the rest as it is."""
    ReadingProgress(tmp_path).of("heron-1").save(STUDIES[0], 30)
    (file,) = tmp_path.iterdir()
    with file.open("a") as written:
        written.write('{"study": 7}\n{"study": "x", "state": "dreamt"}\n[]\n{"study": "' + STUDIES[1].digest)
    record = ReadingProgress(tmp_path).of("heron-1")
    assert record.done(STUDIES) == 1
    record.save(STUDIES[2], 10)
    assert ReadingProgress(tmp_path).of("heron-1").of(STUDIES[2]).state is ReadingState.SAVED


def test_the_time_that_is_left_follows_the_readers_pace() -> None:
    """The median of what was saved, for what is neither saved nor skipped; a break does not count; none at first."""
    record = ReadingProgress().of("heron-1")
    record.save(STUDIES[0], 60)
    assert record.seconds_left(STUDIES) is None
    record.save(STUDIES[1], 7200)
    record.save(STUDIES[2], 40)
    record.skip(STUDIES[3], SkipReason.LATER)
    record.begin(STUDIES[4])
    assert record.seconds_left(STUDIES) == 60 * 6
