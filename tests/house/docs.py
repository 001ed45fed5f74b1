#!/usr/bin/env python3
"""The pages for users and operators say what the tables do: each error code and each configuration key stands in its page, in English and in
Chinese, with the status, default and limits of lib/base/err.def and lib/base/config.def, and each shipped dialect, with its base; and each relative link leads to a file and a
heading that are there; and the figures of the comparison are those of bench/results.json. `docs.py --write` writes anew what is made from the tables, and leaves the words beside it; a new row gets empty
cells, which are refused until they are filled."""
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ERRORS = {"docs/troubleshoot.md": 3, "docs/zh-CN/troubleshoot.md": 4}  # the page, the column of err.def with its sentence
CONFIG = ["docs/configure.md", "docs/zh-CN/configure.md"]
STRING = r'"((?:[^"\\]|\\.)*)"'
complaints = []


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def plain(cell):
    return cell.replace('\\"', '"').replace("|", "\\|")


def cells(line):
    """What stands in the cells of a table's row."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


# ---- tables: a page's rows by their first cells, and what they are to be ----

def errors():
    rows = re.findall(rf"^ERR\(\w+, (\d+), {STRING}, {STRING}, {STRING}\)", read("lib/base/err.def"), re.M)
    return [(code, status, code, english, chinese) for status, code, english, chinese in rows if status != "200"]


def error_rows(page, known):
    """Rows of code, status, sentence; then the page's own: cause and cure."""
    made = []
    for row in errors():
        code, status, sentence = f"`{row[0]}`", row[1], plain(row[ERRORS[page]])
        made.append([code, status, sentence] + (known.get((code, status), [])[3:] or ["", ""]))
    return made


def keys():
    """Name, default and limits of each key, and what it is."""
    made = []
    text = re.sub(r'"\s*\n\s*"', "", read("lib/base/config.def"))
    for kind, name, rest in re.findall(r"^CONFIG_(WORD|INT|TIME|TEXT)\((\w+), (.*)\)$", text, re.M):
        what = re.search(STRING + "$", rest).group(1)
        first = re.match(rf"{STRING}|-?\d+", rest)
        default = first.group(1) if first.group(1) is not None else first.group(0)
        if kind == "WORD":
            default = f"{default} ({', '.join(re.findall(STRING, rest)[1].split('|'))})"
        made.append((name, default or "–", what))
    return made


def key_rows(page, known):
    made = []
    for name, default, what in keys():
        own = known.get(f"`{name}`", ["", "", ""])[2]
        made.append([f"`{name}`", f"`{default}`" if default != "–" else default, plain(what) if page == CONFIG[0] else own])
    return made


def table(page, first, rows_of, key_of, write):
    """The table of `page` whose head begins with `first`."""
    text = read(page)
    found = re.search(rf"^\| (?:{first}) \|.*\n\|[-|]+\|\n((?:\|.*\n)*)", text, re.M)
    if not found:
        complaints.append(f"{page}: there is no table with the head {first}")
        return
    known = {}
    for row in map(cells, found.group(1).splitlines()):
        known[key_of(row)] = row
    rows = rows_of(page, known)
    wanted = "".join("| " + " | ".join(row) + " |\n" for row in rows)
    if write:
        (ROOT / page).write_text(text[:found.start(1)] + wanted + text[found.end(1):], encoding="utf-8")
    elif wanted != found.group(1):
        complaints.append(f"{page}: the table is not that of the code: run python3 tests/house/docs.py --write")
    complaints.extend(f"{page}: {row[0]} has an empty cell" for row in rows if not all(row))


# ---- the shipped dialects ----

CHANNELS = "docs/channels.md"  # tests/house/mirror.py holds the Chinese page to it


def dialects():
    told = {row[0].strip("`"): row[2] for row in map(cells, re.findall(r"^\| `[^|]*` \|(?:[^|]*\|){3}$", read(CHANNELS), re.M))}
    shipped = {file.stem: json.loads(file.read_text(encoding="utf-8")).get("base") for file in ROOT.glob("conf/dialects/*.json")}
    complaints.extend(f"{CHANNELS}: {name} has no row" for name in sorted(set(shipped) - set(told)))
    complaints.extend(f"{CHANNELS}: {name} is not in conf/dialects" for name in sorted(set(told) - set(shipped)))
    for name, base in sorted(shipped.items()):
        if base and name in told and f"`{base}`" not in told[name] and told[name] != "the same":
            complaints.append(f"{CHANNELS}: the base of {name} is {base}")


