"""Every word that the page says by itself, in one place, so that a deployer can read them in five minutes.

What it says of films and texts that are screened is in `screening/wording.py`: other doors say it too.
"""

RESEARCH_ONLY = "Research use only. Not for clinical use."
MAY_BE_WRONG = "Drafts are written by an AI and may be wrong."
BUNDLED_LIMITS = (
    "This small model misses and invents findings. It learned sides, degrees, devices and change from drawn chests "
    "only."
)
BUNDLED_CARD = "Model card"

CASE = "Sample case"
FRONTAL = "Frontal"
LATERAL = "Lateral"
PRIOR = "Prior"
NEW_STUDY = "New study"

CONTEXT = "Clinical context"
INDICATION_EXAMPLE = "cough and fever for three days"
HINTS_EXAMPLE = "large right pleural effusion"

DRAFT = "Draft report"
STOP = "Stop"
KEYS = "Ctrl+Enter drafts, Esc stops."

IDENTIFIERS_UNCLEAR = 'identifiers is "mask", "keep" or empty; nothing was done.'
PHI_BEFORE_DRAFT = "This may name somebody"
PHI_BEFORE_SAVE = "The texts to be kept may name somebody"
PHI_HINT = "You can also change the text and press again."
MASK_PHI = "Mask it"
USE_AS_IS = "Use it as it is"
KEEP_AS_IS = "Keep it as it is"
NOT_YET_DRAFTED = "Not drafted yet."

AI_DRAFT = "AI draft"
AI_DRAFT_NOTE = "as the model wrote it"
NO_DRAFT = "No draft yet. Add a frontal film and the clinical context, then press “Draft report”."
UNFINISHED = "not finished"
STOPPED = "stopped"
FINAL = "Your report"
FINDINGS = "Findings"
IMPRESSION = "Impression"
FINDINGS_PLACEHOLDER = "The draft appears here for you to correct; you can also write from scratch."
COPY = "Copy report"
COPIED = "Copied"
COPY_FAILED = "Not copied; select the text yourself"
USE_DRAFT = "Use the AI draft"
RESTORE = "Restore my text"

DRAFT_TO_FINAL = "AI draft → your report"
FINAL_TO_REFERENCE = "Your report → reference"
NOTHING_TO_COMPARE = "Differences appear here once there is a draft and a report."
NO_REFERENCE = "No reference report. Type or paste one above, or choose a sample case."
NO_DIFFERENCE = "No difference."
WORDS_CHANGED = "Words: {added} added, {removed} removed."
REFERENCE_HIDDEN = "Hidden so that it does not influence you. The model never sees it."
SHOW_REFERENCE = "Show it"
HIDE_REFERENCE = "Hide it"
REFERENCE_FINDINGS = "Reference findings"
REFERENCE_IMPRESSION = "Reference impression"

REVIEW = "Review of the AI draft"
OVERALL = "Overall: 1 useless, 5 as I would write it"
VERDICT = "Verdict on the draft"
VERDICT_CHOICES = {
    "accepted": "Accepted as it is",
    "minor edits": "Minor edits",
    "major edits": "Major edits",
    "rejected": "Rejected",
}
COMMENT = "Comment"
COMMENT_PLACEHOLDER = "What was wrong, in your words"
CONSENT = "Keep the texts too, for people who study the model. Otherwise only ratings, edit counts and times are kept."
SAVE = "Save review"
SAVED = "Saved as {id}."
SAVED_AGAIN = "Saved as {id}, in place of {replaces}."
SAVED_WITHOUT_TEXTS = "Saved as {id}, in place of {replaces}; the texts kept with it before were erased."
SAVED_BEFORE = "Nothing changed since it was saved as {id}."

WAITING = "In line for the model: {readers} ahead of you."
AHEAD_ONE = "1 reader is"
AHEAD_MANY = "{count} readers are"
NEXT = "Asking the model…"
LOOKING = "Looking at the film…"
WRITING = "Writing… {words} words, {seconds:.1f} s"
WRITTEN = "Drafted: {words} words in {seconds:.1f} s."
ENDED_EARLY = "Stopped after {words} words; what was written is kept."
STOPPED_BEFORE = "Stopped before the model began."
STOPPING = "Stopping…"
NOT_DRAFTED = "No draft was made."
DRAFT_DROPPED = "The films changed, so the draft of those before was stopped; draft again for what is shown now."
DRAFT_DROPPED_NEW_STUDY = "The draft of the study before was stopped, because you began a new one."

EDITS_KEPT = "The new AI draft is shown, and your edits were kept. Press “Use the AI draft” to replace them with it."
REPLACED = "Your text was replaced with the AI draft; “Restore my text” undoes this."
RESTORED = "Your text is restored."
UNSAVED = "Nothing was changed: your report, rating or comment is not saved. Save it, or choose again and discard it."
DISCARD_QUESTION = "Your report, rating or comment is not saved, and this takes it off the page."
DISCARD = "Discard it"
KEEP_WORKING = "Go on with it"
CLEARED = "Ready for a new study."

