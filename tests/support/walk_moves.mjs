// Which edges and events of lib/model/state.def a walk (walk.mjs) takes, and how often. Edges are counted by a trigger in its database, in the very
// transaction that takes them; events by the charges that they have ended.
import { readFileSync } from 'node:fs';

const TABLE = readFileSync(new URL('../../lib/model/state.def', import.meta.url), 'utf8');
/* What tells those apart that lead from and to the same states, and a move that keeps the state from other writes. */
const SILENT = "coalesce(new.error_code, '') IN ('timeout', 'upstream_lost')";
const TELLS = { CANCEL_RUNNING: "new.cancelled_by <> 'upstream'", STOPPED: "new.cancelled_by = 'upstream'", GIVE_UP_POLLING: SILENT, FAIL: `NOT ${SILENT}`,
	PROGRESS: 'new.progress > old.progress', LATE_ID: 'old.external_id IS NULL AND new.external_id IS NOT NULL' };
const EDGES = [...TABLE.matchAll(/^EDGE\((\w+), (\w+), (\w+),/gm)].map(([, from, to, name]) =>
	({ from, to, name, when: `old.state = '${from.toLowerCase()}' AND new.state = '${to.toLowerCase()}'${TELLS[name] ? ` AND ${TELLS[name]}` : ''}` }));
const EVENTS = [...TABLE.matchAll(/^EVENT\((\w+),/gm)].map(([, name]) => name);

/** From now on each edge is counted; a change of a task's state that is none, too. */
export async function watchMoves(database) {
	await database.rows('CREATE TABLE walk_move (name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT');
	const stays = EDGES.filter(({ from, to }) => from === to).map(({ when }) => `(${when})`), cases = EDGES.map(({ when, name }) => `WHEN ${when} THEN '${name}'`);
	await database.rows(`CREATE TRIGGER walk_moves AFTER UPDATE ON task WHEN old.state <> new.state OR ${stays.join(' OR ')} BEGIN
		INSERT INTO walk_move VALUES (CASE ${cases.join(' ')} ELSE 'no edge from ' || old.state || ' to ' || new.state END, 1)
		ON CONFLICT (name) DO UPDATE SET n = n + 1; END`);
}

/** @returns {Promise<{taken: Record<string, number>, missing: string[], strange: string[]}>} how often each; those that were not; changes that are none of them */
export async function movesTaken(database) {
	const counted = Object.fromEntries((await database.rows('SELECT name, n FROM walk_move')).map(({ name, n }) => [name, n]));
	const reasons = Object.fromEntries((await database.rows('SELECT reason, count(*) AS n FROM charge WHERE reason IS NOT NULL GROUP BY 1')).map(({ reason, n }) => [reason, n]));
	const [{ created }] = await database.rows('SELECT count(*) AS created FROM charge WHERE attempt = 1');
	const names = EDGES.map(({ name }) => name), happened = (name) => name === 'CREATE' ? created : reasons[name.toLowerCase()] ?? 0;
	const taken = Object.fromEntries([...names.map((name) => [name, counted[name] ?? 0]), ...EVENTS.map((name) => [`event ${name}`, happened(name)])]);
	return { taken, missing: Object.keys(taken).filter((name) => taken[name] === 0), strange: Object.keys(counted).filter((name) => !names.includes(name)) };
}
