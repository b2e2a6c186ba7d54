"""Every word that the page says by itself, in one place, so that a deployer can read them in five minutes.

What it says of films and texts that are screened is in `screening/wording.py`: other doors say it too.
"""

from clinicalblip.worklist.role_assignment import RoleDoubt

RESEARCH_ONLY = "Research use only. Not for clinical use."
MAY_BE_WRONG = "Drafts are written by an AI and may be wrong."
SMALL_MODEL = "Drafts are written by a small AI model that misses and invents findings."
BUNDLED_LIMITS = "It learned sides, degrees, devices and change from drawn chests only."
BUNDLED_CARD = "Model card"

FRONTAL = "Frontal"
LATERAL = "Lateral"
PRIOR = "Prior"
NEW_STUDY = "New study"
REVIEWS_LINK = "Your reviews"
OWNER_LINK = "Owner"
FILM_WIDTH = "Width of the film: drag, or arrows; a double click puts it back"

CONTEXT = "Clinical context"
INDICATION_EXAMPLE = "cough and fever for three days"
HINTS_EXAMPLE = "large right pleural effusion"

DRAFT = "Draft report"
STOP = "Stop"
KEYS = "Ctrl+Enter drafts, Esc stops, Ctrl+Shift+Enter saves and opens the next study."

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
NO_REFERENCE = "No reference report. Type or paste one above."
NO_DIFFERENCE = "No difference."
WORDS_CHANGED = "Words: {added} added, {removed} removed."
REFERENCE_HIDDEN = "Hidden so that it does not influence you. The model never sees it."
SHOW_REFERENCE = "Show it"
HIDE_REFERENCE = "Hide it"
REFERENCE_FINDINGS = "Reference findings"
REFERENCE_IMPRESSION = "Reference impression"

OVERALL = "Overall (5: as I would write)"
VERDICT = "Verdict on the draft"
VERDICT_SUGGESTED = "Verdict on the draft (your edits suggest: {verdict})"
VERDICT_CHOICES = {
    "accepted": "Accepted",
    "minor edits": "Minor edits",
    "major edits": "Major edits",
    "rejected": "Rejected",
}
WOULD_SIGN = "Would sign it"
WOULD_SIGN_CHOICES = {"yes": "Yes", "no": "No"}
COMMENT = "Comment"
COMMENT_PLACEHOLDER = "What was wrong, in your words"
CONSENT = "Keep the texts too, for people who study the model; else only ratings, edit counts and times."
READING_CONSENT = "Keep how I read it: times and counts, no words."
SAVE = "Save review"
SAVED = "Saved as {id}."
SAVED_AGAIN = "Saved as {id}, in place of {replaces}."
SAVED_WITHOUT_TEXTS = "Saved as {id}, in place of {replaces}; the texts kept with it before were erased."
SAVED_WITHOUT_READING = (
    "Saved as {id}, in place of {replaces}; how it was read before was erased, and texts of that version with it."
)
SAVED_BEFORE = "Nothing changed since it was saved as {id}."

