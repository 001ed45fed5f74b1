// One card for each task, whatever the order in which a client learns of it: the answer to its creation, the feed, a list, a recovery.

/** How far a task has come, for two states that were written in the same millisecond. */
function stage(task) {
	const ended = task.status === 'COMPLETED' || task.status === 'FAILED' || task.status === 'CANCELLED';
	return (task.attempt ?? 0) * 1000 + (ended ? 500 : 0) + (task.progress ?? 0);
}

/** Whether `a` is a later state than `b`. One without `updatedAt` has not been seen by the server and is older than any that has. */
function isLater(a, b) {
	const at = Date.parse(a.updatedAt ?? '') || 0, than = Date.parse(b.updatedAt ?? '') || 0;
	return at === than ? stage(a) > stage(b) : at > than;
}

/**
 * Two cards of one task made one: the later state wins, the client's own id and what only one of them knows stay.
 * @template {Record<string, any>} T  @param {T} known  @param {T} news wins where neither is later  @returns {T}
 */
export function mergeTask(known, news) {
	const [older, newer] = isLater(known, news) ? [news, known] : [known, news];
	/** @type {Record<string, any>} */
	const merged = { ...older };
	for (const [name, value] of Object.entries(newer))
		if (value !== undefined && !(value === null && name in older && isIdentity(name)))
			merged[name] = value;
	merged.clientRequestId = known.clientRequestId ?? news.clientRequestId ?? null;
	return /** @type {T} */ (merged);
}

/** An id, once known, is never unknown again. */
const isIdentity = (name) => name === 'videoId' || name === 'externalTaskId';

/** Newest first; among equals by id, so that the order is the same everywhere. */
function byAge(a, b) {
	const order = (Date.parse(b.createdAt) || 0) - (Date.parse(a.createdAt) || 0);
	return order || String(b.videoId ?? b.clientRequestId).localeCompare(String(a.videoId ?? a.clientRequestId));
}

/**
 * The history of a client with what the server says of it. Pure: neither list is changed. Two entries are one task if they have the same
 * videoId, or the same clientRequestId while one of them has no videoId yet. Of each task the later `updatedAt` wins; the client's own id is
 * kept; a local card that the server does not know (no videoId) survives; `{videoId, deleted: true}` removes.
 * @template {Record<string, any>} T  @param {T[]} local  @param {T[]} remote  @returns {T[]} newest first, no task twice
 */
export function mergeHistory(local, remote) {
	const cards = new Set(), byVideo = new Map(), byRequest = new Map(), gone = new Set();
	const drop = (card) => {
		cards.delete(card);
		if (byVideo.get(card.videoId) === card)
			byVideo.delete(card.videoId);
		if (byRequest.get(card.clientRequestId) === card)
			byRequest.delete(card.clientRequestId);
	};
	const add = (card) => {
		cards.add(card);
		if (card.videoId)
			byVideo.set(card.videoId, card);
		if (card.clientRequestId)
			byRequest.set(card.clientRequestId, card);
	};
	const take = (task) => {
		if (task.deleted)
			gone.add(task.videoId);
		if (task.videoId && gone.has(task.videoId)) {
			for (const card of [byVideo.get(task.videoId), byRequest.get(task.clientRequestId)])
				if (card && (card.videoId ?? task.videoId) === task.videoId)
					drop(card);
			return;
		}
		const same = task.videoId ? byVideo.get(task.videoId) : undefined;
		let asked = task.clientRequestId ? byRequest.get(task.clientRequestId) : undefined;
		if (asked && asked.videoId && task.videoId && asked.videoId !== task.videoId)
			asked = undefined; // two tasks of the server are two tasks
		let merged = task;
		for (const card of new Set([same, asked].filter(Boolean))) {
			drop(card);
			merged = mergeTask(card, merged);
		}
		// What has just learned its own id may be one with a card that has only that id.
		const other = merged.clientRequestId ? byRequest.get(merged.clientRequestId) : undefined;
		if (other && (!other.videoId || !merged.videoId || other.videoId === merged.videoId)) {
			drop(other);
			merged = mergeTask(other, merged);
		}
		add(merged);
	};
	for (const task of remote)
		if (task.deleted)
			gone.add(task.videoId);
	local.forEach(take);
	remote.forEach(take);
	return [...cards].sort(byAge);
}
