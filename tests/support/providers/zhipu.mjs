// Zhipu's open platform, and Z.ai: CogVideoX, and Vidu by them.
import { boolean, either, image, integer, list, object, say, text, word } from './standin.mjs';

const COMMON = { request_id: text(64, 6), user_id: text(128, 6), watermark_enabled: boolean };
const COG = { ...COMMON, prompt: text(512), quality: word('speed', 'quality'), with_audio: boolean, fps: word(30, 60) };
const MOVE = word('auto', 'small', 'medium', 'large'), RATIO = word('16:9', '9:16', '1:1');
const Q1 = { ...COMMON, prompt: text(512), duration: word(5), size: word('1920x1080'), movement_amplitude: MOVE };
const V2 = { ...COMMON, prompt: text(512), duration: word(4), size: word('1280x720'), movement_amplitude: MOVE, with_audio: boolean };

const refusal = (status, code, message) => say(status, { error: { code, message } });
const result = ({ job, standin }) => ({
	model: job.body.model,
	request_id: `20261129${job.n}`,
	task_status: { queued: 'PROCESSING', running: 'PROCESSING', done: 'SUCCESS', failed: 'FAIL' }[job.state],
	...(job.state === 'done' && { video_result: [{ url: standin.linkTo(job), cover_image_url: standin.linkTo(job, 'cover.png') }] }),
});

export default {
	name: 'zhipu',
	source: 'docs.bigmodel.cn, openapi.json, /paas/v4/videos/generations; zai-org/z-ai-sdk-python, src/zai/api_resource/videos, src/zai/types/video',
	headers: { authorization: 'Bearer {key}' },
	id: (n) => `30431732346840990-${8970 + n}`,
	routes: {
		'POST /api/paas/v4/videos/generations': {
			kind: 'submit',
			body: either(
				object({ model: word('cogvideox-3') }, { ...COG, duration: word(5, 10), image_url: either(image, list(image, 2, 2)),
					size: word('1280x720', '720x1280', '1024x1024', '1920x1080', '1080x1920', '2048x1080', '3840x2160') }),
				object({ model: word('cogvideox-2', 'cogvideox-flash') }, { ...COG, image_url: image,
					size: word('720x480', '1024x1024', '1280x960', '960x1280', '1920x1080', '1080x1920', '2048x1080', '3840x2160') }),
				object({ model: word('viduq1-text'), prompt: text(512) }, { ...Q1, aspect_ratio: RATIO, style: word('general', 'anime') }),
				object({ model: word('viduq1-image'), image_url: image }, Q1), object({ model: word('vidu2-image'), image_url: image }, V2),
				object({ model: word('viduq1-start-end'), image_url: list(image, 2, 2) }, Q1),
				object({ model: word('vidu2-start-end'), image_url: list(image, 2, 2) }, V2),
				object({ model: word('vidu2-reference'), image_url: list(image, 3) }, { ...V2, aspect_ratio: RATIO })),
			answer: (call) => ({ id: call.job.id, ...result(call) }),
			facts: ['/id'],
		},
		'GET /api/paas/v4/async-result/{id}': { kind: 'poll', answer: result, facts: ['/task_status', '/video_result/0/url'], words: ['/task_status'] },
	},
	errors: {
		key: refusal(401, '1002', 'Authorization Token非法，请确认Authorization Token正确传递。'),
		busy: refusal(429, '1302', '您当前使用该API的并发数过高，请降低并发，或联系客服增加限额。'),
		refused: refusal(400, '1301', '系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合。'),
		missing: refusal(404, '1214', 'task not found'),
		invalid: (why) => refusal(400, '1210', why),
	},
	examples: [
		['POST /api/paas/v4/videos/generations', { model: 'cogvideox-3', prompt: 'A cat is playing with a ball.', quality: 'quality', with_audio: true,
			size: '1920x1080', fps: 30, duration: 5 }],
		['POST /api/paas/v4/videos/generations', { model: 'cogvideox-3', image_url: 'https://img.example.com/free_stock_photo.jpg', prompt: '让画面动起来',
			quality: 'quality', with_audio: true, size: '1920x1080', fps: 30 }],
		['POST /api/paas/v4/videos/generations', { model: 'cogvideox-3', image_url: ['https://cdn.example.cn/cogvideo4.png', 'https://cdn.example.cn/cogvideo5.png'],
			prompt: '让画面动起来', quality: 'quality', with_audio: true, size: '1920x1080', fps: 30 }],
	],
	asks: {
		text: { model: 'cogvideox-3', seconds: '5', size: '1920x1080', audio: true },
		image: { model: 'cogvideox-3', seconds: '10' },
		last: { model: 'cogvideox-3' },
		failed: { message: 'The upstream could not make the video.' }, // it does not say why
		refused: { code: '1301', message: '系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合。' },
	},
};
