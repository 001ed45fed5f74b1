#!/usr/bin/env python3
"""lib/domain/DESIGN says of a task's life what lib/model/state.def does: its table of edges is made from there, and its picture names
each state and each edge that there is, and no other. `edges.py --write` writes the table anew."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DESIGN = ROOT / "lib/domain/DESIGN"
TABLE = re.compile(r"(?<=\n\n)(?:    \|.*\n)+")
PICTURE = re.compile(r"\nThe picture\n-+\n(.*?)\n\nA client sees", re.S)


def read_edges():
    """The rows (from, to, name, durable, why)."""
    text = (ROOT / "lib/model/state.def").read_text()
    return re.findall(r'^EDGE\((\w+), (\w+), (\w+), (\w+), "(.*)"\)$', text, re.M)


def table(edges):
    rows = [("from", "to", "edge", "why")]
    rows += [(a, b, name, why + ("" if durable == "true" else "; not synced")) for a, b, name, durable, why in edges]
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    line = "    | " + " | ".join(f"{{:{width}}}" for width in widths) + " | {}\n"
    return "".join(line.format(*row) for row in rows)


def main():
    edges, design = read_edges(), DESIGN.read_text()
    if sys.argv[1:] == ["--write"]:
        DESIGN.write_text(TABLE.sub(lambda _: table(edges), design, count=1))
        return 0
    found, picture = TABLE.search(design), PICTURE.search(design)
    names = {name for row in edges for name in row[:3]}
    drawn = set(re.findall(r"\b[A-Z]{2}[A-Z_]*\b", picture.group(1))) if picture else set()
    wrong = [f"the picture has no {name}" for name in sorted(names - drawn)]
    wrong += [f"the picture has {name}, state.def has not" for name in sorted(drawn - names)]
    if not found or found.group(0) != table(edges):
        wrong.append("the table of edges is not that of state.def: run python3 tests/house/edges.py --write")
    for line in wrong:
        print(f"lib/domain/DESIGN: {line}")
    if not wrong:
        print("edges: in order")
    return bool(wrong)


sys.exit(main())
