"""A number of each arm with its comparison with one of them, as most tables of a report have it."""

from collections.abc import Callable, Sequence

from clinicalblip.reader_study.results.estimates import ByArm, measure
from clinicalblip.reader_study.results.markdown import ABSENT, Table, estimate, mean, notes_of, number, spread
from clinicalblip.reader_study.results.reading_row import ReadingRow

Value = Callable[[ReadingRow], float | None]


def arm_table(
    title: str,
    arms: Sequence[str],
    rows: Sequence[ReadingRow],
    value: Value,
    found: ByArm,
    *,
    against: str,
    compared: str,
    digits: int = 2,
    notes: Sequence[str] = (),
) -> Table:
    """Readings, readers and cases of each arm, mean and median of a value, and what it is beside `against`."""
    values = measure(rows, value)
    lines = []
    for arm in arms:
        own = [each for each, of in zip(values.values, values.arms, strict=True) if of == arm]
        readers = {each for each, of in zip(values.readers, values.arms, strict=True) if of == arm}
        cases = {each for each, of in zip(values.cases, values.arms, strict=True) if of == arm}
        beside = "(compared with)" if arm == against else estimate(found.get(arm), digits)
        lines.append(
            (
                arm,
                *map(str, (len(own), len(readers), len(cases))),
                number(mean(own), digits),
                spread(own, digits),
                beside,
            )
        )
    header = ("arm", "readings", "readers", "cases", "mean", "median (quartiles)", f"{compared} {against}")
    return Table(title, header, tuple(lines), (*notes, *notes_of(found.values())))


def counted(numbers: Sequence[int]) -> tuple[str, ...]:
    """Counts as cells, a dash for none."""
    return tuple(str(each) if each else ABSENT for each in numbers)
