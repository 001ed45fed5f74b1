#!/usr/bin/env python3
"""Makes web/openapi.json, which servers have at /openapi.json, and docs/api-reference.md, also in docs/zh-CN by chinese.json: the calls from the programs' route tables, their fields from
the tables of struct field, the codes of their errors from the comment at the head of their files and lib/base/err.def, their answers from
answers.py. Without --write it says whether both are up to date, as make house asks."""
import json
import os
import re
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import answers  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {"auth": "Accounts", "relay": "Creating", "tasks": "Tasks", "updates": "Waiting", "content": "Content", "hooks": "Webhooks", "ops": "Operating"}
# Calls whose fields are read in another file than their handler: (file, name of the table).
CREATE, KEYS = ("lib/api/create_input.c", "fields"), ("cgi-bin/auth/key_fields.c", "fields")
TABLES = {"relay_create": CREATE, "relay_remix": CREATE, "relay_v1_edit": CREATE, "relay_v1_extend": CREATE, "auth_keys_make": KEYS, "auth_keys_change": KEYS,
          "tasks_quote": ("cgi-bin/tasks/quote_fields.c", "fields"), "tasks_statement": ("cgi-bin/tasks/id_cursor.c", "fields"),
          "tasks_charges": ("cgi-bin/tasks/charge_filter.c", "page_fields"), "tasks_charges_csv": ("cgi-bin/tasks/charge_filter.c", "csv_fields")}
FREE = {"hooks_inbound", "ops_health", "ops_ready"}  # what upstreams and monitors add is ignored
# Members whose first name is another's, by offset; of images, which the caller reads by itself.
IMAGES = {"IMAGE_FIRST": "input_reference", "IMAGE_LAST": "last_frame", "IMAGE_REFERENCE": "references"}
BODIES = {}  # of several calls
COMMON = {"bad_request", "internal", "no_memory", "busy", "stopping"}
SAYS = json.loads((Path(__file__).parent / "fields.json").read_text(encoding="utf-8"))


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


# ---- the tables of the programs ----

def routes():
    """[(tag, method, path, handler, access, summary, takes)], as they stand there."""
    made = []
    for program, tag in PROGRAMS.items():
        table = re.search(r"struct route routes\[\] = \{\n(.*?)^\};", read(f"cgi-bin/{program}/{program}.c"), re.S | re.M).group(1)
        for row in re.findall(r'\{"([A-Z]+)", "([^"]+)",\s*(\w+),\s*(\w+),\s*("(?:[^"\\]|\\.)*")(?:,\s*([\w| ]+))?\}', table):
            method, path, handler, access, summary, takes = row
            if handler != "NULL":
                made.append((tag, method, path, handler, access, json.loads(summary), takes))
    return made


def handlers():
    """The file of each handler."""
    made = {}
    for path in [*ROOT.glob("cgi-bin/*/*.c"), ROOT / "lib/api/task_view.c"]:
        for name in re.findall(r"^(\w+)\(struct call \*call\)\n\{", path.read_text(encoding="utf-8"), re.M):
            made[name] = str(path.relative_to(ROOT))
    return made


def preprocessed(path, cache={}):
    if path not in cache:
        command = [*os.environ.get("CC", "cc").split(), "-E", "-P", "-D_GNU_SOURCE", "-Ilib", f"-I{Path(path).parent}", path]
        cache[path] = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return cache[path]


def number(text, source):
    """A constant expression of C, with the enumerators of the source in it."""
    for _ in range(8):
        names = set(re.findall(r"\b[A-Za-z_]\w*\b", re.sub(r"(?<=\d)[uUlL]+\b", "", text)))
        if not names:
            break
        for name in names:
            found = re.search(rf"\b{name} = ([^,}}]+)[,}}]", source)
            if not found:
                raise SystemExit(f"openapi: what is {name}?")
            text = re.sub(rf"\b{name}\b", f"({found.group(1)})", text)
    return eval(re.sub(r"(?<=\d)[uUlL]+\b", "", text).replace("/", "//"), {"__builtins__": {}})  # noqa: S307


