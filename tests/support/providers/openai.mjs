// OpenAI's own Sora API, which ended in September 2026 and whose form lives on.
import { file, image, object, say, text, word } from './standin.mjs';

export const SIZE = word('720x1280', '1280x720', '1024x1792', '1792x1024');
const SECONDS = word('4', '8', '12'), PROMPT = text(32000), MODEL = word('sora-2', 'sora-2-pro', 'sora-2-2025-10-06');
const PICTURE = file('image/png', 'image/jpeg', 'image/webp');

/** An error in OpenAI's form. */
export const refusal = (status, code, message, type = 'invalid_request_error') => say(status, { error: { message, type, param: null, code } });

const STATUS = { queued: 'queued', running: 'in_progress', done: 'completed', failed: 'failed' };

/** OpenAI's object of a job. */
export const video = ({ job }) => ({
	id: job.id, object: 'video', model: job.body.model ?? 'sora-2', status: STATUS[job.state], progress: { running: 42, done: 100 }[job.state] ?? 0, created_at: Math.floor(job.created / 1000),
	completed_at: job.state === 'done' ? 1796000060 : null, expires_at: job.state === 'done' ? 1796086460 : null, size: job.body.size ?? '720x1280',
	seconds: job.body.seconds ?? '4', prompt: job.body.prompt, remixed_from_video_id: job.params.id ?? job.body.video?.id ?? null,
	error: job.state === 'failed' ? { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' } : null,
});

const submit = (shapes) => ({ kind: 'submit', ...shapes, answer: video, facts: ['/id'] });

export default {
	name: 'openai',
	source: 'openai/openai-openapi, openapi.yaml, Videos; openai/openai-node, src/resources/videos.ts',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `video_${String(n).padStart(40, '0')}`,
	routes: {
		'POST /v1/videos': submit({
			body: object({ prompt: PROMPT }, { model: MODEL, size: SIZE, seconds: SECONDS, input_reference: object({ image_url: image }) }),
			form: object({ prompt: PROMPT }, { model: MODEL, size: SIZE, seconds: SECONDS, input_reference: PICTURE }),
		}),
		'POST /v1/videos/{id}/remix': submit({ body: object({ prompt: PROMPT }) }),
		'POST /v1/videos/edits': submit({ body: object({ prompt: PROMPT, video: object({ id: text(100) }) }) }),
		'POST /v1/videos/extensions': submit({ body: object({ prompt: PROMPT, seconds: word('4', '8', '12', '16', '20'), video: object({ id: text(100) }) }) }),
		'GET /v1/videos/{id}': { kind: 'poll', answer: video, facts: ['/status'], words: ['/status'] },
		'GET /v1/videos/{id}/content': { answer: ({ job, standin }) => say(302, undefined, { location: standin.linkTo(job) }) },
		'GET /v1/videos/{id}/content?variant={v}': { answer: ({ job, standin }) => say(302, undefined, { location: standin.linkTo(job, 'picture.png') }) },
		'GET /v1/videos?limit={n}&order={o}': {
			answer: ({ standin }) => ({ object: 'list', has_more: false, data: [...standin.jobs.values()].reverse().map((job) => video({ job })) }),
		},
		'DELETE /v1/videos/{id}': { kind: 'cancel', answer: ({ job }) => ({ id: job.id, object: 'video.deleted', deleted: true }) },
		'GET /v1/models': { answer: () => ({ object: 'list', data: ['sora-2', 'sora-2-pro'].map((id) => ({ id, object: 'model', created: 1759700000, owned_by: 'openai' })) }) },
	},
	errors: {
		key: refusal(401, 'invalid_api_key', 'Incorrect API key provided: sk-***.'),
		busy: refusal(429, 'rate_limit_exceeded', 'Rate limit reached for sora-2.', 'requests'),
		refused: refusal(400, 'moderation_blocked', 'Your request was blocked by our moderation system.'),
		missing: refusal(404, 'not_found', 'Video not found.'),
		invalid: (why) => refusal(400, 'invalid_value', why),
	},
	examples: [
		['POST /v1/videos', { model: 'sora-2', prompt: 'A calico cat playing a piano on stage', size: '1280x720', seconds: '8' }],
		['POST /v1/videos', { prompt: 'A calico cat', input_reference: { image_url: 'https://example.com/cat.png' } }],
		['POST /v1/videos/{id}/remix', { prompt: 'Extend the scene with the cat taking a bow to the cheering audience' }, { id: 'video_1' }],
		['POST /v1/videos/edits', { prompt: 'Make it night', video: { id: 'video_1' } }],
		['POST /v1/videos/extensions', { prompt: 'It walks away', seconds: '8', video: { id: 'video_1' } }],
	],
	asks: {
		text: { model: 'sora-2', seconds: '4', size: '1280x720' },
		image: { model: 'sora-2' },
		remix: {}, edit: {}, extend: { seconds: '8' },
		cancel: true,
		found: true,
		failed: { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' },
		refused: { code: 'moderation_blocked', message: 'Your request was blocked by our moderation system.' },
	},
};
