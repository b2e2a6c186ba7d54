"""Everything that can go wrong and that a person can do something about.

ClinicalBlipError
├── RadiographError
│   ├── UnreadableRadiograph     the bytes are no picture that anyone could read
│   ├── UnsupportedRadiograph    a readable file that is not a chest radiograph this project drafts from
│   └── RadiographTooLarge       more bytes or pixels than the limits allow
├── PrivacyError
│   ├── BurnedInAnnotation       the file says that a person's data is written into the picture
│   └── IdentifiableText         a text names a person
├── DatasetError
│   ├── DatasetNotFound          the folder or file of a data set is not where it was said to be
│   └── MalformedStudy           one study breaks the format; the message says where
├── ModelError
│   ├── ModelUnavailable         a base, its tokenizer or a package it needs is missing
│   ├── OutOfMemory              the model or the draft did not fit
│   ├── GpuNotLent               ZeroGPU lends no GPU now, or took it back
│   └── DegenerateDraft          the model wrote nothing, or the same words over and over
├── AdapterError
│   ├── AdapterNotFound          no adapter at that place
│   └── AdapterMismatch          an adapter made for another base
├── BookError                    a book of drafts that cannot be used, or must not be made
├── DeployError                  a Space cannot be made or brought up to date
├── SettingsError                spaces_config.yaml or a CLINICALBLIP_* variable is wrong
├── StageError                   a training stage or its run folder does not fit what was asked
├── FindingNotWritten            what was ticked cannot be said in the report without changing what else it says
├── Overloaded                   more is asked for at once than there are time, places or memory for
│   └── OverLimit                one reader or address asks for more than the settings let them
└── ReviewNotSaved               the review is not on disk

Every message says what was found, what was expected and what to do, in words that may be shown to a reader
and written to a log: no file name, no patient tag, no text of a report.
"""


class ClinicalBlipError(Exception):
    """The root of the family: catching it catches everything that a person can act on."""


class RadiographError(ClinicalBlipError):
    """An upload cannot be drafted from."""


class UnreadableRadiograph(RadiographError):
    """The bytes are no picture that can be read."""


class UnsupportedRadiograph(RadiographError):
    """A readable file, but not a chest radiograph that this project drafts from."""


class RadiographTooLarge(RadiographError):
    """More bytes or more pixels than the limits allow."""


class PrivacyError(ClinicalBlipError):
    """Something would keep or show who the patient is."""


class BurnedInAnnotation(PrivacyError):
    """The file says that a person's data is written into the picture."""


class IdentifiableText(PrivacyError):
    """A text names a person."""


class DatasetError(ClinicalBlipError):
    """A data set cannot be read."""


class DatasetNotFound(DatasetError):
    """The folder or file of a data set is not where it was said to be."""


class MalformedStudy(DatasetError):
    """One study breaks the format."""


class ModelError(ClinicalBlipError):
    """The model cannot be loaded, or cannot draft."""


class ModelUnavailable(ModelError):
    """A base, its tokenizer or a package that it needs is missing."""


class OutOfMemory(ModelError):
    """The model or the draft did not fit in memory."""


class GpuNotLent(ModelError):
    """ZeroGPU lends no GPU now, or took it back; the model is as it was, and can be asked again."""


class DegenerateDraft(ModelError):
    """The model wrote nothing, or the same words over and over."""


class AdapterError(ClinicalBlipError):
    """An adapter cannot be used."""


class AdapterNotFound(AdapterError):
    """There is no adapter at that place."""


class AdapterMismatch(AdapterError):
    """The adapter was made for another base."""


class BookError(ClinicalBlipError):
    """A book of drafts cannot be used, or must not be made."""


class DeployError(ClinicalBlipError):
    """A Space cannot be made or brought up to date."""


class SettingsError(ClinicalBlipError):
    """spaces_config.yaml or a CLINICALBLIP_* variable is wrong."""


class StageError(ClinicalBlipError):
    """A training stage or its run folder does not fit what was asked."""


class Overloaded(ClinicalBlipError):
    """More is asked for at once than there are time, places or memory for; it can be asked for again."""


class OverLimit(Overloaded):
    """One reader or address asks for more than the settings let them.

    `limit`: the name of the setting. `seconds`: after so many it can be asked for again.
    """

    def __init__(self, message: str, limit: str, seconds: int) -> None:
        super().__init__(message, limit, seconds)
        self.limit, self.seconds = limit, seconds

    def __str__(self) -> str:
        return str(self.args[0])


class ReviewNotSaved(ClinicalBlipError):
    """The review is not on disk; nothing that the reader typed is lost."""


class FindingNotWritten(ClinicalBlipError):
    """No sentence of the report could be changed or added so that it says what was ticked, and nothing else."""


class ReaderStudyError(ClinicalBlipError):
    """A reader study's design, assignment, drafts or records are not as they have to be."""
