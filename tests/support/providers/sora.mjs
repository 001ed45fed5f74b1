// The relays that brought Sora to many: their form is that of the system which longreel implements.
import { file, object, say, text, word } from './standin.mjs';

const PICTURE = file('image/png', 'image/jpeg', 'image/webp'), FLAG = word('true', 'false'), PROMPT = text(32000), MODEL = text(100);
const refusal = (status, error_code, message) => say(status, { error: { message, code: error_code }, error_code });
const STATUS = { queued: 'queued', running: 'processing', done: 'completed', failed: 'failed' };
const video = ({ job, standin }) => ({
	id: job.id, status: STATUS[job.state], progress: { running: 42, done: 100 }[job.state] ?? 0,
	video_url: job.state === 'done' ? standin.linkTo(job) : null, image_url: job.state === 'done' ? standin.linkTo(job, 'cover.png') : null,
	error: job.state === 'failed' ? 'The content violates the policy.' : null, error_code: job.state === 'failed' ? 'content_policy' : null,
});
const submit = (shapes) => ({ kind: 'submit', ...shapes, answer: video, facts: ['/id'] });

export default {
	name: 'sora',
	source: 'the recorded answers of such relays, tests/unit/upstream/dialect/answers/sora, and their users’ documents',
	headers: { authorization: '{key}' },
	id: (n) => `video_8efddf51-0000-4000-8000-${String(n).padStart(12, '0')}`,
	routes: {
		'POST /sora/v1/videos': submit({
			form: object({ prompt: PROMPT }, { model: MODEL, size: { type: 'string', pattern: '^\\d+x\\d+$' }, seconds: { type: 'string', pattern: '^\\d+$' },
				aspect_ratio: { type: 'string', pattern: '^\\d+:\\d+$' }, watermark: FLAG, hd: FLAG, private: FLAG, input_reference: PICTURE }),
		}),
		'POST /sora/v1/videos/{id}/remix': submit({ body: object({ prompt: PROMPT }, { model: MODEL }), form: object({ prompt: PROMPT }, { model: MODEL, input_reference: PICTURE }) }),
		'GET /sora/v1/videos/{id}': { kind: 'poll', answer: video, facts: ['/status', '/video_url'], words: ['/status'] },
	},
	errors: {
		key: refusal(401, 'invalid_api_key', 'Invalid token'),
		busy: refusal(429, 'rate_limited', 'Too many requests'),
		refused: refusal(400, 'content_policy', 'The content violates the policy.'),
		missing: refusal(404, 'not_found', 'No such video'),
		invalid: (why) => refusal(400, 'invalid_request', why),
	},
	examples: [['POST /sora/v1/videos/{id}/remix', { prompt: '换成夜晚', model: 'sora_video2' }, { id: 'video_1' }]],
	asks: {
		text: { model: 'sora_video2', seconds: '10', size: '1280x720', aspect_ratio: '16:9', watermark: true, hd: true, private: true },
		image: { model: 'sora_video2' },
		remix: {},
		failed: { code: 'content_policy', message: 'The content violates the policy.' },
		refused: { code: 'content_policy', message: 'The content violates the policy.' },
	},
};