def split(text):
    """The parts of an initializer between its commas."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "({[") - (c in ")}]")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def fields(path, table):
    """The rows of a table of struct field: dicts with name, kind, offset, required, min, max, words."""
    source = preprocessed(path)
    found = re.search(rf"static const struct field {table}\[\] = \{{(.*?)\}};", source, re.S)
    made = []
    for row in split(found.group(1)):
        cells = split(row[1:-1])
        named = dict(re.findall(r"^\.(\w+) = (.*)$", "\n".join(re.sub(r"\s+", " ", c) for c in cells), re.M))
        if "kind" in named:
            continue
        field = {"name": json.loads(cells[0]), "kind": cells[1], "offset": cells[2] if not cells[2].startswith(".") else "0",
                 "required": "required" in named}
        for limit in ("min", "max"):
            field[limit] = number(named[limit], source) if limit in named else 0
        if "words" in named:
            list_of = re.search(rf"\*const {named['words']}\[\] = \{{(.*?)\}}", source, re.S).group(1)
            field["words"] = [word for word in re.findall(r'"([^"]*)"', list_of) if word]
        made.append(field)
    return made


def image_names():
    """The names of images: {name: the first name of its role}."""
    return {name: IMAGES[role] for name, role in re.findall(r'X\("(\w+)", (IMAGE_\w+), ', read("lib/api/input_image.h"))}


def schema_of(field):
    kind, low, high = field["kind"], field["min"], field["max"]
    if kind in ("FIELD_TEXT", "FIELD_LINE"):
        return {"type": "string", "minLength": low, "maxLength": high}
    if kind == "FIELD_WORD":
        return {"type": "string", "enum": field["words"]}
    if kind == "FIELD_INT":
        return {"type": "integer", "minimum": low, "maximum": high} if high < 1 << 53 else {"type": "integer", "minimum": low}
    if kind == "FIELD_BOOL":
        return {"type": "boolean"}
    if kind == "FIELD_OBJECT":
        return {"type": "object", "description": f"at most {high} bytes of JSON"}
    if kind == "FIELD_LINES":
        return {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": 128}, "minItems": low, "maxItems": high}
    return {}


def described(rows, images):
    """[(name, schema, required)] of a table, other names of one field behind it."""
    made, first = [], {}
    for row in rows:
        name, schema = row["name"], schema_of(row)
        same = images.get(name) if row["kind"] == "FIELD_OWN" else first.setdefault((row["kind"], row["offset"]), name)
        if name in SAYS:
            schema["description"] = SAYS[name] + (f"; {schema['description']}" if "description" in schema else "")
        if same and same != name:
            schema["description"] = f"Another name of `{same}`."
        elif row["kind"] == "FIELD_OWN" and name in images:
            schema = {"$ref": "#/components/schemas/Images" if name == "references" else "#/components/schemas/Image"}
        made.append((name, schema, row["required"]))
    return made


# ---- errors ----

def errors():
    return {name: (int(status), sentence) for status, name, sentence in
            re.findall(r'^ERR\(\w+, (\d+), "([^"]+)", "((?:[^"\\]|\\.)*)"', read("lib/base/err.def"), re.M) if name != "ok"}


def errors_of(file, access, takes, known):
    """Codes that a call's own file names, and those that any call may answer: {status: [codes]}."""
    comment = re.sub(r"\n \*", " ", re.match(r"/\*.*?\*/", read(file), re.S).group(0))
    codes = set(COMMON) | ({"unauthorized", "rate_limited"} if access == "ACCESS_USER" else set())
    codes |= {"bad_field", "bad_json", "too_large", "unsupported_content_type"} if "TAKES_BODY" in takes else set()
    for listed in re.findall(r"Errors: (.*?)(?:\.\s|\*/)", comment, re.S):
        codes |= {word for word in re.findall(r"[a-z_]+", listed) if word in known}
    made = {}
    for code in sorted(codes):
        made.setdefault(known[code][0], []).append(code)
    return made


# ---- answers ----

SIMPLE = {"str": {"type": "string"}, "int": {"type": "integer"}, "num": {"type": "number"}, "bool": {"type": "boolean"}, "object": {"type": "object"},
          "time": {"type": "string", "format": "date-time"}}


def nullable(schema):
    return {**schema, "type": [schema["type"], "null"]} if isinstance(schema.get("type"), str) and "enum" not in schema \
        else {"anyOf": [schema, {"type": "null"}]}


