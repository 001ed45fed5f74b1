// Prometheus' rules and Grafana's dashboard of conf/, and the table in docs/operate.md: every metric and label that they name is in real
// answers to /metrics, and they can be read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../support/client.mjs';
import { longreel, newDataDir, startInstance, until } from '../support/instance.mjs';
import { PROFILE, newUpstream } from '../support/upstream.mjs';

/** The labels of each metric, with the values that they were seen with: {tasks: {status: Set}}. */
const seen = {};
let instance, billing, upstream;

async function look({ base }) {
	const text = await (await fetch(`${base}/metrics`)).text();
	for (const [, name, labels] of text.matchAll(/^(longreel_\w+)(?:\{(.*)\})? \S+$/gm)) {
		seen[name] ??= {};
		for (const [, label, value] of (labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
			(seen[name][label] ??= new Set()).add(value);
	}
	return text;
}

before(async () => {
	upstream = await newUpstream();
	upstream.answer = () => ({ status: 429, body: {}, headers: { 'retry-after': '3600' } });
	const data = await newDataDir();
	await mkdir(join(data, 'dialects'), { mode: 0o700 });
	await writeFile(join(data, 'dialects', 'klecks.json'), PROFILE);
	instance = await startInstance({ data });
	billing = await startInstance({ env: { LONGREEL_BILLING: 'on' } });
	const add = await longreel(['channel', 'add', 'one', '--base', upstream.base, '--dialect', 'klecks', '--private', '--key-file', '-', '--data', data], { input: 'k1\n' });
	assert.equal(add.code, 0, add.err);
	for (const user of [await new Client(instance.base).join(), await new Client(instance.base).join()]) // two of them: it is the model's
		await user.call('POST', '/api/relay/sora/videos', { prompt: 'a cat', model: 'm' });
	await until(async () => /model_rest_seconds\{/.test(await look(instance)), 'a model that rests');
	await until(async () => /poller_silent_seconds/.test(await look(instance)), 'a poller');
	await look(billing);
});
after(async () => {
	await instance?.stop();
	await billing?.stop();
	await upstream?.close();
});

const OF_PROMETHEUS = { up: { job: new Set(['longreel']) } }, OF_ALL = ['instance', 'job'];
const WORDS = ['or', 'and', 'unless', 'by', 'without'], FUNCTIONS = ['delta', 'clamp_min', 'sum', 'max', 'min', 'rate'];

/** Reads an expression, and names the metrics in it; fails where one, or a label or a value of its, does not exist. */
function metricsOf(expr) {
	const names = [];
	let depth = 0, rest = expr;
	const take = (pattern) => {
		const found = pattern.exec(rest);
		if (found)
			rest = rest.slice(found[0].length);
		return found;
	};
	while (rest) {
		let found;
		if ((found = take(/^([a-z_]\w*)(\{[^}]*\})?(\[\d+[smhd]\])?/i))) {
			const [, name, labels] = found;
			if (WORDS.includes(name))
				continue;
			if (rest.startsWith('(')) {
				assert.ok(FUNCTIONS.includes(name), `${name}() in ${expr}`);
				continue;
			}
			const known = OF_PROMETHEUS[name] ?? seen[name];
			assert.ok(known, `no metric ${name}`);
			names.push(name);
			for (const one of labels?.slice(1, -1).split(/,(?=\w+[=!])/) ?? []) {
				const [, label, how, value] = /^(\w+)(=~|=|!=|!~)"([^"]*)"$/.exec(one) ?? assert.fail(`${one} in ${expr}`);
				assert.ok(OF_ALL.includes(label) || known[label], `no label ${label} of ${name}`);
				if (known[label])
					for (const word of how.includes('~') ? value.split('|') : [value])
						assert.ok(known[label].has(word), `no ${label}="${word}" of ${name}`);
			}
		} else if (take(/^\(/)) {
			depth++;
		} else if (take(/^\)/)) {
			depth--;
		} else if (!take(/^(\s+|[<>]=?|[=!]=|[-+*/,]|\d+(\.\d+)?(e\d+)?)/)) {
			assert.fail(`${rest} in ${expr}`);
		}
		assert.ok(depth >= 0, expr);
	}
	assert.equal(depth, 0, expr);
	assert.ok(names.length > 0, expr);
	return names;
}

