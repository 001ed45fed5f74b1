"""A database as an earlier release has left it: tasks in every state, with all that belongs to them.

    old_database.py make DATA VERSION TASKS      makes DATA/longreel.db, up to that migration, and its images
    old_database.py view OLD                     what clients must be shown of it: users, tokens, tasks, as JSON
    old_database.py compare OLD NEW              what of OLD is not in NEW, as JSON: [[table, column, rows], ...]

The rows are put in at migration 14, whose triggers keep counts, archive and deliveries as the program of that time did; the migrations after
it are carried out as that program's successors did.
"""
import hashlib
import json
import os
import re
import sqlite3
import sys
import time

SQL = os.path.join(os.path.dirname(__file__), "../../sql/migrations")
FIRST = 14
USERS, KEYS = 8, 2
DAY = 86_400_000
STATES = ["ready", "running", "sending", "unsure"] + ["failed"] * 12 + ["cancelled"] * 6 + ["completed"] * 78
FILM = b"\0\0\0\x10ftypa film"


def migrations(first, last):
    names = sorted(os.listdir(SQL))[first - 1 : last]
    for name in names:
        with open(os.path.join(SQL, name), encoding="utf8") as file:
            yield int(name[:4]), re.sub(r"(?m)^-- sqlite: ", "", file.read())


def migrate(db, first, last):
    for number, text in migrations(first, last):
        db.executescript(f"BEGIN; {text}; PRAGMA user_version = {number}; COMMIT;")


def digest(text):
    return hashlib.sha256(text.encode()).digest()


def token_of(user, key):
    return f"lr_{'key' if key else 'login'}{user:03}{key:03}".ljust(46, "x")


def insert(db, table, row):
    db.execute(f'INSERT INTO "{table}" ({", ".join(row)}) VALUES ({", ".join("?" * len(row))})', list(row.values()))


def add_users(db, now):
    for user in range(1, USERS + 1):
        insert(db, "user", {"id": user, "username": f"user{user}", "shape": f"user{user}", "email": f"user{user}@example.com",
            "password_hash": "-", "admin": int(user == 1), "disabled": 0, "created_at": now - 90 * DAY})
        for key in range(KEYS + 1):
            number = (user - 1) * KEYS + key if key else None
            if key:
                insert(db, "api_key", {"id": number, "user_id": user, "name": f"program {key}", "hint": f"lr_key…{key}",
                    "created_at": now - 80 * DAY, "expires_at": 0})
            insert(db, "token", {"hash": digest(token_of(user, key)), "user_id": user, "created_at": now - DAY, "used_at": now,
                "expires_at": now + (3650 if key else 30) * DAY, "key_id": number})
        insert(db, "place", {"user_id": user, "block": f"192.0.{user}.0/24", "seen_at": now})
        insert(db, "webhook", {"user_id": user, "url": f"https://hooks.example/{user}", "completed": 1, "failed": user % 2, "secret": f"whsec_{user}",
            "enabled": int(user > 1), "created_at": now - 70 * DAY, "key_id": user * KEYS if user % 3 == 0 else None})


