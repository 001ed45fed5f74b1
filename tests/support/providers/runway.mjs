// Runway's developer API, version 2024-11-06.
import { boolean, dataImage, either, integer, link, list, object, say, text, word } from './standin.mjs';

const uri = either(link, dataImage), at = (...positions) => object({ uri, position: word(...positions) });
const seed = integer(0, 4294967295), prompt = text(1000), contentModeration = object({}, { publicFigureThreshold: word('auto', 'low') });
const wide = word('1280:720', '720:1280'), veo = word('1280:720', '720:1280', '1080:1920', '1920:1080');
const still = word('1280:720', '720:1280', '1104:832', '960:960', '832:1104', '1584:672'), first = either(uri, list(at('first'), 1));
const small = word('992:432', '864:496', '752:560', '640:640', '560:752', '496:864', '1470:630', '1280:720', '1112:834', '960:960',
	'834:1112', '720:1280', '1920:1080', '1080:1920');

/** What text_to_video takes, and image_to_video, by the model. */
const TEXT = either(
	object({ model: word('gen4.5'), promptText: prompt, ratio: wide, duration: integer(2, 10) }, { seed, contentModeration }),
	object({ model: word('veo3.1', 'veo3.1_fast'), promptText: prompt, ratio: veo }, { duration: { enum: [4, 6, 8] }, audio: boolean, negativePrompt: text() }),
	object({ model: word('seedance2'), promptText: text(3500) }, { ratio: small, duration: integer(4, 15), audio: boolean, references: list(object({ uri })) }),
);
const IMAGE = either(
	object({ model: word('gen4.5'), promptText: prompt, ratio: still, duration: integer(2, 10), promptImage: first },
		{ seed, contentModeration }),
	object({ model: word('gen4_turbo'), ratio: still, promptImage: first },
		{ promptText: prompt, duration: integer(2, 10), seed, contentModeration }),
	object({ model: word('veo3.1', 'veo3.1_fast'), ratio: veo, promptImage: either(uri, list(at('first', 'last'), 2)) },
		{ promptText: prompt, duration: { enum: [4, 6, 8] }, audio: boolean, negativePrompt: text() }),
	object({ model: word('seedance2'), promptImage: either(uri, list(either(at('first', 'last'), object({ uri })), 9)) },
		{ promptText: text(3500), ratio: small, duration: integer(4, 15), audio: boolean }),
);
const VIDEO = object({ model: word('aleph2'), videoUri: link }, { promptText: prompt, seed, contentModeration });

const STATES = { queued: 'PENDING', running: 'RUNNING', done: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELLED' };
const task = ({ job, standin }) => ({
	id: job.id, status: STATES[job.state], createdAt: '2026-11-29T12:00:00.000Z',
	...(job.state === 'running' && { progress: 0.42 }),
	...(job.state === 'done' && { output: [standin.linkTo(job)] }),
	...(job.state === 'failed' && { failure: 'The prompt text did not pass our moderation.', failureCode: 'SAFETY.INPUT.TEXT' }),
});
const submit = (body) => ({ kind: 'submit', body, answer: ({ job }) => ({ id: job.id }), facts: ['/id'] });

export default {
	name: 'runway',
	source: 'runwayml/sdk-node, src/resources/{text,image,video}-to-video.ts, tasks.ts; docs.dev.runwayml.com, Errors',
	headers: { authorization: 'Bearer {key}', 'x-runway-version': '2024-11-06' },
	id: (n) => `17f20503-6c24-4c16-946b-${String(n).padStart(12, '0')}`,
	routes: {
		'POST /v1/text_to_video': submit(TEXT),
		'POST /v1/image_to_video': submit(IMAGE),
		'POST /v1/video_to_video': submit(VIDEO),
		'GET /v1/tasks/{id}': { kind: 'poll', answer: task, facts: ['/status', '/output'], words: ['/status'] },
		'DELETE /v1/tasks/{id}': { kind: 'cancel', answer: () => say(204) },
		'GET /v1/organization': { answer: () => ({ creditBalance: 1000, tier: { maxMonthlyCreditSpend: 10000, models: {} }, usage: { models: {} } }) },
	},
	errors: {
		key: say(401, { error: 'The API key you provided is not valid.' }),
		busy: say(429, { error: 'You have reached the daily task limit for this model.' }),
		refused: say(400, { error: 'Your prompt did not pass content moderation.' }),
		missing: say(404, { error: 'The requested resource was not found.' }),
		invalid: (why) => say(400, { error: 'Validation of body failed', issues: [{ code: 'custom', path: [], message: why }],
			docUrl: 'https://docs.dev.runwayml.com/api' }),
	},
	examples: [
		['POST /v1/text_to_video', { model: 'veo3.1', promptText: 'A serene mountain landscape at sunrise', ratio: '1280:720', duration: 8 }],
		['POST /v1/text_to_video', { model: 'gen4.5', promptText: 'A bunny eats a carrot', ratio: '720:1280', duration: 5, seed: 421 }],
		['POST /v1/image_to_video', { model: 'gen4_turbo', promptImage: 'https://example.com/bunny.jpg',
			promptText: 'The bunny is eating a carrot', ratio: '1280:720', duration: 5 }],
		['POST /v1/image_to_video', { model: 'veo3.1', promptImage: [{ uri: 'https://example.com/1.jpg', position: 'first' },
			{ uri: 'https://example.com/2.jpg', position: 'last' }],
			ratio: '1920:1080', audio: true, negativePrompt: 'blur' }],
		['POST /v1/video_to_video', { model: 'aleph2', videoUri: 'https://example.com/video.mp4', promptText: 'Add snow' }],
	],
	asks: {
		text: { model: 'gen4.5', seconds: '5', size: '1280x720', seed: 421 },
		image: { model: 'gen4_turbo', seconds: '5', size: '1280x720' },
		last: { model: 'veo3.1', size: '1280x720' },
		references: { model: 'seedance2', size: '1280x720' },
		edit: {},
		cancel: true,
		failed: { code: 'SAFETY.INPUT.TEXT', message: 'The prompt text did not pass our moderation.' },
		refused: { message: 'Your prompt did not pass content moderation.' },
	},
};
