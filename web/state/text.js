// What the page says, in the language that was chosen.
import en from '../i18n/en.js';
import zh from '../i18n/zh.js';
import { language } from './settings.js';
import { serverTime } from './time.js';

const TEXTS = { en, zh };

/** The text of that name. @param {string} name @param {object} [facts] what stands in it */
export function t(name, facts) {
	const text = TEXTS[language.get()]?.[name] ?? en[name];
	return typeof text === 'function' ? text(facts) : text ?? name;
}

/** The language for what the browser writes. */
export const locale = () => (language.get() === 'zh' ? 'zh-CN' : 'en');

/** A time span: "1:05", "1:02:05". @param {number} ms */
export function span(ms) {
	const s = Math.max(0, Math.round(ms / 1000)), two = (n) => String(n).padStart(2, '0');
	return s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];

/** How long ago: "3 minutes ago"; a date once that says more. @param {string|number} time */
export function ago(time, now = serverTime()) {
	const then = new Date(time).getTime(), passed = now - then;
	if (passed > 7 * 86_400_000)
		return day(then);
	for (const [unit, ms] of UNITS)
		if (passed >= ms)
			return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(-Math.floor(passed / ms), unit);
	return t('time.now');
}

/** A date. */
export const day = (time) => new Intl.DateTimeFormat(locale(), { dateStyle: 'medium' }).format(new Date(time));

/** A moment in full. */
export const moment = (time) => new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

/** The beginning of a text, cut at a letter that a person sees as one. */
export function short(text, most = 60) {
	const letters = [...text];
	return letters.length <= most ? text : `${letters.slice(0, most - 1).join('').trimEnd()}…`;
}

/** The server's sentence, with the field at fault in the person's words where it does not name that itself. @param {?string} field as the API calls it */
export function refusalText(error, field) {
	if (!field || error.includes(field))
		return error;
	const label = t(`field.${field}`), name = label.startsWith('field.') ? field : label;
	return error.includes(name) ? error : t('problem.field', { error, field: name });
}

/** An error of a call as a person reads it. The server's own sentences come in the right language. */
export function reason(error) {
	if (error.code === 'content_gone' || error.status === 410 && error.code === 'bad_answer')
		return t('problem.content_gone');
	if (error.code === 'unreachable' || error.code === 'bad_answer')
		return t('problem.unreachable');
	return error.message ? refusalText(error.message, error.field) : t('problem.unreachable');
}
