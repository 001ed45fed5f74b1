// The five scenarios of the bug report that longreel answers: cards that are doubled, cards that are "generating" for ever. A device draws a card at
// the click, under an id of its own, before any server has answered; whatever is restarted then, there is one card for one video in the end.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { startInstance, until } from '../support/instance.mjs';
import { recordOf } from '../support/record.mjs';

let instance, ada;

before(async () => {
	instance = await startInstance({ simulator: true, env: { LONGREEL_POLL_INTERVAL_MIN: '20ms', LONGREEL_RATE_CREATE: '0',
		LONGREEL_SUBMIT_TIMEOUT: '3s', LONGREEL_LEASE_MARGIN: '500ms' } });
	ada = await new Client(instance.base).join();
});
after(() => instance?.stop());

/** A device of Ada's: its cards, and what of them outlives a restart. */
class Device {
	constructor(disk = { cards: [], cursor: null }) {
		this.disk = disk;
	}

	/** Draws the card, and then sends the request. */
	click(prompt, id, model = 'm:slow=400ms') {
		this.disk.cards.push({ clientRequestId: id, status: 'DRAWN' });
		return ada.call('POST', '/api/relay/sora/videos', { prompt, model, clientRequestId: id });
	}

	/** A task as the server says it is: onto its card, or onto a new one. */
	take(task) {
		const { cards } = this.disk;
		const at = cards.findIndex((c) => c.videoId ? c.videoId === task.videoId : c.clientRequestId && c.clientRequestId === task.clientRequestId);
		if (at < 0)
			cards.push(task);
		else
			cards[at] = task;
	}

	/** What a start does: recover the cards of which nothing is known, then follow the feed to where it is now. */
	async start() {
		const open = this.disk.cards.filter((c) => !c.videoId).map((c) => c.clientRequestId);
		if (open.length > 0) {
			const { tasks, missing } = await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: open });
			tasks.forEach((t) => this.take(t));
			this.disk.cards = this.disk.cards.filter((c) => c.videoId || !missing.includes(c.clientRequestId));
		}
		await this.sync();
	}

	async sync() {
		let more = true;
		while (more) {
			const page = await ada.data('GET', `/api/video/updates?cursor=${this.disk.cursor ?? 0}`);
			page.updates.forEach((u) => this.take(u.payload));
			({ cursor: this.disk.cursor, more } = page);
		}
	}

	/** Follows the feed until no card is generating any more. */
	settled() {
		return until(async () => {
			await this.sync();
			return this.disk.cards.every((c) => c.completedAt);
		}, 'the end of every card');
	}

	/** The one card of a prompt, completed, and its one job. */
	async one(prompt) {
		const cards = this.disk.cards.filter((c) => c.prompt === prompt);
		assert.equal(cards.length, 1, 'one card');
		assert.equal(cards[0].status, 'COMPLETED');
		assert.deepEqual((await recordOf(instance)).filter((j) => j.prompt === prompt).map((j) => j.id), [cards[0].externalTaskId], 'one job');
		assert.equal((await ada.call('GET', `/api/video/tasks/${cards[0].videoId}/content`)).status, 200);
		return cards[0];
	}
}

test('1: the normal flow', async () => {
	const device = new Device();
	const answer = await device.click('normal', 'n1');
	assert.deepEqual([answer.status, answer.body.data.clientRequestId], [200, 'n1']);
	await device.settled();
	assert.equal((await device.one('normal')).clientRequestId, 'n1');
});

test('2: the page is reloaded while the video is made', async () => {
	const device = new Device();
	await device.click('reloaded', 'r1');
	const again = new Device(structuredClone(device.disk)); // what was answered was never written down
	await again.start();
	await again.settled();
	assert.equal((await again.one('reloaded')).clientRequestId, 'r1');
});

test('3: the client is closed before any answer, and sends the same request again when it is opened', async () => {
	const device = new Device();
	device.click('closed', 'c1').catch(() => {});
	await until(async () => (await recordOf(instance)).some((j) => j.prompt === 'closed'), 'the request under way');
	const again = new Device(structuredClone(device.disk));
	const answer = await ada.call('POST', '/api/relay/sora/videos', { prompt: 'closed', model: 'm:slow=400ms', clientRequestId: 'c1' });
	assert.equal(answer.headers.get('idempotent-replayed'), 'true');
	await again.start();
	await again.settled();
	await again.one('closed');
});

test('4: client and server are restarted while the video is made; only the client\'s own id is known', async () => {
	const device = new Device();
	device.click('both', 'b1', 'm:slow=2s').catch(() => {});
	await until(async () => (await ada.data('POST', '/api/video/tasks/recover', { clientRequestIds: ['b1'] })).tasks[0]?.externalTaskId, 'the upstream\'s answer');
	await instance.crash();
	await instance.start();
	ada.base = instance.base;
	const again = new Device({ cards: [{ clientRequestId: 'b1', status: 'DRAWN' }], cursor: null });
	await again.start();
	await again.settled();
	assert.equal((await again.one('both')).clientRequestId, 'b1');
});

test('5: a device that was away catches up, with its old cursor and from nothing', async () => {
	const phone = new Device(), desk = new Device();
	await phone.start();
	const known = phone.disk.cards.length;
	for (const i of [1, 2, 3])
		await desk.click(`away ${i}`, `a${i}`, 'm:fast');
	await desk.settled();
	const gone = desk.disk.cards.find((c) => c.prompt === 'away 3');
	await ada.data('DELETE', `/api/video/tasks/${gone.videoId}`);
	await phone.sync();
	assert.equal(phone.disk.cards.length, known + 3);
	assert.ok(phone.disk.cards.find((c) => c.videoId === gone.videoId).deleted);
	for (const i of [1, 2])
		await phone.one(`away ${i}`);
	const fresh = new Device();
	await fresh.start();
	const byId = (cards) => new Map(cards.filter((c) => !c.deleted).map((c) => [c.videoId, c]));
	assert.deepEqual(new Map([...byId(fresh.disk.cards)].sort()), new Map([...byId(phone.disk.cards)].sort()));
});
