"""The triggers that keep reviews append-only and erased words erased, whoever writes to the database."""

from collections.abc import Iterator
from typing import NamedTuple

from clinicalblip.feedback.schema import APPEND_ONLY, CONSENTED


class _Refusal(NamedTuple):
    table: str
    verb: str
    function: str  # PostgreSQL's, which decides
    when: str  # SQLite's, which decides
    why: str


def _refusals() -> Iterator[_Refusal]:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            yield _Refusal(table.name, verb, "refuse_change", "", f"{table.name} are append-only")
    withdrawn = "EXISTS (SELECT 1 FROM withdrawals WHERE review = {row}.review)"
    for table in CONSENTED:
        name = table.name
        gone, back = f"{name} go only when their consent does", f"the consent to these {name} was withdrawn"
        yield _Refusal(name, "UPDATE", "refuse_change", "", f"{name} never change")
        yield _Refusal(name, "DELETE", "refuse_consented", f"WHEN NOT {withdrawn.format(row='OLD')}", gone)
        yield _Refusal(name, "INSERT", "refuse_withdrawn", f"WHEN {withdrawn.format(row='NEW')}", back)


def sqlite_triggers() -> list[str]:
    """The statements that make them in an SQLite file."""
    return [
        f"CREATE TRIGGER {each.table}_refuse_{each.verb.lower()} BEFORE {each.verb} ON {each.table} {each.when} "
        f"BEGIN SELECT RAISE(ABORT, '{each.why}'); END"
        for each in _refusals()
    ]


def postgresql_triggers() -> list[str]:
    """The statements that make them in PostgreSQL, with their functions; there emptying a table is refused too."""
    withdrawn = "EXISTS (SELECT 1 FROM withdrawals WHERE review = {row}.review)"
    refuse = "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0]"
    functions = {
        "refuse_change": f"{refuse};",
        "refuse_consented": f"IF NOT {withdrawn.format(row='OLD')} THEN {refuse}; END IF; RETURN OLD;",
        "refuse_withdrawn": f"IF {withdrawn.format(row='NEW')} THEN {refuse}; END IF; RETURN NEW;",
    }
    return [
        *(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT "
            f"AS $$ BEGIN {body} END $$"
            for name, body in functions.items()
        ),
        *(
            f"CREATE TRIGGER {each.table}_refuse_{each.verb.lower()} BEFORE {each.verb} ON {each.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {each.function}('{each.why}')"
            for each in _refusals()
        ),
        *(
            f"CREATE TRIGGER {table.name}_refuse_truncate BEFORE TRUNCATE ON {table.name} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{table.name} are never emptied')"
            for table in (*APPEND_ONLY, *CONSENTED)
        ),
    ]
