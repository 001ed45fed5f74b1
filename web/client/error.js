// Why a call failed.

/** The server's answer, or that there was none (status 0). Its message is a sentence for a person, in the language that was asked for. */
export class ApiError extends Error {
	/** @param {number} status @param {string} code @param {string} message @param {object} [more] */
	constructor(status, code, message, more = {}) {
		super(message);
		this.name = 'ApiError';
		/** The HTTP status; 0 where no answer came. */
		this.status = status;
		/** The machine code, such as `bad_field`; `unreachable` where no answer came, `bad_answer` where it was not ours. */
		this.code = code;
		/** The field at fault, if one is. @type {?string} */
		this.field = more.field ?? null;
		/** To be named when asking the operator. @type {?string} */
		this.requestId = more.requestId ?? null;
		/** What else the server said of it, such as the sums of a 402. @type {Record<string, any>} */
		this.details = more.details ?? {};
		/** When another try makes sense, in ms from now. @type {?number} */
		this.retryAfterMs = more.retryAfterMs ?? null;
	}
}

/**
 * Retry-After (RFC 9110, section 10.2.3) in ms: seconds or a date, which counts from that of the answer.
 * @param {?string} text  @param {?string} [date] the answer's  @returns {?number} null where there is none or it makes no sense
 */
export function retryAfter(text, date) {
	if (!text)
		return null;
	const ms = /^\d+$/.test(text.trim()) ? Number(text) * 1000 : Date.parse(text) - (Date.parse(date ?? '') || Date.now());
	return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** @param {number} status  @param {(name: string) => ?string} header the answer's  @param {any} body its JSON, or null  @returns {ApiError} */
export function errorOf(status, header, body) {
	return new ApiError(status, body?.code ?? 'bad_answer', body?.error ?? `The server answered ${status}.`,
		{ field: body?.details?.field, details: body?.details, requestId: body?.requestId, retryAfterMs: retryAfter(header('retry-after'), header('date')) });
}

export const unreachable = () => new ApiError(0, 'unreachable', 'The server cannot be reached.');
