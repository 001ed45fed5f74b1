#!/usr/bin/env python3
"""The rules of the house, run: `make house`. Few rules, all of them kept; there is no list of exceptions.

 1. Floors and rooms: a file includes only lower floors, its own folder, or the rooms that its room may use.
 2. No circle among files (a .c and its .h count as one), and none among folders.
 3. Library headers stay behind their fences.
 4. Sizes: files of at most 500 lines, endpoints of 150, functions of 80; at most 6 parameters.
 5. Banned functions.
 6. Every prototype in a header of lib/ has a comment.
 7. No loose ends (marks that say that something is left to do).
 8. Every source file says at its top what it is.
 9. One C dialect: pointers are compared with NULL, sizeof has parentheses, one kind of section ruler.
10. A task's state is written by its transition and its creation alone, and so is what its charge and its balances are; transfers are
    added and never changed; the final schema has no trigger.
 9. SQL stands in sql/ alone; NOUN.sql is run by NOUN.c of the store; SQLite's interface stays in its engine's folder.
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# Who may include whom, by folder. A folder may always include itself.
LOW = {"base", "model"}
UPSTREAM = {"upstream/http", "upstream/dialect"}
# What every room of the domain may use beside itself: the root of the domain, and the floors below.
ROOT_ROOM = LOW | UPSTREAM | {"store", "domain"}
DOMAIN = {"domain", "domain/account", "domain/channel", "domain/money", "domain/task", "domain/video", "domain/webhook"}
FLOORS = {
    "lib/base": set(),
    "lib/model": {"base"},
    "lib/store/engine": LOW,
    "lib/store": LOW | {"store/engine"},
    "lib/upstream/http": LOW,
    "lib/upstream/dialect": LOW | {"upstream/http"},
    "lib/web": LOW,
    "lib/domain": LOW | {"store"},
    "lib/domain/money": ROOT_ROOM,
    "lib/domain/account": ROOT_ROOM | {"domain/money"},
    "lib/domain/webhook": ROOT_ROOM,
    "lib/domain/channel": ROOT_ROOM | {"domain/money", "domain/webhook"},
    "lib/domain/video": ROOT_ROOM | {"domain/channel"},
    "lib/domain/task": ROOT_ROOM | {"domain/channel", "domain/money", "domain/video"},
    "lib/api": LOW | {"store", "web"} | DOMAIN,
}
ENDPOINT = LOW | {"store", "web", "api"} | DOMAIN
# The files that wire a program together open what the others use.
WIRING = {"cgi-bin/relay/driver.c": ENDPOINT | UPSTREAM}
POLLER = LOW | {"store"} | UPSTREAM | DOMAIN
CLI = LOW | {"store"} | UPSTREAM | DOMAIN
SIMULATOR = {"base", "web"}

FENCES = {
    "sqlite3.h": "lib/store/engine/",
    "store/engine/engine.h": "lib/store/",
    "store/engine/sqlite.h": "lib/store/engine/",
    "base/bell.h": ("lib/base/bell.c", "lib/store/engine/"),
    "store/db.h": "lib/store/",
    "store/fault.h": "lib/store/",
    "store/migrate.h": "lib/store/",
    "store/row.h": "lib/store/",
    "curl/curl.h": "lib/upstream/http/",
    "fcgiapp.h": "lib/web/",
    "fcgi_stdio.h": "nowhere",
    "sodium.h": "lib/base/crypto.c",
    "cjson/cJSON.h": "lib/base/json.c",
    "cjson/cJSON_Utils.h": "lib/base/json.c",
}

# What the build makes.
MADE = {"version.h"}

BANNED = ("strcpy strcat sprintf vsprintf gets strtok atoi atol atoll atof strncpy strncat alloca rand srand "
          "random system popen tmpnam tempnam mktemp asctime ctime gmtime localtime signal").split()

LIMIT_FILE, LIMIT_ENDPOINT, LIMIT_FUNCTION, LIMIT_PARAMETERS = 500, 150, 80, 6

complaints = []


def complain(path, line, text):
    complaints.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def sources():
    for top in ("lib", "cgi-bin", "simulator", "poller", "cli", "bench"):
        yield from sorted(p for p in (ROOT / top).rglob("*") if p.suffix in (".c", ".h", ".def"))


def ours(top):
    """What is in a folder, without what npm put there."""
    return sorted(p for p in (ROOT / top).rglob("*") if "node_modules" not in p.parts and p.is_file())


def blank(text):
    """The text with comments and literals blanked out, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)


