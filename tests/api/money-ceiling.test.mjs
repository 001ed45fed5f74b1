// maxPriceMicro and X-Max-Price-Micro, with whatever may stand there, wherever something is bought: each is a number that is kept to, or a 400 that
// leaves nothing behind; none is passed over.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openDatabase } from '../support/database.mjs';
import { newPaid } from '../support/paid.mjs';

const PRICE = 800_000, FULL = 1_000_000_000, MOST = 10 ** 15, HEADER = 'x-max-price-micro', JSON_TYPE = { 'content-type': 'application/json' };
const BAD = 'bad', NONE = 'none';
let paid, database, ada, source, ids = 0;

before(async () => {
	paid = await newPaid();
	await paid.api.user('first');
	paid.price({ model: 'm', perSecond: 100_000, seconds: 8 });
	ada = await paid.rich(FULL);
	database = openDatabase(paid.api.data); // which is there by now
	source = await ada.create({ model: 'm' });
	paid.job(source, { status: 'completed', seconds: '8', size: '1280x720' });
	await paid.api.polled(ada, source.videoId, 'COMPLETED');
});
after(async () => {
	await database?.close();
	await paid?.check();
	await paid?.close();
});

/** What a JSON text means as a ceiling. */
const VALUES = [
	['-1', BAD], ['-800000', BAD], ['-0', 0], ['0', 0], ['0.0', 0], ['0.5', BAD], ['799999.5', BAD], ['1e3', 1000], ['8E5', PRICE], ['8e-1', BAD], ['1e400', BAD], ['-1e400', BAD],
	['9007199254740992', BAD], ['9223372036854775807', BAD], ['9223372036854775808', BAD], ['18446744073709551616', BAD], ['18446744073710351616', BAD], [`${MOST}`, MOST],
	[`${MOST + 1}`, BAD], ['799999', PRICE - 1], ['800000', PRICE], ['"800000"', PRICE], ['"799999"', PRICE - 1], ['"0800000"', PRICE], ['"9223372036854775808"', BAD],
	['"18446744073710351616"', BAD], ['""', BAD], ['" 800000"', BAD], ['"800000 "', BAD], ['"+800000"', BAD], ['"0x10"', BAD], ['"1e3"', BAD], ['"-1"', BAD], ['"0.8"', BAD],
	['"٨"', BAD], ['"８00000"', BAD], ['"8\\u0000"', BAD], ['"NaN"', BAD], ['null', NONE], ['true', BAD], ['false', BAD], ['[]', BAD], ['[800000]', BAD], ['{}', BAD],
	['{"max":1}', BAD], ['NaN', BAD], ['Infinity', BAD], ['+800000', BAD], ['0x10', BAD], ['08', BAD], ['8_0', BAD], ['1,"maxPriceMicro":800000', BAD], ['800000,"maxPriceMicro":800000', BAD],
	['800000,"max\\u0050riceMicro":1', BAD], ['800000,"MaxPriceMicro":1', BAD], ['800000,"max_price_micro":1', BAD],
];

/** … and as the value of a form, or of the header. */
const TEXTS = [
	['', BAD], [' ', BAD], ['+800000', BAD], ['-1', BAD], ['0x10', BAD], ['1e3', BAD], ['0.5', BAD], ['800000.0', BAD], ['8'.repeat(20), BAD], ['18446744073710351616', BAD], ['9223372036854775807', BAD],
	[`${MOST + 1}`, BAD], ['800000,800000', BAD], ['1, 800000', BAD], ['800000;1', BAD], ['NaN', BAD], ['null', BAD], ['"800000"', BAD], ['８', BAD], ['٨', BAD], [' 800000', BAD], ['800 000', BAD],
	['0', 0], ['799999', PRICE - 1], ['800000', PRICE], ['0800000', PRICE], [`${MOST}`, MOST],
];

/* All of them where one creates; elsewhere one of each kind, as all read by the same rules. */
const FEW = ({ 0: text }) => ['-1', '0.5', `${MOST + 1}`, '""', '[]', 'true', '799999', 'null', '', ' ', '1e3', '1, 800000', '8'.repeat(20)].includes(text);

const stored = async () => JSON.stringify(await database.rows(`SELECT (SELECT count(*) FROM task), (SELECT count(*) FROM charge), (SELECT count(*) FROM transfer), (SELECT count(*) FROM attempt)`));

/** Checks that the ceiling was understood so; `count` videos are asked for. @returns whether something was bought */
async function understood(answer, means, count, why, before) {
	const { status, json } = answer, error = json?.error?.code ?? json?.code;
	if (means === NONE || (means !== BAD && means >= count * PRICE)) {
		assert.ok(status < 300, `${why}: ${status} ${answer.body}`);
		return true;
	}
	if (means === BAD)
		assert.deepEqual([status, ['bad_field', 'bad_json'].includes(error)], [400, true], `${why}: ${answer.body}`);
	else
		assert.deepEqual([status, error, answer.headers.get('x-should-retry')], [409, 'price_changed', 'false'], `${why}: ${answer.body}`);
	assert.equal(await stored(), before, `${why}: nothing is stored`);
	return false;
}

/** Something that may be tried again. */
async function failed() {
	const task = await ada.create({ model: 'm', prompt: `fails ${++ids}` });
	paid.job(task, { status: 'failed', error: 'no' });
	await paid.api.polled(ada, task.videoId, 'FAILED');
	return task.videoId;
}
let again;

/** What buys: how it is asked, with the ceiling in the body, the header, or both. fields: the text of further members. */
const send = (path, members) => (fields, headers = {}) => ada.call('POST', path(), { headers: { ...JSON_TYPE, ...headers },
	body: `{${[...members(), ...fields !== undefined ? [`"maxPriceMicro":${fields}`] : []].join()}}` });
