"""An age group and a sex, all that is taken of a patient, and the warning for a child's film."""

from datetime import date

from clinicalblip.radiology.radiograph import AgeGroup, Sex

_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}
_MAX_AGE = 120
"""Years. Files without an age often carry a birth date of 1900 or an age of 999."""


def age_group(age: str | None, born: str | None, taken: str | None) -> AgeGroup | None:
    """The group by PatientAge ("017Y", PS3.5 6.2), else by the birth date and the date of the study ("YYYYMMDD").

    None where neither states an age from 0 to 120 years.
    """
    years = _age_in_years(age)
    if years is None:
        years = _full_years(born, taken)
    if years is None or not 0 <= years <= _MAX_AGE:
        return None
    return AgeGroup.CHILD if years < 18 else AgeGroup.ADULT if years < 65 else AgeGroup.OLDER


def sex(code: str | None) -> Sex | None:
    """PatientSex, where it is one of the three codes that DICOM defines."""
    return Sex(code) if code in tuple(Sex) else None


def check_age(group: AgeGroup | None) -> list[str]:
    """Return the warning for a child's film."""
    if group is not AgeGroup.CHILD:
        return []
    return [
        "The age tag says that the patient is a child; the model learned from films that are mostly adults', and its "
        "draft may take what is normal in a child for disease, or miss what only children have."
    ]


def _age_in_years(age: str | None) -> float | None:
    """An age with its unit; without a unit, as public data sets write it ("62"), in years, and 0 counts as absent."""
    age = (age or "").strip().upper()
    if age.isascii() and age.isdigit():
        age = f"{age}Y" if int(age) else ""
    if len(age) < 2 or not (age[:-1].isascii() and age[:-1].isdigit()) or age[-1] not in _YEARS:
        return None
    years = int(age[:-1]) * _YEARS[age[-1]]
    return years if years <= _MAX_AGE else None


def _full_years(born: str | None, taken: str | None) -> float | None:
    """Completed years between two dates."""
    first, last = read_date(born), read_date(taken)
    if first is None or last is None:
        return None
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))


def read_date(text: str | None) -> date | None:
    """A date as DICOM writes it, "20260131" or "2026.01.31"; None where it is none."""
    digits = (text or "").replace(".", "").replace("-", "").strip()  # dots: the ACR-NEMA form, PS3.5 6.2
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None