WAITING = "In line for the model: {readers} ahead of you; it writes for {together} at a time."
AHEAD_ONE = "1 reader is"
AHEAD_MANY = "{count} readers are"
NEXT = "Asking the model…"
LOOKING = "Looking at the film…"
WRITING = "Writing… {words} words, {seconds:.1f} s"
WRITTEN = "Drafted: {words} words in {seconds:.1f} s."
DRAFTED_AHEAD = "Drafted ahead: {words} words."
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
EVIDENCE_GONE = "The draft or its films are not on the server as they were; draft again to see where it came from."
EVIDENCE_NOTE = (
    "Coloured is where hiding the film makes the sentence less likely. It cannot tell whether the sentence is true, "
    "nor why the model wrote it."
)
EVIDENCE_BUNDLED = (
    "With this model its strongest point lay inside a radiologist’s box for 24 % of 66 findings, the film’s middle for "
    "21 %."
)
FILM_NOT_HELD = "This film is not on the server any more; reload the page."
FILM_CHANGED = "Another film has taken this one's place; look at that one and answer again."
NOT_A_SWITCH = "{name} is true or false; nothing was done."
NOT_A_LIST = "{name} is a list of up to {most} objects, or null; nothing was done."
ITEM_UNCLEAR = "{name}[{number}] cannot be taken: {why}; nothing was done."
CONTEXT_TWICE = "What was known before is that of the draft; give draft_id or the texts, not both."
ONE_FILM = "Several files came for one film; choose one."
TOO_MANY_FILES = "{count} files came at once; up to {most} are taken. Drop those of one study, and its prior film."
ANSWER_FIRST = "Say first which films those are that you dropped before; the new ones were not taken."
LEFT_OUT = "{count} of the films found no place here: a study has a frontal, a lateral and a prior film."
NOT_READ = "A film was left out. {why}"
ROLE_QUESTIONS = {
    RoleDoubt.VIEW: "Which film is this? Its file does not say.",
    RoleDoubt.ORDER: "Which film is this? By their files, several could have its place.",
    RoleDoubt.RELATION: "Which film is this? Its file does not say that it belongs to the others.",
    RoleDoubt.PATIENT: "By its file, this film is of another patient than the others.",
    RoleDoubt.NEWER: "By its file, this film is newer than the frontal one here.",
    RoleDoubt.TAKEN: "Which film is this? There is one in its place already.",
}
ROLE_ANSWERS = {"": "Leave it out", "study": "New study with it"}
REPLACE_FILM = "Replace {role}"

