"""docs/reliability.md names what holds, and the tests that hold it."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_each_kind_has_its_test() -> None:
    """Every row of its tables names a test that there is, each once, and no row is without one."""
    part = TEXT.split("<!-- kinds: begin -->\n")[1].split("<!-- kinds: end -->")[0]
    rows = [row for row in part.splitlines() if row.startswith("|") and not row.startswith(("| What", "|---"))]
    named = [re.search(r"`(tests/[\w/]+\.py)::(test_\w+)` \|$", row) for row in rows]
    assert len(rows) > 25
    assert all(named)
    assert len({found[0] for found in named if found}) == len(rows)
    for found in named:
        if found:
            assert f"\ndef {found[2]}(" in (ROOT / found[1]).read_text(encoding="utf-8"), found[0]