def shape(what):
    if isinstance(what, tuple):
        schema = shape(what[0])
        return {**(nullable(schema) if len(what) > 2 else schema), "description": what[1]}
    if isinstance(what, list):
        return {"type": "array", "items": shape(what[0])}
    if isinstance(what, dict):
        return {"type": "object", "properties": {name.rstrip("?"): shape(member) for name, member in what.items()},
                "required": [name for name in what if not name.endswith("?")], "additionalProperties": False}
    parts = [part for part in what.split("|") if part != "null"]
    made = [{"$ref": f"#/components/schemas/{part[1:]}"} if part[0] == "@" else dict(SIMPLE[part]) if part in SIMPLE
            else {"type": "string", "enum": part.split("/")} for part in parts]
    schema = made[0] if len(made) == 1 else {"anyOf": made}
    return nullable(schema) if "null" in what.split("|") else schema


def content_of(what, v1):
    if isinstance(what, str) and what[0] != "@":
        return {what: {"schema": {"type": "string", "contentMediaType": what}}}
    if v1:
        return {"application/json": {"schema": shape(what)}}
    return {"application/json": {"schema": {"type": "object", "properties": {"success": {"const": True}, "data": shape(what),
            "requestTime": {"type": "integer", "description": "ms"}}, "required": ["success", "data", "requestTime"], "additionalProperties": False}}}


def components(known):
    ours = shape({"success": "bool", "error": ("str", "a sentence for a person, in Chinese where `Accept-Language` prefers it"),
                  "code": "str", "requestId": "str", "details?": "object"})
    ours["properties"]["success"] = {"const": False}
    ours["properties"]["code"] = {"type": "string", "enum": sorted(known), "description": "for programs; each with its cause and cure: docs/troubleshoot.md"}
    theirs = shape({"error": {"message": "str", "type": "insufficient_quota/requests/server_error/invalid_request_error", "param": "str|null",
                              "code": ("str|null", "ours, OpenAI's, or the upstream's own")}})
    text = {"type": "string", "description": "a data URL, or bare base64: PNG, JPEG or WebP, up to 10 MiB; in a form a file"}
    image = {"anyOf": [text, {"type": "object", "description": "{image_url}, {url} or {image_url: {url}} with one"}, {"type": "array"}]}
    return {"schemas": {**{name: shape(what) for name, what in answers.SCHEMAS.items()}, **BODIES, "Error": ours, "OpenAIError": theirs, "Image": image,
                        "Images": {"anyOf": [{"type": "array", "maxItems": 9, "items": {"$ref": "#/components/schemas/Image"}},
                                             {"$ref": "#/components/schemas/Image"}]}},
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "description": "a login's token, or an API key `sk-…`"},
                                "apiKey": {"type": "apiKey", "in": "header", "name": "api-key"}, "xApiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"}}}


# ---- both files ----