NO_FRONTAL = "There is no frontal film yet; choose a file for it or a study from the list, then draft again."
BUSY = "A draft is already being written and goes on; press Stop first if you want another one."
BUSY_ENDING = "The draft of the study before is just being stopped; draft again in a moment."
PLACE_LOST = (
    "Your place in the line was lost, because this page was not heard of for a while; press “Draft report” again."
)
PAGE_FULL = "The page is full: other readers work in every place. Nothing you typed is lost; try again in some minutes."
ADDRESS_FULL = (
    "Your network already works in half of the page's places. Nothing you typed is lost; close a page that you do not "
    "need, or try again in {seconds} s."
)
READER_FULL = (
    "You have {count} pages open with films or drafts, as many as one reader may. Nothing you typed is lost; close a "
    "page that you do not need, or try again in {seconds} s."
)
TOO_MANY_DRAFTS = (
    "More drafts were asked for in a minute than are made for one reader or one network; nothing you typed is lost. "
    "Draft again in {seconds} s."
)
TOO_MANY_UPLOADS = (
    "More files came in a minute than are taken from one reader or one network, so this one was not; nothing else "
    "changed. Choose it again in {seconds} s."
)
TOO_MUCH_UPLOADED = (
    "More came in a minute than is taken from one reader or one network, so this file was not; nothing else changed. "
    "Choose it again in {seconds} s."
)
NO_ROOM = (
    "There is no memory for another film of this size just now, because other readers' films take it. Nothing was "
    "changed; try again in some minutes, or export the film smaller."
)
ENDING = (
    "The server is being restarted, so no draft is begun; nothing you typed is lost. The page goes on by itself once "
    "it is back: ask for the draft again then."
)
LINE_FULL = "The line for the model is full; nothing you typed is lost. Try again in a minute."
NOTHING_TO_SAVE = "There is no AI draft to review yet; draft a report first."
SAVE_WHILE_WRITING = "A draft is being written into your report; save when it is finished, or press “Stop” first."
SESSION_GONE = (
    "This page's films and draft are no longer on the server: it was restarted, or made room for others while you were "
    "away. Copy what you typed, reload the page and begin again."
)
RATE_FIRST = "Choose a verdict, then save again."
DRAFT_GONE = "This draft is not in this session; draft again and save with the new draft's id."
OVERALL_UNCLEAR = "overall is a whole number from 1 to 5, or null; nothing was saved."
WOULD_SIGN_UNCLEAR = "would_sign is true, false or null; nothing was saved."
VERDICT_UNCLEAR = 'verdict is "accepted", "minor edits", "major edits" or "rejected"; nothing was saved.'
CONSENT_UNCLEAR = "Consent is true or false; nothing was saved."
READING_UNCLEAR = "reading does not fit ({why}); nothing was saved."
RESUMED = "Everything is as you left it."
FILMS_LOST = (
    "The server no longer has the films: it was restarted, or you were away for long. Your texts, draft and ratings "
    "are here; choose the films again."
)
FILMS_GIVEN_UP = (
    "The films were given up while you were away, because others needed the memory. Your texts, draft and ratings are "
    "here; choose the films again."
)
BEGUN_ANEW = (
    "The server has nothing of this page any more: it was restarted, or you were away for long. What you typed is "
    "here; choose the films and draft again."
)
JOURNAL_FAULT = "What was kept of this page over a restart cannot be read, so it begins empty."
KEPT = "Kept"
NOT_YET_KEPT = "Not yet kept…"
OFFLINE = "The server cannot be reached. Go on: what you type is sent once it is back."
TOO_LONG_TO_KEEP = "This text is longer than a text may be here, so it is not kept; shorten it."
NOT_KEPT = "What was typed did not arrive as the page sends it, so it is not kept; reload the page."
NOT_A_TEXT = "{name} has to be a text, not {kind}."
FILM_GONE = "The upload did not arrive whole; choose the file again."
FILM_ELSEWHERE = "A film has to be uploaded; addresses and other places are not read."
UNKNOWN_STUDY = "There is no study of that number; choose one from the list."
STUDY_FAULT = "Number {number}: {fault}"
FILM_FAULT = "{role}: {why}"
PSEUDONYM_FIRST = "Choose a pseudonym first; the list stands at the left."
PSEUDONYM_CHOSEN = "The pseudonym of this page is chosen already; open a new tab to read as another reader."
FIRST_STUDY = "This is the first study of the list."
ALL_READ = "Every study of the list is saved or skipped."
NOTHING_TO_SKIP = "No study of the list is shown, so none was skipped; choose one from it."
UNEXPECTED = (
    "Something went wrong on this page's side; nothing you typed is lost. Try again, and tell the owner if it stays."
)
UNREACHABLE = (
    "The server cannot be reached, so this was not done; nothing you typed is lost. Try again once it is back."
)
UPLOAD_FAILED = "The upload failed; check the connection and choose the file again."
FILE_TOO_LARGE = "The file has {found} MiB; up to {allowed} MiB are read. Export the film smaller."

MODEL_LOADING = "The model is being loaded; you can begin, and a draft that you ask for now waits for it."
MODEL_BROKEN = "The model cannot be loaded; tell whoever runs this page."
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

PROGRESS = "{done} of {count}"
PROGRESS_LEFT = "{said}, about {duration} at your pace"
PROGRESS_DONE = "All {count} are read"
MINUTES = "{minutes} min"
HOURS = "{hours} h"
PAGE_KEY_GROUP = "Report and work list"
PAGE_KEYS = {
    "draft": "draft the report",
    "save": "save the review",
    "save_and_next": "save the review and open the next study",
    "next": "next study that is to be read",
    "previous": "the study before",
    "skip": "skip this study",
    "undo": "take back the last step of your report",
    "redo": "do it again",
    "verdict": "accepted, minor edits, major edits, rejected",
}
STATES = {"new": "new", "begun": "begun", "saved": "saved", "skipped": "skipped"}
FAULT = "cannot be read"
SKIP_REASONS = {
    "films": "the films are wrong or incomplete",
    "quality": "the films cannot be judged",
    "later": "not now",
    "other": "another reason",
}
WORK_LIST = {
    "label": "Work list",
    "name": "Work list",
    "fold": "Fold or unfold the list",
    "study": "Study {number}",
    "pseudonym": "Pseudonym",
    "pseudonym_note": "Reviews carry a pseudonym, never your name. With the same one you go on where you were.",
    "begin": "Begin",
    "reader": "You read as {reader}",
    "all": "all",
    "filter": "Which studies the list shows",
    "none": "none of these",
    "previous": "The study before (P, or Alt+Page Up)",
    "next": "The next study that is to be read (N, or Alt+Page Down)",
    "skip": "Skip this study (Alt+Delete)",
    "skip_short": "Skip",
    "why": "Why is this study skipped?",
    "cancel": "Go on reading it",
}

