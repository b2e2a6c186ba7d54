"""What a folder of films is put in order by."""

from dataclasses import dataclass

from clinicalblip.radiology.radiograph import View


@dataclass(frozen=True)
class FilmEntry:
    """Which study of which patient a DICOM film belongs to, said with keyed digests.

    `study` and `patient`: 64 hexadecimal digits, the same for films of the same study and patient under the same key;
    `patient` is empty where the file does not tell patients apart. `rank`: 32 hexadecimal digits; within one patient
    they sort as the times of the studies do, and say nothing else about them; empty where the file has no date.
    """

    study: str
    patient: str
    rank: str
    view: View