def operation(route, files, known, images):
    tag, method, path, handler, access, summary, takes = route
    v1, file = path.startswith("/v1"), files[handler]
    made = {"operationId": handler + re.sub(r"\W+", "_", path) if v1 or handler in ("task_show", "relay_remix", "hooks_inbound") else handler,
            "tags": ["OpenAI" if v1 else tag], "summary": summary.replace("OpenAI's: ", "").capitalize() if v1 else summary}
    made["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in re.findall(r"[:*](\w+)", path)]
    where = TABLES.get(handler, (file, "fields"))
    rows = described(fields(*where), images) if re.search("TAKES_(QUERY|BODY)", takes) and handler not in FREE else []
    if v1 and handler in ("relay_create", "relay_remix"):
        rows = [row for row in rows if not row[0].startswith("video")]
    if not v1:
        rows = [row for row in rows if not row[0].startswith("video[")]
    if handler in ("relay_create", "relay_remix") and not v1:
        rows = [row for row in rows if row[0] != "video"]
    if "TAKES_QUERY" in takes:
        made["parameters"] += [{"name": name, "in": "query", "required": required, **({"description": schema.pop("description")} if "description" in schema
                               else {}), "schema": schema} for name, schema, required in rows]
    elif "TAKES_BODY" in takes:
        body = {"type": "object", "properties": {name: schema for name, schema, _ in rows}, "additionalProperties": False}
        needed = [name for name, _, required in rows if required]
        if needed and not (where == KEYS or method == "PATCH"):
            body["required"] = needed
        kinds = ["application/json", "multipart/form-data"] if where == CREATE else ["application/json"]
        if where == CREATE:
            name = "FromVideo" if "video" in body["properties"] else "Creation"
            BODIES[name] = body
            body = {"$ref": f"#/components/schemas/{name}"}
        made["requestBody"] = {"required": handler != "relay_retry", "content": {kind: {"schema": body} for kind in kinds}}
    if where == CREATE and "TAKES_BODY" in takes:
        made["parameters"].append({"name": "Idempotency-Key", "in": "header", "description": "the same as clientRequestId", "schema": {"type": "string"}})
    if handler in ("updates_poll", "updates_v1_show"):
        made["parameters"].append({"name": "Prefer", "in": "header", "description": "wait=25", "schema": {"type": "string"}})
    made["responses"] = {}
    for status, (says, what) in answers.ANSWERS[handler + " /v1" if v1 else handler].items():
        made["responses"][str(status)] = {"description": says, **({"content": content_of(what, v1)} if what is not None else {})}
    wrong = {"application/json": {"schema": {"$ref": f"#/components/schemas/{'OpenAIError' if v1 else 'Error'}"}}}
    for status, codes in sorted(errors_of(file, access, takes, known).items()):
        made["responses"][str(status)] = {"description": ", ".join(codes), "content": wrong}
    made["responses"]["default"] = {"description": "Another error", "content": wrong}
    if access == "ACCESS_PUBLIC":
        made["security"] = []
    return made


def document():
    files, known, images = handlers(), errors(), image_names()
    paths = {}
    for route in routes():
        path = re.sub(r"[:*](\w+)", r"{\1}", route[2])
        paths.setdefault(path, {})[route[1].lower()] = operation(route, files, known, images)
    return {"openapi": "3.1.0", "info": {"title": "longreel", "version": read("VERSION").strip(), "license": {"name": "ISC", "identifier": "ISC"},
            "description": "A self-hosted backend for video generation. Below /api its own surface, in an envelope; below /v1 OpenAI's. Both show the same tasks. "
                           "A member or parameter that a call does not know is refused. 429 and 503 have Retry-After; every answer has X-Request-Id."},
            "servers": [{"url": "./"}], "security": [{"bearer": []}, {"apiKey": []}, {"xApiKey": []}], "paths": paths, "components": components(known)}


# The sentences of the reference, in both languages; what a table says is in Chinese in chinese.json.
HEAD = {
    "en": ["# Every call and every field", "", "Made from the programs' own tables by `docs/openapi/openapi.py`; the same for machines is `/openapi.json`, which every "
           "server has. What they mean: [the API](api.md). Every code: [troubleshoot](troubleshoot.md#every-error-code).", ""],
    "zh": ["# 全部接口与字段", "", "由 `docs/openapi/openapi.py` 根据程序自己的表生成；供机器读取的同样内容在每台服务器的 `/openapi.json`。"
           "含义见 [API](api.md)，错误码见[故障排查](troubleshoot.md#全部错误码)。", ""],
}
PHRASES = {
    "en": {"end": ".", "public": ". Without a token.", "table": "| field | | |", "needed": " (needed)", "other": "Another name of `{}`.", "bytes": "; at most {} bytes of JSON",
           "image": "an image", "images": "images", "chars": "{} to {} characters", "text": "text", "int": "a whole number, {} to {}", "int from": "a whole number from {}",
           "list": "a list of {} to {}", "boolean": "true or false", "object": "an object", "answers": "Answers: {}."},
    "zh": {"end": "。", "public": "。无需令牌。", "table": "| 字段 | | |", "needed": "（必需）", "other": "`{}` 的另一名称。", "bytes": "；最多 {} 字节的 JSON",
           "image": "一张图片", "images": "图片", "chars": "{} 到 {} 个字符", "text": "文字", "int": "整数，{} 到 {}", "int from": "整数，不小于 {}",
           "list": "{} 到 {} 项的列表", "boolean": "true 或 false", "object": "一个对象", "answers": "应答：{}。"},
}
CHINESE = json.loads((Path(__file__).parent / "chinese.json").read_text(encoding="utf-8"))
missing, said_so = set(), set()


def say(text, language):
    """What a table says, in the language of the page."""
    if language == "en" or not text:
        return text
    said_so.add(text)
    if text not in CHINESE:
        missing.add(text)
    return CHINESE.get(text, text)


def remark(text, language):
    """What a field is; what described() and schema_of() have made themselves is put into words here."""
    phrases = PHRASES[language]
    if other := re.fullmatch(r"Another name of `(.*)`\.", text):
        return phrases["other"].format(other.group(1))
    bytes_of = re.fullmatch(r"(?:(.*); )?at most (\d+) bytes of JSON", text)
    return say(bytes_of.group(1), language) + phrases["bytes"].format(bytes_of.group(2)) if bytes_of and bytes_of.group(1) else say(text, language)


def limits(schema, phrases):
    """A field's type and limits in words."""
    if "enum" in schema:
        return ", ".join(f"`{word}`" for word in schema["enum"])
    if "$ref" in schema:
        return phrases["image" if schema["$ref"].endswith("Image") else "images"]
    kind = schema.get("type", "")
    if kind == "string":
        return phrases["chars"].format(schema["minLength"], schema["maxLength"]) if "maxLength" in schema else phrases["text"]
    if kind == "integer":
        return phrases["int"].format(schema["minimum"], schema["maximum"]) if "maximum" in schema else phrases["int from"].format(schema["minimum"])
    if kind == "array":
        return phrases["list"].format(schema["minItems"], schema["maxItems"])
    return phrases.get(kind, "")


def rows_of(op):
    """[(name, schema, what it is, whether it is needed)] of a call's query and body."""
    rows = [(p["name"], p["schema"], p.get("description", ""), p.get("required")) for p in op["parameters"] if p["in"] == "query"]
    body = next(iter(op["requestBody"]["content"].values()))["schema"] if "requestBody" in op else {"properties": {}}
    body = BODIES[body["$ref"].split("/")[-1]] if "$ref" in body else body
    return rows + [(name, schema, schema.get("description", ""), name in body.get("required", [])) for name, schema in body["properties"].items()]


def reference(doc, language):
    lines, phrases, by_tag = [*HEAD[language]], PHRASES[language], {}
    for path, item in doc["paths"].items():
        for method, op in item.items():
            by_tag.setdefault(op["tags"][0], []).append((method.upper(), path, op))
    for tag, calls in by_tag.items():
        lines += [f"## {say(tag, language)}", ""]
        for method, path, op in calls:
            lines += [f"### `{method} {path}`", "", say(op["summary"], language) + phrases["public" if op.get("security") == [] else "end"], ""]
            rows = rows_of(op)
            if rows:
                lines += [phrases["table"], "|---|---|---|"]
                lines += [f"| `{name}`{phrases['needed'] if needed else ''} | {'' if says.startswith('Another name') else limits(schema, phrases)} | "
                          f"{remark(says, language)} |" for name, schema, says, needed in rows] + [""]
            said = [f"{status} {say(answer['description'].split('. ')[0], language) if int(status) < 400 else '`' + answer['description'].replace(', ', '` `') + '`'}"
                    for status, answer in op["responses"].items() if status != "default" and int(status) != 500]
            lines += [phrases["answers"].format(" · ".join(said)), ""]
    return "\n".join(lines).rstrip() + "\n"


def main():
    doc = document()
    made = {"web/openapi.json": json.dumps(doc, ensure_ascii=False, separators=(",", ":")) + "\n", "docs/api-reference.md": reference(doc, "en"),
            "docs/zh-CN/api-reference.md": reference(doc, "zh")}
    unused = set(answers.ANSWERS) - {r[3] + (" /v1" if r[2].startswith("/v1") else "") for r in routes()}
    bad = [f"docs/openapi/answers.py: no call answers {name}" for name in sorted(unused)]
    bad += [f"docs/openapi/chinese.json: {text!r} is not in Chinese" for text in sorted(missing)]
    bad += [f"docs/openapi/chinese.json: no table says {text!r}" for text in sorted(set(CHINESE) - said_so)]
    for path, text in made.items():
        if sys.argv[1:] == ["--write"]:
            (ROOT / path).write_text(text, encoding="utf-8")
        elif not (ROOT / path).exists() or read(path) != text:
            bad.append(f"{path} is not that of the tables: run python3 docs/openapi/openapi.py --write")
    print("\n".join(bad) or "openapi: in order")
    return bool(bad)


sys.exit(main())
