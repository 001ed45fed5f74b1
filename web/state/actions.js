// What one can do with a card, and which of it helps in its state.
import { session } from './session.js';
import { copyText } from './copy.js';
import { draft, fetchPictures, isDraftEmpty, putDraft, refusal } from './drafts.js';
import { download, downloadAll } from './download.js';
import { picturesOf } from './media.js';
import { learnFunds, learnPrices, priceText, prices, retryCost } from './money.js';
import { reason, refusalText, span, t } from './text.js';
import { serverTime } from './time.js';
import { ask, go, goHome, live, remixDraft, route, sheets, toast, wish } from './ui.js';

/** How a card is shown: a server's state, or one that only we know. @returns {string} such as 'sending', 'missing' or 'QUEUED' */
export const stateOf = (task) => (task.local ? task.local.state : task.status);

/** Whether it is another user's, which only an administrator sees. */
export const isForeign = (task) => session.isForeign(task);

export const isOpen = (task) => ['sending', 'unknown', 'QUEUED', 'PROCESSING'].includes(stateOf(task));

/** The state in a person's words. */
export function stateText(task) {
	const state = stateOf(task);
	if (state === 'sending' && task.local.hasImage && task.local.upload > 0 && task.local.upload < 1)
		return t('state.upload', { percent: Math.round(task.local.upload * 100) });
	return t(`state.${state}`);
}

const OURS = ['submission_unknown', 'input_lost', 'timeout', 'upstream_lost', 'no_video', 'generation_failed', 'upstream_rejected'];

/** Whether the provider did not take it at all: it has no job there. A lost picture and an unknown outcome are told by their own codes. */
const isRefused = ({ errorCode, externalTaskId }) => errorCode === 'upstream_rejected' || (!OURS.includes(errorCode) && !externalTaskId);

/** The code that the provider gave; null where it is one of ours. */
export const codeOf = ({ status, errorCode }) => (status === 'FAILED' && errorCode && !OURS.includes(errorCode) ? errorCode : null);

/** Why it failed, with the provider's own sentence and code. */
function failureText(task) {
	const { errorCode, errorReason, upstreamMessage: error } = task, code = codeOf(task);
	if (errorReason === 'account')
		return t('problem.account');
	const own = OURS.includes(errorCode) && errorCode !== 'generation_failed' && errorCode !== 'upstream_rejected';
	const what = own ? t(`problem.${errorCode}`) : t(isRefused(task) ? 'problem.upstream_rejected' : 'problem.generation_failed');
	if (error)
		return t(code ? 'problem.said.code' : 'problem.said', { what, error, code });
	return code ? t('problem.code', { what, code }) : what;
}

/** Why it is not sent yet, how many are ahead, and when it is tried again; '' where none of it is known. A later answer may have another reason without an update. */
function waitText({ reason, ahead, nextTryAt }, now) {
	const left = nextTryAt ? Date.parse(nextTryAt) - now : 0, known = ['account', 'rate_limited', 'channel_down', 'model_down', 'busy', 'unsure'].includes(reason);
	return [known && t(`queue.${reason}`), known && left <= 0 && t(`queue.then.${reason}`), left > 0 && t('queue.next', { when: span(left) }), ahead > 0 && t('queue.ahead', { count: ahead })]
		.filter(Boolean).join(t('text.between'));
}

/** How long it will take still, if it takes as long as others did; '' where that is not known, or is over. */
const leftText = ({ doneAt }, now) => (doneAt > now ? t('state.left', { when: span(doneAt - now) }) : '');

/** When something happens by itself, in words; '' where it does not. @param {?number} at by the page's own clock, see outbox.js */
function whenText(name, at) {
	const left = (at ?? 0) - performance.now();
	return at ? t(left > 500 ? name : `${name}.now`, { when: span(left) }) : '';
}

/** Why the server does not have it yet, and when it is sent. */
function missingText({ error, nextAt }) {
	const why = error ? t('problem.missing.said', { error }) : t('problem.missing');
	return `${whenText('problem.missing.next', nextAt)} ${why}`.trim();
}

/** Who has stopped it. */
const cancelledName = (task) => `problem.cancelled${task.cancelledBy === 'user' && isForeign(task) ? '.owner' : task.cancelledBy ? `.${task.cancelledBy}` : ''}`;