test('the reading of expressions itself', () => {
	assert.deepEqual(metricsOf('delta(longreel_task_lag_seconds[1h]) > 3 or up{job="longreel"} == 0'), ['longreel_task_lag_seconds', 'up']);
	for (const bad of ['longreel_nothing', 'longreel_tasks{state="x"}', 'longreel_tasks{status="DONE"}', '(longreel_tasks', 'longreel_tasks)', 'evil(longreel_tasks)', '3 > 2',
		'longreel_tasks{status=QUEUED}', 'longreel_tasks ; up'])
		assert.throws(() => metricsOf(bad), undefined, bad);
});

/** The rules, in the one way that the file writes them. */
function parseRules(text) {
	const lines = text.split('\n').filter((line) => line && !/^\s*#/.test(line)), rules = [];
	assert.deepEqual(lines.splice(0, 3), ['groups:', '  - name: longreel', '    rules:']);
	for (const line of lines) {
		const [, first, key, value] = /^ {6}(- | {2}| {4})(\w+):(?: (.+))?$/.exec(line) ?? assert.fail(line);
		if (first === '- ')
			rules.push({ annotations: {} });
		const rule = rules.at(-1), into = first === '    ' ? rule.annotations : rule;
		if (key !== 'annotations')
			into[key] = value.startsWith('"') ? JSON.parse(value) : value;
	}
	return rules;
}

test('each rule is about metrics and labels that there are', async () => {
	const rules = parseRules(await readFile('conf/prometheus-rules.yml', 'utf8'));
	assert.ok(rules.length >= 10);
	assert.equal(new Set(rules.map(({ alert }) => alert)).size, rules.length);
	for (const { alert, expr, labels, annotations, ...others } of rules) {
		assert.match(alert, /^Longreel[A-Z]\w+$/);
		assert.match(labels, /^\{ severity: (warning|critical) \}$/);
		assert.match(others.for ?? '1m', /^\d+[mh]$/);
		assert.deepEqual(Object.keys(annotations), ['summary', 'description']);
		const metrics = metricsOf(expr);
		for (const [, label] of JSON.stringify(annotations).matchAll(/\$labels\.(\w+)/g))
			assert.ok(metrics.every((name) => OF_ALL.includes(label) || seen[name]?.[label]), `${alert}: ${label}`);
	}
});

test('promtool agrees', (t) => {
	try {
		execFileSync('promtool', ['--version'], { stdio: 'ignore' });
	} catch {
		return t.skip('promtool is not installed');
	}
	assert.match(execFileSync('promtool', ['check', 'rules', 'conf/prometheus-rules.yml'], { encoding: 'utf8' }), /SUCCESS/);
	return undefined;
});

test('each panel of the dashboard is, too, and no metric is in none', async () => {
	const { panels, templating, uid } = JSON.parse(await readFile('conf/grafana-dashboard.json', 'utf8')), drawn = new Set();
	assert.equal(uid, 'longreel');
	assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
	for (const { title, gridPos: { x, w }, targets } of panels) {
		assert.ok(title && x + w <= 24 && targets.length > 0, title);
		for (const { expr, legendFormat } of targets) {
			const metrics = metricsOf(expr);
			metrics.forEach((name) => drawn.add(name));
			for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g))
				assert.ok(metrics.every((name) => seen[name][label]), `${title}: ${label}`);
		}
	}
	assert.deepEqual(Object.keys(seen).filter((name) => !drawn.has(name)), []);
	assert.ok(templating.list.some(({ name }) => name === 'instance'));
});

test('the table in docs/operate.md has all of them, with their labels', async () => {
	const rows = [...(await readFile('docs/operate.md', 'utf8')).matchAll(/^\| `(longreel_\w+)` \|(.*?)\|/gm)];
	const told = Object.fromEntries(rows.map(([, name, labels]) => [name, [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label)]));
	assert.deepEqual(told, Object.fromEntries(Object.entries(seen).map(([name, labels]) => [name, Object.keys(labels)])));
});
