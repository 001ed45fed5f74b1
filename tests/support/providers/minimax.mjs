// MiniMax's first video API: Hailuo. Whatever is wrong is said inside an answer 200.
import { boolean, image, list, object, text, word } from './standin.mjs';

const OK = { status_code: 0, status_msg: 'success' };
const base = (status_code, status_msg) => ({ base_resp: { status_code, status_msg } });
const fileOf = (job) => String(205258526306433 + job.n);

const STATES = { queued: 'Queueing', running: 'Processing', done: 'Success', failed: 'Fail' };
const task = ({ job }) => ({
	task_id: job.id, status: STATES[job.state], file_id: job.state === 'done' ? fileOf(job) : '',
	...(job.state === 'done' && { video_width: 1366, video_height: 768 }),
	base_resp: job.state === 'failed' ? { status_code: 1027, status_msg: 'output new_sensitive' } : OK,
});

const GENERATE = 'POST /v1/video_generation';

export default {
	name: 'minimax',
	source: 'comfyanonymous/ComfyUI, comfy_api_nodes/apis/minimax.py; MiniMax-AI/MiniMax-MCP; platform.minimax.io, Video generation',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => String(176843862716480 + n),
	routes: {
		[GENERATE]: {
			kind: 'submit',
			body: object({ model: word('MiniMax-Hailuo-2.3', 'MiniMax-Hailuo-2.3-Fast', 'MiniMax-Hailuo-02', 'T2V-01', 'T2V-01-Director',
				'I2V-01', 'I2V-01-Director', 'I2V-01-live', 'S2V-01') }, {
				prompt: text(2000), duration: { enum: [6, 10] }, resolution: word('512P', '720P', '768P', '1080P'),
					first_frame_image: image, last_frame_image: image,
				subject_reference: list(object({ type: word('character'), image: list(image, 1) }), 1), prompt_optimizer: boolean, fast_pretreatment: boolean,
				aigc_watermark: boolean, callback_url: text(),
			}),
			answer: ({ job }) => ({ task_id: job.id, base_resp: OK }), facts: ['/task_id'],
		},
		'GET /v1/query/video_generation?task_id={id}': { kind: 'poll', answer: task, facts: ['/status', '/file_id'], words: ['/status'] },
		'GET /v1/files/retrieve?file_id={file}': {
			id: ({ params, standin }) => [...standin.jobs.values()].find((job) => fileOf(job) === params.file)?.id ?? params.file,
			answer: ({ job, standin }) => ({
				file: { file_id: Number(fileOf(job)), bytes: 4024, created_at: 1764417600, filename: 'output_aigc.mp4',
					purpose: 'video_generation', download_url: standin.linkTo(job) },
				base_resp: OK,
			}),
			facts: ['/file', '/file/download_url'],
		},
		'GET /v1/files/list?purpose={p?}': { answer: () => ({ files: [], base_resp: OK }) },
	},
	errors: {
		key: base(1004, "login fail: Please carry the API secret key in the 'Authorization' field of the request header"),
		busy: base(1002, 'rate limit exceeded(RPM)'),
		refused: { task_id: '', ...base(1026, 'input new_sensitive') },
		missing: base(2013, 'invalid params'),
		invalid: (why) => ({ task_id: '', ...base(2013, `invalid params, ${why}`) }),
	},
	examples: [
		[GENERATE, { model: 'MiniMax-Hailuo-2.3', prompt: 'A man picks up a book [Pedestal up], then reads [Static shot].', duration: 6, resolution: '1080P' }],
		[GENERATE, { model: 'MiniMax-Hailuo-2.3', prompt: 'A mouse runs toward the camera, smiling and blinking.', duration: 6, resolution: '768P',
			first_frame_image: 'https://cdn.hailuoai.com/prod/image.jpg', prompt_optimizer: true, aigc_watermark: false }],
		[GENERATE, { model: 'MiniMax-Hailuo-02', prompt: 'A little girl grow up.', duration: 6, resolution: '1080P',
			first_frame_image: 'https://filecdn.minimax.chat/public/fe9d04da.PNG', last_frame_image: 'https://filecdn.minimax.chat/public/97b7cd08.jpeg' }],
		[GENERATE, { model: 'S2V-01', prompt: 'On an overcast day, a man', subject_reference: [{ type: 'character',
			image: ['https://cdn.hailuoai.com/prod/man.jpg'] }] }],
	],
	asks: {
		text: { model: 'MiniMax-Hailuo-2.3', seconds: '6', size: '1920x1080' },
		image: { model: 'MiniMax-Hailuo-2.3', seconds: '6' },
		last: { model: 'MiniMax-Hailuo-02' },
		failed: { code: '1027', message: 'output new_sensitive' },
		refused: { code: '1026', message: 'input new_sensitive' },
	},
};
