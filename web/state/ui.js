// What the views share: where we are, what is chosen, what is said and asked.
import { Signal } from './signal.js';

/** Where we are: {name: 'home'}, {name: 'video', id}, {name: 'keys'}; the address's hash. */
export const route = new Signal(readRoute());
/** What the gallery shows. */
export const query = new Signal({ q: '', status: '' });
/** Keys of the cards that are chosen; null while nothing is being chosen. @type {Signal<?Set<string>>} */
export const chosen = new Signal(null);
/** What was to be a remix and was not accepted: {source, prompt, image, text, field}. */
export const remixDraft = new Signal(null);
/** @type {Signal<{id: number, text: string, bad: boolean}[]>} */
export const toasts = new Signal([]);
/** What a screen reader says next. */
export const live = new Signal('');
/** The question that is open. @type {Signal<?{title: string, why: ?string, yes: string, answer: (said: boolean) => void}>} */
export const question = new Signal(null);
/** The windows that are open over the page, the topmost last. @type {Signal<object[]>} */
export const sheets = new Signal([]);
/** The time, each second, while somebody listens. */
export const clock = new Signal(Date.now());

const TOAST_MS = 6000;
let toastCount = 0;

function readRoute() {
	const [, name, id] = /^#\/(video|keys)(?:\/(.+))?$/.exec(location.hash) ?? [];
	try {
		return name === 'video' && id ? { name, id: decodeURIComponent(id) } : { name: name === 'keys' ? name : 'home' };
	} catch {
		return { name: 'home' }; // not what we have written there
	}
}

addEventListener('popstate', () => route.set(readRoute()));
setInterval(() => clock.set(Date.now()), 1000);

/** Opens a video, or the keys. How deep we are stands in the history itself, which has buttons of its own. @param {string} hash such as `video/ID` */
export function go(hash) {
	history.pushState({ depth: (history.state?.depth ?? 0) + 1 }, '', `#/${hash}`);
	route.set(readRoute());
}

let goingHome = null;

/** Back to the gallery, as the browser's own button would. @returns {Promise<void>} when it is on screen, scrolled to where it was */
export function goHome() {
	goingHome ??= leaveAll().finally(() => (goingHome = null));
	return goingHome;
}

async function leaveAll() {
	const depth = history.state?.depth ?? 0;
	if (depth > 0) {
		await new Promise((there) => {
			addEventListener('popstate', there, { once: true });
			history.go(-depth);
		});
	} else {
		history.replaceState(null, '', location.pathname + location.search);
		route.set(readRoute());
	}
	await new Promise(requestAnimationFrame);
}

export function toast(text, { bad = false } = {}) {
	const id = ++toastCount;
	toasts.set([...toasts.get(), { id, text, bad }]);
	setTimeout(() => toasts.set(toasts.get().filter((one) => one.id !== id)), TOAST_MS);
}

/** Asks before what cannot be taken back. @returns {Promise<boolean>} */
export function ask(title, { why = null, yes }) {
	return new Promise((done) => question.set({ title, why, yes, answer: (said) => { question.set(null); done(said); } }));
}

/** Chooses a card, or not any more. */
export function choose(key, on) {
	const now = new Set(chosen.get() ?? []);
	if (on)
		now.add(key);
	else
		now.delete(key);
	chosen.set(now);
}
