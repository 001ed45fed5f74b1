// Google's Veo, as the Gemini API has it.
import { integer, list, object, say, text, typedImage, word } from './standin.mjs';

const MODELS = /^veo-(2\.0-generate-001|3\.0-(fast-)?generate-001|3\.1-(fast-|lite-)?generate-preview)$/;
const TYPE = 'type.googleapis.com/google.ai.generativelanguage.v1beta';
const picture = typedImage('bytesBase64Encoded', 'mimeType');
const refusal = (code, status, message, details) => say(code, { error: { code, message, status, ...details } });

const instance = object({ prompt: text(4000) }, {
	image: picture, lastFrame: picture, video: object({ uri: text(2000) }),
	referenceImages: list(object({ image: picture, referenceType: word('asset', 'style') }), 3),
});

/** What has become of a job. */
function operation({ job, standin }) {
	const name = `models/${job.params.model}/operations/${job.id}`;
	const done = (response) => ({ name, done: true, response: { '@type': `${TYPE}.PredictLongRunningResponse`, generateVideoResponse: response } });
	switch (job.state) {
		case 'done':
			return done({ generatedSamples: [{ video: { uri: `${standin.base}/v1beta/files/${job.id}:download?alt=media` } }] });
		case 'blocked':
			return done({ raiMediaFilteredCount: 1,
				raiMediaFilteredReasons: ['The audio of the video may violate our usage guidelines. Support code: 58061214'] });
		case 'failed':
			return { name, done: true, error: { code: 13, message: 'Video generation failed due to an internal server issue.' } };
		default:
			return { name, metadata: { '@type': `${TYPE}.PredictLongRunningMetadata` } };
	}
}

const submit = 'POST /v1beta/models/{model}:predictLongRunning', model = { model: 'veo-3.1-generate-preview' };
const image = {
	bytesBase64Encoded: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', mimeType: 'image/png',
};

export default {
	name: 'veo',
	source: 'vercel/ai, packages/google/src/google-video-model.ts; googleapis/js-genai, src/converters/_operations_converters.ts; ai.google.dev, Veo',
	headers: { 'x-goog-api-key': '{key}' },
	id: (n) => `op${n}abcdefg0`,
	routes: {
		[submit]: {
			kind: 'submit', only: { model: MODELS },
			body: object({ instances: list(instance, 1) }, {
				parameters: object({}, {
					aspectRatio: word('16:9', '9:16'), resolution: word('720p', '1080p', '4k'), durationSeconds: { enum: [4, 5, 6, 8] },
					seed: integer(0, 4294967295), negativePrompt: text(4000), sampleCount: { enum: [1] },
					personGeneration: word('allow_all', 'allow_adult', 'dont_allow'),
				}),
			}),
			answer: ({ job }) => ({ name: `models/${job.params.model}/operations/${job.id}` }),
			facts: ['/name'],
		},
		'GET /v1beta/models/{model}/operations/{id}': {
			kind: 'poll', only: { model: MODELS }, answer: operation,
			facts: ['/done', '/response', '/response/generateVideoResponse/generatedSamples', '/response/generateVideoResponse/generatedSamples/0/video/uri'],
		},
		'GET /v1beta/files/{id}:download?alt=media': { answer: ({ job, standin }) => say(302, undefined, { location: standin.linkTo(job) }) },
		'GET /v1beta/models?pageSize={n?}&pageToken={t?}': {
			answer: () => ({ models: [{ name: `models/${model.model}`, version: '3.1', displayName: 'Veo 3.1',
				supportedGenerationMethods: ['predictLongRunning'] }] }),
		},
	},
	errors: {
		key: refusal(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', { details: [{
			'@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID', domain: 'googleapis.com',
			metadata: { service: 'generativelanguage.googleapis.com' } }] }),
		busy: refusal(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota, please check your plan and billing details.'),
		refused: refusal(400, 'INVALID_ARGUMENT', 'The prompt could not be submitted. It contains words that violate our usage guidelines.'),
		missing: refusal(404, 'NOT_FOUND', 'Requested entity was not found.'),
		invalid: (why) => refusal(400, 'INVALID_ARGUMENT', `Invalid JSON payload received. ${why}`),
	},
	examples: [
		[submit, { instances: [{ prompt: 'A close up of two people staring at a cryptic drawing on a wall' }] }, model],
		[submit, { instances: [{ prompt: 'A cinematic shot of a majestic lion in the savannah.' }],
			parameters: { aspectRatio: '16:9', negativePrompt: 'cartoon, drawing, low quality', resolution: '1080p', durationSeconds: 8, seed: 7 } }, model],
		[submit, { instances: [{ prompt: 'Panning wide shot of a calico kitten', image, lastFrame: image }],
			parameters: { personGeneration: 'allow_adult' } }, model],
		[submit, { instances: [{ prompt: 'The woman walks along the beach', referenceImages: [{ image, referenceType: 'asset' }] }] }, model],
		[submit, { instances: [{ prompt: 'Track the butterfly',
			video: { uri: 'https://generativelanguage.googleapis.com/v1beta/files/x:download?alt=media' } }],
			parameters: { sampleCount: 1, resolution: '720p' } }, model],
	],
	asks: {
		text: { model: 'veo-3.1-generate-preview', seconds: '8', size: '1920x1080', seed: 11, negative_prompt: 'cartoon' },
		image: { model: 'veo-3.1-generate-preview', seconds: '8' },
		last: { model: 'veo-3.1-generate-preview' },
		references: { model: 'veo-3.1-generate-preview' },
		extend: { seconds: '8' },
		failed: { code: '13', message: 'Video generation failed due to an internal server issue.' },
		blocked: { message: 'The audio of the video may violate our usage guidelines. Support code: 58061214' },
		refused: { code: 'INVALID_ARGUMENT', message: 'The prompt could not be submitted. It contains words that violate our usage guidelines.' },
	},
};
