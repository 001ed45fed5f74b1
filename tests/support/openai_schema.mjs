// OpenAI's published schemas of the objects below /v1, as data, and a check of an answer against them. Source: resources/videos.d.ts,
// resources/models.d.ts, core/pagination.d.ts and core/error.d.ts of the package openai 6.49.0, which are made from OpenAI's description of the
// API: what is not optional there is required here, a union with `(string & {})` is any string, and any other is an enum.
import assert from 'node:assert/strict';
import { Ajv } from 'ajv';

const string = { type: 'string' }, maybe = (type) => ({ type: [type, 'null'] });
/** An object that has all of these members, and no other. */
const object = (properties) => ({ type: 'object', properties, required: Object.keys(properties), additionalProperties: false });

const Video = object({
	id: { type: 'string', minLength: 1 },
	completed_at: maybe('integer'),
	created_at: { type: 'integer' },
	error: { anyOf: [{ type: 'null' }, object({ code: string, message: string })] },
	expires_at: maybe('integer'),
	model: string,
	object: { const: 'video' },
	progress: { type: 'integer', minimum: 0, maximum: 100 },
	prompt: maybe('string'),
	remixed_from_video_id: maybe('string'),
	seconds: string,
	size: { enum: ['720x1280', '1280x720', '1024x1792', '1792x1024'] },
	status: { enum: ['queued', 'in_progress', 'completed', 'failed'] },
});
/* Ours alone: what it costs, with billing. */
Video.properties.usage = object({ cost: { type: 'number', minimum: 0 }, currency: string });
const Model = object({ id: string, created: { type: 'integer' }, object: { const: 'model' }, owned_by: string });

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const SCHEMAS = Object.fromEntries(Object.entries({
	Video, Model,
	VideosPage: object({ object: { const: 'list' }, data: { type: 'array', items: Video }, first_id: maybe('string'), last_id: maybe('string'),
		has_more: { type: 'boolean' } }),
	VideoDeleted: object({ id: string, deleted: { type: 'boolean' }, object: { const: 'video.deleted' } }),
	ModelsPage: object({ object: { const: 'list' }, data: { type: 'array', items: Model } }),
	Error: object({ error: object({ message: { type: 'string', minLength: 1 }, type: string, param: maybe('string'), code: maybe('string') }) }),
}).map(([name, schema]) => [name, ajv.compile(schema)]));

/** The schema that an answer must have. */
function nameOf(method, path, status) {
	if (status >= 400)
		return 'Error';
	if (/^\/v1\/models/.test(path))
		return path === '/v1/models' ? 'ModelsPage' : 'Model';
	if (method === 'DELETE')
		return 'VideoDeleted';
	return path === '/v1/videos' && method !== 'POST' ? 'VideosPage' : 'Video';
}

/** True where answers below this path are OpenAI's. */
export const isOpenAI = (path) => /^\/v1(\/|\?|$)/.test(path);

/** Checks a JSON answer to a call below /v1. */
export function checkOpenAI(method, path, status, json) {
	const name = nameOf(method, path.split('?')[0], status), valid = SCHEMAS[name];
	assert.ok(valid(json), `${method} ${path}: ${status} is no ${name}: ${ajv.errorsText(valid.errors)} in ${JSON.stringify(json)}`);
}
