// ByteDance's Seedance, on Volcengine Ark and BytePlus ModelArk.
import { boolean, either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const WORD = object({ type: word('text'), text: text(8000) });
const picture = (role) => object({ type: word('image_url'), image_url: object({ url: image }), role: word(role) });
const SHAPE = {
	resolution: word('480p', '720p', '1080p', '4k'), ratio: word('16:9', '4:3', '1:1', '3:4', '9:16', '21:9', 'adaptive'), watermark: boolean, seed: integer(-1, 4294967295),
	generate_audio: boolean, return_last_frame: boolean, service_tier: word('default', 'flex'), callback_url: link, execution_expires_after: integer(3600, 259200), draft: boolean,
	camera_fixed: boolean,
};
const OLD = word('doubao-seedance-1-0-pro-250528', 'doubao-seedance-1-5-pro-251215', 'seedance-1-5-pro-251215');
const NEW = word('doubao-seedance-2-0-260128', 'dreamina-seedance-2-0-260128');
const SMALL = word('doubao-seedance-2-0-fast-260128', 'dreamina-seedance-2-0-fast-260128', 'dreamina-seedance-2-5-260628'); // 720p at most
const { camera_fixed: _, ...SHAPE2 } = SHAPE;

const refusal = (status, code, message) => say(status, { error: { code, message, param: '', type: 'BadRequest' } });

export default {
	name: 'seedance',
	source: 'volcengine.com/docs/82379, video generation API; comfyanonymous/ComfyUI, comfy_api_nodes/apis/bytedance.py; vercel/ai, packages/bytedance',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `cgt-20261129120000-${String(n).padStart(5, '0')}`,
	routes: {
		'POST /api/v3/contents/generations/tasks': {
			kind: 'submit',
			body: either(
				object({ model: OLD, content: list(either(WORD, picture('first_frame'), picture('last_frame')), 3) }, { ...SHAPE, duration: integer(2, 12) }),
				...[[NEW, SHAPE2.resolution], [SMALL, word('480p', '720p')]].flatMap(([model, resolution]) => [
					list(either(WORD, picture('first_frame'), picture('last_frame')), 3),
					{ ...list(either(WORD, picture('reference_image')), 10), contains: picture('reference_image') },
				].map((content) => object({ model, content }, { ...SHAPE2, resolution, duration: integer(4, 15) })))),
			answer: ({ job }) => ({ id: job.id }),
			facts: ['/id'],
		},
		'GET /api/v3/contents/generations/tasks/{id}': {
			kind: 'poll', facts: ['/status', '/content/video_url'], words: ['/status'],
			answer: ({ job, standin }) => ({
				id: job.id, model: job.body.model, status: { done: 'succeeded' }[job.state] ?? job.state, created_at: 1796000000, updated_at: 1796000060,
				...(job.state === 'done' && { content: { video_url: standin.linkTo(job) }, seed: 10, resolution: '720p', ratio: '16:9', duration: 5, framespersecond: 24,
					usage: { completion_tokens: 108900, total_tokens: 108900 } }),
				...(job.state === 'failed' && { error: { code: 'OutputVideoSensitiveContentDetected',
					message: 'The request failed because the output video may contain sensitive information.' } }),
			}),
		},
		'GET /api/v3/contents/generations/tasks?page_num={p}&page_size={n}': { answer: () => ({ items: [], total: 0 }) },
		'DELETE /api/v3/contents/generations/tasks/{id}': { kind: 'cancel', answer: () => ({}) },
	},
	errors: {
		key: refusal(401, 'AuthenticationError', 'The API key format is incorrect.'),
		busy: refusal(429, 'RateLimitExceeded.EndpointRPMExceeded', 'The Requests Per Minute (RPM) limit of the associated endpoint for your account has been exceeded.'),
		refused: refusal(400, 'InputTextSensitiveContentDetected', 'The request failed because the input text may contain sensitive information.'),
		missing: refusal(404, 'ResourceNotFound', 'The specified task is not found.'),
		invalid: (why) => refusal(400, 'InvalidParameter', why),
	},
	examples: [
		['POST /api/v3/contents/generations/tasks', { model: 'doubao-seedance-1-5-pro-251215', content: [{ type: 'text', text: 'A girl holds a fox' },
			{ type: 'image_url', image_url: { url: 'https://ark-project.example.com/i2v.png' }, role: 'first_frame' }], generate_audio: true, ratio: 'adaptive', duration: 5,
		watermark: false }],
		['POST /api/v3/contents/generations/tasks', { model: 'doubao-seedance-2-0-260128', content: [{ type: 'text', text: 'The fruit tea of image 1' },
			{ type: 'image_url', image_url: { url: 'https://ark-project.example.com/tea1.jpg' }, role: 'reference_image' },
			{ type: 'image_url', image_url: { url: 'https://ark-project.example.com/tea2.jpg' }, role: 'reference_image' }],
		generate_audio: true, ratio: '16:9', resolution: '720p', duration: 11, watermark: false, seed: 11 }],
	],
	asks: {
		text: { model: 'doubao-seedance-2-0-260128', seconds: '5', size: '1280x720', seed: 7, audio: true },
		image: { model: 'doubao-seedance-1-5-pro-251215', seconds: '5' },
		last: { model: 'doubao-seedance-2-0-260128' },
		references: { model: 'doubao-seedance-2-0-260128' },
		cancel: true,
		failed: { code: 'OutputVideoSensitiveContentDetected', message: 'The request failed because the output video may contain sensitive information.' },
		refused: { code: 'InputTextSensitiveContentDetected', message: 'The request failed because the input text may contain sensitive information.' },
	},
};
