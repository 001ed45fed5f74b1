// A guard against creeping slowness: how many instructions the hot handlers take for one request, by callgrind, against a recorded bound. With the
// same libraries these counts are the same to a thousandth, however busy the machine is, which no clock is. What a program does once for
// all its requests (starting, preparing statements) is left out.
//
//	node bench/guard.mjs             fails where a handler takes over 3 % more than bench/guard.json says; on others than Debian 12, over 25 %
//	node bench/guard.mjs --record    writes bench/guard.json anew
import { readFile, writeFile } from 'node:fs/promises';
import { filledData, handlers, ofHandler } from './callgrind.mjs';

const file = new URL('guard.json', import.meta.url), TASKS = 2000;
/* Most of the instructions are SQLite's and libc's: the bounds are those of Debian 12. */
const system = await readFile('/etc/os-release', 'utf8').catch(() => '');
const MARGIN = /^ID=debian$/m.test(system) && /^VERSION_ID="12"$/m.test(system) ? 1.03 : 1.25;

const data = await filledData(TASKS, 'completed'), counts = {};
for (const [name, handler] of Object.entries(handlers(data.videoId)))
	counts[name] = (await ofHandler(data, handler)).total;
await data.end();
if (process.argv.includes('--record')) {
	await writeFile(file, `${JSON.stringify(counts, null, '\t')}\n`);
} else {
	const recorded = JSON.parse(await readFile(file, 'utf8'));
	let failed = 0;
	for (const [name, instructions] of Object.entries(counts)) {
		const ratio = instructions / recorded[name], good = ratio <= MARGIN;
		failed += !good;
		console.log(`${good ? 'ok  ' : 'MORE'} ${name}: ${instructions} instructions, ${ratio.toFixed(3)} of the bound`);
	}
	console.log(`${Object.keys(counts).length - failed} passed, ${failed} failed`);
	process.exitCode = failed > 0 ? 1 : 0;
}
