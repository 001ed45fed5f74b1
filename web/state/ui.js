// What the views share: where we are, what is chosen, what is said and asked.
import { scope } from './here.js';
import { Signal, stored } from './signal.js';

const STATUSES = ['QUEUED', 'PROCESSING', 'COMPLETED', 'FAILED', 'CANCELLED'];

/** The windows that have an address of their own, beside the videos'. */
const PLACES = ['keys', 'account', 'usage'];

/** Where we are: {name: 'home'}, {name: 'video', id}, {name: 'keys'}… It stands in the address's hash, with what the gallery shows: `#/video/ID?q=wolf`. */
export const route = new Signal(readRoute());
/** What the gallery shows: {q, status, scope}, scope 'all' = everybody's. */
export const query = new Signal(readQuery());
/** What the page is about, for its title; '' = nothing of its own. */
export const title = new Signal('');
/** The tasks that the gallery shows, in their order. @type {Signal<object[]>} */
export const listed = new Signal([]);
/** Keys of the cards that are chosen; null while nothing is being chosen. @type {Signal<?Set<string>>} */
export const chosen = new Signal(null);
/** What was to be a remix and was not accepted: {source, prompt, image, text, field}. */
export const remixDraft = new Signal(null);
/** @type {Signal<{id: number, text: string, bad: boolean}[]>} */
export const toasts = new Signal([]);
/** What one came for, to a window that opens: 'remix'. It has the focus there. */
export const wish = new Signal(null);
/** What a screen reader says next. */
export const live = new Signal('');
/** The question that is open. @type {Signal<?{title: string, why: ?string, yes: string, answer: (said: boolean) => void}>} */
export const question = new Signal(null);
/** The windows that are open over the page, the topmost last. @type {Signal<object[]>} */
export const sheets = new Signal([]);

const TOAST_MS = 6000;
let toastCount = 0;

function readRoute() {
	const [, name, id] = /^#\/(\w+)(?:\/([^?]+))?(?:\?|$)/.exec(location.hash) ?? [];
	try {
		return name === 'video' && id ? { name, id: decodeURIComponent(id) } : { name: PLACES.includes(name) ? name : 'home' };
	} catch {
		return { name: 'home' }; // not what we have written there
	}
}

function readQuery() {
	const words = new URLSearchParams(/\?(.*)$/.exec(location.hash)?.[1] ?? ''), status = words.get('status');
	return { q: words.get('q')?.trim().slice(0, 200) ?? '', status: STATUSES.includes(status) ? status : '', scope: words.get('scope') === 'all' ? 'all' : '' };
}

/** The address of a place, with what the gallery shows. @param {string} path such as `video/ID` */
function addressOf(path) {
	const words = new URLSearchParams(Object.entries(query.get()).filter(([, value]) => value)).toString();
	return path || words ? `#/${path}${words ? `?${words}` : ''}` : location.pathname + location.search;
}

const isSame = (a, b) => a.q === b.q && a.status === b.status && a.scope === b.scope;

addEventListener('popstate', () => {
	route.set(readRoute());
	if (!isSame(readQuery(), query.get()))
		query.set(readQuery());
});
query.on((now) => {
	if (!isSame(readQuery(), now))
		history.replaceState(history.state, '', addressOf(pathOf(route.get())));
});

/** @param {{name: string, id?: string}} place */
const pathOf = ({ name, id }) => (name === 'video' ? `video/${encodeURIComponent(id)}` : name === 'home' ? '' : name);

// ---- how far down one was, for a reload; browsers cannot know it, as the list comes later ----

const SCROLL = `longreel${scope}.scroll`;
history.scrollRestoration = 'manual';

const isReturn = ['reload', 'back_forward'].includes(/** @type {?PerformanceNavigationTiming} */ (performance.getEntriesByType('navigation')[0])?.type);
const before = stored(() => JSON.parse(sessionStorage.getItem(SCROLL)));
/** Where an earlier visit to this address was scrolled to, in px. */
export const scrolledTo = isReturn && before && isSame(before.query, query.get()) ? before.y : 0;

addEventListener('pagehide', () => stored(() => sessionStorage.setItem(SCROLL, JSON.stringify({ y: Math.round(scrollY), query: query.get() }))));

/** Another one in the place of what is open: going back leads past both. @param {string} hash */
export function turnTo(hash) {
	history.replaceState(history.state, '', addressOf(hash));
	route.set(readRoute());
}

/** Opens a video, or the keys. How deep we are stands in the history itself, which has buttons of its own. @param {string} hash such as `video/ID` */
export function go(hash) {
	history.pushState({ depth: (history.state?.depth ?? 0) + 1 }, '', addressOf(hash));
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
		history.replaceState(null, '', addressOf(''));
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