VIEWER_EMPTY = "Drop chest radiographs anywhere on the page, or choose files above: DICOM, PNG or JPEG."
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
    "reading_dropped": "Reading the films…",
    "dropped": "A dropped film",
    "too_many": TOO_MANY_FILES,
    "wait": "The last film is still being read; wait until it is shown.",
    "films": "Films",
    "tools": "What to do with the film",
    "more": "More",
    "keys": "Keys",
    "held": "held",
    "space": "space",
    "inverted": "inverted",
    "turned": "turned or mirrored",
    "loading_whole": "loading in full…",
    "no_webgl2": "This browser has no WebGL2; a change of the window takes longer.",
    "canvas": "Radiograph {number}. Press ? for the keys.",
    "help": "Drag: move · wheel: zoom · right drag: window · ?: keys",
    "pixels": "{count} pixels",
    "ratio": "cardiothoracic ratio {ratio}",
    "heart": "heart",
    "chest": "chest",
    "model_saw": "what the model saw: {columns} × {rows}",
    "evidence_none": "There is no AI draft to look into yet.",
    "evidence_asked": "Asking the model where each sentence came from…",
    "set_distance": "Both ends: press and drag, or arrows and Enter. Esc ends it.",
    "set_heart": "The heart at its widest: press and drag, or arrows and Enter. Esc ends it.",
    "set_chest": "The chest at its widest, inside the ribs: press and drag, or arrows and Enter.",
    "failed": UPLOAD_FAILED,
    "large": FILE_TOO_LARGE,
    "old": "This browser cannot unpack the film; use a current one.",
    "unshown": "The film was read but cannot be shown; choose the file again.",
    "frontal": FRONTAL,
    "lateral": LATERAL,
    "prior": PRIOR,
}
VIEWER_SPACING = {"at the detector": DETECTOR, "calibrated": CALIBRATED, "unknown": "as the file says"}
"""Where a measured length was measured, by what the file says of its spacing."""
VIEWER_BUTTONS = {
    "both": "Two films",
    "window": "Window",
    "invert": "Invert",
    "actual": "1:1",
    "reset": "Reset",
    "preset_own": "Own window",
    "preset_wide": "Softer",
    "preset_narrow": "Harder",
    "preset_dark": "Dark parts",
    "preset_bright": "Bright parts",
    "distance": "Measure",
    "ratio": "Heart to chest",
    "write": "Write into report",
    "remove": "Remove it",
    "model": "What the model saw",
    "fit": "Fit",
    "clockwise": "Turn right",
    "anticlockwise": "Turn left",
    "mirror": "Mirror",
    "flip": "Upside down",
    "link_places": "Move together",
    "link_windows": "Window together",
    "full_screen": "Full screen",
    "keys": "Keys",
}
"""The viewer's buttons, by what they do; those up to "reset" always stand there, the others in its menu."""
VIEWER_ACTIONS = {
    "one": "One film",
    "two": "Two films: prior and current, or frontal and lateral",
    "both": "One film or two",
    "other": "The other film",
    "next": "Next film here",
    "previous": "Film before it here",
    "closer": "Zoom in",
    "farther": "Zoom out",
    "fit": "Whole film",
    "actual": "A pixel of the film on one of the screen",
    "left": "Move left",
    "right": "Move right",
    "up": "Move up",
    "down": "Move down",
    "window_key": "Window by drag or arrows",
    "window": "Window by a plain drag",
    "preset_own": "The film's own window",
    "preset_wide": "Softer window",
    "preset_narrow": "Harder window",
    "preset_dark": "Window of the dark parts",
    "preset_bright": "Window of the bright parts",
    "next_window": "Next window of the file; the model sees it too",
    "invert": "Invert",
    "clockwise": "Turn right",
    "anticlockwise": "Turn left",
    "mirror": "Swap left and right",
    "flip": "Swap top and bottom",
    "reset": "Back to the film as it is",
    "distance": "Measure a distance",
    "ratio": "Cardiothoracic ratio: the heart, then the chest, at their widest",
    "model": "What the model saw, at its size",
    "evidence": "Where a sentence of the AI draft came from: the one under the cursor, or by arrows, J and K",
    "set_point": "Set the point of a measurement, which arrows move; else accept the sentence and go on",
    "cancel": "End measuring, or walking through the sentences",
    "remove": "Remove the last measurement",
    "write": "Write the last measurement into the report",
    "link_windows": "Windows together or each its own",
    "link_places": "Zoom and place together or each its own",
    "full_screen": "Full screen",
    "keys": "These keys",
}
"""What the viewer's keys do."""

