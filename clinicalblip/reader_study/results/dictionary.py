"""The data dictionary of the CSV files, as Markdown."""

from clinicalblip.reader_study.results.csv_files import FILES, CsvFile

_HEAD = """\
# What is in the CSV files: the data dictionary

One row is one thing, and one column says one thing of it. The files are in UTF-8 with a byte order mark. A yes is 1, a
no is 0; what is not known, or cannot be, is empty. A list is joined by semicolons. A cell that a spreadsheet would run
as a formula has an apostrophe before it. Training cases, gold cases and second readings are in the files: `compared`
says which readings went into comparisons of arms.
"""


def write_dictionary() -> str:
    """Every column of every file, with what it means and what it does not show."""
    return "\n".join((_HEAD, *map(_file, FILES)))


def _file(file: CsvFile) -> str:
    lines = [
        f"| `{column.name}` | {column.kind} | {column.unit} | {column.means} | {column.shows_not} |"
        for column in file.columns
    ]
    table = "\n".join(("| column | type | unit | what it means | what it does not show |", "| --- " * 5 + "|", *lines))
    return f"## `{file.name}`\n\nOne row is {file.row}.\n\n{table}\n"