# ---- the comparison: row by row the measurements whose figures stand there, ours, or "theirs: …" ----

COMPARISON = ["docs/comparison.md", "docs/zh-CN/comparison.md"]
FIGURES = [
    ["memory of an idle instance, all processes"], [r"memory after \d+ requests"], ["memory of all processes for each client", "theirs: memory of all processes for each client"],
    ["one of 9000 woken, p50", "one of 9000 woken, p99", "theirs: one of 9000 woken, p50", "theirs: one of 9000 woken, p99"],
    ["1000 woken by one commit, p50", "1000 woken by one commit, p99", "theirs: 1000 woken by one commit, p50", "theirs: 1000 woken by one commit, p99"],
    ["GET one task", "theirs: GET one task"],
    ["list page 1 of a user with 10 000, a million in all", "theirs: list page 1 of a user with 10 000, a million in all"],
    [r"create, as commits \(two each\)", r"theirs: create, as commits \(two each\)"], ["500 creations at once, upstream takes 2 s, p99"],
    ["a poll without news, processor time", "theirs: a poll without news, processor time", r"a poll without news, at the least \(floor.c\), processor time"],
    ['from "completed" to the waiting client, p50', 'from "completed" to the waiting client, p99'], ["start to ready with a million tasks"],
]


def measured(name, results):
    whose, pattern = ("theirs", name[8:]) if name.startswith("theirs: ") else ("ours", name)
    return next(row[whose] for row in results if re.fullmatch(pattern, row["what"]))


def figures():
    """Each figure is within three hundredths of what was measured: it may be rounded, not be another's."""
    results = json.loads(read("bench/results.json"))["rows"]
    for page in COMPARISON:
        table_of = re.search(r"^\| \S+ \| longreel \|.*\n\|[-|]+\|\n((?:\|.*\n)*)", read(page).split("\n## ")[-1], re.M).group(1).splitlines()
        if len(table_of) != len(FIGURES):
            complaints.append(f"{page}: {len(table_of)} rows of figures, {len(FIGURES)} are known here")
        for row, names in zip(table_of, FIGURES):
            shown = [float(re.sub(r"\s", "", figure)) for figure in re.findall(r"(?<!p)\b\d+(?: \d{3})*(?:\.\d+)?", " · ".join(cells(row)[1:3]))]
            for name, figure in zip(names, shown):
                value = measured(name, results)
                if abs(figure - value) > 0.03 * value:
                    complaints.append(f"{page}: {cells(row)[0]}: {figure:g} is not {value} ({name})")
            if len(shown) < len(names):
                complaints.append(f"{page}: {cells(row)[0]}: figures are missing")


# ---- links ----

def slug(heading):
    """The anchor of a heading, as forges make it."""
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def without_code(text):
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^[ \t]*```.*?^[ \t]*```", "", text, flags=re.M | re.S))


def anchors(path):
    text = re.sub(r"^[ \t]*```.*?^[ \t]*```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    made, seen = set(re.findall(r'<a id="([^"]+)"', text)), {}
    for heading in re.findall(r"^#{1,6} (.*)$", text, re.M):
        name = slug(heading)
        made.add(name if name not in seen else f"{name}-{seen[name]}")
        seen[name] = seen.get(name, 0) + 1
    return made


def links():
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("bench/*.md"), *ROOT.glob("conf/**/*.md")]
    for page in sorted(pages):
        where = page.relative_to(ROOT)
        for target in re.findall(r"\]\(([^)\s]*)\)", without_code(page.read_text(encoding="utf-8"))):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not target or not file.exists() or not file.is_relative_to(ROOT):
                complaints.append(f"{where}: the link {target} leads nowhere")
            elif anchor and anchor not in anchors(file):
                complaints.append(f"{where}: {target}: there is no such heading")
    listed = set(re.findall(r"\]\(([^)#]+\.md)", read("docs/README.md")))
    for page in ROOT.glob("docs/**/*.md"):
        name = str(page.relative_to(ROOT / "docs"))
        if not name.startswith(("zh-CN/", "decisions/")) and name != "README.md" and name not in listed:
            complaints.append(f"docs/README.md: {name} is not in it")


def main():
    write = sys.argv[1:] == ["--write"]
    for page in ERRORS:
        table(page, "code|错误码", error_rows, lambda row: (row[0], row[1]), write)
    for page in CONFIG:
        table(page, "key|配置项", key_rows, lambda row: row[0], write)
    dialects()
    figures()
    links()
    for line in complaints:
        print(line)
    if not complaints:
        print("docs: in order")
    return bool(complaints)


sys.exit(main())
