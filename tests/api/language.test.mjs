// Sentences for people: English, or Chinese where Accept-Language prefers it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { newApi } from '../support/api.mjs';

let api, ada;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
});
after(() => api?.close());

const isChinese = (text) => /[\u4e00-\u9fff]/.test(text);

test('by what the client prefers', async () => {
	const chinese = ['zh', 'zh-CN', 'ZH-Hant-TW', 'zh-CN,zh;q=0.9,en;q=0.8', 'en;q=0.5, zh;q=0.6', 'fr, zh;q=0.1', 'zh;q=1.0', 'en;q=0,zh'];
	const english = ['', 'en', 'en-GB,en;q=0.9,zh;q=0.8', 'fr', '*', 'zh;q=0', 'en,zh', 'zh;q=0.5,en;q=0.5', 'zhx', 'x-zh', ';;;', 'zh;q=x', ',,,zh;q=-1', 'zh;q=1e9'];
	for (const [languages, wanted] of [[chinese, true], [english, false]]) {
		for (const language of languages) {
			const { json } = await api.call('GET', '/api/nothing', { headers: { 'accept-language': language } });
			assert.equal(isChinese(json.error), wanted, `${JSON.stringify(language)}: ${json.error}`);
			assert.equal(json.code, 'not_found', 'the code is the same in all languages');
		}
	}
});

test('the message of a creation, too', async () => {
	for (const language of ['zh-CN', 'en']) {
		const { json } = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 'x' }, headers: { 'accept-language': language } });
		assert.equal(isChinese(json.data.message), language === 'zh-CN');
	}
});

test('what is at fault: in English a sentence, in Chinese the reason of one', async () => {
	for (const language of ['zh-CN', 'en']) {
		const { status, json } = await ada.call('POST', '/api/relay/sora/videos', { body: { prompt: 5 }, headers: { 'accept-language': language } });
		assert.deepEqual([status, json.code, json.details.field], [400, 'bad_field', 'prompt']);
		assert.equal(isChinese(json.error), language === 'zh-CN');
		assert.match(language === 'en' ? json.error : json.details.reason, /prompt must be/);
	}
});