/** What is wrong, or what it waits for, in a sentence or two; '' where nothing is. @param {object} task @param {number} [now] */
export function problemText(task, now = serverTime()) {
	switch (stateOf(task)) {
	case 'missing': return missingText(task.local);
	case 'unknown': return whenText('problem.unknown', task.local.nextAt);
	case 'refused': return refusalText(task.local.error ?? '', task.local.field);
	case 'CANCELLED': return t(cancelledName(task));
	case 'QUEUED': return waitText(task.queue ?? {}, now) || (task.waits ?? '');
	case 'PROCESSING': return leftText(task, now);
	case 'FAILED': return failureText(task);
	default: return '';
	}
}

/** Whether problemText() tells of a time. */
export const hasCountdown = ({ local, status, queue, doneAt }) => Boolean(local?.nextAt || (status === 'QUEUED' && queue?.nextTryAt) || (status === 'PROCESSING' && doneAt));

/** What is refused for its price only: nothing of it is wrong, and once that is settled the same request is taken. */
const isUnpaid = ({ code }) => ['price_changed', 'insufficient_credit', 'budget_exceeded'].includes(code);

/** The one action that helps: 'resend', 'edit', 'retry', 'cancel', 'remix'… null where there is nothing to do but wait. */
export function helpOf(task) {
	switch (stateOf(task)) {
	case 'sending': return 'stop';
	case 'unknown': return 'discard';
	case 'missing': return task.local.nextAt ? 'hurry' : 'resend';
	case 'refused': return task.local.code === 'price_changed' ? 'agree' : isUnpaid(task.local) ? 'resend' : 'edit';
	case 'QUEUED':
	case 'PROCESSING': return 'cancel';
	case 'COMPLETED': return 'remix';
	case 'CANCELLED': return 'retry';
	case 'FAILED': return isRefused(task) || task.errorCode === 'input_lost' ? 'edit' : 'retry';
	default: return null;
	}
}

/** Whether the provider may have made it, or be making it still: another try may be paid for as well. */
const mayCostTwice = ({ status, errorCode }) => status === 'FAILED' && ['submission_unknown', 'timeout', 'upstream_lost'].includes(errorCode);

/** What another try costs its owner; null where that is not known: others have prices of their own. */
const tryCost = (task) => (isForeign(task) ? null : retryCost(prices.get(), task));

/** What the action says that it does, and what that costs. @param {string} help @param {object} task */
export function helpText(help, task) {
	const cost = help === 'retry' ? tryCost(task) : null;
	return cost === null ? t(`do.${help}`) : `${t(`do.${help}`)} · ${priceText(cost)}`;
}

/** Says what went wrong, where an action did. */
async function tell(promise) {
	try {
		return await promise;
	} catch (error) {
		if (error.status !== 401)
			toast(reason(error), { bad: true });
		return undefined;
	}
}

const fieldsOf = ({ prompt, requestedModel, model, size, seconds, seed, negativePrompt, audio }) => ({ prompt, model: requestedModel ?? model ?? '', size: size ?? '',
	seconds: seconds ?? '', seed: seed ?? '', negativePrompt: negativePrompt ?? '', audio: audio ?? '' });

const remixSource = (task) => (task.metadata?.type === 'remix' ? task.metadata.remix_from : null);

async function showComposer() {
	if (route.get().name !== 'home')
		await goHome();
	dispatchEvent(new Event('longreel:compose'));
}

/** Brings a task's prompt, settings and pictures back into the composer. What stood there is parked. */
async function again(task) {
	const entry = session.outbox.entry(task.clientRequestId);
	putDraft({ ...fieldsOf(task), from: task.videoId }, entry ?? {});
	const fetched = entry || !task.hasInput ? true : fetchPictures(() => picturesOf(task));
	await showComposer();
	if (!(await fetched))
		toast(t('compose.image.lost'), { bad: true });
}

/** To change what was not accepted, and send it again: a remix where it began, all else in the composer. */
async function edit(task) {
	const entry = session.outbox.entry(task.clientRequestId), source = remixSource(task), { error, field } = task.local ?? {};
	const known = source && await session.fetch(source).catch(() => null);
	if (known?.status === 'COMPLETED') {
		const image = entry ? entry.image : task.hasInput ? await session.client.input(task).catch(() => null) : null;
		if (task.local)
			session.outbox.discard(task.clientRequestId);
		wish.set('remix');
		remixDraft.set({ source, prompt: task.prompt, image, text: task.local ? refusalText(error ?? '', field) : '', field });
		go(`video/${encodeURIComponent(source)}`);
		return;
	}
	const shown = again(task);
	if (task.local) {
		refusal.set({ text: refusalText(error ?? '', field), field: field ?? null });
		session.outbox.discard(task.clientRequestId);
	}
	await shown;
}

