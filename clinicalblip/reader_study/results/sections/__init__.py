"""The parts of a report, one subject a file: each makes a `Section` of `StudyData`."""
