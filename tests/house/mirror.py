#!/usr/bin/env python3
"""Each page for users and operators is there in Chinese, and is not behind its English one: docs/zh-CN/PATH for docs/PATH,
NAME.zh-CN.md for NAME.md at the top. Both have the same headings in number and level, and section by section the same blocks of code (but for their comments), the same tables in
shape and in the names in each row, the same number of paragraphs and list items, the same links, and the same names in backquotes.
What a Chinese page lacks is told by page and heading."""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = ("docs/zh-CN/", "docs/decisions/")  # the Chinese pages themselves; what is for those who change the code
complaints = []


def pairs():
    """[(English page, Chinese page)], as paths from the top."""
    pages = sorted(str(page.relative_to(ROOT)) for page in ROOT.glob("docs/**/*.md"))
    top = [(f"{name}.md", f"{name}.zh-CN.md") for name in ("README", "SECURITY")]
    return top + [(page, page.replace("docs/", "docs/zh-CN/", 1)) for page in pages if not page.startswith(LEFT_OUT)]


def sections(text):
    """[(level, heading, lines)], the fences of code kept whole as lists of lines."""
    made, block = [(0, "", [])], None
    for line in text.splitlines():
        if block is not None:
            block.append(line.strip())
            if line.strip() == "```":
                made[-1][2].append(block)
                block = None
        elif re.match(r"\s*```", line):
            block = [line.strip()]
        elif heading := re.match(r"(#{1,6}) (.*)", line):
            made.append((len(heading[1]), heading[2], []))
        else:
            made[-1][2].append(line)
    return made


def slug(heading):
    return re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()).replace(" ", "-")


def target_of(page, target, english_of):
    """Where a link leads, told alike from both languages: the English page, and the number of the heading there."""
    if re.match(r"[a-z]+:", target):
        return target
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent.joinpath(path).resolve() if path else ROOT / page
    name = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else target
    if anchor and file.suffix == ".md" and file.exists():
        slugs = [slug(heading) for _, heading, _ in sections(file.read_text(encoding="utf-8"))]
        anchor = str(slugs.index(anchor)) if anchor in slugs else anchor
    return english_of.get(name, name) + (f" (heading {anchor})" if anchor else "")


def code(text):
    return re.findall(r"`([^`\n]+)`", text)


def without_comment(block):
    return [line for line in (re.sub(r"(^|\s+)(#|//) .*", "", line) for line in block) if line]


def cells(line):
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def shared(row):
    """Of a table's row what both languages share: how many cells it has, of the first one the names and the figures, and the names in all."""
    first = cells(row)[0]
    return len(cells(row)), sorted(code(first)), re.findall(r"\d+", re.sub(r"`[^`]*`", "", first)), sorted(set(code(row)))


def parts(page, lines, english_of):
    """What is compared of a section, by what it is called."""
    blocks = [without_comment(line) for line in lines if isinstance(line, list)]
    text = [line if isinstance(line, str) else "" for line in lines]
    rows = [line for line in text if line.startswith("|")]
    prose = "\n".join(text)
    return {
        "blocks of code": blocks,
        "rows of tables": [shared(row) for row in rows],
        "list items": [len(re.findall(r"^\s*(?:-|\d\.) ", prose, re.M))],
        "paragraphs": [len([p for p in re.split(r"\n\s*\n", prose) if p.strip() and not re.match(r"\s*(?:\||- |\d\. )", p)])],
        "links": sorted(target_of(page, t, english_of) for t in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose))),
        "names": sorted(set(code(prose))),
    }


def differ(what, ours, theirs):
    """The first thing that one has and the other lacks."""
    lacks, extra = [x for x in ours if x not in theirs], [x for x in theirs if x not in ours]
    return f"{what}: " + (f"it lacks {lacks[0]!r}" if lacks else f"it alone has {extra[0]!r}" if extra else f"in another order or number: {ours!r}, {theirs!r}")


def compare(english, chinese, english_of):
    one, other = (sections((ROOT / page).read_text(encoding="utf-8")) for page in (english, chinese))
    if [level for level, _, _ in one] != [level for level, _, _ in other]:
        known = [heading for _, heading, _ in other]
        complaints.append(f"{chinese}: its headings are not those of {english}: {len(one) - 1} there, {len(known) - 1} here")
        return
    for (_, title, lines), (_, heading, theirs) in zip(one, other):
        if code(title) != code(heading):
            complaints.append(f"{chinese}: the heading {heading!r} is not {title!r}")
        ours, mine = parts(english, lines, english_of), parts(chinese, theirs, english_of)
        for what in ours:
            if ours[what] != mine[what]:
                complaints.append(f"{chinese}: {heading or 'its head'} ({english}: {title}): {differ(what, ours[what], mine[what])}")


def main():
    english_of = {chinese: english for english, chinese in pairs()}
    for english, chinese in pairs():
        if not (ROOT / chinese).exists():
            complaints.append(f"{chinese} is missing: {english} is there in English alone")
        else:
            compare(english, chinese, english_of)
    for page in ROOT.glob("docs/zh-CN/**/*.md"):
        if str(page.relative_to(ROOT)) not in english_of:
            complaints.append(f"{page.relative_to(ROOT)}: there is no such English page")
    for line in complaints:
        print(line)
    if not complaints:
        print("mirror: in order")
    return bool(complaints)


sys.exit(main())
