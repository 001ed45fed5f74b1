// What one can do with a card, and which of it helps in its state.
import { session } from './session.js';
import { draft } from './settings.js';
import { download } from './media.js';
import { reason, t } from './text.js';
import { ask, draftPictures, go, goHome, remixDraft, route, toast } from './ui.js';

/** How a card is shown: a server's state, or one that only we know. @returns {string} such as 'sending', 'missing' or 'QUEUED' */
export const stateOf = (task) => (task.local ? task.local.state : task.status);

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

/** The server's sentence, with the field at fault where it does not name that itself. */
function refusalText({ error = '', field }) {
	return field && !error.includes(field) ? t('problem.field', { error, field }) : error;
}

/** Why it is not sent yet; '' where it only waits for its turn. A later answer may have another reason without an update. */
function waitText(queue) {
	return ['account', 'rate_limited', 'channel_down', 'model_down', 'busy', 'unsure'].includes(queue?.reason) ? t(`queue.${queue.reason}`) : '';
}

/** What is wrong, or what it waits for, in a sentence or two; '' where nothing is. */
export function problemText(task) {
	switch (stateOf(task)) {
	case 'missing': return task.local.error ? t('problem.missing.said', task.local) : t('problem.missing');
	case 'refused': return refusalText(task.local);
	case 'CANCELLED': return t('problem.cancelled');
	case 'QUEUED': return waitText(task.queue) || (task.waits ?? '');
	case 'FAILED': return failureText(task);
	default: return '';
	}
}

/** The one action that helps: 'resend', 'edit', 'retry', 'cancel', 'remix'; null where there is nothing to do but wait. */
export function helpOf(task) {
	switch (stateOf(task)) {
	case 'missing': return 'resend';
	case 'refused': return 'edit';
	case 'QUEUED':
	case 'PROCESSING': return 'cancel';
	case 'COMPLETED': return 'remix';
	case 'CANCELLED': return 'retry';
	case 'FAILED': return isRefused(task) || task.errorCode === 'input_lost' ? 'edit' : 'retry';
	default: return null;
	}
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

async function edit(task) {
	const entry = session.outbox.entry(task.clientRequestId);
	const remixOf = task.metadata?.type === 'remix' ? task.metadata.remix_from : null;
	if (task.local)
		session.outbox.discard(task.clientRequestId);
	if (remixOf) {
		remixDraft.set({ source: remixOf, prompt: task.prompt });
		go(`video/${encodeURIComponent(remixOf)}`);
		return;
	}
	if (entry)
		draftPictures.set({ image: entry.image, lastFrame: entry.lastFrame, references: entry.references });
	const { prompt, seed, negativePrompt, audio } = task;
	draft.set({ prompt, model: task.requestedModel ?? task.model ?? '', size: task.size ?? '', seconds: task.seconds ?? '', seed: seed ?? '',
		negativePrompt: negativePrompt ?? '', audio: audio ?? '' });
	if (route.get().name !== 'home')
		await goHome();
	dispatchEvent(new Event('longreel:compose'));
}

async function remove(task) {
	if (!(await ask(t('delete.sure'), { why: t('delete.why'), yes: t('do.delete') })))
		return;
	if (route.get().id === task.videoId)
		goHome();
	await tell(session.remove(task));
}

const ACTIONS = {
	resend: (task) => session.outbox.resend(task.clientRequestId),
	discard: (task) => session.outbox.discard(task.clientRequestId),
	retry: (task) => tell(session.change(task, 'retry')),
	cancel: (task) => tell(session.change(task, 'cancel')),
	download: (task) => tell(download(task)),
	remix: (task) => go(`video/${encodeURIComponent(task.videoId)}`),
	edit, remove,
	copy: async (task) => {
		await navigator.clipboard?.writeText(task.prompt).then(() => toast(t('do.copied')), () => {});
	},
};

/** Does it. @param {keyof typeof ACTIONS} name @param {object} task */
export const act = (name, task) => ACTIONS[name](task);

/** Deletes all of these, one after the other, and says how many it could not. @param {object[]} tasks */
export async function removeAll(tasks) {
	if (!(await ask(t('select.delete', { count: tasks.length }), { why: t('delete.why'), yes: t('do.delete') })))
		return false;
	let failed = 0;
	for (const task of tasks)
		await (task.videoId ? session.remove(task) : session.outbox.discard(task.clientRequestId)).catch(() => failed++);
	if (failed > 0)
		toast(t('select.failed', { count: failed }), { bad: true });
	return true;
}
