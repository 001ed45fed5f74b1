// Which day it is where the server counts days, months and budgets: in its time zone, not the browser's.
import { about } from './about.js';
import { Signal } from './signal.js';
import { locale } from './text.js';
import { clock, serverTime } from './time.js';

export const zone = () => about.get()?.timezone ?? 'UTC';

/** A format in the server's time zone; in UTC where this browser does not know that. */
function format(language, options) {
	try {
		return new Intl.DateTimeFormat(language, { ...options, timeZone: zone() });
	} catch {
		return new Intl.DateTimeFormat(language, { ...options, timeZone: 'UTC' });
	}
}

/** A day as the server writes it: 2026-11-30. @param {number} time */
export function dayOf(time) {
	const parts = Object.fromEntries(format('en', { calendar: 'gregory', numberingSystem: 'latn', year: 'numeric', month: '2-digit', day: '2-digit' })
		.formatToParts(time).map(({ type, value }) => [type, value]));
	return `${parts.year}-${parts.month}-${parts.day}`;
}

/** The server's day of now. */
export const today = new Signal(dayOf(serverTime()));

const look = () => today.set(dayOf(serverTime()));
clock.on(look);
about.on(look);

/** The first and the last day of a month that many before that of a day. @param {string} day @returns {{from: string, to: string, month: string}} */
export function monthOf(day, back) {
	const [year, month] = day.split('-').map(Number), text = (time) => new Date(time).toISOString().slice(0, 10), from = text(Date.UTC(year, month - 1 - back, 1));
	return { from, to: text(Date.UTC(year, month - back, 0)), month: from.slice(0, 7) };
}

/** A moment in full, as the server's clock on the wall shows it. @param {string} time */
export const serverMoment = (time) => format(locale(), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(time));

/** Whether the browser's own clock on the wall shows something else. */
export const isElsewhere = () => Intl.DateTimeFormat().resolvedOptions().timeZone !== zone();
