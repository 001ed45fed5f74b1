#!/usr/bin/env python3
"""Reads what `make -nB V=1` would run, and prints a compilation database for clangd."""
import json
import os
import re
import shlex
import sys

entries = []
for line in sys.stdin:
    if not re.match(r"(\S*/)?(cc|gcc|clang) .* -c -o ", line):
        continue
    words = shlex.split(line)
    entries.append({"directory": os.getcwd(), "file": words[-1], "arguments": words})
if not entries:
    sys.exit("compile_commands: make would compile nothing")
json.dump(entries, sys.stdout, indent=1)
