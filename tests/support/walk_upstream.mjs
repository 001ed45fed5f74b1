// The upstream of a walk (walk.mjs): what becomes of a job stands in its prompt, a letter for each attempt, the last one for all that follow.
//
//	c is completed · f fails · r is refused · h the connection is cut after the job is taken · p comes later (once) · s silence for ever ·
//	l is completed after its deadline · d fails after its deadline · u is stopped by itself · n goes on for ever, and cannot be stopped
//
// After a ~ it answers late. Of the model "shut" it takes nothing for a while, again and again.
import { PROFILE, newUpstream } from './upstream.mjs';

const fields = { ...JSON.parse(PROFILE), remix: { path: '/make?of={id}', body: 'json', fields: { prompt: '/order/lines/0/say', model: '/order/film' } } };

/** Its dialect, without a list and with one. */
export const WALK_PROFILE = JSON.stringify(fields);
export const WALK_LISTS = JSON.stringify({ ...fields, list: { path: '/shelf', accepted: [200], items: ['/tickets'], prompt: ['/say'], created_at: ['/at'] } });

const SLOW_MS = 300, SHUT_MS = 7000, SHUT_EACH_MS = 20_000;

/** @param {number} lateMs how long the late ones take */
export async function walkUpstream(lateMs) {
	const upstream = await newUpstream(), tries = new Map();
	/** How often a prompt was refused; by prompt. */
	upstream.refused = new Map();
	/** From now on none of those that are late comes any more. */
	upstream.quiet = false;
	const promptOf = (body) => body.order.lines[0].say;
	/** What is to be done before a submission is answered; by prompt. */
	upstream.before = new Map();
	upstream.answer = (body) => {
		const prompt = promptOf(body), letters = prompt.split(' ')[0];
		upstream.before.get(prompt)?.();
		if (!upstream.quiet && body.order.film === 'shut' && Date.now() % SHUT_EACH_MS < SHUT_MS)
			return { status: 503, body: { why: 'shut' } };
		return letters[0] === '~' ? new Promise((done) => setTimeout(() => done(decide(prompt, letters.slice(1))), SLOW_MS)) : decide(prompt, letters);
	};
	const decide = (prompt, letters) => {
		const n = tries.get(prompt) ?? 0;
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
	upstream.wake = (job) => job.fate === 'n' ? 409 : undefined;
	const moods = { u: () => 'woken', n: () => 'dreaming', c: () => 'awake', p: () => 'awake', h: () => 'awake', f: () => 'nightmare', s: () => 'dreaming',
		l: (job) => late(job, 'awake'), d: (job) => late(job, 'nightmare') };
	upstream.mood = (job) => {
		const mood = moods[job.fate](job);
		job.depth = mood === 'dreaming' ? Math.min(90, (job.depth ?? 0) + 10) : undefined;
		job.told = mood === 'dreaming' ? job.told : mood;
		return mood;
	};
	return upstream;
}