FILMS_BEHIND = "The films changed as you pressed; look at what is shown now, then press again."
OTHER_FILM = "This draft is of another film than the one shown; put that film back to save it, or draft again."
FILM_CHANGED = "Another film has taken this one's place; look at that one and answer again."
NOT_A_SWITCH = "{name} is true or false; nothing was drafted."
ONE_FILM = "Several files came for one film; choose one."

NO_FRONTAL = "There is no frontal film yet; choose a file for it or pick a sample case, then draft again."
BUSY = "A draft is already being written and goes on; press Stop first if you want another one."
BUSY_ENDING = "The draft of the study before is just being stopped; draft again in a moment."
LINE_FULL = "The line for the model is full; nothing you typed is lost. Try again in a minute."
NOTHING_TO_SAVE = "There is no AI draft to review yet; draft a report first."
SAVE_WHILE_WRITING = "A draft is being written into your report; save when it is finished, or press “Stop” first."
SESSION_GONE = (
    "This page's films and draft are no longer on the server: it was restarted, or you were away for hours. Copy what "
    "you typed, reload the page and begin again."
)
RATE_FIRST = "Choose an overall rating and a verdict, then save again."
DRAFT_GONE = "This draft is not in this session; draft again and save with the new draft's id."
OVERALL_UNCLEAR = "overall is a whole number from 1 to 5; nothing was saved."
VERDICT_UNCLEAR = 'verdict is "accepted", "minor edits", "major edits" or "rejected"; nothing was saved.'
CONSENT_UNCLEAR = "Consent is true or false; nothing was saved."
NOT_A_TEXT = "{name} has to be a text, not {kind}."
FILM_GONE = "The upload did not arrive whole; choose the file again."
FILM_ELSEWHERE = "A film has to be uploaded; addresses and other places are not read."
UNKNOWN_CASE = "There is no sample case of that name; choose one from the list."
CASES_BROKEN = "The sample cases cannot be read ({reason}); reinstall assets/cases."
UNEXPECTED = (
    "Something went wrong on this page's side; nothing you typed is lost. Try again, and tell the owner if it stays."
)
UPLOAD_FAILED = "The upload failed; check the connection and choose the file again."
FILE_TOO_LARGE = "The file has {found} MiB; up to {allowed} MiB are read. Export the film smaller."

MODEL = "{base}{adapter} · {precision} on {device}"
PLUS_ADAPTER = " + {adapter}"
NO_ADAPTER = " without adapter"
PROMPT_VERSION = "prompt {version}"

DETECTOR = "at the detector"
CALIBRATED = "calibrated"
SEXES = {"F": "female", "M": "male", "O": "other sex"}

TEXT_FOUND = "There is text at {places}, outlined in the film. Does it name the patient?"
TEXT_FOUND_TAG = (
    "The file says that text is burned in, and there is some at {places}, outlined. Does it name the patient?"
)
TEXT_DECLARED = "The file says that text is burned into the picture; none was found. Look at the film and its corners."
MASK_TEXT = "Mask {places}"
NO_PATIENT_INFORMATION = "No patient information"
LOOKED_NO_PATIENT_INFORMATION = "I looked: no patient information"
DRAFT_ANYWAY = "Draft anyway"
OVERRULED_NOTE = "You chose to draft anyway; the draft will say so."
VIEWS = {
    "PA": "PA",
    "AP": "AP",
    "frontal": "frontal, PA or AP",
    "lateral": "lateral",
    "unknown": "unknown",
}

VIEWER_EMPTY = "Drop a chest radiograph here, or choose a file above: DICOM, PNG or JPEG."
VIEWER = {
    "empty": VIEWER_EMPTY,
    "choose": "Choose file",
    "replace": "Replace",
    "remove": "Remove the {role} film",
    "show": "Show the {role} film",
    "required": "needed",
    "optional": "optional",
    "reading": "Reading…",
    "looking": "Looking for text in the picture…",
    "window": "Window",
    "window_note": "the model sees the film through this window, too",
    "which_view": "Which view is it?",
    "view": "View",
    "several": "Several files were dropped; drop one film at a time.",
    "wait": "The last film is still being read; wait until it is shown.",
    "centre": "Centre",
    "width": "Width",
    "reset": "Reset",
    "invert": "Invert",
    "closer": "Zoom in",
    "farther": "Zoom out",
    "canvas": (
        "Radiograph. Drag: window. Wheel, plus and minus: zoom. Shift and drag, arrow keys: move. I: invert. 0: reset."
    ),
    "help": "Drag: window · wheel: zoom · shift-drag: move",
    "failed": UPLOAD_FAILED,
    "large": FILE_TOO_LARGE,
    "old": "This browser cannot unpack the film; use a current one.",
    "unshown": "The film was read but cannot be shown; choose the file again.",
    "frontal": FRONTAL,
    "lateral": LATERAL,
    "prior": PRIOR,
}
