// MiniMax's second video API: H3.
import { boolean, either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const words = object({ type: word('text'), text: text(7000) });
const frame = object({ type: word('image_url'), image_url: object({ url: image }), role: word('first_frame', 'last_frame') });
const reference = object({ type: word('image_url'), image_url: object({ url: image }), role: word('reference_image') });
const fixed = ['21:9', '16:9', '4:3', '1:1', '3:4', '9:16'];
const common = {
	model: word('MiniMax-H3', 'MiniMax-H3-Max'), resolution: word('480P', '768P', '2K'), duration: integer(4, 15),
};
const optional = { aigc_watermark: boolean, callback_url: link };

/** Text alone needs a ratio; frames and references exclude each other. */
const BODY = either(
	object({ ...common, content: list(words, 1), ratio: word(...fixed) }, optional),
	object({ ...common, content: list(either(words, frame), 3, 2) }, { ...optional, ratio: word('adaptive', ...fixed) }),
	object({ ...common, model: word('MiniMax-H3'), content: list(either(words, reference), 10, 2) }, { ...optional, ratio: word('adaptive', ...fixed) }),
);

const STATES = { queued: 'queued', running: 'running', done: 'succeeded', failed: 'failed' };
const task = ({ job, standin }) => ({
	task: {
		id: job.id, model: job.body.model, type: 'h3_video', status: STATES[job.state], created_at: 1764417600,
			resolution: job.body.resolution, ratio: job.body.ratio ?? '16:9',
		...(job.state === 'done' && { content: { url: standin.linkTo(job) }, duration: job.body.duration, usage: { total_tokens: 8 } }),
		...(job.state === 'failed' && { error: { code: '1027', message: 'output video contains sensitive content' } }),
	},
});
const refusal = (status, type, message) => say(status, { type: 'error', error: { type, message, http_code: String(status) },
	request_id: '021785229015510a2c883cf675b9804d' });

const GENERATE = 'POST /v2/video_generation';

export default {
	name: 'minimax-h3',
	source: 'platform.minimaxi.com, API reference, video-generation-v2; docs.comfy.org, Comfy Router, minimax-h3',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => String(424010985738629 + n),
	routes: {
		[GENERATE]: { kind: 'submit', body: BODY, answer: ({ job }) => ({ task_id: job.id }), facts: ['/task_id'] },
		'GET /v2/query/video_generation/{id}': { kind: 'poll', answer: task, facts: ['/task', '/task/status', '/task/content',
			'/task/content/url'], words: ['/task/status'] },
		'GET /v2/query/video_generation?page_num={n?}&page_size={s?}': {
			answer: ({ standin }) => ({ tasks: [...standin.jobs.values()].reverse().map((job) => task({ job, standin }).task), total: standin.jobs.size }),
		},
	},
	errors: {
		key: refusal(401, 'authorized_error', "login fail: Please carry the API secret key in the 'Authorization' field of the request header (1004)"),
		busy: refusal(429, 'rate_limit_error', 'rate limit, please retry later (1002)'),
		refused: refusal(422, 'unprocessable_entity_error', 'video description contains sensitive content (1026)'),
		missing: refusal(404, 'not_found_error', 'task not found'),
		invalid: (why) => refusal(400, 'bad_request_error', `invalid params, ${why} (2013)`),
	},
	examples: [
		[GENERATE, { model: 'MiniMax-H3', content: [{ type: 'text', text: 'A lighthouse at dusk' }], resolution: '768P', duration: 5, ratio: '16:9' }],
		[GENERATE, { model: 'MiniMax-H3', content: [{ type: 'text', text: 'From here to there' },
			{ type: 'image_url', image_url: { url: 'https://a.example/1.png' }, role: 'first_frame' },
			{ type: 'image_url', image_url: { url: 'https://a.example/2.png' }, role: 'last_frame' }], resolution: '2K', duration: 6,
				ratio: 'adaptive', aigc_watermark: false }],
		[GENERATE, { model: 'MiniMax-H3', content: [{ type: 'text', text: 'Follow this person' },
			{ type: 'image_url', image_url: { url: 'https://a.example/1.png' }, role: 'reference_image' }], resolution: '768P', duration: 5, ratio: '1:1' }],
	],
	asks: {
		text: { model: 'MiniMax-H3', seconds: '5', size: '1280x720' },
		image: { model: 'MiniMax-H3', seconds: '6', size: '1280x720' },
		last: { model: 'MiniMax-H3', seconds: '5', size: '1280x720' },
		references: { model: 'MiniMax-H3', seconds: '5', size: '1280x720' },
		failed: { code: '1027', message: 'output video contains sensitive content' },
		refused: { code: 'unprocessable_entity_error', message: 'video description contains sensitive content (1026)' },
	},
};
