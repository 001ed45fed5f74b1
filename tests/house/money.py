#!/usr/bin/env python3
"""tests/MONEY.md says where each rule of money is tested: it has a row for each edge and event of lib/model/state.def, and for no other
move, each row has a test of the programs, and each test that it names is there."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = "tests/MONEY.md"


def titles(path):
    """What the tests of a file are called in its source; None where there is no such file."""
    script, unit = ROOT / f"tests/{path}.test.mjs", ROOT / f"tests/{path}.c"
    if script.exists():
        found = re.findall(r"\btest\((['\"`])((?:\\.|(?!\1).)*)\1", script.read_text(encoding="utf-8"))
        return {re.sub(r"\\(.)", r"\1", title) for _, title in found}
    return set(re.findall(r"^TEST\((\w+)\)", unit.read_text(encoding="utf-8"), re.M)) if unit.exists() else None


def main():
    page, states = (ROOT / PAGE).read_text(encoding="utf-8"), (ROOT / "lib/model/state.def").read_text(encoding="utf-8")
    moves = set(re.findall(r"^EDGE\(\w+, \w+, (\w+),|^EVENT\((\w+),", states, re.M))
    wanted, rows = {edge or event for edge, event in moves}, re.findall(r"^\| ([A-Z][A-Z_]+) \|", page, re.M)
    wrong = [f"there is no row for {move}" for move in sorted(wanted - set(rows))]
    wrong += [f"{move} is no move of state.def" for move in sorted(set(rows) - wanted)]
    wrong += [f"the row {row!r} names no test" for row in re.findall(r"^\| (?!-)([^|]+) \|[^`\n]*$", page, re.M)
              if row not in ("move", "case")]
    wrong += [f"the row {row!r} names no test from outside" for row, tests in re.findall(r"^\| (?!-)([^|]+) \|([^\n]*`[^\n]*)$", page, re.M)
              if not re.search(r"`(api|crash|e2e)/", tests)]
    named = set(re.findall(r"`((?:api|crash|e2e|unit)/[\w/-]+): ([^`]+)`", page))
    if len(named) < 30:
        wrong.append("its tests cannot be read")
    wrong += [f"tests/{path} has no test {title!r}" for path, title in sorted(named) if title not in (titles(path) or ())]
    for line in wrong:
        print(f"{PAGE}: {line}")
    if not wrong:
        print("money: in order")
    return bool(wrong)


sys.exit(main())
