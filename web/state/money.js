// Money, where the server says that it is on: what one has, what things cost, and how sums are written.
import { priceOf } from '../client.js';
import { about } from './about.js';
import { session } from './session.js';
import { Signal } from './signal.js';
import { locale, t } from './text.js';

/** What one has; null while it is not known. @type {Signal<?import('../client/price.js').Account>} */
export const funds = new Signal(null);
/** @type {Signal<?import('../client.js').Prices>} */
export const prices = new Signal(null);

const SOON_MS = 300;
let timer = 0;

export const isBilled = () => about.get()?.billing === true;

const isIn = () => isBilled() && session.phase.get() === 'in';

/** What asks for it; where that is not answered, or something that was asked later has been, what was known stays. @param {Signal<any>} known @param {() => Promise<any>} ask */
function learner(known, ask) {
	let asked = 0, answered = 0;
	return async () => {
		if (!isIn())
			return;
		const turn = ++asked, now = await session.guard(ask()).catch(() => null);
		if (!now || !isIn() || turn < answered)
			return;
		answered = turn;
		known.set(now);
	};
}

/** Asks what one has. */
export const learnFunds = learner(funds, () => session.client.account());
export const learnPrices = learner(prices, () => session.client.prices());

const learnAll = () => Promise.all([learnFunds(), learnPrices()]);

about.on(learnAll);
session.phase.on(learnAll);
session.online.on((on) => on && learnAll());
session.onCharge = () => {
	clearTimeout(timer);
	timer = setTimeout(learnFunds, SOON_MS);
};

/** What one may still spend, in micro-units; null = not known. @param {?import('../client/price.js').Account} now */
export const leftOf = (now) => (now ? now.balance.availableMicro + now.balance.creditLineMicro : null);

/** What a creation costs; null = not known, or nothing costs anything. @param {?import('../client.js').Prices} known @param {import('../client.js').Wanted} wanted */
export const costOf = (known, wanted) => (isBilled() ? priceOf(known, wanted) : null);

/** What a remix costs: it has its source's size and seconds. @param {?import('../client.js').Prices} known @param {object} source its task @param {{model?: string, image?: ?Blob}} [more] */
export const remixCost = (known, source, { model, image } = {}) => costOf(known, { model: model ?? source.requestedModel ?? source.model ?? '', job: 'remix', size: source.size, seconds: source.seconds, image: Boolean(image) });

/** What another try of a task costs; null = not known, as of an extension, of which the task does not say how many seconds are new. @param {?import('../client.js').Prices} known @param {any} task */
export function retryCost(known, { metadata, requestedModel, model, size, seconds, audio, hasInput, inputs }) {
	const type = metadata?.type, job = type === 'remix' || type === 'edit' ? type : 'create';
	return type === 'extend' ? null : costOf(known, { model: requestedModel ?? model ?? '', job, size, seconds, audio: audio ?? null, image: hasInput,
		images: (inputs ?? []).filter(({ role }) => role === 'reference').length });
}

function written(n, decimals) {
	const currency = about.get()?.currency ?? '';
	try {
		return new Intl.NumberFormat(locale(), { style: 'currency', currency, currencyDisplay: 'narrowSymbol', minimumFractionDigits: decimals, maximumFractionDigits: decimals }).format(n);
	} catch {
		return `${n.toFixed(decimals)} ${currency}`.trim(); // a name of the operator's own
	}
}

/** A sum as a person reads it: balances are rounded down, prices up. @param {number} micro @param {{up?: boolean}} [how] */
export function moneyText(micro, { up = false } = {}) {
	const decimals = about.get()?.currencyDecimals ?? 2, step = 10 ** (6 - decimals);
	return written((up ? Math.ceil : Math.floor)(micro / step) / 10 ** decimals, decimals);
}

export const priceText = (micro) => moneyText(micro, { up: true });

/** A sum that was typed, in micro-units: exactly, so what is none is given as it is, and the server says what is wrong with it. @param {string} text @returns {number|string|null} null = nothing was typed */
export function microOf(text) {
	const [, units, part = ''] = /^(\d{0,10})(?:\.(\d{1,6}))?$/.exec(text) ?? [];
	return text === '' ? null : units === undefined ? text : Number(units) * 1_000_000 + Number(part.padEnd(6, '0'));
}

/** The very sum, for who points at it. @param {number} micro */
export const exactText = (micro) => `${(micro / 1_000_000).toFixed(6).replace(/(\.\d\d\d*?)0+$/, '$1')} ${about.get()?.currency ?? ''}`.trim();

/** What became of a video's price; '' where it has none. */
export function chargeText({ charge, priceMicro, chargedMicro }) {
	switch (charge) {
	case 'held': return t('money.held', { price: priceText(priceMicro) });
	case 'charged': return priceText(chargedMicro);
	case 'released': return t('money.released');
	case 'free': return t('money.free');
	default: return '';
	}
}
