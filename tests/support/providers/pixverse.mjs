// PixVerse's platform.
import { randomUUID } from 'node:crypto';
import { boolean, either, file, integer, list, object, say, text, word } from './standin.mjs';

const RATIO = word('16:9', '4:3', '1:1', '3:4', '9:16', '2:3', '3:2', '21:9'), QUALITY = word('360p', '540p', '720p', '1080p');
const SEED = integer(0, 2147483647), ID = integer(1, Number.MAX_SAFE_INTEGER);
const MORE = { negative_prompt: text(2048), seed: SEED, water_mark: boolean, style: word('anime', '3d_animation', 'clay', 'comic', 'cyberpunk'), template_id: ID };
const NEW = { negative_prompt: text(2048), seed: SEED, style: MORE.style, generate_audio_switch: boolean, generate_multi_clip_switch: boolean };
/** What the older models take, and what v6 and c1. */
const by = (required, older, newer) => either(
	object({ model: word('v4.5', 'v5', 'v5.5'), prompt: text(2048), quality: QUALITY, duration: word(5, 8, 10), ...required }, older),
	object({ model: word('v6', 'c1'), prompt: text(2048), quality: QUALITY, duration: integer(1, 15), ...required }, newer));

const said = (Resp, ErrCode = 0, ErrMsg = 'Success') => say(200, { ErrCode, ErrMsg, Resp });
const refusal = (code, message) => said(null, code, message);
const uploads = (standin) => (standin.uploads ??= new Map());

/** Takes a job, if its images are there. One whose trace id came before is never made: so the provider tells its customers. */
function begun({ job, headers, standin }) {
	const names = (job.body.image_references ?? []).map(({ ref_name: name }) => name);
	const ids = [job.body.img_id, job.body.first_frame_img, job.body.last_frame_img, ...(job.body.image_references ?? []).map(({ img_id: id }) => id)].
		filter((id) => id !== undefined);
	if (new Set(names).size < names.length || !ids.every((id) => uploads(standin).has(id)) || (job.body.source_video_id && !standin.jobs.has(String(job.body.source_video_id)))) {
		standin.jobs.delete(job.id);
		return refusal(400032, 'Invalid image ID');
	}
	job.images = ids.map((id) => uploads(standin).get(id));
	if (standin.requests.filter((request) => request.headers['ai-trace-id'] === headers['ai-trace-id']).length > 1)
		job.fate = 'held';
	return said({ video_id: Number(job.id), credits: 45 });
}
const submit = (body) => ({ kind: 'submit', body, answer: begun, facts: ['/Resp/video_id'] });

export default {
	name: 'pixverse',
	source: 'docs.platform.pixverse.ai, video generation, image upload and error codes; comfyanonymous/ComfyUI, comfy_api_nodes/apis/pixverse.py; tryAGI/PixVerse, openapi.yaml',
	headers: { 'api-key': '{key}', 'ai-trace-id': /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/ },
	proof: { 'ai-trace-id': () => randomUUID() },
	id: (n) => String(315446315336768 + n),
	routes: {
		'POST /openapi/v2/video/text/generate': submit(by({ aspect_ratio: RATIO }, MORE, NEW)),
		'POST /openapi/v2/video/img/generate': submit(by({ img_id: ID }, MORE, NEW)),
		'POST /openapi/v2/video/transition/generate': submit(by({ first_frame_img: ID, last_frame_img: ID }, MORE, { ...NEW, generate_multi_clip_switch: false })),
		'POST /openapi/v2/video/fusion/generate': submit(by({ aspect_ratio: RATIO,
			image_references: list(object({ type: word('subject', 'background'), img_id: ID, ref_name: text(30) }), 7) }, { seed: SEED, water_mark: boolean }, NEW)),
		'POST /openapi/v2/video/extend/generate': submit(by({ source_video_id: ID }, MORE, NEW)),
		'GET /openapi/v2/video/result/{id}': {
			kind: 'poll', facts: ['/Resp/status', '/Resp/url'], words: ['/Resp/status'],
			answer: ({ job, standin }) => said({
				create_time: '2026-11-29T12:00:00Z', id: Number(job.id), modify_time: '2026-11-29T12:00:30Z', negative_prompt: '', outputHeight: 720, outputWidth: 1280,
				prompt: job.body.prompt, resolution_ratio: 0, seed: 7, size: 4000, status: { queued: 5, running: 5, done: 1, failed: 7 }[job.state], style: '',
				url: job.state === 'done' ? standin.linkTo(job) : '',
			}).body,
		},
		'POST /openapi/v2/image/upload': {
			form: object({ image: file('image/png', 'image/jpeg', 'image/webp') }),
			answer({ body, standin }) {
				const id = 9000 + uploads(standin).size;
				uploads(standin).set(id, body.image.bytes);
				return { ErrCode: 0, ErrMsg: 'Success', Resp: { img_id: id, img_url: `https://media.example.com/${id}.png` } };
			},
		},
		'GET /openapi/v2/account/balance': { answer: () => ({ ErrCode: 0, ErrMsg: 'Success', Resp: { account_id: 1, credit_monthly: 0, credit_package: 1000 } }) },
	},
	errors: {
		key: refusal(400012, 'Invalid account'),
		busy: refusal(500044, 'Reached the limit for concurrent generations.'),
		refused: refusal(500063, 'Text moderation failed: The text you entered contains sensitive information. Please re-enter.'),
		missing: refusal(500008, 'Requested data not found'),
		invalid: (why) => refusal(400013, `Invalid binding request: incorrect parameter type or value: ${why}`),
	},
	examples: [
		['POST /openapi/v2/video/text/generate', { aspect_ratio: '16:9', duration: 5, model: 'v5', negative_prompt: 'blurry', prompt: 'a dog', quality: '540p', seed: 0,
			water_mark: false }],
		['POST /openapi/v2/video/text/generate', { aspect_ratio: '21:9', duration: 12, model: 'v6', prompt: 'a dog', quality: '1080p', generate_audio_switch: true }],
	],
	asks: {
		text: { model: 'v6', seconds: '5', size: '1280x720', seed: 7, negative_prompt: 'blurry', audio: true },
		image: { model: 'v6', seconds: '5', size: '1280x720' },
		last: { model: 'v6', seconds: '5', size: '1280x720' },
		references: { model: 'v6', seconds: '5', size: '1280x720' },
		extend: { seconds: '5' },
		failed: { code: 'moderation_blocked', message: 'The upstream could not make the video.' },
		refused: { code: '500063', message: 'Text moderation failed: The text you entered contains sensitive information. Please re-enter.' },
	},
};
