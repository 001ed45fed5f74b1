// Reads a database beside the programs that write it, without waiting for a process each time.
//
//	const database = openDatabase(instance.data);
//	const [{ n }] = await database.rows('SELECT count(*) AS n FROM task WHERE user_id = ?', 1);
//	await database.close();
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const READER = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20, isolation_level=None)
db.row_factory = sqlite3.Row
for line in sys.stdin:
    text, values = json.loads(line)
    try:
        answer = [dict(row) for row in db.execute(text, values)]
    except sqlite3.Error as error:
        answer = str(error)
    print(json.dumps(answer, default=str), flush=True)
`;

export function openDatabase(data) {
	const child = spawn('python3', ['-c', READER, join(data, 'longreel.db')], { stdio: ['pipe', 'pipe', 'inherit'] });
	const waiting = [];
	createInterface({ input: child.stdout }).on('line', (line) => waiting.shift()(JSON.parse(line)));
	return {
		/** The rows of a statement; throws what SQLite says. */
		async rows(text, ...values) {
			const answer = await new Promise((done) => {
				waiting.push(done);
				child.stdin.write(`${JSON.stringify([text, values])}\n`);
			});
			if (typeof answer === 'string')
				throw new Error(`${answer}: ${text}`);
			return answer;
		},
		async close() {
			child.stdin.end();
			await once(child, 'close');
		},
	};
}