# What became of a draft's sentences, and what that says of it

FATES = {"kept": "", "edited": "edited", "dropped": "dropped"}
FINDING_CHANGES = "What changed"
ZONES = {
    "upper": "upper zone",
    "middle": "middle zone",
    "lower": "lower zone",
    "apical": "apex",
    "basal": "base",
    "perihilar": "perihilar",
    "retrocardiac": "behind the heart",
    "diffuse": "diffuse",
}
BOTH_SIDES = "both sides"
NO_FINDING_OF = "no {finding}"
DOUBTFUL = "possible {finding}"
DIFFERENCES = {
    "added": "added: {new}",
    "removed": "removed: {old}",
    "denied": "turned round: {old} → {new}",
    "affirmed": "turned round: {old} → {new}",
    "doubted": "made doubtful: {new}",
    "confirmed": "made certain: {new}",
    "side": "other side: {old} → {new}",
    "zone": "other place: {old} → {new}",
    "degree": "other degree: {old} → {new}",
    "change": "other comparison: {old} → {new}",
}
CONFIDENCE = {"DOUBTS": "doubts this", "UNSURE": "is unsure", "AGREES": "agrees"}
CONFIDENCE_OF = "The model {step}: {figures}"
FINDING_WITH_FIGURE = "{finding}, {figure:.2f}"
MODEL_OFFERS = {"unmentioned": "Not mentioned: {findings}", "doubted": "Doubted: {findings}"}
MODEL_OFFERS_NOTE = "By the model’s own probability, which can be as wrong as its draft"
PROPOSED_ERRORS = "Was this wrong with the draft?"
ERROR_NAMES = {
    "false finding": "False finding",
    "missing finding": "Missing finding",
    "location": "Wrong place",
    "severity": "Wrong degree",
    "descriptor": "Wrong quality",
    "measurement": "Wrong measure",
    "certainty": "Too firm or too weak",
    "unspecific": "Not specific",
    "overinterpretation": "Says more than the film",
    "temporal": "Wrong comparison",
}
SIGNIFICANCES = {
    "urgent": "urgent",
    "actionable": "actionable",
    "not actionable": "not actionable",
    "benign": "benign",
    "significant": "matters",
    "negligible": "does not matter",
}
SIGNIFICANCE = "How much it matters"
CONFIRM_ERROR = "Yes"
DISCARD_ERROR = "No"
READING_UNREADABLE = (
    "How it was read does not fit the review or itself, so nothing was saved; reload the page, or take the tick away."
)
CORRECTION_UNREADABLE = "What was done with the draft’s sentences could not be read; reload the page, and do it again."
REMARKS = "Worth another look"
DISMISS = "Fine as it is"
CHECKS = {
    "says_and_denies": "{finding} is said and denied.",
    "findings_impression_disagree": "Findings and impression disagree about {finding}.",
    "side_conflict": "The side of {finding} is another one elsewhere.",
    "comparison_without_prior": "“{words}” compares, and no prior was given.",
    "impression_only": "{finding} stands in the impression alone.",
    "repeated_sentence": "“{words}” stands here twice.",
    "placeholder_left": "“{words}” was left in the text.",
    "reference_pasted": "These are the reference’s own words: “{words}”",
    "hint_missing": "The key word “{words}” is not taken up.",
}

