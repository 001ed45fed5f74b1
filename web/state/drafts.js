// What stands in the composer: a draft of its own for each tab, found again after a reload, or by the next tab once its own is closed. Its
// pictures are kept in the person's database, its words where a page that is being left can still write them.
import { scope } from './here.js';
import { Signal, kept, stored } from './signal.js';

const ROOT = `longreel${scope}.draft.`, TAB = `longreel${scope}.tab`, LOCK = 'longreel.tab.';
/** A reload may ask for its lock before the page that it replaces has let go of it. */
const RELOAD_MS = 300;

/** @typedef {{image?: ?Blob, lastFrame?: ?Blob, references?: Blob[]}} Pictures */

/** The fields, by their names in a creation; what is empty is not there. @type {Signal<object>} */
export const draft = new Signal({});
/** @type {Signal<Pictures>} */
export const draftPictures = new Signal({});
/** Drafts that gave way to another one, the latest last. @type {Signal<{fields: object, pictures: Pictures}[]>} */
export const parked = new Signal([]);
/** Pictures that are still being fetched for the draft. @type {Signal<number>} */
export const fetching = new Signal(0);
/** What the server said of what stands there now: {text, field}, field as the API calls it. @type {Signal<?{text: string, field: ?string}>} */
export const refusal = new Signal(null);
/** The settings that were used last: what a new tab begins with. */
const wishes = kept('wishes', {});

let tab = null, storage = null;
/** @type {(value?: any) => void} */
let letGo = () => {};

/** @param {{prompt?: string}} fields @param {Pictures} pictures */
const isEmpty = ({ prompt }, { image, lastFrame, references }) => !prompt?.trim() && !image && !lastFrame && !references?.length;

/** Whether nothing stands in the composer that would be lost. */
export const isDraftEmpty = () => isEmpty(draft.get(), draftPictures.get()) && fetching.get() === 0;

/** The settings alone, which stay when the words have been sent. */
const settingsOf = ({ model = '', size = '', seconds = '' }) => ({ model, size, seconds });

const read = (key) => stored(() => JSON.parse(localStorage.getItem(key)));
const recordOf = (id) => read(ROOT + id);
const ids = () => stored(() => Object.keys(localStorage).filter((key) => key.startsWith(ROOT)).map((key) => key.slice(ROOT.length))) ?? [];

/** Takes the name of a tab. @returns {Promise<boolean>} false: another one has it */
function hold(id, options) {
	if (!navigator.locks)
		return Promise.resolve(recordOf(id)?.left !== null); // plain http: a tab says when it leaves; one that was doubled finds that it has not
	return new Promise((got) => navigator.locks.request(LOCK + id, options, (lock) => {
		got(Boolean(lock));
		return lock && new Promise((done) => (letGo = done));
	}).catch(() => got(false)));
}

/** The draft of a tab that is closed: the latest that holds anything. Those that hold nothing are cleared away. @returns {Promise<?string>} */
async function orphan() {
	const { held = [] } = await navigator.locks?.query() ?? {}, names = new Set(held.map(({ name }) => name));
	const closed = ids().filter((id) => !names.has(LOCK + id)).map((id) => ({ id, ...recordOf(id) })).filter(({ left }) => navigator.locks || left);
	for (const { id, holds } of closed)
		if (!holds)
			drop(id);
	for (const { id } of closed.filter(({ holds }) => holds).sort((a, b) => b.at - a.at))
		if (await hold(id, { ifAvailable: true }))
			return id;
	return null;
}

function drop(id) {
	stored(() => localStorage.removeItem(ROOT + id));
	storage?.dropDraft(id).catch(() => {});
}

/** At the beginning of a session. @param {import('./storage.js').TaskStorage} into */
export async function openDrafts(into) {
	storage = into;
	const own = stored(() => sessionStorage.getItem(TAB));
	let from = own;
	if (own && await hold(own, { signal: AbortSignal.timeout(RELOAD_MS) }))
		tab = own;
	else
		from = own ?? (tab = await orphan()); // a tab that was doubled begins with the same words, and goes its own way
	if (tab === null) {
		tab = newName();
		await hold(tab, {});
	}
	stored(() => sessionStorage.setItem(TAB, tab));
	const known = from ? recordOf(from) : null, pictures = from ? await storage.draft(from) : null;
	if (isDraftEmpty()) {
		draft.set(known?.fields ?? wishes.get());
		draftPictures.set(pictures?.own ?? {});
		parked.set((known?.parked ?? []).map((fields, n) => ({ fields, pictures: pictures?.parked?.[n] ?? {} })));
	}
	write();
	if (from !== tab)
		writePictures();
}

const newName = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(36)).join('');

function write(left = null) {
	if (tab === null)
		return;
	const holds = parked.get().length > 0 || !isEmpty(draft.get(), draftPictures.get());
	stored(() => localStorage.setItem(ROOT + tab, JSON.stringify({ fields: draft.get(), parked: parked.get().map(({ fields }) => fields), holds, left, at: Date.now() })));
}

function writePictures() {
	write();
	if (tab !== null)
		storage.putDraft(tab, { own: draftPictures.get(), parked: parked.get().map(({ pictures }) => pictures) }).catch(() => {});
}

draft.on(() => write());
draftPictures.on(writePictures);
parked.on(writePictures);
addEventListener('pagehide', () => write(Date.now()));
addEventListener('pageshow', ({ persisted }) => persisted && write());

/** At sign-out: nothing that was written is left on this machine. */
export function forgetDrafts() {
	for (const id of ids())
		drop(id);
	stored(() => sessionStorage.removeItem(TAB));
	tab = null;
	letGo();
	wishes.set({});
	draft.set({});
	draftPictures.set({});
	parked.set([]);
}

/** What was sent goes; the settings stay, here and for tabs to come. */
export function draftSent() {
	const settings = settingsOf(draft.get());
	wishes.set(settings);
	refusal.set(null);
	draftPictures.set({});
	draft.set({ ...draft.get(), prompt: '' });
}

/** Puts a draft into the composer; what stood there is parked. @param {object} fields @param {Pictures} pictures */
export function putDraft(fields, pictures = {}) {
	if (!isDraftEmpty())
		parked.set([...parked.get(), { fields: draft.get(), pictures: draftPictures.get() }]);
	refusal.set(null);
	draft.set(fields);
	draftPictures.set(pictures);
}

/** Brings the latest parked draft back; what stands there now is parked in its place. */
export function unpark() {
	const rest = [...parked.get()], back = rest.pop();
	parked.set(rest);
	putDraft(back.fields, back.pictures);
}

/** Throws the latest parked draft away. */
export const dropParked = () => parked.set(parked.get().slice(0, -1));

/** Fetches pictures for the draft that stands there; they come to it as they arrive. @param {() => Promise<Pictures>} work @returns {Promise<boolean>} false: they cannot be had */
export async function fetchPictures(work) {
	const into = draft.get();
	fetching.set(fetching.get() + 1);
	try {
		const pictures = await work();
		if (draft.get().from === into.from)
			draftPictures.set({ ...pictures, ...draftPictures.get() });
		return true;
	} catch {
		return false;
	} finally {
		fetching.set(fetching.get() - 1);
	}
}
