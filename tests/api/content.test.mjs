// GET /api/video/tasks/:videoId/content: the video's bytes, whole or a part, and never a part for the whole.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { newApi } from '../support/api.mjs';
import { newWorld } from '../support/world.mjs';

/* What a video begins with is looked at, and no more. */
const VIDEO = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i * 7 % 251));
VIDEO.write('ftyp', 4);
const WEBM = Buffer.from('1a45dfa3 6d6f72656f662e74686174'.replaceAll(' ', ''), 'hex');

let api, ada, made, path;
before(async () => {
	api = await newApi();
	ada = await api.user('ada');
	made = await ada.create({ prompt: ' A boat/on\nthe 河: at "half" past 6.' });
	path = `/api/video/tasks/${made.videoId}/content`;
	api.upstream.jobs.set(made.externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/1.mp4` });
	await api.polled(ada, made.videoId, 'COMPLETED');
});
after(() => api?.close());

/** What the upstream answers: a file server that knows ranges. */
function serve(request, response) {
	const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
	const headers = { 'content-type': 'video/mp4' };
	if (first === undefined)
		return response.writeHead(200, { ...headers, 'content-length': VIDEO.length }).end(VIDEO);
	const from = first === '' ? VIDEO.length - Number(last) : Number(first);
	const to = first === '' || last === '' ? VIDEO.length : Math.min(Number(last) + 1, VIDEO.length);
	if (from >= VIDEO.length)
		return response.writeHead(416, { 'content-range': `bytes */${VIDEO.length}` }).end();
	response.writeHead(206, { ...headers, 'content-length': to - from, 'content-range': `bytes ${from}-${to - 1}/${VIDEO.length}` });
	response.end(VIDEO.subarray(from, to));
}
beforeEach(() => {
	api.upstream.video = serve;
	api.upstream.requests.length = 0;
});

const get = (headers, query = '') => ada.call('GET', path + query, { headers });
const answered = (status, headers, body) => {
	api.upstream.video = (request, response) => response.writeHead(status, headers).end(body);
};

test('the whole', async () => {
	const { status, headers, body } = await get();
	assert.equal(status, 200);
	assert.ok(body.equals(VIDEO));
	assert.deepEqual(['content-type', 'content-length', 'accept-ranges', 'content-disposition', 'x-content-type-options'].map((n) => headers.get(n)),
		['video/mp4', String(VIDEO.length), 'bytes', `inline; filename="${made.videoId}.mp4"`, 'nosniff']);
	assert.match(headers.get('content-security-policy'), /^sandbox(?!.*allow-scripts).*; default-src 'none';/);
	const NAME = 'A%20boat%20on%20the%20%E6%B2%B3%20at%20half%20past%206';
	assert.equal((await get({}, '?download=1')).headers.get('content-disposition'), `attachment; filename="${made.videoId}.mp4"; filename*=UTF-8''${NAME}.mp4`);
	assert.equal((await get({}, '?download=maybe')).json.details.field, 'download');
});

test('a part', async () => {
	for (const [range, from, to] of [['bytes=0-0', 0, 1], ['bytes=100-199', 100, 200], ['bytes=299999-', 299_999, 300_000], ['bytes=-5', 299_995, 300_000],
		['bytes=0-999999', 0, 300_000]]) {
		const { status, headers, body } = await get({ range });
		assert.deepEqual([status, headers.get('content-range'), headers.get('content-length')],
			[206, `bytes ${from}-${to - 1}/300000`, String(to - from)], range);
		assert.ok(body.equals(VIDEO.subarray(from, to)), range);
	}
	const { status, json } = await get({ range: 'bytes=300000-' });
	assert.deepEqual([status, json.code], [416, 'range_not_satisfiable']);
});

test('a link that answers JSON with the link', async () => {
	const json = (body) => {
		api.upstream.video = (request, response) => (request.url === '/video/real.mp4' ? serve(request, response)
			: response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body)));
	};
	const link = `${api.upstream.base}/video/real.mp4`;
	for (const body of [{ video_url: link }, { url: link }, { data: { url: ` ${link} ` } }, { download_url: link }]) {
		json(body);
		const whole = await get(), part = await get({ range: 'bytes=100-199' });
		assert.ok(whole.status === 200 && whole.body.equals(VIDEO), JSON.stringify(body));
		assert.ok(part.status === 206 && part.body.equals(VIDEO.subarray(100, 200)), JSON.stringify(body));
	}
	for (const body of [{ url: `${api.upstream.base}/video/1.mp4` }, { url: '/video/real.mp4' }, { url: 'file:///etc/passwd' }, { error: 'no' }, {}, link]) {
		json(body);
		assert.deepEqual([(await get()).json?.code, (await get({ range: 'bytes=0-1' })).json?.code], ['upstream_failed', 'upstream_failed'], JSON.stringify(body));
	}
});

test('a range that is none, or of something else, is passed over', async () => {
	for (const headers of [{ range: 'bytes=5-3' }, { range: 'bytes=a-b' }, { range: 'bytes=' }, { range: 'bytes=0-1,5-6' }, { range: 'chars=0-5' },
		{ range: 'bytes=0-5', 'if-range': '"other"' }, { range: 'bytes=0-5', 'if-range': `"${made.videoId}"` }])
		assert.equal((await get(headers)).body.length, VIDEO.length, JSON.stringify(headers));
	assert.ok(api.upstream.requests.every((r) => r.headers.range === undefined));
});

test('a video that is passed through is not checked: it has no tag, no cache keeps it, and the tag of the kept video is another', async () => {
	for (const headers of [{}, { 'if-none-match': `"${made.videoId}"` }, { 'if-none-match': '*' }, { range: 'bytes=0-5' }]) {
		const answer = await get(headers);
		assert.deepEqual([answer.status, answer.headers.has('etag'), answer.headers.get('cache-control')], [headers.range ? 206 : 200, false, 'no-store']);
		assert.ok(answer.body.equals(headers.range ? VIDEO.subarray(0, 6) : VIDEO));
	}
});

test('HEAD: the headers without the bytes', async () => {
	const { status, headers, body } = await ada.call('HEAD', path);
	assert.deepEqual([status, headers.get('content-length'), body.length], [200, String(VIDEO.length), 0]);
	answered(200, { 'content-type': 'video/mp4', 'content-length': 30 }, '<!DOCTYPE html><title>502</title>');
	assert.equal((await ada.call('HEAD', path)).status, 502);
});

test('a type is one of ours, whatever the upstream calls it', async () => {
	for (const [bytes, said, type, ending] of [[VIDEO, 'text/html', 'video/mp4', 'mp4'], [VIDEO, 'video/mp4, text/html', 'video/mp4', 'mp4'],
		[VIDEO, 'video/x"><script>', 'video/mp4', 'mp4'], [VIDEO, undefined, 'video/mp4', 'mp4'], [VIDEO, 'VIDEO/QuickTime', 'video/quicktime', 'mov'],
		[WEBM, 'video/webm; codecs=vp9', 'video/webm', 'webm'], [WEBM, 'application/octet-stream', 'video/webm', 'webm'],
		[WEBM, 'video/webm,text/html', 'video/webm', 'webm']]) {
		answered(200, { ...(said && { 'content-type': said }), 'content-length': bytes.length }, bytes);
		const { headers, body } = await get();
		assert.deepEqual([headers.get('content-type'), headers.get('content-disposition')], [type, `inline; filename="${made.videoId}.${ending}"`], said);
		assert.ok(body.equals(bytes));
	}
	answered(206, { 'content-type': 'video/mp4, text/html', 'content-length': '8', 'content-range': 'bytes 0-7/300000' }, '<script>');
	assert.equal((await get({ range: 'bytes=0-7' })).headers.get('content-type'), 'video/mp4');
});

test('what does not begin as a video does is none, with a length or without', async () => {
	for (const bytes of ['<!DOCTYPE html><title>502</title>', '{"error":"gone"}', 'short', ''])
		for (const headers of [{ 'content-length': bytes.length }, {}]) {
			answered(200, { 'content-type': 'video/mp4', ...headers }, bytes);
			const answer = await get();
			assert.deepEqual([answer.status, answer.json?.code, answer.headers.get('cache-control')], [502, 'upstream_failed', 'no-store'], bytes);
		}
	api.upstream.video = (request, response) => {
		response.writeHead(200, { 'content-type': 'video/mp4', 'content-length': VIDEO.length });
		response.write(VIDEO.subarray(0, 5), () => setImmediate(() => response.end(VIDEO.subarray(5))));
	};
	assert.ok((await get()).body.equals(VIDEO), 'its first bytes may come one by one');
});

test('a video that is too large, or takes too long', async () => {
	answered(200, { 'content-type': 'video/mp4', 'content-length': 2 ** 30 + 1 }, VIDEO);
	const large = await get();
	assert.deepEqual([large.status, large.json?.code], [502, 'upstream_failed']);
	const env = { LONGREEL_ARCHIVE_TIMEOUT: '1s' };
	api.upstream.video = (request, response) => response.writeHead(200, { 'content-length': VIDEO.length }).write(VIDEO.subarray(0, 5));
	const never = await ada.call('GET', path, { env });
	assert.deepEqual([never.status, never.json?.code], [504, 'timeout']);
	api.upstream.video = (request, response) => response.writeHead(200, { 'content-length': VIDEO.length }).write(VIDEO.subarray(0, 100_000));
	const cut = await ada.call('GET', path, { env });
	assert.deepEqual([cut.status, cut.whole], [200, false]);
	assert.match(cut.stderr, /a video broke off: .* why=timeout/);
});

test('a picture of it: by the upstream\'s link, of a known type, or not at all', async () => {
	const withPicture = await ada.create();
	api.upstream.jobs.set(withPicture.externalTaskId, { status: 'completed', video_url: `${api.upstream.base}/video/2.mp4`,
		image_url: `${api.upstream.base}/video/2.webp` });
	await api.polled(ada, withPicture.videoId, 'COMPLETED');
	const picture = Buffer.alloc(5000, 'webp');
	const thumbnail = (headers) => ada.call('GET', `/v1/videos/${withPicture.videoId}/content?variant=thumbnail`, { headers });
	answered(200, { 'content-type': 'image/webp; q=1', 'content-length': picture.length }, picture);
	const { status, headers, body } = await thumbnail({ range: 'bytes=0-5' });
	assert.deepEqual([status, headers.get('content-type'), headers.get('content-disposition'), headers.has('etag'), headers.get('cache-control')],
		[200, 'image/webp', `inline; filename="${withPicture.videoId}.webp"`, false, 'no-store']);
	assert.ok(body.equals(picture));
	assert.equal((await thumbnail({ 'if-none-match': `"${withPicture.videoId}-thumbnail"` })).status, 200);
	for (const type of ['image/svg+xml', 'image/webpx', 'text/html', 'video/mp4', undefined]) {
		answered(200, { ...(type && { 'content-type': type }), 'content-length': '4' }, 'oops');
		const answer = await thumbnail();
		assert.deepEqual([answer.status, answer.json.error.code, answer.json.error.param], [404, 'not_found', 'variant'], type);
	}
	answered(404, {}, '');
	assert.equal((await thumbnail()).status, 404);
	answered(500, {}, '');
	assert.equal((await thumbnail()).status, 502);
	for (const [query, status, param] of [['?variant=spritesheet', 404, 'variant'], ['?variant=other', 400, 'variant']]) {
		const answer = await ada.call('GET', `/v1/videos/${withPicture.videoId}/content${query}`);
		assert.deepEqual([answer.status, answer.json.error.param], [status, param]);
	}
	assert.equal((await get({}, '?variant=thumbnail')).status, 404, 'no link, and the dialect has no path for one');
	api.upstream.video = serve;
	assert.ok((await ada.call('GET', `/v1/videos/${withPicture.videoId}/content?variant=video`)).body.equals(VIDEO));
});

test('OpenAI\'s path: the same bytes, and a part of them', async () => {
	const { status, body } = await ada.call('GET', `/v1/videos/${made.videoId}/content`, { headers: { range: 'bytes=10-19' } });
	assert.equal(status, 206);
	assert.ok(body.equals(VIDEO.subarray(10, 20)));
	const open = await ada.create();
	const early = await ada.call('GET', `/v1/videos/${open.videoId}/content`);
	assert.deepEqual([early.status, early.json.error.code, early.headers.get('x-should-retry')], [409, 'not_completed', 'false']);
});

test('not completed, expired, failing', async () => {
	const open = await ada.create();
	const early = await ada.call('GET', `/api/video/tasks/${open.videoId}/content`);
	assert.deepEqual([early.status, early.json.code], [409, 'not_completed']);
	for (const [status, wanted, code] of [[404, 410, 'content_gone'], [410, 410, 'content_gone'], [500, 502, 'upstream_failed'], [403, 502, 'upstream_failed'],
		[204, 502, 'upstream_failed'], [302, 502, 'upstream_failed']]) {
		answered(status, {}, status === 204 ? undefined : 'sorry');
		const answer = await get();
		assert.deepEqual([answer.status, answer.json.code, answer.headers.has('etag')], [wanted, code, false], `upstream: ${status}`);
		assert.equal(answer.headers.get('cache-control'), 'no-store');
	}
	api.upstream.video = (request, response) => response.destroy();
	assert.equal((await get()).status, 502);
});

test('a part in answer to a request for the whole is not the video', async () => {
	answered(206, { 'content-type': 'video/mp4', 'content-length': '4', 'content-range': 'bytes 0-3/300000' }, 'part');
	assert.equal((await get()).status, 502);
	answered(206, { 'content-type': 'video/mp4', 'content-length': '4' }, 'part');
	assert.equal((await get({ range: 'bytes=0-3' })).status, 502, 'nor one that does not say which');
});

/** An upstream that breaks off after 100 000 bytes. */
const breakOff = (headers) => (request, response) => {
	response.writeHead(200, { 'content-type': 'video/mp4', ...headers });
	response.write(VIDEO.subarray(0, 100_000), () => response.destroy());
};

test('one that breaks off in the middle is seen to be cut', async () => {
	api.upstream.video = breakOff({ 'content-length': VIDEO.length });
	const { status, headers, body, whole, stderr } = await get();
	assert.deepEqual([status, headers.get('content-length'), whole], [200, String(VIDEO.length), false]);
	assert.ok(VIDEO.subarray(0, body.length).equals(body));
	assert.match(stderr, new RegExp(`a video broke off: request=\\S+ task=${made.videoId}`));
});

test('one whose length the upstream does not tell: whole with a length, or not at all', async () => {
	api.upstream.video = (request, response) => {
		response.writeHead(200, { 'content-type': 'video/mp4' });
		response.write(VIDEO.subarray(0, 1000));
		response.end(VIDEO.subarray(1000));
	};
	const { status, headers, body } = await get();
	assert.deepEqual([status, headers.get('content-length')], [200, String(VIDEO.length)]);
	assert.ok(body.equals(VIDEO));
	api.upstream.video = breakOff({});
	const cut = await get();
	assert.deepEqual([cut.status, cut.json?.code], [502, 'upstream_failed']);
});

test('one whose length is not told is kept for a moment, but not on the disk\'s reserve', async (t) => {
	const world = await newWorld();
	t.after(() => world.remove());
	api.upstream.video = (request, response) => {
		response.writeHead(200, { 'content-type': 'video/mp4' }).write(VIDEO);
		response.end(Buffer.alloc(8_000_000));
	};
	await world.room(1);
	const refused = await ada.call('GET', path, { env: world.env });
	assert.deepEqual([refused.status, refused.json?.code], [507, 'no_space']);
	await world.room(0);
	assert.equal((await ada.call('GET', path, { env: world.env })).body.length, VIDEO.length + 8_000_000);
});