/** What is refused goes back into the form at once, where that is free. @param {import('./outbox.js').Entry} entry @returns {boolean} whether it has */
function takeBack({ kind, fields, image, lastFrame, references, problem }) {
	if (isUnpaid(problem)) {
		learnFunds();
		learnPrices();
		live.set(`${t('state.refused')}: ${problem.error}`);
		return false; // the card waits for its owner's word
	}
	if (kind !== 'create' || !isDraftEmpty())
		return false;
	putDraft({ ...draft.get(), ...fieldsOf(fields) }, { image, lastFrame, references });
	const text = refusalText(problem.error ?? '', problem.field);
	refusal.set({ text, field: problem.field ?? null });
	if (sheets.get().length > 0 || document.getElementById('prompt')?.getBoundingClientRect().bottom < 0)
		toast(`${t('state.refused')}: ${text}`, { bad: true });
	else
		live.set(`${t('state.refused')}: ${text}`);
	return true;
}

session.onRefused = takeBack;

/** Stops what is being sent; its words are back in the composer where that is free. */
function stop(task) {
	const entry = session.outbox.entry(task.clientRequestId);
	session.outbox.discard(task.clientRequestId);
	if (entry?.kind === 'create' && isDraftEmpty())
		putDraft({ ...draft.get(), ...fieldsOf(entry.fields) }, { image: entry.image, lastFrame: entry.lastFrame, references: entry.references });
}

/** Another try, at the price that is known; where it has changed, at the new one once that is agreed to. */
async function tryAgain(task, maxPriceMicro) {
	try {
		await session.change(task, 'retry', maxPriceMicro);
	} catch (error) {
		const price = error.code === 'price_changed' ? error.details.amountMicro : null;
		if (price === null)
			throw error;
		learnPrices();
		if (await ask(t('retry.sure'), { why: t('money.changed', { price: priceText(price) }), yes: t('do.retry') }))
			await tryAgain(task, price);
	}
}

async function retry(task) {
	const cost = tryCost(task);
	if (mayCostTwice(task) && !(await ask(t('retry.sure'), { why: t(task.errorCode === 'submission_unknown' ? 'retry.why.unknown' : 'retry.why.late'), yes: helpText('retry', task) })))
		return;
	try {
		await tryAgain(task, cost ?? undefined);
	} catch (error) {
		if (isUnpaid(error))
			learnFunds();
		if (error.code === 'input_lost')
			await again(task); // what it was made from is gone: the rest can be used again
		else
			await tell(Promise.reject(error));
	}
}

async function remove(task) {
	if (!(await ask(t('delete.sure'), { why: t('delete.why', { count: 1 }), yes: t('do.delete') })))
		return;
	if (route.get().id === task.videoId)
		await goHome(); // its card then has the focus, which goes on from there
	await tell(session.remove(task));
}

const ACTIONS = {
	agree: (task) => session.outbox.agree(task.clientRequestId),
	resend: (task) => session.outbox.resend(task.clientRequestId),
	hurry: (task) => session.outbox.resend(task.clientRequestId),
	discard: (task) => session.outbox.discard(task.clientRequestId),
	cancel: (task) => tell(session.change(task, 'cancel')),
	download: (task) => tell(download(task)),
	remix: (task) => {
		wish.set('remix');
		go(`video/${encodeURIComponent(task.videoId)}`);
	},
	again, edit, remove, retry, stop,
	copy: (task) => copyText(task.prompt),
};

/** Saves all of these as one file, and says how many it could not. @param {object[]} tasks */
export async function saveAll(tasks) {
	const saved = await tell(downloadAll(tasks));
	if (saved > 0 && saved < tasks.length)
		toast(t('download.failed', { count: tasks.length - saved }), { bad: true });
}

/** Does it. @param {keyof typeof ACTIONS} name @param {object} task */
export const act = (name, task) => ACTIONS[name](task);

/** Deletes all of these, one after the other, and says how many it could not. @param {object[]} tasks */
export async function removeAll(tasks) {
	if (!(await ask(t('select.delete', { count: tasks.length }), { why: t('delete.why', { count: tasks.length }), yes: t('do.delete') })))
		return false;
	let failed = 0;
	for (const task of tasks)
		await (task.videoId ? session.remove(task) : session.outbox.discard(task.clientRequestId)).catch(() => failed++);
	if (failed > 0)
		toast(t('select.failed', { count: failed }), { bad: true });
	return true;
}
