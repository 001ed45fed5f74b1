#!/usr/bin/env python3
"""sql/embed.awk, run on small files: what is an engine's own, what has options, and what is refused."""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUERIES = """-- Of things.

-- name: thing_list
-- Those that match.
-- options: user status
SELECT *
FROM   thing
-- sqlite user:    INDEXED BY thing_user
-- sqlite !user:   NOT INDEXED
-- postgres:       AS t
WHERE  "n" > 0
  -- user status:  AND both
-- user !status:   AND user
;

-- name: thing_check
-- sqlite: PRAGMA check;

-- name: thing_get
SELECT
-- use: thing_row
FROM thing;

-- part: thing_row
-- Its columns.
a,
-- sqlite: rowid
-- postgres: ctid
"""
MIGRATION = """-- First.
CREATE TABLE thing (
\t-- wanted: a comment of the table
\tn INTEGER -- and this
-- sqlite: ) STRICT;
-- postgres: );
"""


def embed(kind, engine, name, text):
    """The texts by name, or what was said against them."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder, name), Path(folder, "out.c")
        file.write_text(text, encoding="utf-8")
        done = subprocess.run(["awk", "-v", f"kind={kind}", "-v", f"engine={engine}", "-v", f"source={out}", "-f", ROOT / "sql/embed.awk", file],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return done.stderr
        made = out.read_text(encoding="utf-8")
        arrays = {key: [line.replace('\\"', '"') for line in re.findall(r'^\t"(.*)\\n"$', lines, flags=re.M)]
                  for key, lines in re.findall(r"static const char (\w+)\[\] =\n(.*?)^\t;$", made, flags=re.M | re.S)}
        if kind == "migrations":
            return {key: "\n".join(arrays[array]) for key, array in re.findall(r'^\t\{(\d+), "\w+", (\w+)\},$', made, flags=re.M)}
        return {key: "\n".join(combination(arrays[array], int(key.split()[-1]))) if array != "NULL" else ""
                for key, array in re.findall(r"^\t\[(SQL_\w+ \+ \d+)\] = (\w+),$", made, flags=re.M)}


def combination(lines, shape):
    """What lib/store/sql_text.c makes of it."""
    for line in lines:
        mark = re.match(r"\\001\\(\d{3})\\(\d{3})", line)
        with_, without = (int(mark[i], 8) - 128 for i in (1, 2)) if mark else (0, 0)
        if shape & with_ == with_ and not shape & without:
            yield line[mark.end() if mark else 0:]


def expect(what, got, wanted):
    if got != wanted:
        sys.exit(f"embed: {what}: {got!r}, not {wanted!r}")


def refused(what, text, why):
    got = embed("queries", "sqlite", "thing.sql", text)
    if not isinstance(got, str) or why not in got:
        sys.exit(f"embed: {what} is not refused: {got!r}")


def main():
    sqlite = embed("queries", "sqlite", "thing.sql", QUERIES)
    head = 'SELECT *\nFROM   thing\n'
    expect("all combinations", sorted(sqlite), ["SQL_THING_CHECK + 0", "SQL_THING_GET + 0"] + [f"SQL_THING_LIST + {i}" for i in range(4)])
    expect("neither", sqlite["SQL_THING_LIST + 0"], head + 'NOT INDEXED\nWHERE  "n" > 0\n;')
    expect("user", sqlite["SQL_THING_LIST + 1"], head + 'INDEXED BY thing_user\nWHERE  "n" > 0\nAND user\n;')
    expect("status", sqlite["SQL_THING_LIST + 2"], head + 'NOT INDEXED\nWHERE  "n" > 0\n;')
    expect("both", sqlite["SQL_THING_LIST + 3"], head + 'INDEXED BY thing_user\nWHERE  "n" > 0\n  AND both\n;')
    expect("a part", sqlite["SQL_THING_GET + 0"], "SELECT\na,\nrowid\nFROM thing;")
    other = embed("queries", "postgres", "thing.sql", QUERIES)
    expect("another engine", other["SQL_THING_LIST + 1"], head + 'AS t\nWHERE  "n" > 0\nAND user\n;')
    expect("what it has no use for", other["SQL_THING_CHECK + 0"], "")
    expect("a part elsewhere", other["SQL_THING_GET + 0"], "SELECT\na,\nctid\nFROM thing;")
    table = "-- First.\nCREATE TABLE thing (\n\\t-- wanted: a comment of the table\n\\tn INTEGER -- and this\n".replace("\\t", "\t")
    expect("a migration", embed("migrations", "sqlite", "0001_thing.sql", MIGRATION)["1"], table + ") STRICT;")
    expect("a migration elsewhere", embed("migrations", "postgres", "0001_thing.sql", MIGRATION)["1"], table + ");")
    refused("an unknown word", "-- name: thing_a\nSELECT 1\n-- sqlte: INDEXED BY x\n", "neither an engine nor an option")
    refused("another noun", "-- name: other_a\nSELECT 1\n", "is called thing_")
    refused("a name twice", "-- name: thing_a\nSELECT 1\n-- name: thing_a\nSELECT 1\n", "another statement")
    refused("a statement without SQL", "-- name: thing_a\n-- Nothing.\n", "no SQL")
    refused("a part that is not there", "-- name: thing_a\n-- use: thing_row\n", "no part thing_row")
    refused("SQL without a name", "SELECT 1\n", "before the first")
    print("embed: in order")


if __name__ == "__main__":
    main()
