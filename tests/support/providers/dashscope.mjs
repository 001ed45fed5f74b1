// Alibaba's Model Studio (DashScope): Wan up to 2.6.
import { boolean, either, image, integer, link, object, say, text, word } from './standin.mjs';

const COMMON = { seed: integer(0, 2147483647), prompt_extend: boolean, watermark: boolean, duration: integer(2, 15), audio: boolean, shot_type: word('single', 'multi') };
const SIZE = word('832*480', '480*832', '624*624', '1280*720', '720*1280', '960*960', '1088*832', '832*1088', '1920*1080', '1080*1920', '1440*1440', '1632*1248', '1248*1632');
export const SYNTHESIS = 'POST /api/v1/services/aigc/video-generation/video-synthesis';

const refusal = (status, code, message) => say(status, { code, message, request_id: '7438d53d-6eb8-4596-8835-000000000001' });
const WORDS = { queued: 'PENDING', running: 'RUNNING', done: 'SUCCEEDED', failed: 'FAILED', cancelled: 'CANCELED' };

export const submit = (body) => ({
	kind: 'submit', headers: { 'x-dashscope-async': 'enable' }, body, facts: ['/output/task_id'],
	answer: ({ job }) => ({ output: { task_status: 'PENDING', task_id: job.id }, request_id: '4909100c-7b5a-9f92-bfe5-000000000001' }),
});

export default {
	name: 'dashscope',
	source: 'alibabacloud.com/help/en/model-studio, Wan text-to-video and image-to-video API; comfyanonymous/ComfyUI, comfy_api_nodes/apis/wan.py',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `a55bfe14-6e78-4b9d-b97d-${String(n).padStart(12, '0')}`,
	routes: {
		[SYNTHESIS]: submit(either(
			object({ model: word('wan2.6-t2v', 'wan2.5-t2v-preview', 'wan2.2-t2v-plus'), input: object({ prompt: text(1500) }, { negative_prompt: text(500), audio_url: link }) },
				{ parameters: object({}, { ...COMMON, size: SIZE }) }),
			object({ model: word('wan2.6-i2v', 'wan2.6-i2v-flash', 'wan2.5-i2v-preview', 'wan2.2-i2v-plus'),
				input: object({ img_url: image }, { prompt: text(1500), negative_prompt: text(500), audio_url: link, template: text(50) }) },
			{ parameters: object({}, { ...COMMON, resolution: word('480P', '720P', '1080P') }) }))),
		'GET /api/v1/tasks/{id}': {
			kind: 'poll', facts: ['/output/task_status', '/output/video_url'], words: ['/output/task_status'],
			answer: ({ job, standin }) => ({ request_id: 'caa62a12-8841-41a6-8af2-000000000001', output: {
				task_id: job.id, task_status: WORDS[job.state], submit_time: '2026-11-29 12:00:00.000',
				...(job.state === 'done' && { video_url: standin.linkTo(job), orig_prompt: job.body.input.prompt }),
				...(job.state === 'failed' && { code: 'DataInspectionFailed', message: 'Output data may contain inappropriate content.' }),
			} }),
		},
		'POST /api/v1/tasks/{id}/cancel': { kind: 'cancel', answer: () => ({ request_id: '45ac7f13-6e78-4b9d-b97d-000000000001' }) },
		'GET /api/v1/tasks/?page_no={p}&page_size={n}': { answer: () => ({ request_id: '1', total: 0, data: [], total_page: 0, page_no: 1, page_size: 1 }) },
	},
	errors: {
		key: refusal(401, 'InvalidApiKey', 'Invalid API-key provided.'),
		busy: refusal(429, 'Throttling.RateQuota', 'Requests rate limit exceeded, please try again later.'),
		refused: refusal(400, 'DataInspectionFailed', 'Input text data may contain inappropriate content.'),
		missing: say(200, { request_id: '1', output: { task_id: 'x', task_status: 'UNKNOWN' } }),
		invalid: (why) => refusal(400, 'InvalidParameter', why),
	},
	examples: [
		[SYNTHESIS, { model: 'wan2.6-t2v', input: { prompt: 'A kitten running in the moonlight', negative_prompt: 'blurry' },
			parameters: { size: '1280*720', prompt_extend: true, duration: 10, audio: true, shot_type: 'multi', seed: 12345, watermark: false } }],
		[SYNTHESIS, { model: 'wan2.5-i2v-preview', input: { prompt: 'A cat running', img_url: 'https://cdn.example.com/cat.png' },
			parameters: { resolution: '480P', prompt_extend: true, duration: 5 } }],
	],
	asks: {
		text: { model: 'wan2.6-t2v', seconds: '5', size: '1280x720', seed: 7, negative_prompt: 'blurry', audio: true },
		image: { model: 'wan2.6-i2v', seconds: '5', size: '1280x720' },
		cancel: true,
		failed: { code: 'DataInspectionFailed', message: 'Output data may contain inappropriate content.' },
		refused: { code: 'DataInspectionFailed', message: 'Input text data may contain inappropriate content.' },
	},
};
