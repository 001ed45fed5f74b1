// Small parts that several views use.
import { html, useEffect, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { downloading } from '../state/download.js';
import { span, t } from '../state/text.js';
import { clock } from '../state/time.js';
import { live, sheets, toasts } from '../state/ui.js';
import { focusPlace, giveBack, useKeptFocus } from './focus.js';

const ICONS = {
	play: 'M8 5.6v12.8a.8.8 0 0 0 1.2.7l10-6.4a.8.8 0 0 0 0-1.4l-10-6.4A.8.8 0 0 0 8 5.6z',
	close: 'M6 6l12 12M18 6L6 18',
	search: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM16.2 16.2L20 20',
	image: 'M5 4h14a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V6a2 2 0 0 1 2-2zM3 16l4.6-4.6a1.5 1.5 0 0 1 2.1 0L17 19M14 14l1.9-1.9a1.5 1.5 0 0 1 2.1 0L21 15M9 8.5h.01',
	remix: 'M3.5 7h3.200c1.200 0 2.300.6 3 1.600l4.600 6.800c.7 1 1.800 1.600 3 1.600h3.200M17.500 4l3 3-3 3M17.500 14l3 3-3 3M3.500 17h3.200c1.200 0 2.300-.6 3-1.600l.9-1.300M13.400 9.900l.9-1.300c.7-1 1.800-1.600 3-1.600h3.200',
	again: 'M4 5h10a2 2 0 0 1 2 2v3M4 5v14h6M7.500 9.500h5M7.500 13h2.500M14 18.500l.600-2.600 5-5 2 2-5 5z',
	download: 'M12 4v11M7.5 11L12 15.5 16.5 11M5 20h14',
	trash: 'M5 7h14M10 7V5h4v2M7 7l.8 12.2a1 1 0 0 0 1 .8h6.4a1 1 0 0 0 1-.8L17 7',
	menu: 'M4 7h16M4 12h16M4 17h16',
	check: 'M5 12.5l4.5 4.5L19 7.5',
	select: 'M4 6.5l1.5 1.5L8 5M4 12.5L5.500 14 8 11M4 18.500L5.500 20 8 17M11.500 7H20M11.500 13H20M11.500 19H20',
	alert: 'M12 8v5M12 16.5h.01M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17z',
	stop: 'M12 3.500a8.500 8.500 0 1 0 0 17 8.500 8.500 0 0 0 0-17zM9 9l6 6M15 9l-6 6',
	cloud: 'M4 4l16 16M8.500 8.300A5.500 5.500 0 0 0 7 19h10c.6 0 1.100-.1 1.600-.300M20.500 17A4 4 0 0 0 17 11.100 5.500 5.500 0 0 0 11.500 7',
	copy: 'M9 9h9a1.500 1.500 0 0 1 1.500 1.500v8A1.500 1.500 0 0 1 18 20h-7.500A1.500 1.500 0 0 1 9 18.500zM5.500 15A1.500 1.500 0 0 1 4 13.500v-8A1.500 1.500 0 0 1 5.500 4H13a1.500 1.500 0 0 1 1.500 1.500',
	previous: 'M14.500 6l-6 6 6 6',
	next: 'M9.500 6l6 6-6 6',
	up: 'M12 19V5M6 11l6-6 6 6',
	coins: 'M9 5a5 5 0 1 0 0 10A5 5 0 0 0 9 5zM15.500 9.200a5 5 0 1 1-6 7.600M9 8v4',
	user: 'M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.500 20c.8-3.500 3.800-5 7.500-5s6.700 1.500 7.500 5',
	leave: 'M13 4.5H6.500a1.500 1.500 0 0 0-1.500 1.500v12a1.500 1.500 0 0 0 1.500 1.500H13M10 12h10M16.500 8.500L20 12l-3.500 3.500',
	key: 'M14.500 4.500a5 5 0 1 0 0 10 5 5 0 0 0 0-10zM11 13l-7 7M6 18l2 2',
};

/** A picture that says nothing to those who do not see it. */
export const Icon = ({ name }) => html`<svg class=${`icon i-${name}`} viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name]} /></svg>`;

/** A button that is only a picture, and says what it does. */
export const IconButton = ({ icon, label, class: kind = '', ...more }) => html`
	<button type="button" class=${`ghost round ${kind}`} aria-label=${label} title=${label} ...${more}><${Icon} name=${icon} /></button>`;

/** The time that a task takes, running while it is open. */
export function Elapsed({ from, to }) {
	return to ? span(Date.parse(to) - Date.parse(from)) : html`<${Running} from=${from} />`;
}

const Running = ({ from }) => html`<time>${span(useSignal(clock) - Date.parse(from))}</time>`;

/** How far the videos are that are fetched for one file. */
function Downloading() {
	const now = useSignal(downloading);
	return now && html`<p class="toast going"><span>${t('download.going', { at: now.done + 1, count: now.count })}</span><progress max="1" value=${now.fraction || undefined} aria-label=${t('do.download')}></progress>
		<button type="button" class="ghost small" onClick=${now.stop}>${t('do.stop')}</button></p>`;
}

/** What is said: on screen for a while, and to a screen reader. */
export const Voices = () => html`<div class="toasts" role="status"><${Downloading} />${useSignal(toasts).map(({ id, text, bad }) => html`<p key=${id} dir="auto" class=${`toast ${bad ? 'bad' : ''}`}>${text}</p>`)}</div>
	<p class="unseen" role="status" aria-live="polite">${useSignal(live)}</p>`;

/**
 * A window over the page. Escape and a click beside it close it, where it may be closed; the focus goes back to where it was. All outside of
 * the topmost is out of reach, so that one has the voices.
 */
export function Sheet({ label, class: kind = '', onClose, children }) {
	const dialog = useRef(null), open = useSignal(sheets);
	useKeptFocus(dialog, () => dialog.current);
	useLayoutEffect(() => {
		const node = dialog.current, before = focusPlace();
		for (const video of document.querySelectorAll('video'))
			if (!node.contains(video))
				video.pause(); // what is behind a window is neither seen nor to be heard
		node.showModal();
		sheets.set([...sheets.get(), dialog]);
		document.documentElement.classList.add('covered');
		return () => {
			dialog.current = null;
			node.close();
			sheets.set(sheets.get().filter((one) => one !== dialog));
			if (sheets.get().length === 0)
				document.documentElement.classList.remove('covered');
			giveBack(before);
		};
	}, []);
	const cancel = (event) => {
		event.preventDefault();
		onClose?.();
	};
	/* No window can be kept open against Escape for ever. */
	const closed = () => {
		if (!dialog.current)
			return; // another one is in its place
		if (onClose)
			onClose();
		else
			dialog.current?.showModal();
	};
	return html`<dialog ref=${dialog} tabindex="-1" class=${`sheet ${kind}`} aria-label=${label} onCancel=${cancel} onClose=${closed}
		onMouseDown=${(event) => event.target === dialog.current && onClose?.()}>${children}${open.at(-1) === dialog && html`<${Voices} />`}</dialog>`;
}

/** What was typed into a form, by the names of its fields. @param {HTMLFormElement} form @returns {Record<string, string>} */
export const wordsIn = (form) => /** @type {any} */ (Object.fromEntries(new FormData(form)));

/** A task of the store, drawn again when it changes. */
export function useTask(store, key) {
	const [, setTask] = useState(() => store.get(key));
	useLayoutEffect(() => {
		const look = () => setTask(() => store.get(key));
		look(); // it may have changed between drawing and now
		return store.on(key, look);
	}, [store, key]);
	return store.get(key);
}

/** A colour of its own for each video that has no picture yet: two hues that follow from its words. */
export function huesOf(text) {
	let hash = 7;
	for (const letter of text)
		hash = (Math.imul(hash, 31) + letter.codePointAt(0)) >>> 0;
	return { '--hue': hash % 360, '--hue2': (hash % 360 + 40 + (hash >>> 9) % 60) % 360 };
}