CORRECTION_KEY_GROUP = "Draft"
CORRECTION_KEYS = {
    "walk_on": "next sentence of the AI draft",
    "walk_back": "the sentence before",
    "drop": "drop the sentence, or bring it back",
    "edit": "edit the sentence; Esc leaves the box",
    "rest": "accept all that is left",
    "confirm": "yes, the next proposed error was one",
    "discard": "no, it was none",
    "name": "name an error: of the words selected or walked to, else of what is missing",
}
NAME_ERROR = {
    "missing_finding": "A finding that the draft lacks",
    "category": "What was wrong",
    "observation": "Finding",
    "add": "Add",
    "cancel": "Cancel",
}
NAMED_ERROR = "named by you"
NAMED_ERRORS = "What was wrong with the draft"
REMOVE_ERROR = "Remove"

# The same report, ticked

VIEW_TEXT = "Text"
VIEW_TICKS = "Ticks"
VIEW_SWITCH = "How your report is shown"
TICKED_REPORT = "The findings of your report, ticked"
REGION_NAMES = {
    "lungs": "Lungs",
    "pleura": "Pleura",
    "heart and mediastinum": "Heart and mediastinum",
    "bones": "Bones",
    "devices": "Devices",
}
REST_OF_REGION = "{count} more"
OTHER_TEXT = "Other text"
NOT_TICKED = "not ticked"
CERTAINTIES = {
    "present": ("P", "present"),
    "absent": ("A", "absent"),
    "uncertain": ("U", "doubtful"),
    "": ("–", "not mentioned"),
}
"""The button and the word of each."""
SIDES = {"left": "left", "right": "right", "both": "both"}
NO_ZONE = "zone"
NO_CHANGE = "change"
ZONE_SHORT = {
    "upper": "upper",
    "middle": "middle",
    "lower": "lower",
    "apical": "apex",
    "basal": "base",
    "perihilar": "perihilar",
    "retrocardiac": "retrocardiac",
    "diffuse": "diffuse",
}
FILL_IN = "Fill in normal"
FILL_IN_NOTE = "Writes the normal sentence of each region that is not mentioned yet (Alt+N)"
MAKE_IMPRESSION = "Write impression"
MAKE_IMPRESSION_NOTE = "Writes what is present into the impression, most urgent first, over what stands there (Alt+I)"
IMPRESSION_MISSING = "The impression leaves out: {findings}."
IMPRESSION_OTHERWISE = "The impression says otherwise than the findings: {findings}."
ALL_MENTIONED = "Nothing was filled in: no region with a normal sentence is left, or the report is in another language."
TICK_BEHIND = "The report had changed meanwhile, so nothing was ticked; look at it and tick again."
TICKS = {
    "behind": "The ticks are a step behind the text…",
    "writing": "A draft is being written; it is ticked once it is whole.",
    "unreachable": "The server cannot be reached, so nothing was ticked.",
    "nothing": "none here",
    "zone": "Zone: {letters}; Esc leaves it as it is.",
    "change": "Change: {letters}; Esc leaves it as it is.",
}
TICK_KEY_GROUP = "Your report, ticked"
TICK_KEYS = {
    "view": "your report as text, or ticked",
    "fill_in": "write the normal sentence of each region not yet mentioned",
    "impression": "write the impression of what is present",
    "walk": "the row before, the next row",
    "open": "show what the region does not mention, or hide it",
    "region": "the region before, the next region",
    "end": "first row, last row",
    "certainty": "present, absent, doubtful",
    "none": "not mentioned",
    "side": "left, right, both; again takes it away",
    "degree": "trace, small, moderate, large",
    "zone": "zone, by a letter that is then shown",
    "change": "change, by a letter that is then shown",
    "another": "another finding of this kind",
    "edit": "the row's sentence in the text, to type over",
}
