// Videos as files. One goes to the browser's own download, which shows how far it is; several become one archive, and the page shows it.
import { dayOf } from './days.js';
import { session } from './session.js';
import { Signal } from './signal.js';
import { serverTime } from './time.js';
import { crc32, zipOf } from './zip.js';

/** What is being fetched for an archive: {done, count, fraction, stop()}. @type {Signal<?{done: number, count: number, fraction: number, stop: () => void}>} */
export const downloading = new Signal(null);

const NAME_MOST = 60, SHOWN_MS = 200;

/** The beginning of a prompt as the name of a file, as the server names it, too. */
const nameOf = ({ prompt, videoId }) => [...prompt.replace(/[\\/:*?"<>|.\x00-\x20\x7f]+/g, ' ').trim()].slice(0, NAME_MOST).join('').trim() || videoId;

function save(href, name) {
	const link = document.createElement('a');
	link.href = href;
	link.download = name;
	link.click();
}

/** Keeps the bytes for the download to begin, and no longer. */
export function saveBlob(blob, name) {
	const url = URL.createObjectURL(blob);
	save(url, name);
	setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Hands a video over as a file, named by its prompt. */
export async function download(task) {
	const link = session.client.downloadLink(await session.guard(session.client.getTask(task.videoId))); // links end after a while
	if (!link) {
		await downloadAll([task]);
		return;
	}
	await session.guard(session.client.probeContent(task.videoId)); // what fails in the browser's own list says no reason
	save(link, `${nameOf(task)}.mp4`);
}

/** The bytes, with a word on each piece of them. @param {(fraction: number, piece: Uint8Array) => void} onPiece */
async function fetchVideo(task, signal, onPiece) {
	const { body, size, type } = await session.guard(session.client.openContent(task.videoId, signal));
	/** @type {any[]} */
	const pieces = [];
	let got = 0;
	for (const reader = body.getReader();;) {
		const { done, value } = await reader.read();
		if (done)
			return new Blob(pieces, { type });
		pieces.push(value);
		got += value.length;
		onPiece(size ? got / size : 0, value);
	}
}

/** Several, one after the other, into one archive. What was stopped saves nothing. @param {object[]} tasks @returns {Promise<number>} how many there are in it */
export async function downloadAll(tasks) {
	const abort = new AbortController(), files = [], names = new Set();
	let shown = 0, problem = null;
	const show = (done, fraction) => downloading.set({ done, count: tasks.length, fraction, stop: () => abort.abort() });
	try {
		for (const [n, task] of tasks.entries()) {
			let name = nameOf(task), crc = 0;
			for (let again = 2; names.has(name); again++)
				name = `${nameOf(task)} (${again})`;
			names.add(name);
			show(n, 0);
			try {
				const blob = await fetchVideo(task, abort.signal, (fraction, piece) => {
					crc = crc32(crc, piece);
					if (Date.now() - shown > SHOWN_MS) {
						shown = Date.now();
						show(n, fraction);
					}
				});
				files.push({ name: `${name}.mp4`, blob, crc });
			} catch (error) {
				if (abort.signal.aborted)
					return 0;
				problem = error;
			}
		}
	} finally {
		downloading.set(null);
	}
	if (files.length === 0 && problem)
		throw problem;
	if (tasks.length === 1)
		saveBlob(files[0].blob, files[0].name);
	else
		saveBlob(zipOf(files, new Date(serverTime())), `longreel ${dayOf(serverTime())}.zip`);
	return files.length;
}
