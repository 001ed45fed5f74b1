// The description that servers have at /openapi.json (web/openapi.json), and a check of an answer against it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';

export const description = JSON.parse(readFileSync(new URL('../../web/openapi.json', import.meta.url), 'utf8'));

const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
ajv.addSchema(description, 'openapi');

/** The paths, those with the fewest parameters first. */
const PATHS = Object.keys(description.paths).sort((a, b) => a.split('{').length - b.split('{').length).map((path) => ({
	path, pattern: new RegExp(`^${path.replace('{model}', '.+').replaceAll(/\{\w+\}/g, '[^/]+').replaceAll('.csv', '\\.csv')}$`),
}));

const escaped = (text) => encodeURIComponent(text.replaceAll('~', '~0').replaceAll('/', '~1'));

/** The description of a call, undefined where there is no such. @returns {{path: string, method: string, operation: any}|undefined} */
export function operationOf(method, path) {
	const found = PATHS.find(({ pattern }) => pattern.test(path.split('?')[0]));
	const operation = found && description.paths[found.path][method.toLowerCase()];
	return operation && { path: found.path, method: method.toLowerCase(), operation };
}

/**
 * Checks an answer: its status and its media type are described, and so is all that its JSON holds.
 * @param {string} type the Content-Type, "" where there is no body  @param {any} json the parsed body
 */
export function checkDescribed(method, path, status, type, json) {
	const call = operationOf(method, path);
	if (!call)
		return;
	const name = `${method} ${path.slice(0, 100)}: ${status}`, media = type.split(';')[0];
	const key = call.operation.responses[status] ? String(status) : 'default';
	assert.ok(status >= 400 || key !== 'default', `${name} is not described`);
	const content = call.operation.responses[key].content ?? {};
	const described = Object.keys(content).find((kind) => kind === media || kind.split('/')[0] === media.split('/')[0] && /^(video|image)/.test(kind));
	assert.ok(media === '' || described || /^image/.test(media) && /content/.test(path), `${name}: ${media} is not described`);
	if (media !== 'application/json')
		return;
	const at = `openapi#/paths/${escaped(call.path)}/${call.method}/responses/${key}/content/${escaped(media)}/schema`;
	const validate = ajv.getSchema(at);
	assert.ok(validate(json), `${name} is not as described: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(json).slice(0, 2000)}`);
}
