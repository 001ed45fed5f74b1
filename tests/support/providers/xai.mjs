// xAI: Grok Imagine Video.
import { either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const picture = object({ url: image }), MODEL = word('grok-imagine-video', 'grok-imagine-video-1.5');
const SHAPE = {
	duration: integer(1, 15), aspect_ratio: word('1:1', '16:9', '9:16', '4:3', '3:4', '3:2', '2:3'), resolution: word('480p', '720p', '1080p'),
	user: text(256),
};
const refusal = (status, code, error) => say(status, { code, error });
const ARGUMENT = 'Client specified an invalid argument';
const begun = ({ job }) => ({ request_id: job.id });

export default {
	name: 'xai',
	source: 'vercel/ai, packages/xai/src/xai-video-model.ts and its options; comfyanonymous/ComfyUI, comfy_api_nodes/apis/grok.py, nodes_grok.py',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `aa87081b-1a29-d8a6-e5bf-${String(n).padStart(12, '0')}`,
	routes: {
		'POST /v1/videos/generations': {
			kind: 'submit',
			body: either(object({ model: MODEL, prompt: text(4096) }, { ...SHAPE, image: picture }),
				object({ model: MODEL, prompt: text(4096), reference_images: list(picture, 7) },
					{ ...SHAPE, duration: integer(1, 10), resolution: word('480p', '720p') })),
			answer: begun,
			facts: ['/request_id'],
		},
		'POST /v1/videos/edits': {
			kind: 'submit', answer: begun, facts: ['/request_id'],
			body: object({ model: word('grok-imagine-video'), prompt: text(4096), video: object({ url: link }) }, { user: text(256) }),
		},
		'POST /v1/videos/extensions': {
			kind: 'submit', answer: begun, facts: ['/request_id'],
			body: object({ prompt: text(4096), video: object({ url: link }) }, { model: word('grok-imagine-video'), duration: integer(2, 10) }),
		},
		'GET /v1/videos/{id}': {
			kind: 'poll', facts: ['/status', '/video/url'], words: ['/status'],
			answer: ({ job, standin }) => ({
				queued: say(202), // with nothing in it
				running: say(202, { status: 'pending', model: job.body.model, progress: 42 }),
				done: { status: 'done', video: { url: standin.linkTo(job), duration: job.body.duration ?? 8, respect_moderation: true },
					model: job.body.model, usage: { cost_in_usd_ticks: 500000000 }, progress: 100 },
				blocked: { status: 'done', video: { url: '', duration: 0, respect_moderation: false }, model: job.body.model, progress: 100 },
				failed: { status: 'failed', model: job.body.model, error: { code: 'internal_error', message: 'The video could not be made.' } },
			})[job.state],
		},
		'GET /v1/video-generation-models': {
			answer: () => ({ models: [{ id: 'grok-imagine-video', object: 'model', created: 1760000000, owned_by: 'xai', fingerprint: 'fp_1', version: '1.0',
				input_modalities: ['text', 'image', 'video'], output_modalities: ['video'], aliases: [] },
			{ id: 'grok-imagine-video-1.5', object: 'model', created: 1780000000, owned_by: 'xai', fingerprint: 'fp_2', version: '1.5',
				input_modalities: ['text', 'image'], output_modalities: ['video'], aliases: [] }] }),
		},
	},
	errors: {
		key: refusal(400, ARGUMENT, 'Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.'),
		busy: refusal(429, 'Some resource has been exhausted', 'Too many requests: the rate limit of your team is reached.'),
		refused: refusal(400, ARGUMENT, 'Prompt rejected by content moderation.'),
		missing: refusal(404, 'Some requested entity was not found', 'No such request.'),
		invalid: (why) => refusal(422, 'Failed to deserialize the JSON body into the target type', why),
	},
	examples: [
		['POST /v1/videos/generations', { model: 'grok-imagine-video-1.5', prompt: 'A crystal-powered rocket launching from red dunes', duration: 10,
			aspect_ratio: '16:9', resolution: '720p' }],
		['POST /v1/videos/generations', { model: 'grok-imagine-video', prompt: 'Make the water move', image: { url: 'https://example.com/lake.jpg' } }],
		['POST /v1/videos/generations', { model: 'grok-imagine-video', prompt: 'The two of them dance', duration: 8,
			reference_images: [{ url: 'https://example.com/a.jpg' }, { url: 'https://example.com/b.jpg' }] }],
		['POST /v1/videos/edits', { model: 'grok-imagine-video', prompt: 'Add gentle rain', video: { url: 'https://example.com/source.mp4' } }],
		['POST /v1/videos/extensions', { model: 'grok-imagine-video', prompt: 'Go on', video: { url: 'https://example.com/source.mp4' }, duration: 8 }],
	],
	asks: {
		text: { model: 'grok-imagine-video-1.5', seconds: '6', size: '1280x720' },
		image: { model: 'grok-imagine-video' },
		references: { model: 'grok-imagine-video' },
		edit: {},
		extend: { seconds: '6' },
		failed: { code: 'internal_error', message: 'The video could not be made.' },
		blocked: { code: 'moderation_blocked', message: 'The upstream could not make the video.' },
		refused: { code: ARGUMENT, message: 'Prompt rejected by content moderation.' },
	},
};
