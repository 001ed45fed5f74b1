// SiliconFlow.
import { either, image, integer, object, say, text, word } from './standin.mjs';

const COMMON = { negative_prompt: text(2000), seed: integer(0, 9999999999) };
const SIZE = word('1280x720', '720x1280', '960x960');

export default {
	name: 'siliconflow',
	source: 'docs.siliconflow.cn, API reference, /video/submit and /video/status; the SiliconFlow adapter of the Ruby gem smart_prompt',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `wqkmxc${n}pz4x`,
	routes: {
		'POST /v1/video/submit': {
			kind: 'submit',
			body: either(object({ model: word('Wan-AI/Wan2.2-T2V-A14B'), prompt: text(2000), image_size: SIZE }, COMMON),
				object({ model: word('Wan-AI/Wan2.2-I2V-A14B'), prompt: text(2000), image_size: SIZE, image }, COMMON)),
			answer: ({ job }) => ({ requestId: job.id }),
			facts: ['/requestId'],
		},
		'POST /v1/video/status': {
			kind: 'poll', body: object({ requestId: text(100) }), id: ({ body }) => body.requestId,
			facts: ['/status', '/results/videos/0/url'], words: ['/status'],
			answer: ({ job, standin }) => ({
				status: { queued: 'InQueue', running: 'InProgress', done: 'Succeed', failed: 'Failed' }[job.state],
				reason: job.state === 'failed' ? 'the worker has lost the request' : '',
				results: job.state === 'done' ? { videos: [{ url: standin.linkTo(job) }], timings: { inference: 123 }, seed: 7 } : null,
			}),
		},
		'GET /v1/models?type=video': { answer: () => ({ object: 'list', data: ['Wan-AI/Wan2.2-T2V-A14B', 'Wan-AI/Wan2.2-I2V-A14B'].
			map((id) => ({ id, object: 'model', created: 0, owned_by: '' })) }) },
	},
	errors: {
		key: say(401, 'Invalid token'),
		busy: say(429, { message: 'Request was rejected due to rate limiting. Details: IPM limit reached.', data: null }),
		refused: say(400, { code: 20015, message: 'The prompt is not allowed.', data: null }),
		missing: say(400, { code: 20012, message: 'requestId is invalid', data: null }),
		invalid: (why) => say(400, { code: 20015, message: `The parameter is invalid. Please check it carefully. ${why}`, data: null }),
	},
	examples: [
		['POST /v1/video/submit', { model: 'Wan-AI/Wan2.2-T2V-A14B', prompt: 'a person walking', negative_prompt: 'blurry', image_size: '1280x720', seed: 123 }],
		['POST /v1/video/submit', { model: 'Wan-AI/Wan2.2-I2V-A14B', prompt: 'a person walking', image_size: '1280x720', image: 'https://example.com/a.png' }],
	],
	asks: {
		text: { model: 'Wan-AI/Wan2.2-T2V-A14B', size: '1280x720', seed: 7, negative_prompt: 'blurry' },
		image: { model: 'Wan-AI/Wan2.2-I2V-A14B', size: '720x1280' },
		failed: { message: 'the worker has lost the request' },
		refused: { code: '20015', message: 'The prompt is not allowed.' },
	},
};
