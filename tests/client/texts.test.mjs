// The page says everything in both languages, and says nothing that is not there.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import en from '../../web/i18n/en.js';
import zh from '../../web/i18n/zh.js';

const folders = ['web', 'web/state', 'web/view'];
const source = folders.flatMap((folder) => readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => readFileSync(`${folder}/${name}`, 'utf8'))).join('\n');

test('the same names, the same facts in them', () => {
	assert.deepEqual(Object.keys(zh).sort(), Object.keys(en).sort());
	const facts = (text) => [...String(text).matchAll(/\$\{(\w+)/g)].map(([, name]) => name).filter((name) => name !== 'count').sort();
	for (const name of Object.keys(en)) {
		assert.equal(typeof zh[name], typeof en[name], name);
		assert.deepEqual(facts(zh[name]), facts(en[name]), name);
	}
});

test('each text is used, and each that is used is there', () => {
	const used = new Set([...source.matchAll(/'([a-z]+(?:\.[\w]+)*\.?)'/g)].map(([, name]) => name));
	const asked = [...source.matchAll(/\bt\('([^'$]+)'/g)].map(([, name]) => name);
	for (const name of asked)
		assert.ok(name in en, name);
	const made = [...source.matchAll(/\bt\(`([\w.]+)\$/g)].map(([, name]) => name);
	for (const name of Object.keys(en))
		assert.ok(used.has(name) || made.some((start) => name.startsWith(start)), `${name} is never said`);
});
