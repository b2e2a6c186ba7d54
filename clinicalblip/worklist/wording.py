"""What is said of a work list and of its studies."""

NO_LIST = "There is no studies file or folder at the place that worklist.studies names; name one of them."
NOTHING_TO_READ = (
    "None of the {count} studies of the work list can be read: {fault} Name a list with a frontal film for each study."
)
NO_FILMS_IN_FOLDER = (
    "The folder has no radiograph in DICOM; {count} files were looked at. Name a folder of DICOM films, or a studies "
    "file."
)
EMPTY_LIST = "The work list has no study in it; name one that has."
FOLDER_UNREADABLE = "The folder of the work list cannot be read ({reason}); let this program read it."
CASES_BROKEN = "The sample cases cannot be read ({reason}); reinstall assets/cases."
KEY_UNREADABLE = (
    "The key of {of} cannot be kept beside the reviews ({reason}); name a writable place as storage.reviews."
)

NO_FRONTAL = "It has no frontal film."
FILM_MISSING = "Its {role} film is missing."
SAME_ID = "Number {number} has the same id; only that one is read."

SUMMARY = "The work list has {studies} studies."
SUMMARY_FAULTS = "{count} of them cannot be read."
SUMMARY_OTHERS = "{count} other files of its folder were passed over."
SUMMARY_BROKEN = "{count} DICOM files of its folder are damaged or no radiographs."
