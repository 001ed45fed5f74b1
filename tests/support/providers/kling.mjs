// Kling, as api.klingai.com and api-singapore.klingai.com have it since 2026: the key itself is the bearer's.
import { base64Image, boolean, either, link, list, number, object, say, text, word } from './standin.mjs';

const picture = either(link, base64Image); // bare: a data URL is refused
const model_name = word('kling-v1', 'kling-v1-5', 'kling-v1-6', 'kling-v2-master', 'kling-v2-1', 'kling-v2-1-master', 'kling-v2-5-turbo',
	'kling-v2-6', 'kling-v3');
const common = {
	negative_prompt: text(2500), mode: word('std', 'pro', '4k'), duration: word(...Array.from({ length: 13 }, (_, i) => String(i + 3))),
		cfg_scale: number(0, 1),
	watermark_info: object({ enabled: boolean }), callback_url: link, external_task_id: text(100),
};
const spoken = { sound: word('on', 'off'), camera_control: object({ type: word('simple', 'down_back', 'forward_up', 'right_turn_forward',
	'left_turn_forward') }) };
const aspect_ratio = word('16:9', '9:16', '1:1');

const data = ({ job, standin }) => ({
	code: 0, message: 'SUCCEED', request_id: `r-${job.id}`,
	data: {
		task_id: job.id,
		task_status: { queued: 'submitted', running: 'processing', done: 'succeed', failed: 'failed' }[job.state],
		...(job.polls > 0 && { task_status_msg: job.state === 'failed' ? 'Failure to pass the risk control system' : '' }),
		task_info: {}, created_at: 1764417600000, updated_at: 1764417605000,
		...(job.state === 'done' && { task_result: { videos: [{ id: `v${job.id}`, url: standin.linkTo(job), duration: '5.1' }] } }),
	},
});

/** A job is asked for under the path of its kind, and under no other. */
const poll = (kind) => ({
	kind: 'poll', answer: data, facts: ['/data', '/data/task_status', '/data/task_result/videos', '/data/task_result/videos/0/url'],
		words: ['/data/task_status'],
	id: ({ params, standin }) => (standin.jobs.get(params.id)?.name.endsWith(`/${kind}`) ? params.id : `${params.id} of ${kind}`),
});
const submit = (body) => ({ kind: 'submit', body, answer: data, facts: ['/data', '/data/task_id'] });
const refusal = (status, code, message) => say(status, { code, message, request_id: 'r-0' });

const TEXT = 'POST /v1/videos/text2video', IMAGE = 'POST /v1/videos/image2video', MANY = 'POST /v1/videos/multi-image2video',
	EXTEND = 'POST /v1/videos/video-extend';

export default {
	name: 'kling',
	source: 'vercel/ai, packages/klingai/src/klingai-video-model.ts; comfyanonymous/ComfyUI, comfy_api_nodes/apis/kling.py; app.klingai.com/global/dev/document-api',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => String(831922345678901000n + BigInt(n)),
	routes: {
		[TEXT]: submit(object({ model_name, prompt: text(2500) }, { ...common, ...spoken, aspect_ratio })),
		[IMAGE]: submit(object({ model_name, image: picture }, { prompt: text(2500), ...common, ...spoken, image_tail: picture })),
		[MANY]: submit(object({ model_name: word('kling-v1-6'), image_list: list(object({ image: picture }), 4), prompt: text(2500) },
			{ ...common, aspect_ratio })),
		[EXTEND]: submit(object({ video_id: { type: 'string', pattern: '^v\\d+$' } },
			{ prompt: text(2500), negative_prompt: text(2500), cfg_scale: number(0, 1), callback_url: link })),
		'GET /v1/videos/text2video/{id}': poll('text2video'),
		'GET /v1/videos/image2video/{id}': poll('image2video'),
		'GET /v1/videos/multi-image2video/{id}': poll('multi-image2video'),
		'GET /v1/videos/video-extend/{id}': poll('video-extend'),
		'GET /v1/videos/text2video?pageNum={n?}&pageSize={s?}': { answer: () => ({ code: 0, message: 'SUCCEED', request_id: 'r-0', data: [] }) },
	},
	errors: {
		key: refusal(401, 1002, 'Authorization is invalid'),
		busy: refusal(429, 1303, 'parallel task over resource pack limit'),
		refused: refusal(400, 1301, 'Trigger strategy, such as content security policy'),
		missing: refusal(404, 1203, 'Request resource does not exist'),
		invalid: (why) => refusal(400, 1201, why),
	},
	examples: [
		[TEXT, { model_name: 'kling-v2-6', prompt: 'A cat', negative_prompt: 'a dog', duration: '5', mode: 'pro', sound: 'on', aspect_ratio: '16:9',
			callback_url: 'https://a.example/b', external_task_id: 'x' }],
		[IMAGE, { model_name: 'kling-v2-1', image: 'https://h2.inkwai.com/bs2/1.png', image_tail: 'https://h2.inkwai.com/bs2/2.png',
			prompt: 'The astronaut stood up',
			mode: 'pro', duration: '5', cfg_scale: 0.5, watermark_info: { enabled: false } }],
		[MANY, { model_name: 'kling-v1-6', image_list: [{ image: 'https://a.example/1.png' }, { image: 'https://a.example/2.png' }], prompt: 'They meet',
			duration: '5', mode: 'std', aspect_ratio: '1:1' }],
		[EXTEND, { video_id: 'v831922345678901001', prompt: 'The astronaut walks on' }],
	],
	asks: {
		text: { model: 'kling-v2-6', seconds: '5', aspect_ratio: '16:9', negative_prompt: 'blur', audio: true },
		image: { model: 'kling-v2-6', seconds: '5' },
		last: { model: 'kling-v2-1' },
		references: { model: 'kling-v1-6', seconds: '5', aspect_ratio: '16:9' },
		failed: { message: 'Failure to pass the risk control system' },
		refused: { code: '1301', message: 'Trigger strategy, such as content security policy' },
	},
};
