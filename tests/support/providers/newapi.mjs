// new-api, by its own calls for videos (it has OpenAI's, too: openai-basic). What it would drop without a word is refused here.
import { boolean, image, integer, list, object, say, text } from './standin.mjs';

const refusal = (status, code, message) => say(status, { code, message, data: null });
const WORDS = { queued: 'QUEUED', running: 'IN_PROGRESS', done: 'SUCCESS', failed: 'FAILURE' };

export default {
	name: 'newapi',
	source: 'QuantumNous/new-api, relay/common/relay_info.go (TaskSubmitReq), dto/task.go, dto/openai_video.go; QuantumNous/new-api-docs, docs/en/api/generate-video.md',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `task_${String(n).padStart(32, 'a')}`,
	routes: {
		'POST /v1/video/generations': {
			kind: 'submit',
			body: object({ model: text(100), prompt: text(32000) }, {
				mode: text(20), image, images: list(image), size: { type: 'string', pattern: '^\\d+x\\d+$' }, duration: integer(1, 60), seconds: text(3), input_reference: image,
				metadata: object({}, { seed: integer(0, 4294967295), negative_prompt: text(5000), aspect_ratio: text(10), resolution: text(10), watermark: boolean, image_tail: image,
					generate_audio: boolean, movement_amplitude: text(10), bgm: boolean, style: text(50) }),
			}),
			answer: ({ job }) => ({ id: job.id, task_id: job.id, object: 'video', model: job.body.model, status: 'queued', progress: 0, created_at: 1796000000 }),
			// no fact: the id stands there twice
		},
		'GET /v1/video/generations/{id}': {
			kind: 'poll', facts: ['/data/status', '/data/result_url'], words: ['/data/status'],
			answer: ({ job, standin }) => ({ code: 'success', message: '', data: {
				id: job.n, created_at: 1796000000, updated_at: 1796000010, task_id: job.id, platform: '50', user_id: 1, group: 'default', channel_id: 3, quota: 100,
				action: 'textGenerate', status: WORDS[job.state], fail_reason: job.state === 'failed' ? 'task failed, code: 1301, message: risk control' : '',
				...(job.state === 'done' && { result_url: standin.linkTo(job) }), submit_time: 1796000000, start_time: 1796000001,
				finish_time: job.state === 'done' ? 1796000010 : 0, progress: { queued: '20%', running: '30%' }[job.state] ?? '100%',
				properties: { input: job.body.prompt, upstream_model_name: job.body.model }, data: { code: 0, data: { task_status: 'processing' } },
			} }),
		},
		'GET /v1/models': { answer: () => ({ object: 'list', success: true, data: [{ id: 'kling-v1', object: 'model', created: 1626777600, owned_by: 'kling',
			supported_endpoint_types: ['openai-video'] }] }) },
	},
	errors: {
		key: say(401, { error: { code: '', message: '无效的令牌 (request id: 20261129120000)', type: 'new_api_error' } }),
		busy: say(429, { error: { code: '', message: '您已达到请求数限制：1分钟内最多请求10次', type: 'new_api_error' } }),
		refused: refusal(400, 'fail_to_fetch_task', 'the prompt violates the content policy'),
		missing: refusal(400, 'task_not_exist', 'task_not_exist'),
		invalid: (why) => refusal(400, 'invalid_request', why),
	},
	examples: [
		['POST /v1/video/generations', { model: 'kling-v1', prompt: 'An astronaut walking on the moon', size: '1920x1080', image: 'https://h2.example.com/raw_image_0.jpg',
			duration: 5, metadata: { seed: 20231234, negative_prompt: 'blurry', image_tail: 'https://h1.example.com/b3a59.png' } }],
		['POST /v1/video/generations', { model: 'viduq1', prompt: 'An astronaut walking on the moon', size: '1920x1080', image: 'https://prod.example.com/image2video.png',
			duration: 5, metadata: { seed: 0, resolution: '1080p', movement_amplitude: 'auto', bgm: false } }],
	],
	asks: {
		text: { model: 'kling-v1', seconds: '5', size: '1280x720', seed: 7, negative_prompt: 'blurry', aspect_ratio: '16:9' },
		image: { model: 'kling-v1', seconds: '5' },
		failed: { message: 'task failed, code: 1301, message: risk control' },
		refused: { code: 'fail_to_fetch_task', message: 'the prompt violates the content policy' },
	},
};
