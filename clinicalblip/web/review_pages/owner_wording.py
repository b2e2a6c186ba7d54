"""What the owner's page says."""

TITLE = "The owner's page"
NOW = "Now"
AS_OF = "As of {time} UTC; load the page again to see it anew."
MODEL = "Model"
MODEL_STATES = {"loaded": "loaded", "loading": "being loaded", "failed": "failed"}
QUEUE = "Waiting for a draft"
WRITING = "{count} being written"
SESSIONS = "Sessions"
HOLDING = "{count} with films or drafts"
MEMORY = "Memory"
MEBIBYTES = "{count} MiB"
FILMS = "films {count} of {most} MiB"
DATABASE = "Reviews"
WRITABLE, UNWRITABLE = "can be saved", "cannot be saved"
BACKLOG = "Waiting for the bucket"
NO_BUCKET = "no bucket"
STORAGE = "Storage"
BUCKET_SILENT = "The bucket has not answered within {seconds} seconds; saving does not wait for it."
STATUS_FAILED = "The bucket could not be asked just now."
ENDING = "The server is ending."

COUNTED = "{n} reviews counted, saved from {first} to {last}; {superseded} earlier versions are not counted."
COUNTED_ONE = "1 review counted, saved on {first}; {superseded} earlier versions are not counted."
NOTHING = "There are no reviews yet. What readers save is counted here from the first one on."
FEW = "With fewer than {least} reviews, counts are shown and no shares."
LIMITS = (
    "These numbers say what readers did, not how good the drafts are: readers accept errors that they do not see, "
    "choose their cases, and differ. An edit is no error, and a quick review no careless one. Intervals are 95 % by "
    "Wilson and take reviews as independent, which those of one reader or one case are not."
)

DAYS = "Reviews a day"
DAYS_NOTE = "days in UTC"
DAYS_DRAWN = "the last {days} days; {before} reviews are from before"
DECISIONS = "Decisions"
DECISIONS_NOTE = "what the draft needed, as readers said it"
ERRORS = "Errors by kind"
ERRORS_NOTE = "that readers confirmed or named: {n} in {reviews} reviews"
PROPOSED = (
    "Of {n} that were proposed from edits, {confirmed} were confirmed or changed, {discarded} discarded, {ignored} "
    "ignored."
)
MATTERS = "urgent, actionable or significant"
LITTLE = "not actionable, benign or negligible"
NOT_SET = "not set"
EDITS = "Edit distance"
EDITS_NOTE = "words added and removed, a review: median {spread}"
KEPT = "Share of the draft's words that was kept"
KEPT_NOTE = "of the {n} reviews whose texts are kept: median {spread} %"
KEPT_NONE = "It is known of reviews whose texts are kept, and there are none."
EDITING = "Editing time"
EDITING_NOTE = "from the draft's end to saving, also while nobody looked: median {spread}"
READING = "Reading time"
READING_NOTE = "while the reader was active, of the {n} who let it be kept: median {spread}"
READING_NONE = "It is known of readers who let it be kept, and there are none."
VERSIONS = "Versions of the model"
VERSIONS_NOTE = (
    "share of drafts accepted or needing minor edits alone; versions were read on other cases, by other readers"
)

TABLE = "The same as a table"
AXIS_REVIEWS, AXIS_ERRORS = "reviews", "errors"
NUMBER, SHARE, INTERVAL = "Reviews", "Share", "95 % interval"
DAY, DECISION, KIND, ALL, WORDS, SECONDS, SHARE_KEPT = (
    "Day",
    "Decision",
    "Kind",
    "All",
    "Words changed",
    "Time",
    "Words kept",
)
VERSION, FIRST, LAST, USABLE, MEDIAN_WORDS, MEDIAN_SECONDS = (
    "Version",
    "First",
    "Last",
    "Accepted or minor edits",
    "Words changed, median",
    "Editing seconds, median",
)
COUNT_OF = "{count} of {n}"
COUNT_INTERVAL = "{count} · {share} % ({low} to {high})"
