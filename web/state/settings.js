// What a person has chosen, on this machine.
import { kept } from './signal.js';

/** 'auto', 'light' or 'dark'. */
export const theme = kept('theme', 'auto');
/** 'en' or 'zh'. */
export const language = kept('language', /^zh\b/i.test(navigator.language) ? 'zh' : 'en');
/** Whether to say so when a video is ready and the page is not on screen. */
export const notify = kept('notify', false);
/** {token, user} of who is signed in. */
export const account = kept('account', null);

/** Shows the choices on the page itself. */
export function applySettings() {
	const show = () => {
		const root = document.documentElement;
		root.lang = language.get() === 'zh' ? 'zh-CN' : 'en';
		if (theme.get() === 'auto')
			delete root.dataset.theme;
		else
			root.dataset.theme = theme.get();
	};
	theme.on(show);
	language.on(show);
	show();
}

/** Asks the browser for leave, which only a person's own click may do. @returns {Promise<boolean>} */
export async function switchNotify(on) {
	const allowed = on && 'Notification' in globalThis && (await Notification.requestPermission()) === 'granted';
	notify.set(allowed);
	return allowed;
}