def allowed(path):
    rel = path.relative_to(ROOT)
    if str(rel) in WIRING:
        return WIRING[str(rel)]
    if rel.parts[0] == "lib":
        return FLOORS.get(str(rel.parent))
    return {"cgi-bin": ENDPOINT, "simulator": SIMULATOR, "poller": POLLER, "cli": CLI, "bench": LOW | {"store"}}[rel.parts[0]]


SQL = re.compile(r'"(\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|SAVEPOINT|CREATE|ALTER|DROP|WITH)\s|\s*(BEGIN|COMMIT|ROLLBACK)\b'
                 r'|[^"]*\s(FROM \w|WHERE\b|ORDER BY\b|INDEXED BY\b|LIMIT :))')
# Tests that mean SQLite, and what we are measured against.
SQLITE = ("lib/store/engine/", "tests/unit/store/engine/", "tests/support/raw.c", "tests/support/witness.c", "bench/")


def check_sql(path, text):
    """Statements in C, and the interface of an engine beside its driver."""
    rel = str(path.relative_to(ROOT))
    for number, line in enumerate(text.splitlines(), 1):
        if rel.startswith("lib/") and SQL.search(line):
            complain(path, number, "SQL stands in sql/ alone")
        if re.search(r"\bsqlite3_?\w*[(.]|\bSQLITE_[A-Z]", line) and not rel.startswith(SQLITE):
            complain(path, number, "SQLite's interface stays in lib/store/engine")


def check_queries():
    """A file of statements is named after the file of the store, or of its engine, that runs them."""
    for path in sorted((ROOT / "sql/queries").glob("*.sql")):
        if not any((ROOT / folder / f"{path.stem}.c").exists() for folder in ("lib/store", "lib/store/engine")):
            complain(path, 1, f"no lib/store/{path.stem}.c runs these")


