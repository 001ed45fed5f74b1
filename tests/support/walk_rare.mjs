// What users do in a walk (walk.mjs) that chance alone seldom brings about: who changes his mind while the answer is awaited, or while the job is looked
// for; an answer that a program cannot write until another has given the task up.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cgi } from './cgi.mjs';
import { until } from './instance.mjs';
import { ENOSPC } from './world.mjs';

const CREATE = '/api/relay/sora/videos', RECOVER = '/api/video/tasks/recover';

/** Notes what an answer tells of, and what the walk makes of a refusal. */
async function end(walk, user, answer, asked, cancelled) {
	await walk.note(user, answer, asked, asked.clientRequestId, cancelled);
	walk.refused('create', answer);
	if (answer.body.code === 'model_not_priced')
		await walk.setPrice(asked.model);
}

/** A creation that is cancelled at once: while its answer is awaited, or, where that is lost, while its job is looked for. */
export async function hasty(walk, user) {
	const late = walk.dice.below(3) > 0, id = `${user.name}-${user.n++}`;
	const asked = { prompt: `${late ? `~${walk.dice.pick('cccnnhrp')}` : 'h'}c ${id}`, model: late ? walk.dice.pick(walk.models) : 'dear', clientRequestId: id };
	let over = false;
	const creation = walk.insist(user, 'create', 'POST', CREATE, asked).finally(() => (over = true));
	const cancels = async () => {
		if (!late)
			await creation;
		const found = await until(async () => (await walk.send(user, 'recover', 'POST', RECOVER, { clientRequestIds: [id] }))?.body.data?.tasks[0] ?? over, 'the task', 120_000);
		if (found.videoId)
			await walk.send(user, 'cancel', 'POST', `/api/video/tasks/${found.videoId}/cancel`);
	};
	const [answer] = await Promise.all([creation, cancels()]);
	await end(walk, user, answer, asked, true);
}

/** A creation by a program whose disk is full as soon as the upstream has it, and has room again once the task was given up. */
export async function stuck(walk, user) {
	const id = `${user.name}-${user.n++}`, disk = join(walk.data, `disk-${id}`), asked = { prompt: `c ${id}`, model: 'plain', clientRequestId: id };
	let over = false;
	walk.steps++;
	walk.upstream.before.set(asked.prompt, () => writeFileSync(disk, String(ENOSPC)));
	const env = { ...walk.env, WORLD_DISK: disk, LONGREEL_DATA: walk.data, LONGREEL_SHUTDOWN_GRACE: '1m' };
	const relay = cgi('relay', { method: 'POST', path: CREATE, headers: { authorization: `Bearer ${user.client.token}` }, body: asked, env })
		.catch(() => null).finally(() => (over = true));
	const isGivenUp = async () => over || (await walk.database.rows("SELECT 1 FROM task WHERE user_id = ? AND client_request_id = ? AND state = 'failed'", user.id, id)).length > 0;
	await until(isGivenUp, 'the end', 20_000).catch(() => null); // whatever has come between
	walk.upstream.before.delete(asked.prompt);
	rmSync(disk, { force: true });
	await relay;
	/* What it has said may be lost: the same again tells of the task. */
	await end(walk, user, { ...await walk.insist(user, 'create', 'POST', CREATE, asked), lost: true }, asked, false);
}
