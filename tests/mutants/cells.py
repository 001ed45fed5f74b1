#!/usr/bin/env python3
"""Each cell of the money column of state.def is changed to each other word, one at a time, and each time the test of the table must fail.
The only argument is that test, linked with tests/mutants/state.c."""
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def passes(program, mutant):
    run = subprocess.run([program], env={**os.environ, "MUTANT": mutant}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return run.returncode == 0


def main():
    table = (ROOT / "lib/model/state.def").read_text()
    header = (ROOT / "lib/model/charge.h").read_text()
    words = re.findall(r"\bMONEY_(\w+)", re.search(r"enum money \{(.*?)\};", header, re.S).group(1))
    cells = [("edge", name, money) for name, money in re.findall(r"^EDGE\(\w+, \w+, (\w+), \w+, (\w+),", table, re.M)]
    cells += [("event", name, money) for name, money in re.findall(r"^EVENT\((\w+), (\w+),", table, re.M)]
    mutants = [(f"{kind} {name} {i}", f"{kind} {name}: {word}, not {money}")
               for kind, name, money in cells for i, word in enumerate(words) if word != money]
    if not cells or not all(money in words for _, _, money in cells) or not passes(sys.argv[1], ""):
        print("cells: the test fails without a mutant, or the table cannot be read")
        return 1
    with ThreadPoolExecutor(2) as pool:
        alive = [what for (_, what), lives in zip(mutants, pool.map(lambda m: passes(sys.argv[1], m[0]), mutants)) if lives]
    for what in alive:
        print(f"state.def: no test minds {what}")
    print(f"{len(mutants) - len(alive)} of {len(mutants)} mutants of {len(cells)} cells are found")
    return bool(alive)


sys.exit(main())
