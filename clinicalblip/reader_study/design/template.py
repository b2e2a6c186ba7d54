"""The commented design that a new study begins with."""

import os
from pathlib import Path

from clinicalblip.errors import ReaderStudyError

TEMPLATE = """\
# The design of a reader study: 6 readers, 3 arms, 36 cases and 6 gold ones. Check it with
#   clinicalblip reader-study check reader_study.yaml
# Paths are relative to this file. A field that is left out, or empty, has the default that its comment names.

version: 1  # of this format
title: A short name that readers see
seed: 20261  # every lot is drawn with it: which cases, which order, which side; from 0 to 4294967295

studies:
  file: studies.jsonl  # what `clinicalblip prepare` writes, or a file like it
  split: test  # train, validate or test; default: all splits
  count: 42  # how many cases each reader reads, gold ones among them; without these a multiple of the arms
  strata:  # the share of studies by what their reference says; what is left over is drawn from all; default: none
    normal: 0.3  # no finding
    Pleural Effusion: 0.2  # any observation that the labeler knows, by its name, as present
    Cardiomegaly: 0.2
  training: 3  # cases before the first period that do not count; default: 0
  repeated: 6  # cases that come again at the end, to see how far readers agree with themselves; default: 0

gold:  # cases whose drafts, under every arm that shows one, have errors that are known
  count: 6  # default: 0
  errors:
    least: 1  # errors in a draft: from least to most, 3 at most; default: 1
    most: 2  # default: 1
    kinds:  # default: all of them, which are these
      - false finding
      - missing finding
      - side
      - degree
      - certainty
      - negation
      - temporal
      - device

arms:  # the ways in which a case is read, 12 at most
  - name: unaided  # small letters, digits and hyphens; what readers never see
    draft: none  # none, model, predictions, reference or injected
    show:
      prior_report: yes  # the report of the earlier film, where there is one; default: yes

  - name: assisted
    draft: model  # drafts of a model, all made before the first reading
    base:  # a folder or a name on the hub; default: the settings' model
    adapter:  # an adapter made for that base; default: the settings' adapter
    precision:  # auto, nf4, int8, bf16 or fp32; default: the settings'
    slots: [indication, history, technique, comparison, prior_report, hints]  # what it is told; default: all of these
    show:  # beside the draft; default: no, but for the prior report
      confidence: no  # how sure the model is, at its sentences
      not_mentioned: no  # findings that the model thinks likely and the draft leaves out
      evidence: no  # where in the film a sentence came from
      ticks: no  # the report opens as ticks
      prior_report: yes
      model: no  # which model wrote; only where one arm alone shows a draft

  - name: assisted-marked
    draft: model
    show:
      confidence: yes
      not_mentioned: yes

# Other arms:
#   - name: other-model
#     draft: predictions
#     file: predictions.jsonl  # what `clinicalblip draft-all` writes, or the reports of any other program
#   - name: reference
#     draft: reference  # the data set's own report, offered as a draft
#   - name: wrong
#     draft: injected  # errors are put into the reports of
#     of: reference  # the data set, or of an arm by its name
#     errors:  # as for gold cases
#       least: 1
#       most: 1

reading:
  kind: crossover  # every reader reads every case once a period, each arm equally often; parallel: one arm a reader
  readers: 6  # a multiple of the arms
  periods: 1  # 2: all cases a second time, under other arms; default: 1
  washout_days: 28  # between the periods; default: 28
  shuffled: yes  # each reader has an order of their own; default: yes
  reader_first: no  # an impression is committed before the draft appears; default: no
  read_again: no  # a case that is done can be opened again, and not changed; default: no
  break_minutes: 45  # a break is proposed after so much reading, 5 to 240; default: 45

questions:
  case:  # after each case, 5 at most; default: none
    - name: confidence
      text: How confident are you in this report?
      least: 1  # a whole number from least to most; default: 1 to 5
      most: 5
      least_means: not at all
      most_means: completely
    - name: quality
      text: Is the quality of the film good enough?
      choices: ["yes", "with limits", "no"]  # instead of a scale; yes and no in quotes
  end:  # when all is read: sus, umux-lite, nasa-tlx, or questions as above; default: none
    - umux-lite
    - nasa-tlx

pairwise:  # two drafts of one film side by side: which would you rather start from? default: not asked
  arms: [assisted, assisted-marked]  # two arms that show a draft
  cases: 12  # of those that are neither gold nor training
  alone: no  # nothing else is read: studies.count is then the number of pairs; default: no

consent: >-  # what a reader agrees to before the first case
  You read chest radiographs for a study of draft reports. Taking part is voluntary, and you can stop at any time.
kept: >-  # what is kept of a reader, as they are told
  Your reports, your answers and the times of your reading are kept under a pseudonym; your name is not.

analysis:
  confidence: 0.95  # of intervals; default: 0.95
  comparisons:  # named before the study, the primary one first; Holm's method holds all together; default: none
    - outcome: reading seconds
      arm: assisted
      against: unaided
    - outcome: agreement with the reference
      arm: assisted
      against: unaided
      margin: 0.05  # not worse by more: a ratio above 1 for `reading seconds` and `decision`, else a difference
    - outcome: caught errors  # also: edit distance, decision, content errors, preference
      arm: assisted-marked
      against: assisted
  bootstrap: 2000  # resamples, 200 to 20000; default: 2000

owner:
  unblinded_before_end: no  # outcomes by arm can be seen before the end, which is put on record; default: no
"""


def write_template(path: Path) -> None:
    """Write the commented design. Raises ReaderStudyError where something stands there, or nothing can be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        with open(descriptor, "w", encoding="utf-8", newline="\n") as file:
            file.write(TEMPLATE)
    except FileExistsError as error:
        raise ReaderStudyError("Something stands at that place already; name a file that is not there yet.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ReaderStudyError(
            f"The design cannot be written ({reason}); name a file in a folder that can be written to."
        ) from error