const BUYERS = {
	creation: { send: send(() => '/api/relay/sora/videos', () => ['"prompt":"x"', '"model":"m"', `"clientRequestId":"id${ids}"`]), named: true },
	'creation of two': { send: send(() => '/api/relay/sora/videos', () => ['"prompt":"x"', '"model":"m"', '"n":2', `"clientRequestId":"id${ids}"`]), count: 2, named: true },
	remix: { send: send(() => `/api/video/tasks/${source.videoId}/remix`, () => ['"prompt":"x"', `"clientRequestId":"id${ids}"`]), named: true },
	retry: { send: send(() => `/api/video/tasks/${again}/retry`, () => []), fresh: async () => (again = await failed()) },
	'/v1/videos': { send: send(() => '/v1/videos', () => ['"prompt":"x"', '"model":"m"', '"seconds":"8"']) },
	'/v1 remix': { send: send(() => `/v1/videos/${source.videoId}/remix`, () => ['"prompt":"x"']) },
};

for (const [name, { send, count = 1, named, fresh }] of Object.entries(BUYERS))
	test(`${name}: in its JSON`, async () => {
		await fresh?.();
		for (const [text, means] of name === 'creation' ? VALUES : VALUES.filter(FEW)) {
			const before = await stored();
			ids++;
			if (await understood(await send(text), means, count, `${name}, ${text}`, before))
				await fresh?.();
			else if (named && means === BAD) /* a refusal leaves the id as good as new */
				assert.ok((await send(`${MOST}`)).status < 300);
		}
	});

for (const [name, { send, count = 1, fresh }] of Object.entries(BUYERS))
	test(`${name}: in the header, and in both`, async () => {
		await fresh?.();
		for (const [text, means] of name === '/v1/videos' ? TEXTS : TEXTS.filter(FEW)) {
			const before = await stored();
			ids++;
			if (await understood(await send(undefined, { [HEADER]: text }), means, count, `${name}, header ${JSON.stringify(text)}`, before))
				await fresh?.();
		}
		for (const [field, header, means] of [['1', '1000000000', BAD], ['1000000000', '1', BAD], ['null', '1', 1], ['"1"', '01', 1], ['1', '', BAD], ['[]', '1000000000', BAD]]) {
			const before = await stored();
			ids++;
			await understood(await send(field, { [HEADER]: header }), means, count, `${name}, ${field} and ${header}`, before);
		}
	});

test('a form: a value, an empty one, two, a file of that name', async () => {
	for (const path of ['/api/relay/sora/videos', '/v1/videos']) {
		for (const [text, means] of [...path === '/v1/videos' ? TEXTS.filter(FEW) : TEXTS, ['-0', 0]]) {
			const body = new FormData(), before = await stored();
			for (const [name, value] of Object.entries({ prompt: 'x', model: 'm', seconds: '8', maxPriceMicro: text }))
				body.append(name, value);
			await understood(await ada.call('POST', path, { body }), means, 1, `${path}, form ${JSON.stringify(text)}`, before);
		}
		for (const more of [['maxPriceMicro', '1'], ['maxPriceMicro', '900000'], ['maxPriceMicro', ''], ['maxPriceMicro[]', '1'], ['maxPriceMicro', new Blob(['1'], { type: 'text/plain' }), 'x']]) {
			const body = new FormData(), before = await stored();
			for (const [name, value] of Object.entries({ prompt: 'x', model: 'm', seconds: '8', maxPriceMicro: '900000' }))
				body.append(name, value);
			body.append(...more);
			await understood(await ada.call('POST', path, { body }), BAD, 1, `${path}, form ${more}`, before);
		}
	}
});

test('remixes at once: each for at most that, by the body or the header', async () => {
	const ask = (fields, headers = {}) => ada.call('POST', '/api/video/tasks/remix', { headers: { ...JSON_TYPE, ...headers },
		body: `{"videoIds":["${source.videoId}","${source.videoId}"],"prompt":"x${ids++}"${fields !== undefined ? `,"maxPriceMicro":${fields}` : ''}}` });
	const bought = ({ json }) => json.data.results.map(({ success, code, details }) => (success ? 'made' : `${code} ${details.amountMicro}`));
	for (const [asks, all] of [[(text) => ask(text), VALUES], [(text) => ask(undefined, { [HEADER]: text }), TEXTS]])
		for (const [text, means] of all.filter(FEW)) {
			const before = await stored(), answer = await asks(text);
			if (means === BAD) {
				await understood(answer, BAD, 1, `remixes, ${text}`, before);
			} else {
				const made = means === NONE || means >= PRICE;
				assert.deepEqual(bought(answer), Array(2).fill(made ? 'made' : `price_changed ${PRICE}`), text);
				assert.equal(await stored() === before, !made);
			}
		}
	const before = await stored();
	await understood(await ask('900000', { [HEADER]: '1' }), BAD, 1, 'both', before);
});

test('a retry whose body is no JSON is refused: it might name a ceiling', async () => {
	const videoId = await failed(), path = `/api/video/tasks/${videoId}/retry`, body = '{"maxPriceMicro":1}';
	for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=b', 'application/octet-stream', 'application/jsonp']) {
		const before = await stored(), { status, json } = await ada.call('POST', path, { headers: { 'content-type': type }, body });
		assert.deepEqual([status, json.code, await stored()], [415, 'unsupported_content_type', before], type);
	}
	const before = await stored();
	assert.equal((await ada.call('POST', path, { body })).status, 415, 'of no type');
	assert.equal((await ada.call('POST', `${path}?maxPriceMicro=1`)).status, 400);
	assert.equal(await stored(), before);
	assert.equal((await ada.call('POST', path, { headers: JSON_TYPE })).status, 200, 'no body names none');
});
