// Luma Dream Machine.
import { boolean, either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const picture = object({ type: word('image'), url: link }), earlier = object({ type: word('generation'), id: text(100) });
const frame = either(picture, earlier);

const generation = ({ job, standin }) => ({
	id: job.id,
	generation_type: 'video',
	state: { queued: 'queued', running: 'dreaming', done: 'completed', failed: 'failed' }[job.state],
	failure_reason: job.state === 'failed' ? 'The content moderation has flagged the prompt.' : null,
	created_at: job.created.toISOString(),
	assets: job.state === 'done' ? { video: standin.linkTo(job), image: standin.linkTo(job, 'thumb.png') } : null,
	model: job.body.model,
	request: { generation_type: 'video', ...job.body },
});

const refusal = (status, detail) => say(status, { detail });

export default {
	name: 'luma',
	source: 'lumalabs/lumaai-python, src/lumaai/types/generation.py, resources/generations/video.py; comfyanonymous/ComfyUI, comfy_api_nodes/apis/luma.py',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `0a8e2f5c-1111-4222-8333-${String(n).padStart(12, '0')}`,
	routes: {
		'POST /dream-machine/v1/generations/video': {
			kind: 'submit',
			body: object({ model: word('ray-1-6', 'ray-2', 'ray-flash-2') }, {
				prompt: text(5000, 3), aspect_ratio: word('1:1', '16:9', '9:16', '4:3', '3:4', '21:9', '9:21'),
				resolution: word('540p', '720p', '1080p', '4k'), duration: word('5s', '9s'), loop: boolean,
				keyframes: object({}, { frame0: frame, frame1: frame }), concepts: list(object({ key: text(50) })), callback_url: link,
				generation_type: word('video'),
			}),
			answer: (call) => say(201, generation(call)),
			facts: ['/id'],
		},
		'GET /dream-machine/v1/generations/{id}': { kind: 'poll', answer: generation, facts: ['/state', '/assets/video'], words: ['/state'] },
		'GET /dream-machine/v1/generations?limit={n?}&offset={m?}': {
			answer: ({ standin }) => ({ has_more: false, count: standin.jobs.size, limit: 100, offset: 0,
				generations: [...standin.jobs.values()].reverse().map((job) => generation({ job, standin })) }),
		},
		'DELETE /dream-machine/v1/generations/{id}': { kind: 'cancel', answer: () => say(204) },
		'GET /dream-machine/v1/credits': { answer: () => ({ credit_balance: 1234.5 }) },
	},
	errors: {
		key: refusal(401, 'Invalid API key'),
		busy: refusal(429, 'Too many concurrent generations'),
		refused: refusal(400, 'Prompt was flagged by content moderation'),
		missing: refusal(404, 'Not Found'),
		invalid: (why) => refusal(422, [{ type: 'value_error', loc: ['body'], msg: why }]),
	},
	examples: [
		['POST /dream-machine/v1/generations/video', { prompt: 'A teddy bear in sunglasses playing electric guitar and dancing', model: 'ray-2',
			resolution: '720p', duration: '5s' }],
		['POST /dream-machine/v1/generations/video', { prompt: 'A tiger walking in snow', model: 'ray-flash-2', aspect_ratio: '16:9', loop: true,
			keyframes: { frame0: { type: 'image', url: 'https://storage.example.com/tiger.jpg' } } }],
		['POST /dream-machine/v1/generations/video', { prompt: 'Extend it', model: 'ray-2',
			keyframes: { frame0: { type: 'generation', id: '123e4567-e89b-12d3-a456-426614174000' },
				frame1: { type: 'image', url: 'https://storage.example.com/end.png' } } }],
	],
	asks: {
		text: { model: 'ray-2', seconds: '5', size: '1280x720' },
		image: { model: 'ray-2' },
		last: { model: 'ray-2' },
		extend: { seconds: '5' },
		cancel: true,
		found: true,
		failed: { message: 'The content moderation has flagged the prompt.' },
		refused: { message: 'Prompt was flagged by content moderation' },
	},
};
