// Copying a text, also where the page came over plain http, as in a local network: there browsers have no clipboard for scripts.
import { t } from './text.js';
import { toast } from './ui.js';

/** By the browser's own command on a field that is there for a moment, within the window on top: nothing outside it can have the focus. */
function copyByCommand(text) {
	const field = document.createElement('textarea'), before = /** @type {?HTMLElement} */ (document.activeElement);
	field.value = text;
	field.readOnly = true;
	field.className = 'unseen';
	([...document.querySelectorAll('dialog[open]')].at(-1) ?? document.body).append(field);
	field.select();
	try {
		return document.execCommand('copy');
	} catch {
		return false;
	} finally {
		field.remove();
		before?.focus?.({ preventScroll: true });
	}
}

/** Copies it, and says whether that worked. @param {string} text @returns {Promise<boolean>} */
export async function copyText(text) {
	const done = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copyByCommand(text);
	toast(t(done ? 'do.copied' : 'problem.copy'), { bad: !done });
	return done;
}
