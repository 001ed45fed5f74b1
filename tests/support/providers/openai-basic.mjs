// The servers that speak the core of OpenAI's form and no more: vLLM-Omni, as the strictest of them.
import { either, file, image, object, say, text, videoOf, word } from './standin.mjs';
import openai, { video } from './openai.mjs';

const FIELDS = {
	prompt: text(32000), model: text(200), size: { type: 'string', pattern: '^\\d+x\\d+$' }, seconds: { type: 'string', pattern: '^[1-9]\\d*$' }, negative_prompt: text(32000), user: text(200),
};
/** FastAPI's way to say what is wrong. */
const fault = (status, detail) => say(status, { detail });
const { prompt, ...optional } = FIELDS;
const { routes } = openai, kept = ['GET /v1/videos/{id}', 'GET /v1/videos/{id}/content', 'GET /v1/videos?limit={n}&order={o}', 'DELETE /v1/videos/{id}', 'GET /v1/models'];
const own = ({ job, standin }) => ({ ...video({ job, standin }), quality: 'default', media_type: 'video/mp4',
	error: job.state === 'failed' ? { code: 500, message: 'CUDA out of memory' } : null });

export default {
	...openai,
	name: 'openai-basic',
	source: 'vllm-project/vllm-omni, vllm_omni/entrypoints/openai/protocol/videos.py; sgl-project/sglang, multimodal_gen/runtime/entrypoints/openai/video_api.py',
	id: (n) => `video_gen_${String(n).padStart(32, '0')}`,
	routes: {
		...Object.fromEntries(kept.map((name) => [name, routes[name]])),
		'GET /v1/videos/{id}': { ...routes['GET /v1/videos/{id}'], answer: own },
		'GET /v1/videos/{id}/content': { answer: ({ job, standin }) => say(200, videoOf(job.id), { 'content-type': 'video/mp4' }) },
		'POST /v1/videos': {
			kind: 'submit', answer: own, facts: ['/id'],
			body: object({ prompt }, { ...optional, seed: { type: 'integer' }, image_reference: either(object({ image_url: image }), object({ file_id: text(200) })) }),
			form: object({ prompt }, { ...optional, seed: { type: 'string', pattern: '^\\d+$' }, generate_sound: word('true', 'false'),
				input_reference: file('image/png', 'image/jpeg', 'image/webp') }),
		},
	},
	errors: {
		key: fault(401, 'Unauthorized'), // vLLM's --api-key
		busy: fault(503, 'The engine is busy'),
		refused: fault(400, 'The prompt is too long for this model.'),
		missing: fault(404, 'Video not found'),
		invalid: (why) => fault(422, [{ type: 'value_error', loc: ['body'], msg: why, input: null }]),
	},
	examples: [['POST /v1/videos', { prompt: 'A dog running', model: 'Wan-AI/Wan2.2-T2V-A14B-Diffusers', size: '832x480', seconds: '2', negative_prompt: 'blurry', seed: 42 }]],
	asks: {
		text: { model: 'Wan-AI/Wan2.2-T2V-A14B-Diffusers', seconds: '4', size: '832x480', seed: 7, negative_prompt: 'blurry' },
		image: { model: 'Wan-AI/Wan2.2-I2V-A14B-Diffusers' },
		cancel: true,
		found: true,
		failed: { code: '500', message: 'CUDA out of memory' },
		refused: { message: 'The prompt is too long for this model.' },
	},
};
