#!/usr/bin/env python3
"""Each cell of the money column of state.def is changed to each other word, one at a time, and each time the test of the table must fail.
The only argument is that test, linked with tests/mutants/state.c: nothing is built anew. The part of it that is about such a row is run first,
and the rest where that has passed."""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


# What is about a row of each kind, and about one that makes a charge.
LIKELIEST = {"edge": "each_edge_has_its_money", "event": "each_event_has_its_money", "HOLD": "creation_and_another_attempt_hold_the_price"}


def passes(program, mutant, only=None):
    env = {**os.environ, "MUTANT": mutant, **({"ONLY": only} if only else {})}
    return subprocess.run([program], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def main():
    program = sys.argv[1]
    table = (ROOT / "lib/model/state.def").read_text()
    header = (ROOT / "lib/model/charge.h").read_text()
    words = re.findall(r"\bMONEY_(\w+)", re.search(r"enum money \{(.*?)\};", header, re.S).group(1))
    cells = [("edge", name, money) for name, money in re.findall(r"^EDGE\(\w+, \w+, (\w+), \w+, (\w+),", table, re.M)]
    cells += [("event", name, money) for name, money in re.findall(r"^EVENT\((\w+), (\w+),", table, re.M)]
    if len(cells) != len(re.findall(r"^(?:EDGE|EVENT)\(", table, re.M)) or not all(money in words for _, _, money in cells):
        print("cells: the table cannot be read")
        return 1

    def lives(mutant):
        (kind, name, money), word = mutant
        what = f"{kind} {name} {words.index(word)}"
        return passes(program, what, LIKELIEST.get(money, LIKELIEST[kind])) and (word == money or passes(program, what))

    mutants = [(cell, word) for cell in cells for word in words]
    with ThreadPoolExecutor(2) as pool:
        alive = [mutant for mutant, alive in zip(mutants, pool.map(lives, mutants)) if alive]
    same = [(cell, cell[2]) for cell in cells]
    if not passes(program, "") or any(mutant not in alive for mutant in same):
        print("cells: the test fails where nothing is changed")
        return 1
    missed = [mutant for mutant in alive if mutant not in same]
    for (kind, name, money), word in missed:
        print(f"state.def: no test minds {kind} {name}: {word}, not {money}")
    count = len(mutants) - len(same)
    print(f"{count - len(missed)} of {count} mutants of {len(cells)} cells are found")
    return bool(missed)


sys.exit(main())
