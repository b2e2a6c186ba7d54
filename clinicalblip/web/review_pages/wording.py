"""What the pages over reviews say."""

RESEARCH_ONLY = "Research use only"
NOT_FOR_PATIENTS = "Nothing here is a finding of any patient, and none of it may guide care."
BACK = "Back to the page"
OWN = "Your reviews"
OWNER = "Owner"
NAVIGATION = "Pages"

OF_BROWSER = (
    "Yours are those that were saved with this browser's reader token; those of another browser, or of before the "
    "token was renewed, are not listed here."
)
OF_ACCOUNT = "Yours are those that were saved while you were signed in as {pseudonym}."
NONE_YET = "You have saved no review yet. Each one that you save on the page is listed here."
NOT_KNOWN = (
    "This browser sent no reader's token, so it is not known which reviews are yours; open the page first, in this "
    "browser and with cookies allowed."
)
NO_SUCH_REVIEW = "There is no review of yours with this id; check the id."
NO_REVIEW = "There is no review with this id; check the id."
NOT_OWNER = "This page is for the owners of this server alone; your own reviews are on the page of reviews."
NOT_SERVED = "There is no page at this address."
NO_FORMAT = "A format is one of jsonl, csv and parquet."
NO_PARQUET = "Parquet needs the package pyarrow, which this server does not have; choose JSON lines or CSV."
NOT_EXPORTED = "The export was not made ({reason}); try again, and tell the owner of this server if it stays."

EXPORT = "Export"
EXPORT_OWN = "All of your reviews in one file:"
EXPORT_ALL = "All reviews in one file:"
FORMATS = {"jsonl": "JSON lines", "csv": "CSV (a ZIP of tables)", "parquet": "Parquet (a ZIP of tables)"}
EXPORT_LASTS = "A file that was exported is out of reach of a later withdrawal."

SAVED_AT = "Saved (UTC)"
DECISION = "Decision"
CHANGED = "Words"
CHANGED_CELL, UNCHANGED = "+{added} −{removed}", "unchanged"
ERRORS = "Errors"
MODEL = "Model"
READER = "Reader"
TEXTS = "Texts"
READING = "Reading"
KEPT, NOT_KEPT, ERASED = "kept", "not kept", "erased"
OPEN = "Open"
OPEN_REVIEW = "Open the review of {when}"
CORRECTED = "corrected since"
CORRECTS = "a correction"
LATEST_FIRST = "The latest first; words are those that you added to the draft (+) and took out of it (−)."
EARLIER = "Earlier reviews"
LATEST = "The latest reviews"

REVIEW = "Review {id}"
REVIEW_LINE = "Saved {when} UTC; {decision}; words {words}; texts {texts}, reading {reading}."
FORGET = "Forget its texts and its reading"
NOTHING_TO_FORGET = "Nothing of this review rests on a consent any more."
FORGET_QUESTION = "Forget the texts and the reading of review {id}?"
FORGET_WHAT = (
    "The words of this review and how it was read are erased, of all its versions, in the database, in copies that "
    "wait, and in the bucket where there is one. That cannot be undone."
)
FORGET_STAYS = (
    "Its decision, its counts, the places of errors and the model's name stay: they hold no words. Files that were "
    "exported and backups are out of reach."
)
FORGET_YES = "Forget them"
FORGET_NO = "Keep them"
FORGOTTEN = "The texts and the reading of review {id} are erased; what rests on no consent stays."
BUCKET_SLOW = (
    "The bucket has not answered within {seconds} seconds: its copies and its snapshots are erased when the page next "
    "reaches it."
)
ERASURE_FAILED = (
    "The copies in the bucket could not be erased now; they are erased when the page next reaches it, or by forgetting "
    "the review again."
)
FIND = "Open a review by its id, to read it or to forget its texts"
FIND_LABEL = "Id, 16 letters and digits"