def check_includes(path, text, graph):
    rel = str(path.relative_to(ROOT))
    may = allowed(path)
    if may is None:
        complain(path, 1, "this folder has no floor")
        return
    own = "/".join(path.relative_to(ROOT).parts[(1 if rel.startswith("lib/") else 0):-1])
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s+(["<])([^">]+)[">]', line)
        if not match:
            continue
        name = match.group(2)
        fence = FENCES.get(name)
        fence = (fence,) if isinstance(fence, str) else fence
        if fence and not rel.startswith((*fence, "bench/")):  # what we are measured against knows nothing of our fences
            complain(path, number, f"<{name}> stays in {', '.join(fence)}")
        if match.group(1) == "<":
            continue
        folder = str(Path(name).parent)
        if folder == ".":
            target = path.parent / name
            if not target.exists() and name not in MADE and not name.startswith("sql_"):
                complain(path, number, f"no such file beside it: {name}")
        elif folder != own and folder not in may:
            complain(path, number, f"{rel.rsplit('/', 1)[0]} may not include {folder}")
        room = str(Path(name).with_suffix("")) if folder != "." else f"{own}/{Path(name).stem}"
        graph.setdefault(f"{own}/{path.stem}", set()).add(room)


def check_circles(graph):
    done, trail = set(), []

    def visit(room):
        if room in trail:
            complaints.append("circle: " + " → ".join(trail[trail.index(room):] + [room]))
            return
        if room in done:
            return
        trail.append(room)
        for other in sorted(graph.get(room, ())):
            if other != room:
                visit(other)
        trail.pop()
        done.add(room)

    for room in sorted(graph):
        visit(room)


def check_folders(graph):
    """Folders include one another in one direction: of the domain's rooms the table above says which."""
    folders = {}
    for file, others in graph.items():
        for other in others:
            a, b = file.rsplit("/", 1)[0], other.rsplit("/", 1)[0]
            if a != b:
                folders.setdefault(a, set()).add(b)
    check_circles(folders)


POINTER = re.compile(r"\b(?:const )?(?:struct \w+|char|void|uint8_t|FILE) \*(?:const )?(\w+)(?=[,;)=\s])")


def check_dialect(path, text, code):
    """Pointers are told from numbers by what they are compared with: names declared as a pointer in the file."""
    for match in re.finditer(r"\bsizeof(?!\s*\()", code):
        complain(path, code.count("\n", 0, match.start()) + 1, "sizeof(x) has parentheses")
    for match in re.finditer(r"^/\* ?[-=*#~]{3,}", text, re.M):
        if not re.match(r"/\* ---- [^\n]+ ---- \*/$", text[match.start():].split("\n", 1)[0]):
            complain(path, text.count("\n", 0, match.start()) + 1, "a section is headed by /* ---- name ---- */")
    for body in re.finditer(r"^[A-Za-z_][^\n;]*\([^;{]*?\)\n\{\n.*?^\}", code, re.M | re.S):
        pointers = set(POINTER.findall(body.group()))
        for match in re.finditer(r"!(\w+)\b(?!\s*[(\[.]|->)", body.group()):
            if match.group(1) in pointers:
                line = code.count("\n", 0, body.start() + match.start()) + 1
                complain(path, line, f"{match.group(1)} == NULL says that it is a pointer")


# The statements that may write a task's state: its creation, its moves, and another attempt.
STATE_WRITERS = {"task_add", "task_move", "task_retry"}


# The statements that may write what money is, by table; and who may call the verbs that do, so that it follows moves alone.
MONEY_WRITERS = {
    "charge": {"charge_add", "charge_end", "charge_waive", "charge_linger", "charge_refund", "charge_channel", "clock_shift_charges"},
    "transfer": {"account_transfer"},
    "account": {"account_open", "account_move", "account_line"},
    "spend_day": {"charge_spend", "charge_spend_first"},
    "spend_channel": {"charge_spend_channel", "charge_spend_channel_first"},
    "usage_day": {"charge_count"},
}
MONEY_CALLERS = {
    "lib/domain/money/hold.c": "store_charge_add store_charge_end store_charge_waive store_charge_linger",
    "lib/domain/task/transition.c": "hold_add hold_follow",
    "lib/domain/money/credit.c": "store_charge_refund",
    "lib/store/channel.c": "store_charge_move",
}


def check_money(path, statement, name):
    written = re.match(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)\b", statement)
    if written and written.group(1) in MONEY_WRITERS and name not in MONEY_WRITERS[written.group(1)]:
        complain(path, 1, f"{name} writes the table {written.group(1)}")


def check_money_calls(path, code):
    rel = str(path.relative_to(ROOT))
    for owner, verbs in MONEY_CALLERS.items():
        for verb in verbs.split():
            # A definition begins its line, a prototype is in a header.
            if rel != owner and path.suffix == ".c" and re.search(rf"^.+\b{verb}\(", code, re.M):
                complain(path, 1, f"{verb}() is for {owner} alone")


def check_states():
    for path in sorted((ROOT / "sql/queries").glob("*.sql")):
        text = re.sub(r"^--(?! name:)[^\n]*", "", path.read_text(encoding="utf-8"), flags=re.M)
        for part in text.split("-- name: ")[1:]:
            name, _, statement = part.partition("\n")
            check_money(path, statement, name.strip())
            writes = re.match(r"\s*INSERT (OR \w+ )?INTO task\b", statement) or (
                re.match(r"\s*UPDATE task\b", statement)
                and re.search(r"(?:SET|,)\s+state\s*=", statement.split("WHERE")[0]))
            if writes and name.strip() not in STATE_WRITERS:
                complain(path, 1, f"{name.strip()} writes a task's state")
    alive = set()
    for path in sorted((ROOT / "sql/migrations").glob("*.sql")):
        for verb, name in re.findall(r"^(CREATE|DROP) TRIGGER (\w+)", path.read_text(encoding="utf-8"), re.M):
            (alive.add if verb == "CREATE" else alive.discard)(name)
    for name in sorted(alive):
        complaints.append(f"sql/migrations: the trigger {name} is left; a transition does what follows from it")


def check_functions(path, code):
    """Function definitions have their name at the start of a line and braces alone (the format check keeps it so)."""
    lines = code.split("\n")
    for start, line in enumerate(lines):
        if line != "{":
            continue
        end = next((i for i in range(start, len(lines)) if lines[i].startswith("}")), start)
        head = start - 1
        while head > 0 and not re.match(r"[A-Za-z_]\w*\(", lines[head]):
            head -= 1
        if end - head + 1 > LIMIT_FUNCTION:
            complain(path, head + 1, f"{end - head + 1} lines in one function; at most {LIMIT_FUNCTION}")
        inside = " ".join(lines[head:start])
        inside = re.sub(r"\([^()]*\)(?=\s*\()|\([^()]*\)\)", "", inside[inside.find("(") + 1:])
        if inside.count(",") + 1 > LIMIT_PARAMETERS:
            complain(path, head + 1, f"more than {LIMIT_PARAMETERS} parameters")


def check_header(path, text):
    """A prototype is commented when a comment ends right above it, or above the group that it belongs to."""
    code = blank(text).split("\n")
    lines = text.split("\n")
    depth, commented = 0, False
    for number, line in enumerate(code):
        stripped = lines[number].strip()
        if depth == 0 and not line.startswith("#"):
            if stripped.endswith("*/") and not line.strip():
                commented = True
            elif not stripped:
                commented = False
            elif re.match(r"(?!typedef|struct \w+;|enum \w+;|static|extern \"C\").*\w\(", line) and not commented:
                complain(path, number + 1, "a prototype without a comment")
        depth += line.count("{") - line.count("}")


def main():
    graph = {}
    for path in sources():
        text = path.read_text(encoding="utf-8")
        code = blank(text)
        rel = path.relative_to(ROOT)
        count = text.count("\n")
        if count > LIMIT_FILE:
            complain(path, 1, f"{count} lines; at most {LIMIT_FILE}")
        if rel.parts[0] == "cgi-bin" and "handlers.h" in text and path.stem != path.parent.name and count > LIMIT_ENDPOINT:
            complain(path, 1, f"{count} lines in an endpoint; at most {LIMIT_ENDPOINT}")
        if not text.startswith("/*"):
            complain(path, 1, "the first comment does not say what this is")
        check_includes(path, text, graph)
        check_sql(path, text)
        for match in re.finditer(r"\b(" + "|".join(BANNED) + r")\s*\(", code):
            complain(path, code.count("\n", 0, match.start()) + 1, f"{match.group(1)}() is banned")
        if path.suffix == ".c":
            check_functions(path, code)
        check_dialect(path, text, code)
        check_money_calls(path, code)
        if path.suffix == ".h" and rel.parts[0] == "lib":
            check_header(path, text)
    check_queries()
    for path in ours("tests"):
        if path.suffix in (".c", ".h"):
            check_sql(path, path.read_text(encoding="utf-8"))
    for path in ours("tests") + ours("web") + ours("sql"):
        if path.suffix in (".c", ".h", ".js", ".mjs", ".sql", ".sh", ".css"):
            text = path.read_text(encoding="utf-8")
            if path.suffix != ".css" and text.count("\n") > LIMIT_FILE:
                complain(path, 1, f"{text.count(chr(10))} lines; at most {LIMIT_FILE}")
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b")
    for path in list(sources()) + ours("tests") + ours("web"):
        if path.suffix in (".c", ".h", ".def", ".mjs", ".js", ".css", ".html"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                if marks.search(line):
                    complain(path, number, "a loose end")
    check_circles(graph)
    check_folders(graph)
    check_states()
    for text in complaints:
        print(text)
    if complaints:
        print(f"house: {len(complaints)} complaints", file=sys.stderr)
        return 1
    print("house: in order")
    return 0


if __name__ == "__main__":
    sys.exit(main())
