// Vidu's open platform.
import { boolean, either, image, integer, link, list, object, say, text, word } from './standin.mjs';

const RATIO = word('16:9', '9:16', '3:4', '4:3', '1:1'), RESOLUTION = word('540p', '720p', '1080p');
const COMMON = { seed: integer(0, 2147483647), payload: text(1048576, 0), off_peak: boolean, watermark: boolean, wm_position: integer(1, 4), callback_url: link };
/** What the models of the third generation take, and what the ones before. */
const Q3 = { ...COMMON, duration: integer(1, 16), resolution: RESOLUTION, audio: boolean };
const Q2 = { ...COMMON, duration: integer(1, 10), resolution: RESOLUTION, movement_amplitude: word('auto', 'small', 'medium', 'large'), bgm: boolean };
const by = (required, optional3, optional2, models3, models2) =>
	either(object({ model: word(...models3), ...required }, optional3), object({ model: word(...models2), ...required }, optional2));

const begun = ({ job }) => {
	const { images = [], ...body } = job.body;
	return { task_id: job.id, state: 'created', ...body, images: images.map(() => 'ssupload:?id=1'), credits: 55, created_at: '2026-11-29T12:00:00.000000Z' };
};
const refusal = (code, reason, message) => say(code, { code, reason, message, metadata: { trace_id: '04e5c2fe159ff7c574acd0424e78c35f' } });
const submit = (body) => ({ kind: 'submit', body, answer: begun, facts: ['/task_id'] });

export default {
	name: 'vidu',
	source: 'platform.vidu.com/docs, the pages of text-, image-, start-end- and reference-to-video, get-generation and cancel-generation; QuantumNous/new-api, ' +
		'relay/channel/task/vidu/adaptor.go; comfyanonymous/ComfyUI, comfy_api_nodes/apis/vidu.py',
	headers: { authorization: 'Token {key}' },
	id: (n) => String(894000000000000000n + BigInt(n)),
	routes: {
		'POST /ent/v2/text2video': submit(by({ prompt: text(5000) }, { ...Q3, aspect_ratio: RATIO }, { ...Q2, aspect_ratio: RATIO, style: word('general', 'anime') },
			['viduq3-turbo', 'viduq3-pro'], ['viduq2', 'viduq1'])),
		'POST /ent/v2/img2video': submit(by({ images: list(image, 1) }, { ...Q3, prompt: text(5000) }, { ...Q2, prompt: text(2000) },
			['viduq3-turbo', 'viduq3-pro', 'viduq3-pro-fast'], ['viduq2-turbo', 'viduq2-pro', 'viduq2-pro-fast', 'viduq1', 'vidu2.0'])),
		'POST /ent/v2/start-end2video': submit(by({ images: list(image, 2, 2) }, { ...Q3, prompt: text(5000) }, { ...Q2, duration: integer(1, 8), prompt: text(2000) },
			['viduq3-turbo', 'viduq3-pro'], ['viduq2-turbo', 'viduq2-pro', 'viduq2-pro-fast', 'viduq1', 'vidu2.0'])),
		'POST /ent/v2/reference2video': submit(by({ images: list(image, 7), prompt: text(5000) }, { ...Q3, duration: integer(3, 16), aspect_ratio: RATIO },
			{ ...Q2, aspect_ratio: RATIO }, ['viduq3', 'viduq3-turbo', 'viduq3-mix'], ['viduq2', 'viduq2-pro', 'viduq1', 'vidu2.0'])),
		'GET /ent/v2/tasks/{id}/creations': {
			kind: 'poll', facts: ['/state', '/creations/0/url'], words: ['/state'],
			answer: ({ job, standin }) => ({
				id: job.id,
				state: { queued: 'queueing', running: 'processing', done: 'success', failed: 'failed', cancelled: 'failed' }[job.state],
				err_code: { failed: 'CreationPolicyViolation', cancelled: 'TaskCancelled' }[job.state] ?? '',
				credits: 55, payload: '', bgm: false, off_peak: false,
				creations: job.state === 'done' ? [{ id: `${job.id}-1`, url: standin.linkTo(job), cover_url: standin.linkTo(job, 'cover.png'),
					watermarked_url: standin.linkTo(job, 'marked.mp4') }] : [],
			}),
		},
		'POST /ent/v2/tasks/{id}/cancel': { kind: 'cancel', body: object({ id: text(64) }), answer: () => ({}) },
		'GET /ent/v2/credits': { answer: () => ({ remains: [{ type: 'metered', concurrency_limit: 5, credit_remain: 1000, queue_count: 0, current_concurrency: 0 }] }) },
	},
	errors: {
		key: refusal(401, 'Unauthorized', 'token is invalid'),
		busy: refusal(429, 'QuotaExceeded', 'the number of your tasks has reached its limit'),
		refused: refusal(400, 'AuditSubmitIllegal', 'the prompt or an image is not allowed'),
		missing: refusal(404, 'NotFound', 'task is not found'),
		invalid: (why) => refusal(400, 'FieldInvalid', why),
	},
	examples: [
		['POST /ent/v2/text2video', { model: 'viduq3-turbo', prompt: 'A paper bird unfolds and glides', duration: 5, resolution: '720p', aspect_ratio: '16:9',
			audio: false, seed: 18427, off_peak: false, payload: 'job-1' }],
		['POST /ent/v2/text2video', { model: 'viduq2', prompt: 'In an ultra-realistic fashion photography style', duration: 5, seed: 0, aspect_ratio: '4:3',
			resolution: '1080p', movement_amplitude: 'auto', off_peak: false }],
		['POST /ent/v2/img2video', { model: 'viduq3-pro', images: ['https://prod-ss-images.example.com/template/image2video.png'], prompt: 'The astronaut waved',
			audio: true, duration: 5, seed: 0, resolution: '1080p', off_peak: false }],
		['POST /ent/v2/start-end2video', { model: 'viduq3-pro', images: ['https://assets.example.com/start.png', 'https://assets.example.com/end.png'],
			prompt: 'The paper bird unfolds into flight', duration: 5, resolution: '1080p', audio: false, seed: 9081, off_peak: false, payload: 'job-8' }],
		['POST /ent/v2/reference2video', { model: 'viduq3-mix', prompt: 'The same brass desk lamp rotates slowly', duration: 5, resolution: '720p',
			aspect_ratio: '16:9', seed: 22109, off_peak: false, images: ['https://assets.example.com/front.png', 'https://assets.example.com/side.png'] }],
	],
	asks: {
		text: { model: 'viduq3-turbo', seconds: '5', size: '1280x720', aspect_ratio: '16:9', seed: 7, audio: true },
		image: { model: 'viduq3-pro', seconds: '5' },
		last: { model: 'viduq3-pro' },
		references: { model: 'viduq3' },
		cancel: true,
		failed: { code: 'CreationPolicyViolation', message: 'The upstream could not make the video.' },
		refused: { code: 'AuditSubmitIllegal', message: 'the prompt or an image is not allowed' },
	},
};
