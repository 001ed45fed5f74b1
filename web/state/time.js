// What time it is: the server's, whatever this machine's clock says. All that is compared with a time that the server has told goes by it.
import { ServerClock } from '../client.js';
import { Signal, kept } from './signal.js';

const EXACT_MS = 2000;

/** How far the server's clock was ahead when last it was known, for a page that opens without an answer. @type {Signal<number>} */
const ahead = kept('ahead', 0);

export const serverClock = new ServerClock(ahead.get(), tick);

/** In ms since the epoch. */
export const serverTime = () => serverClock.now();

/** The same, each second, and at once where it is known anew. */
export const clock = new Signal(serverTime());

function tick() {
	if (Math.abs(serverClock.ahead - ahead.get()) > EXACT_MS)
		ahead.set(serverClock.ahead);
	clock.set(serverTime());
}

setInterval(tick, 1000);
