// How what waits stands now. The feed tells of a task's own changes, not that those ahead of it have become fewer; so those that are on
// screen are asked about, one after the other, and never more than one in EACH_MS, however many they are.
import { session } from './session.js';

const EACH_MS = 2000;

/** Those on screen, and when each was asked about last. @type {Set<{videoId: string, at: number}>} */
const shown = new Set();
let timer = 0, restUntil = 0;

async function askNext() {
	const now = performance.now(), [next] = [...shown].sort((a, b) => a.at - b.at);
	if (!next || document.hidden || now < restUntil || session.phase.get() !== 'in' || !session.online.get())
		return;
	next.at = now;
	try {
		await session.look(next.videoId);
	} catch (error) {
		restUntil = performance.now() + (error.retryAfterMs ?? 0); // what is gone, the feed tells
	}
}

/** Keeps a task that waits up to date while it is on screen. @param {string} videoId @returns {() => void} ends it */
export function lookAt(videoId) {
	const one = { videoId, at: 0 };
	shown.add(one);
	if (shown.size === 1) {
		askNext();
		timer = setInterval(askNext, EACH_MS);
	}
	return () => {
		shown.delete(one);
		if (shown.size === 0)
			clearInterval(timer);
	};
}
