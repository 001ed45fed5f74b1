#!/usr/bin/env python3
"""lib/domain/DESIGN says of a task's life what lib/model/state.def does: its tables of edges and of events are made from there, and its
picture names each state and each edge that there is, and no other. `edges.py --write` writes the tables anew."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT / "lib/domain/DESIGN"
TABLE = re.compile(r"(?<=\n\n)(?:    \|.*\n)+")
PICTURE = re.compile(r"\nThe picture\n-+\n(.*?)\n\nA client sees", re.S)


def read_def():
    """The edges (from, to, name, durable, money, why), and the events (name, money, why)."""
    text = (ROOT / "lib/model/state.def").read_text()
    return (re.findall(r'^EDGE\((\w+), (\w+), (\w+), (\w+), (\w+), "(.*)"\)$', text, re.M),
            re.findall(r'^EVENT\((\w+), (\w+), "(.*)"\)$', text, re.M))


def lines_of(rows):
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    line = "    | " + " | ".join(f"{{:{width}}}" for width in widths) + " | {}\n"
    return "".join(line.format(*row) for row in rows)


def tables(edges, events):
    """What the two tables are to be, in their order."""
    return [lines_of([("from", "to", "edge", "money", "why")] +
                     [(a, b, name, money.lower(), why + ("" if durable == "true" else "; not synced"))
                      for a, b, name, durable, money, why in edges]),
            lines_of([("event", "money", "why")] + [(name, money.lower(), why) for name, money, why in events])]


def main():
    (edges, events), design = read_def(), DESIGN.read_text()
    wanted = tables(edges, events)
    if sys.argv[1:] == ["--write"]:
        made = iter(wanted)
        DESIGN.write_text(TABLE.sub(lambda _: next(made), design, count=len(wanted)))
        return 0
    picture = PICTURE.search(design)
    names = {name for row in edges for name in row[:3]}
    drawn = set(re.findall(r"\b[A-Z]{2}[A-Z_]*\b", picture.group(1))) if picture else set()
    wrong = [f"the picture has no {name}" for name in sorted(names - drawn)]
    wrong += [f"the picture has {name}, state.def has not" for name in sorted(drawn - names)]
    if TABLE.findall(design)[:len(wanted)] != wanted:
        wrong.append("the tables are not those of state.def: run python3 tests/house/edges.py --write")
    for line in wrong:
        print(f"lib/domain/DESIGN: {line}")
    if not wrong:
        print("edges: in order")
    return bool(wrong)


sys.exit(main())
