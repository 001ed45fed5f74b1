// The calls of the API, as the programs' own route tables have them.
import { readdirSync, readFileSync } from 'node:fs';

const SOURCE = new URL('../../cgi-bin/', import.meta.url);

/** The rows of all route tables but the simulator's, which is an upstream. @returns {{method: string, path: string, access: string}[]} */
export function routes() {
	const rows = [];
	for (const { name } of readdirSync(SOURCE, { withFileTypes: true }).filter((d) => d.isDirectory() && d.name !== 'simulator')) {
		const text = readFileSync(new URL(`${name}/${name}.c`, SOURCE), 'utf8');
		for (const [, method, path, access] of text.matchAll(/\{"([A-Z]+)", "([^"]+)",\s*(?!NULL)\w+,\s*(ACCESS_\w+),/g))
			rows.push({ method, path, access });
	}
	return rows;
}
