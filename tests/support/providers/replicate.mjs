// Replicate. What `input` holds is up to each model; here are Veo 3.1 and Seedance 1 Pro as Replicate has them.
import { boolean, either, image, integer, list, object, say, text, word } from './standin.mjs';

const seed = integer(0, 4294967295);
const VEO = {
	aspect_ratio: word('16:9', '9:16'), duration: { enum: [4, 6, 8] }, image, last_frame: image, negative_prompt: text(), resolution: word('720p', '1080p'),
	generate_audio: boolean, seed,
};
const INPUTS = {
	'google/veo-3.1': object({ prompt: text() }, { ...VEO, reference_images: list(image, 3) }),
	'google/veo-3.1-fast': object({ prompt: text() }, VEO),
	'bytedance/seedance-1-pro': object({ prompt: text() }, {
		image, last_frame_image: image, duration: integer(2, 12), resolution: word('480p', '720p', '1080p'),
		aspect_ratio: word('16:9', '4:3', '1:1', '3:4', '9:16', '21:9', '9:21'), fps: { enum: [24] }, camera_fixed: boolean, seed,
	}),
};
/** Since August 2025 `version` is also owner/name. */
const BODY = either(...Object.entries(INPUTS).map(([model, input]) => object({ version: word(model), input },
	{ webhook: text(), webhook_events_filter: list(word('start', 'output', 'logs', 'completed')) })));

const STATES = { queued: 'starting', running: 'processing', done: 'succeeded', failed: 'failed', cancelled: 'canceled' };
const prediction = ({ job, standin }) => ({
	id: job.id, model: job.body.version, version: 'hidden', input: job.body.input, logs: '', status: STATES[job.state],
	output: job.state === 'done' ? standin.linkTo(job) : null,
	error: job.state === 'failed' ? 'The input or output was flagged as sensitive. Please try again with different inputs. (E005) (8a7bd6f3)' : null,
	data_removed: false, created_at: job.created.toISOString(), metrics: {},
	urls: { get: `${standin.base}/v1/predictions/${job.id}`, cancel: `${standin.base}/v1/predictions/${job.id}/cancel`,
		web: `https://replicate.com/p/${job.id}` },
});
const refusal = (status, title, detail) => say(status, { title, detail, status, type: 'https://replicate.com/docs/errors' });

const CREATE = 'POST /v1/predictions';

export default {
	name: 'replicate',
	source: 'replicate/replicate-javascript, lib/predictions.js; vercel/ai, packages/replicate/src; replicate.com/changelog, 2025-08-05; replicate.com/google/veo-3.1/api',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `gm3qorzdhgbfurvjtvhg6d${String(n).padStart(4, '0')}`,
	routes: {
		[CREATE]: { kind: 'submit', body: BODY, answer: (call) => say(201, prediction(call)), facts: ['/id'] },
		'GET /v1/predictions/{id}': { kind: 'poll', answer: prediction, facts: ['/status', '/output'], words: ['/status'] },
		'POST /v1/predictions/{id}/cancel': { kind: 'cancel', answer: prediction },
		'GET /v1/predictions': {
			answer: ({ standin }) => ({ previous: null, next: null, results: [...standin.jobs.values()].reverse().map((job) => prediction({ job, standin })) }),
		},
		'GET /v1/account': { answer: () => ({ type: 'organization', username: 'acme', name: 'Acme Corp, Inc.' }) },
	},
	errors: {
		key: refusal(401, 'Unauthenticated', 'You did not pass a valid authentication token'),
		busy: refusal(429, 'Too many requests', 'Request was throttled. Expected available in 1 second.'),
		refused: refusal(422, 'Input validation failed', 'The prompt was flagged as sensitive.'),
		missing: refusal(404, 'Not found', 'The requested resource could not be found.'),
		invalid: (why) => refusal(422, 'Input validation failed', why),
	},
	examples: [
		[CREATE, { version: 'google/veo-3.1', input: { prompt: 'Timelapse of a city', aspect_ratio: '16:9', duration: 8,
			resolution: '1080p', generate_audio: true, seed: 3, negative_prompt: 'blur' } }],
		[CREATE, { version: 'google/veo-3.1', input: { prompt: 'Morph', image: 'https://replicate.delivery/a.png',
			last_frame: 'https://replicate.delivery/b.png' } }],
		[CREATE, { version: 'google/veo-3.1', input: { prompt: 'They meet', reference_images: ['https://replicate.delivery/a.png',
			'https://replicate.delivery/b.png'] } }],
		[CREATE, { version: 'bytedance/seedance-1-pro', input: { prompt: 'A woman is walking', fps: 24, duration: 5, resolution: '1080p',
			aspect_ratio: '16:9', camera_fixed: false } }],
	],
	asks: {
		text: { model: 'google/veo-3.1', seconds: '8', size: '1920x1080', seed: 3, negative_prompt: 'blur', audio: true },
		image: { model: 'google/veo-3.1', seconds: '4' },
		last: { model: 'google/veo-3.1' },
		references: { model: 'google/veo-3.1' },
		cancel: true,
		found: true,
		failed: { message: 'The input or output was flagged as sensitive. Please try again with different inputs. (E005) (8a7bd6f3)' },
		refused: { message: 'The prompt was flagged as sensitive.' },
	},
};
