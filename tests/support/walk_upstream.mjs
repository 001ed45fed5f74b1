// The upstream of a walk (walk.mjs): what becomes of a job stands in its prompt, a letter for each attempt, the last one for all that follow.
//
//	c is completed · f fails · r is refused · h the connection is cut after the job is taken · p comes later (once) · s silence for ever ·
//	l is completed after its deadline · d fails after its deadline
import { PROFILE, newUpstream } from './upstream.mjs';

const fields = { ...JSON.parse(PROFILE), remix: { path: '/make?of={id}', body: 'json', fields: { prompt: '/order/lines/0/say', model: '/order/film' } } };

/** Its dialect. */
export const WALK_PROFILE = JSON.stringify(fields);

/** @param {number} lateMs how long the late ones take */
export async function walkUpstream(lateMs) {
	const upstream = await newUpstream(), tries = new Map();
	/** How often a prompt was refused; by prompt. */
	upstream.refused = new Map();
	/** From now on none of those that are late comes any more. */
	upstream.quiet = false;
	const promptOf = (body) => body.order.lines[0].say;
	upstream.answer = (body) => {
		const prompt = promptOf(body), letters = prompt.split(' ')[0], n = tries.get(prompt) ?? 0;
		tries.set(prompt, n + 1);
		upstream.fate = letters[Math.min(n, letters.length - 1)];
		if (upstream.fate === 'r') {
			upstream.refused.set(prompt, (upstream.refused.get(prompt) ?? 0) + 1);
			return { status: 400, body: { why: 'not such a film' } };
		}
		if (upstream.fate === 'p')
			return n === 0 ? { status: 503, body: { why: 'later' } } : undefined;
		return upstream.fate === 'h' ? 'hangup' : undefined;
	};
	const take = upstream.jobs.push.bind(upstream.jobs);
	upstream.jobs.push = (job) => take(Object.assign(job, { fate: upstream.fate, born: Date.now(), prompt: promptOf(job.body) }));
	const late = (job, mood) => (!upstream.quiet && Date.now() > job.born + lateMs ? mood : 'dreaming');
	const moods = { c: () => 'awake', p: () => 'awake', h: () => 'awake', f: () => 'nightmare', s: () => 'dreaming',
		l: (job) => late(job, 'awake'), d: (job) => late(job, 'nightmare') };
	upstream.mood = (job) => {
		const mood = moods[job.fate](job);
		job.told = mood === 'dreaming' ? job.told : mood;
		return mood;
	};
	return upstream;
}
