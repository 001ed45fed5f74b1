// Alibaba's Model Studio (DashScope): Wan from 2.7 on.
import { boolean, either, image, integer, link, list, object, text, word } from './standin.mjs';
import dashscope, { SYNTHESIS, submit } from './dashscope.mjs';

const COMMON = { seed: integer(0, 2147483647), prompt_extend: boolean, watermark: boolean, resolution: word('720P', '1080P') };
const RATIO = word('16:9', '9:16', '1:1', '4:3', '3:4'), NEGATIVE = { negative_prompt: text(500) };
const medium = (type, url) => object({ type: word(type), url });

export default {
	...dashscope,
	name: 'dashscope-wan27',
	source: 'alibabacloud.com/help/model-studio, image-to-video-general-api-reference; comfyanonymous/ComfyUI, comfy_api_nodes/apis/wan.py, nodes_wan.py',
	routes: {
		...dashscope.routes,
		[SYNTHESIS]: submit(either(
			object({ model: word('wan2.7-t2v', 'wan3.0-t2v'), input: object({ prompt: text(5000) }, { ...NEGATIVE, audio_url: link }) },
				{ parameters: object({}, { ...COMMON, duration: integer(2, 15), ratio: RATIO }) }),
			object({ model: word('wan2.7-i2v', 'wan3.0-i2v'), input: object({
				media: list(either(medium('first_frame', image), medium('last_frame', image), medium('driving_audio', link), medium('first_clip', link)), 3) },
			{ ...NEGATIVE, prompt: text(5000) }) }, { parameters: object({}, { ...COMMON, duration: integer(2, 15) }) }),
			object({ model: word('wan2.7-r2v', 'wan3.0-r2v'), input: object({ prompt: text(5000),
				media: list(either(medium('reference_image', image), medium('reference_video', link), medium('first_frame', image)), 5) }, NEGATIVE) },
			{ parameters: object({}, { ...COMMON, duration: integer(2, 10), ratio: RATIO }) }))),
	},
	examples: [
		[SYNTHESIS, { model: 'wan2.7-t2v', input: { prompt: 'A kitten running in the moonlight', negative_prompt: 'blurry' },
			parameters: { resolution: '720P', ratio: '16:9', duration: 5, prompt_extend: true, watermark: true, seed: 12345 } }],
		[SYNTHESIS, { model: 'wan2.7-i2v', input: { prompt: 'The kitten runs', media: [{ type: 'first_frame', url: 'https://cdn.example.com/first.png' },
			{ type: 'last_frame', url: 'https://cdn.example.com/last.png' }] }, parameters: { resolution: '720P', duration: 10, prompt_extend: true, watermark: false } }],
		[SYNTHESIS, { model: 'wan2.7-i2v', input: { prompt: 'It goes on', media: [{ type: 'first_clip', url: 'https://cdn.example.com/clip.mp4' }] },
			parameters: { resolution: '720P', duration: 15 } }],
		[SYNTHESIS, { model: 'wan2.7-r2v', input: { prompt: 'Image 1 dances', media: [{ type: 'reference_image', url: 'https://cdn.example.com/girl.jpg' }] },
			parameters: { resolution: '720P', ratio: '16:9', duration: 10 } }],
	],
	asks: {
		text: { model: 'wan2.7-t2v', seconds: '5', size: '1280x720', seed: 7, negative_prompt: 'blurry' },
		image: { model: 'wan2.7-i2v', seconds: '5', size: '1280x720' },
		last: { model: 'wan2.7-i2v', seconds: '5' },
		references: { model: 'wan2.7-r2v', seconds: '5' },
		extend: { seconds: '10' },
		cancel: true,
		failed: dashscope.asks.failed,
		refused: dashscope.asks.refused,
	},
};
