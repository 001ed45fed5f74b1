// A world that misbehaves (tests/support/world.c): a clock that jumps, a disk that is full or broken while the programs run, a machine without libcurl.
//
//	const world = await newWorld();
//	const instance = await startInstance({ env: world.env });
//	await world.disk(ENOSPC);
import { access, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BUILD } from './instance.mjs';

export const EIO = 5, ENOSPC = 28, EDQUOT = 122;

const LIBRARY = join(BUILD, 'tests', 'world.so');

/** How many ms must pass for it to be noon in Asia/Shanghai: no day ends for half a day, there or in UTC, and no week or month. */
export const untilNoon = () => (28 * 3_600_000 - Date.now() % 86_400_000) % 86_400_000;

export async function newWorld() {
	/* The loader only warns of a missing one: the world would be as ever, and some tests wait for its faults. */
	await access(LIBRARY);
	const dir = await mkdtemp(join(tmpdir(), 'longreel-world-'));
	const files = { clock: join(dir, 'clock'), passed: join(dir, 'passed'), disk: join(dir, 'disk'), room: join(dir, 'room'), curl: join(dir, 'curl') };
	/* Whole at once: who reads meanwhile sees the old or the new. */
	const put = async (file, number) => {
		await writeFile(`${file}.new`, String(number));
		await rename(`${file}.new`, file);
	};
	return {
		env: { LD_PRELOAD: LIBRARY, WORLD_CLOCK: files.clock, WORLD_PASSED: files.passed, WORLD_DISK: files.disk, WORLD_ROOM: files.room,
			WORLD_CURL: files.curl,
			ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0` },
		/** From now on the programs' clock is so many ms ahead of the truth: it was set. */
		clock: (ms) => put(files.clock, ms),
		/** So many ms have passed beyond the truth, by the clock and since the machine's start. */
		passed: (ms) => put(files.passed, ms),
		/** From now on writing fails with this errno; 0 = it does not. */
		disk: (errno) => put(files.disk, errno),
		/** From now on so many bytes are free on every disk; 0 = as many as are. */
		room: (bytes) => put(files.room, bytes),
		/** From now on there is no libcurl. */
		noCurl: () => put(files.curl, 1),
		remove: () => rm(dir, { recursive: true, force: true }),
	};
}