def task_row(i, now):
    """One task, and how it came to stand so."""
    state = STATES[i * 37 % len(STATES)]
    user = 1 + (i % 2) * (i // 2 % USERS)  # the first has half of all
    ended = state in ("failed", "cancelled", "completed")
    at = now - DAY // 2 + i  # lately, in order of creation
    sent = state not in ("ready", "sending", "unsure")
    row = {
        "id": i, "user_id": user, "video_id": f"video_{at}_{i:012}", "external_id": f"job{i}" if sent else None,
        "client_request_id": f"request {i}" if i % 3 else None, "fingerprint": digest(f"content {i}"), "channel": "default", "state": "ready",
        "progress": 0, "prompt": f"number {i}: a cat on a skateboard 滑板上的猫" + " rides along the shore" * (i % 7),
        "model": [None, "sora-2", "sora-2-pro", "sora_video2"][i % 4], "size": [None, "1280x720", "720x1280"][i % 3], "seconds": [0, 4, 8, 12][i % 4],
        "aspect_ratio": "16:9" if i % 3 == 1 else None, "media_type": "VIDEO", "options": json.dumps({"style": "calm"} if i % 5 == 0 else {}),
        "metadata": json.dumps({"note": f"n{i}"} if i % 2 else {}), "attempt": 1, "created_at": at, "updated_at": at, "completed_at": 0,
        "deadline_at": now + DAY, "rev": i, "due_at": 0 if ended else now - 1000, "polls": i % 4, "misses": 0, "repeats": i % 2,
        "keyed": int(state == "unsure"), "owner": "gone" if state == "sending" or (state == "running" and i % 200 < 100) else None,
        "key_id": f"k{i % 3}.p" if ended and i % 11 == 0 else None, "api_key": (user - 1) * KEYS + 1 + i % KEYS if i % 4 else 0,
    }
    if i % 10 == 7 and i > 100:
        row |= {"parent_id": i - 7, "root_id": i - 7, "source_external_id": f"job{i - 7}"}
    if i % 50 == 3:
        row |= {"input_file": f"image{i}", "input_type": "image/png"}
    last = {"state": state, "progress": {"running": 1 + i % 99, "completed": 100}.get(state, 0), "rev": i, "updated_at": at + 60_000 * ended,
        "completed_at": at + 60_000 if ended else 0}
    if state == "completed":
        last["video_url"] = f"https://videos.example/{i}.mp4"
    if state == "failed":
        last |= {"error_code": ["upstream_error", "timeout", "rejected"][i % 3], "error_message": f"It failed, number {i}."}
        if i % 3 == 1:
            last["due_at"] = now - 1000  # it is still looked at
    return row, last


def add_tasks(db, data, tasks, now):
    os.makedirs(os.path.join(data, "uploads"), mode=0o700)
    insert(db, "channel", {"name": "default"})
    for i in range(1, tasks + 1):
        row, last = task_row(i, now)
        insert(db, "task", row)
        if last["state"] != "ready":
            db.execute(f"UPDATE task SET {', '.join(name + ' = ?' for name in last)} WHERE id = ?", [*last.values(), i])
        if last["state"] == "failed" and i % 4 == 0:  # it was tried before
            insert(db, "attempt", {"task_id": i, "n": 1, "external_id": f"job{i}a", "state": "failed", "error_code": "upstream_error",
                "ended_at": row["created_at"] + 1})
            db.execute("UPDATE task SET attempt = 2 WHERE id = ?", [i])
        if last["state"] == "completed" and i % 20 == 0:
            db.execute("UPDATE task SET deleted = 1, rev = rev WHERE id = ?", [i])
        if "input_file" in row:
            with open(os.path.join(data, "uploads", row["input_file"]), "wb") as file:
                file.write(b"\x89PNG\r\n\x1a\n")
    db.execute("UPDATE delivery SET due_at = 0, tries = 1, tried_at = created_at, status = 200, delivered_at = created_at WHERE id % 5 > 0")
    db.execute("UPDATE archive SET state = 'gone', due_at = 0, tries = 3 WHERE task_id % 3 = 0")
    for task, video in db.execute("SELECT task_id, video_id FROM archive JOIN task ON task.id = task_id WHERE archive.state = 'wanted' LIMIT 20").fetchall():
        folder = os.path.join(data, "archive", video[-2:])
        os.makedirs(folder, mode=0o700, exist_ok=True)
        with open(os.path.join(folder, video), "wb") as file:
            file.write(FILM)
        db.execute("UPDATE archive SET state = 'kept', type = 'video/mp4', size = ?, kept_at = ?, due_at = 0 WHERE task_id = ?", [len(FILM), now, task])
    db.execute("UPDATE head SET rev = ?, epoch = 'oldepoch'", [tasks])


def add_later(db):
    """What the program of migration 43 knew, and that of 14 did not."""
    db.execute("UPDATE task SET input_bytes = 8 WHERE input_file IS NOT NULL")
    db.execute("INSERT INTO uploaded SELECT user_id, sum(input_bytes) FROM task WHERE input_bytes > 0 GROUP BY user_id")
    db.execute("UPDATE task SET upstream_model = 'sora-2-2025', upstream_seconds = 5, upstream_size = '1024x576', accepted_at = created_at + 9 "
        "WHERE state = 'completed' AND id % 6 = 0")
    db.execute("INSERT INTO user_group (name, models, max_open, created_at) VALUES ('friends', 'sora*', 100000, 1)")
    db.execute('UPDATE "user" SET group_id = 1, note = \'of the house\', max_open = 100000 WHERE id % 2 = 0')
    db.execute("UPDATE api_key SET scope = 'read', models = 'sora-2*', rate = 9 WHERE id % 4 = 0")
    db.execute("DELETE FROM tally")
    db.execute("INSERT INTO tally SELECT user_id, coalesce(upstream_model, model, ''), media_type, status, count(*) FROM task WHERE deleted = 0 "
        "GROUP BY 1, 2, 3, 4")
    db.execute("INSERT INTO channel_lack VALUES ('default', 'nothing', 1)")


def make(data, version, tasks):
    now = int(time.time() * 1000)
    db = sqlite3.connect(os.path.join(data, "longreel.db"), isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -100000")
    migrate(db, 1, FIRST)
    db.execute("BEGIN")
    add_users(db, now)
    add_tasks(db, data, tasks, now)
    db.execute("COMMIT")
    migrate(db, FIRST + 1, version)
    if version >= 43:
        db.execute("BEGIN")
        add_later(db)
        db.execute("COMMIT")
    db.close()


def text_of(ms):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(ms // 1000)) + f".{ms % 1000:03}Z" if ms else None


def shown(row):
    def one(name):
        return row[name] if name in row.keys() else None
    return row["state"], {
        "videoId": row["video_id"], "externalTaskId": row["external_id"], "clientRequestId": row["client_request_id"], "status": row["status"],
        "progress": row["progress"], "prompt": row["prompt"], "model": one("upstream_model") or row["model"], "requestedModel": row["model"],
        "size": one("upstream_size") or row["size"], "seconds": one("upstream_seconds") or row["seconds"] or None, "aspectRatio": row["aspect_ratio"],
        "mediaType": row["media_type"], "videoUrl": row["video_url"], "imageUrl": row["image_url"], "errorCode": row["error_code"],
        "errorMessage": row["error_message"], "attempt": row["attempt"], "metadata": json.loads(row["metadata"]), "createdAt": text_of(row["created_at"]),
        "updatedAt": text_of(row["updated_at"]), "completedAt": text_of(row["completed_at"]),
    }


def view(old):
    db = sqlite3.connect(f"file:{old}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    rows = db.execute("SELECT * FROM task WHERE deleted = 0 ORDER BY id DESC").fetchall()
    print(json.dumps([{"tokens": [token_of(user, key) for key in range(KEYS + 1)], "username": f"user{user}",
        "tasks": [dict(zip(("state", "shown"), shown(row))) for row in rows if row["user_id"] == user]} for user in range(1, USERS + 1)]))


def compare(old, new):
    db = sqlite3.connect(f"file:{new}?mode=ro", uri=True)
    db.execute("ATTACH ? AS old", [f"file:{old}?mode=ro"])
    found = []
    for (table,) in db.execute("SELECT name FROM old.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
        before, after = ({row[1]: row[5] for row in db.execute(f'PRAGMA {schema}.table_info("{table}")')} for schema in ("old", "main"))
        if not after:
            found.append([table, None, db.execute(f'SELECT count(*) FROM old."{table}"').fetchone()[0]])
            continue
        same = " AND ".join(f'n."{name}" IS o."{name}"' for name, place in before.items() if place)
        join = f'FROM old."{table}" AS o LEFT JOIN main."{table}" AS n ON {same}'
        lost = db.execute(f'SELECT count(*) {join} WHERE NOT EXISTS (SELECT 1 FROM main."{table}" AS n WHERE {same})').fetchone()[0]
        found += [[table, "*", lost]] if lost else []
        for name in [name for name, place in before.items() if not place]:
            if name not in after:
                found.append([table, name, None])
                continue
            rows = db.execute(f'SELECT count(*) {join} WHERE o."{name}" IS NOT n."{name}"').fetchone()[0] - lost
            found += [[table, name, rows]] if rows > 0 else []
    print(json.dumps(found))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "view":
        view(sys.argv[2])
    else:
        compare(sys.argv[2], sys.argv[3])
