// What a video costs, by the prices that the server tells: its own rules, and whole numbers throughout, so that the sum is the server's.

/**
 * @typedef {object} Price       a rule of GET /api/prices
 * @property {?string} model     a name, or its beginning and *; null = none is named
 * @property {string} job        any, create, remix…
 * @property {string} size       any, a class such as 720p, or a size such as 1280x720
 * @property {'any'|'yes'|'no'} image  whether pictures are given
 * @property {'any'|'yes'|'no'} audio
 * @property {number} images     for at least so many references
 * @property {number} listFlatMicro
 * @property {number} listPerSecondMicro
 * @property {number} minSeconds
 * @property {number} stepSeconds
 * @property {number} defaultSeconds  0 = there is none
 * @property {?string} defaultSize
 * @property {number} maxSeconds 0 = there is none
 *
 * @typedef {{currency: string, multiplierPpm: number, prices: Price[]}} Prices
 * @typedef {{availableMicro: number, heldMicro: number, creditLineMicro: number}} Balance
 * @typedef {{subject: 'user'|'key', window: 'day'|'week'|'month'|'total', limitMicro: number, usedMicro: number, resetsAt: ?string}} Budget
 * @typedef {{user: {id: number, username: string}, group: ?string, balance: Balance, budgets: Budget[], maxOpen: number, open: number}} Account
 * @typedef {{id: number, at: string, kind: 'grant'|'redeem'|'reserve'|'settle'|'release'|'refund'|'take', amountMicro: number, balanceMicro: number, videoId?: string, note?: string}} Transfer
 * @typedef {{id: number, at: string, videoId: string, attempt: number, key: ?{id: number, name: ?string}, model: ?string, job: string, size: ?string, seconds: number,
 *	state: 'held'|'settled'|'released', reason: ?string, reservedMicro: number, chargedMicro: number, refundedMicro: number, endedAt: ?string}} Charge  of one attempt; key: null = by signing in, its name: null = it was revoked
 * @typedef {{from?: string, to?: string, model?: string, key?: number|string, state?: string}} ChargeFilter  from, to: days, both inside; this month. key: an id, 0 = by signing in
 * @typedef {{completed: number, failed: number, cancelled: number, seconds: number, chargedMicro: number}} Sums
 * @typedef {{amountMicro: number, seconds: number, size: ?string, enough: boolean, shortMicro: number, refusedBy?: string}} Quote
 * @typedef {{model?: ?string, job?: string, size?: ?string, seconds?: ?number, image?: boolean, audio?: ?boolean, images?: number, aspectRatio?: ?string}} Wanted
 */

const CLASSES = [480, 720, 1080, 1440, 2160];

/** @param {string} size */
function classOf(size) {
	const [, width, height] = /^(\d{1,6})x(\d{1,6})$/.exec(size) ?? [], lines = Math.min(Number(width), Number(height));
	return lines > 0 ? `${CLASSES.find((one) => lines <= one) ?? lines}p` : '';
}

/** @param {string} rule @param {string} word */
const rankWord = (rule, word) => (rule === 'any' ? 1 : rule === word ? 2 : 0);

/** @param {string} rule @param {string} model */
function rankModel(rule, model) {
	if (rule.endsWith('*'))
		return model.startsWith(rule.slice(0, -1)) ? rule.length : 0;
	return rule === model ? Infinity : 0;
}

/** A size that is not named is turned as the video is to be. @param {string} size @param {?string} [ratio] */
function turned(size, ratio) {
	const [width, height] = size.split('x').map(Number), [across, down] = (ratio ?? '').split(':').map(Number);
	return (down > across && width > height) || (down < across && width < height) ? `${height}x${width}` : size;
}

/** @param {string} rule @param {string} size */
const rankSize = (rule, size) => (rule === 'any' ? 1 : size !== '' && rule === size.replace(/(^|x)0+/g, '$1') ? 3 : size !== '' && rule === classOf(size) ? 2 : 0);

/** How specific a rule is for a video, the most important first; null = it is not for it. @param {Price} rule @param {Wanted} wanted */
function rankOf(rule, { model, job, size, image, audio, images = 0 }) {
	const rank = [rankModel(rule.model ?? '', model ?? ''), rankWord(rule.job, job ?? 'create'), rankSize(rule.size, size ?? ''), rankWord(rule.image, image ? 'yes' : 'no'),
		rankWord(rule.audio, typeof audio === 'boolean' ? (audio ? 'yes' : 'no') : ''), rule.images <= images ? rule.images + 1 : 0];
	return rank.includes(0) ? null : rank;
}

/** @param {Price[]} rules @param {Wanted} wanted @returns {?Price} */
function choose(rules, wanted) {
	let best = null, top = null;
	for (const rule of rules) {
		const rank = rankOf(rule, wanted), n = rank && top ? rank.findIndex((part, i) => part !== top[i]) : 0;
		if (rank && (!top || (n >= 0 && rank[n] > top[n])))
			[best, top] = [rule, rank];
	}
	return best;
}

/**
 * What one video costs, in micro-units; null where there is no price for it, or it depends on what is not named.
 * @param {?Prices} prices @param {Wanted} wanted @returns {?number}
 */
export function priceOf(prices, wanted) {
	const first = choose(prices?.prices ?? [], wanted);
	const rule = first && !wanted.size && first.defaultSize ? choose(prices?.prices ?? [], { ...wanted, size: turned(first.defaultSize, wanted.aspectRatio) }) : first;
	if (!prices || !rule)
		return null;
	const seconds = wanted.seconds || rule.defaultSeconds;
	if ((rule.maxSeconds > 0 && seconds > rule.maxSeconds) || (seconds === 0 && rule.listPerSecondMicro > 0))
		return null;
	const step = Math.max(1, rule.stepSeconds), billed = BigInt(Math.max(rule.minSeconds, Math.ceil(seconds / step) * step)), million = 1_000_000n;
	return Number(((BigInt(rule.listFlatMicro) + BigInt(rule.listPerSecondMicro) * billed) * BigInt(prices.multiplierPpm) + million - 1n) / million);
}
