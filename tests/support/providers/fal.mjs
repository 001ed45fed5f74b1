// fal's queue. What a body holds is up to each model; here is Veo 3.1, with its variants for one image, two, and several.
import { boolean, image, integer, list, object, say, text, word } from './standin.mjs';

const common = {
	duration: word('4s', '6s', '8s'), resolution: word('720p', '1080p', '4k'), generate_audio: boolean, negative_prompt: text(),
	seed: integer(0, 4294967295), auto_fix: boolean, safety_tolerance: word('1', '2', '3', '4', '5', '6'),
};
const ratio = word('auto', '16:9', '9:16');
const VARIANTS = {
	'': object({ prompt: text() }, { ...common, aspect_ratio: word('16:9', '9:16') }),
	'/image-to-video': object({ prompt: text(), image_url: image }, { ...common, aspect_ratio: ratio }),
	'/first-last-frame-to-video': object({ prompt: text(), first_frame_url: image, last_frame_url: image }, { ...common, aspect_ratio: ratio }),
	'/reference-to-video': object({ prompt: text(), image_urls: list(image, 3) }, { ...common, aspect_ratio: ratio }),
};
const BODIES = Object.fromEntries(['fal-ai/veo3.1', 'fal-ai/veo3.1/fast'].
	flatMap((app) => Object.entries(VARIANTS).map(([variant, schema]) => [app + variant, schema])));
const MODELS = new RegExp(`^(${Object.keys(BODIES).join('|')})$`);

const detail = (msg, type, loc) => ({ detail: [{ loc, msg, type, url: `https://docs.fal.ai/errors#${type}`, input: {} }] });
const FLAGGED = detail('The content could not be processed because it contained material flagged by a content checker.',
	'content_policy_violation', ['body', 'prompt']);

/** Below the owner and the app alone: what comes behind them in a model's name is left out. */
const requestOf = ({ job, standin }) => `${standin.base}/${job.params.model.split('/').slice(0, 2).join('/')}/requests/${job.id}`;
const links = (call) => ({ request_id: call.job.id, response_url: requestOf(call), status_url: `${requestOf(call)}/status`,
	cancel_url: `${requestOf(call)}/cancel` });

function status(call) {
	switch (call.job.state) {
		case 'queued':
			return say(202, { status: 'IN_QUEUE', ...links(call), queue_position: 0 });
		case 'running':
			return say(202, { status: 'IN_PROGRESS', ...links(call), logs: null });
		default:
			return { status: 'COMPLETED', ...links(call), logs: null, metrics: { inference_time: 41.7 } };
	}
}

function result({ job, standin }) {
	switch (job.state) {
		case 'queued':
		case 'running':
			return say(400, { detail: 'Request is still in progress' });
		case 'done':
			return { video: { url: standin.linkTo(job), content_type: 'video/mp4', file_name: 'output.mp4', file_size: 4024 } };
		default:
			return say(422, FLAGGED);
	}
}

const POST = 'POST /{+model}', own = { only: { owner: /^fal-ai$/, app: /^veo3\.1$/ } };

export default {
	name: 'fal',
	source: 'fal-ai/fal-js, libs/client/src/queue.ts; vercel/ai, packages/fal/src/fal-video-model.ts; fal.ai/docs, Queue; fal.ai/models/fal-ai/veo3.1',
	headers: { authorization: 'Key {key}' },
	id: (n) => `764cabcf-b745-4b3e-ae38-${String(n).padStart(12, '0')}`,
	routes: {
		[POST]: {
			kind: 'submit', only: { model: MODELS }, body: ({ model }) => BODIES[model],
			answer: (call) => ({ status: 'IN_QUEUE', ...links(call), queue_position: 0 }), facts: ['/request_id', '/status_url', '/response_url'],
		},
		'GET /{owner}/{app}/requests/{id}/status?logs={l?}': { kind: 'poll', ...own, answer: status, facts: ['/status'], words: ['/status'] },
		'GET /{owner}/{app}/requests/{id}': { ...own, answer: result, facts: ['/video', '/video/url'] },
		'PUT /{owner}/{app}/requests/{id}/cancel': {
			kind: 'cancel', ...own,
			answer: ({ job }) => (job.state === 'cancelled' ? say(202, { status: 'CANCELLATION_REQUESTED' }) : say(400, { status: 'ALREADY_COMPLETED' })),
		},
	},
	errors: {
		key: say(401, { detail: 'Cannot access application "fal-ai/veo3.1". Authentication is required to access this application.' }),
		busy: say(429, { detail: 'Too many requests in flight' }),
		refused: say(422, FLAGGED),
		missing: say(404, { detail: 'Application not found' }),
		invalid: (why) => say(422, detail(why, 'value_error', ['body'])),
	},
	examples: [
		[POST, { prompt: 'Two person street interview in New York City.' }, { model: 'fal-ai/veo3.1' }],
		[POST, { prompt: 'Two person street interview', aspect_ratio: '16:9', duration: '8s', negative_prompt: 'blur', resolution: '720p', generate_audio: true,
			seed: 3, auto_fix: true }, { model: 'fal-ai/veo3.1/fast' }],
		[POST, { prompt: 'A monkey and polar bear host a podcast',
			image_url: 'https://storage.googleapis.com/falserverless/veo31_i2v_input.jpg', duration: '4s' },
			{ model: 'fal-ai/veo3.1/image-to-video' }],
		[POST, { prompt: 'A woman looks into the camera', first_frame_url: 'https://storage.example.com/1.jpeg',
			last_frame_url: 'https://storage.example.com/2.jpeg' },
			{ model: 'fal-ai/veo3.1/first-last-frame-to-video' }],
		[POST, { prompt: 'A graceful ballerina', image_urls: ['https://storage.example.com/1.png', 'https://storage.example.com/2.png'] },
			{ model: 'fal-ai/veo3.1/reference-to-video' }],
	],
	asks: {
		text: { model: 'fal-ai/veo3.1/fast', seconds: '8', size: '1280x720', seed: 5, negative_prompt: 'blur', audio: true },
		image: { model: 'fal-ai/veo3.1/image-to-video', seconds: '4' },
		cancel: true,
		failed: { code: 'content_policy_violation', message: FLAGGED.detail[0].msg },
		refused: { code: 'content_policy_violation', message: FLAGGED.detail[0].msg },
	},
};
