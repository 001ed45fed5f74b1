// OpenRouter.
import { boolean, either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const PICTURE = { type: word('image_url'), image_url: object({ url: image }) };
const refusal = (status, message, metadata) => say(status, { error: { code: status, message, ...(metadata && { metadata }) }, user_id: 'user_1' });
const WORDS = { queued: 'pending', running: 'in_progress', done: 'completed', failed: 'failed' };
const job_ = ({ job, standin }) => ({
	id: job.id, generation_id: `gen-${job.n}`, polling_url: `${standin.base}/api/v1/videos/${job.id}`, status: WORDS[job.state],
	...(job.state === 'done' && { unsigned_urls: [`${standin.base}/api/v1/videos/${job.id}/content?index=0`], usage: { cost: 0.5, is_byok: false } }),
	...(job.state === 'failed' && { error: 'Content was flagged by the provider' }),
});

export default {
	name: 'openrouter',
	source: 'OpenRouterTeam/python-sdk, src/openrouter/components/videogenerationrequest.py, frameimage.py, inputreference.py; openrouter.ai/docs, Video generation',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `ZtJ5dAqX9cvKcpP0Nk${String(n).padStart(2, '0')}`,
	routes: {
		'POST /api/v1/videos': {
			kind: 'submit',
			body: object({ model: { type: 'string', pattern: '^[\\w.-]+/[\\w.:-]+$' }, prompt: text(32000) }, {
				aspect_ratio: word('16:9', '9:16', '1:1', '4:3', '3:4', '3:2', '2:3', '21:9', '9:21'), resolution: word('480p', '720p', '768p', '1080p', '1K', '2K', '4K'),
				size: { type: 'string', pattern: '^\\d+x\\d+$' }, duration: integer(1, 120), generate_audio: boolean, seed: integer(-1, 2147483647), negative_prompt: text(5000),
				frame_images: list(object({ ...PICTURE, frame_type: word('first_frame', 'last_frame') }), 2),
				input_references: list(either(object(PICTURE), object({ type: word('video_url'), video_url: object({ url: link }) })), 30),
				previous_job_id: text(100), callback_url: link, provider: object({}, { options: { type: 'object' } }),
			}),
			answer: (call) => say(202, job_(call)),
			facts: ['/id'],
		},
		'GET /api/v1/videos/{id}': { kind: 'poll', answer: job_, facts: ['/status'], words: ['/status'] },
		'GET /api/v1/videos/{id}/content?index=0': { answer: ({ job, standin }) => say(302, undefined, { location: standin.linkTo(job) }) },
		'GET /api/v1/key': { answer: () => ({ data: { label: 'sk-or-v1-0e6...1c96', usage: 1, limit: null, is_free_tier: false } }) },
		'GET /api/v1/videos/models': { answer: () => ({ data: [{ id: 'google/veo-3.1', canonical_slug: 'google/veo-3.1', name: 'Google: Veo 3.1' }] }) },
	},
	errors: {
		key: refusal(401, 'User not found.'),
		busy: refusal(429, 'Rate limit exceeded'),
		refused: refusal(400, 'The request was flagged by the provider', { error_type: 'content_policy_violation', provider_name: 'Google' }),
		missing: refusal(404, 'Video generation not found'),
		invalid: (why) => refusal(400, why),
	},
	examples: [
		['POST /api/v1/videos', { model: 'google/veo-3.1', prompt: 'A serene mountain landscape at sunset', aspect_ratio: '16:9', duration: 8, resolution: '720p',
			generate_audio: true, seed: 42 }],
		['POST /api/v1/videos', { model: 'alibaba/wan-2.7', prompt: 'A transition', size: '1280x720', frame_images: [
			{ type: 'image_url', image_url: { url: 'https://example.com/first.png' }, frame_type: 'first_frame' },
			{ type: 'image_url', image_url: { url: 'https://example.com/last.png' }, frame_type: 'last_frame' }] }],
		['POST /api/v1/videos', { model: 'bytedance/seedance-2.0', prompt: 'Keep the style', input_references: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }],
	],
	asks: {
		text: { model: 'google/veo-3.1', seconds: '8', size: '1280x720', aspect_ratio: '16:9', seed: 7, audio: true },
		image: { model: 'google/veo-3.1' },
		last: { model: 'google/veo-3.1' },
		references: { model: 'bytedance/seedance-2.0' },
		edit: {}, extend: { seconds: '8' },
		failed: { message: 'Content was flagged by the provider' },
		refused: { code: '400', message: 'The request was flagged by the provider' },
	},
};
