// A strict stand-in for a provider: it takes what the provider's contract takes, word by word, and refuses everything else in the provider's
// own form. What the provider is like is said by a module beside this file, NAME.mjs; its default export is
//
//	name      as that of the file and of the profile in conf/dialects
//	source    where the contract stands
//	headers   what every call must have: {name: a string, in which {key} is the key, or a RegExp, or (value, key) => boolean}
//	proof     {name: (key) => a good value} of the headers that are no string
//	routes    {'POST /v1/videos': ROUTE, 'GET /v1/videos/{id}?index={n}': ROUTE, …}; {x} is one step of a path, {+x} several. ROUTE:
//	            kind      'submit' (a job is made of it), 'poll' (a job goes on by it), 'cancel', or none
//	            only      {param: RegExp}: other values are not this route's
//	            headers   … that this one must have besides
//	            body      a JSON schema, or (params) => schema; see object() and its neighbours below. No body without it
//	            form      the same for multipart/form-data: values are strings, files {type, size}
//	            id        (call) => the id of the job, where it is not {id} in the path
//	            answer    (call) => what is answered: the members of a JSON body, or say(status, body, headers)
//	            facts     pointers into that: whatever stands there under another name must end a run otherwise than well
//	            words     … likewise, another word there
//	errors    {key, busy, refused, missing, invalid}: what is answered to a dead key, too early, to what is not wanted, to an unknown path
//	          or job, to a body that breaks the contract (why) => …; each from say()
//	id        (n) => the id of the nth job; default "NAME-job-n"
//	examples  [[route, body, params], …]: the provider's own; `params` where the path has some
//	asks      what a client of longreel asks for: {text, image, last, references, remix, edit, extend: the fields of a creation, besides prompt and
//	          images; left out where the provider has no such thing; cancel, found: true where a job can be
//	          cancelled, and found in a list; failed, blocked, refused:
//	          {code, message} as the task must have them: of a job that fails, of one that ends in another form because of its content
//	          (left out where there is none), of a submission that is refused}
//
// A `call` is {method, path, params, headers, body, job, standin}; a `job` {id, n, name: of its route, body, params, images: the bytes of the
// images in its body, links among them fetched, created, state: 'queued', 'running', 'done', 'failed', 'blocked' or 'cancelled', polls, done:
// polls since it has ended}.
// The video of a job is at standin.linkTo(job), and its bytes are videoOf(job.id).
//
//	const standin = await newStandin(module);
//	standin.expect('a dog', 'refused');   // how a submission with this prompt ends; also: 'busy' (once), 'failed', 'blocked' (later),
//	                                      // 'held' (it runs until told), 'hangup'
//	standin.jobOf('a dog')                // the job with that prompt
//	standin.dead = true;                  // its key is not good any more
//	standin.requests                      // all that came: {method, path, headers, body, bytes, why: why it was not taken}
//	standin.elsewhere                     // what came to the other origin, where the videos are: {method, path, headers}
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import Ajv from 'ajv';

/* ---- words for schemas ---- */

const MAGIC = { png: [0, '\x89PNG\r\n\x1a\n'], jpeg: [0, '\xff\xd8\xff'], webp: [8, 'WEBP'] };

/** The kind of an image by its first bytes. */
function kindOf(bytes) {
	const text = bytes.subarray(0, 16).toString('latin1');
	return Object.keys(MAGIC).find((kind) => text.startsWith(MAGIC[kind][1], MAGIC[kind][0]));
}

const isBase64 = (text) => /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;

const ajv = new Ajv({ strict: true, strictTypes: false, strictRequired: false, allowUnionTypes: true });
ajv.addFormat('link', (text) => /^https?:\/\/[^\s/]+\/\S*$/.test(text));
ajv.addFormat('base64-image', (text) => isBase64(text) && kindOf(Buffer.from(text, 'base64')) !== undefined);
for (const kind of Object.keys(MAGIC))
	ajv.addFormat(`base64-${kind}`, (text) => isBase64(text) && kindOf(Buffer.from(text, 'base64')) === kind);
ajv.addFormat('data-image', (text) => {
	const [, type, data] = /^data:image\/(png|jpeg|webp);base64,(.*)$/s.exec(text) ?? [];
	return type !== undefined && isBase64(data) && kindOf(Buffer.from(data, 'base64')) === type;
});

/** An object with these members and no others. */
export const object = (required, optional = {}) => ({
	type: 'object', additionalProperties: false, required: Object.keys(required), properties: { ...required, ...optional },
});
export const word = (...values) => ({ enum: values });
export const text = (max = 100_000, min = 1) => ({ type: 'string', minLength: min, maxLength: max });
export const integer = (minimum, maximum) => ({ type: 'integer', minimum, maximum });
export const number = (minimum, maximum) => ({ type: 'number', minimum, maximum });
export const boolean = { type: 'boolean' };
export const list = (items, maxItems = 100, minItems = 1) => ({ type: 'array', items, minItems, maxItems });
export const either = (...anyOf) => ({ anyOf });
export const link = { type: 'string', format: 'link' };
export const dataImage = { type: 'string', format: 'data-image' };
export const base64Image = { type: 'string', format: 'base64-image' };
/** An object that has a bare image under one name, and its type under another. */
export const typedImage = (data, type) =>
	either(...Object.keys(MAGIC).map((kind) => object({ [data]: { type: 'string', format: `base64-${kind}` }, [type]: word(`image/${kind}`) })));
/** As most take an image: by a link or within. */
export const image = either(link, dataImage);
/** In a form: a file of one of these types, "image/png". */
export const file = (...types) => object({ type: word(...types), size: integer(1, 50_000_000) });

const compiled = new Map();

/** What is wrong with a value, undefined where nothing is. */
function faultOf(schema, value) {
	const key = JSON.stringify(schema);
	if (!compiled.has(key))
		compiled.set(key, ajv.compile(schema));
	const validate = compiled.get(key);
	if (validate(value))
		return undefined;
	const { instancePath, message, params } = validate.errors[0];
	return `${instancePath || '/'} ${message} ${JSON.stringify(params)}`;
}

/* ---- what a request is ---- */

class Answer {
	constructor(status, body, headers = {}) {
		Object.assign(this, { status, body, headers });
	}
}

/** An answer: of JSON, or of bytes where `body` is a Buffer. */
export const say = (status, body, headers) => new Answer(status, body, headers);

/** Why a request is not taken: `kind` is a member of the module's `errors`. */
class Fault extends Error {
	constructor(kind, why) {
		super(why);
		this.kind = kind;
	}
}

const escaped = (text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&');

/** [the expression of a path, the queries {name: param}] */
function patternOf(path) {
	const [steps] = path.split('?'), query = path.slice(steps.length + 1); // {n?} has one, too
	const source = escaped(steps).replace(/\{\\\+(\w+)\}/g, '(?<$1>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
	return [new RegExp(`^${source}$`), query === '' ? [] : query.split('&').map((pair) => pair.split('='))];
}

/** What a path means to a route's: its parameters, or undefined. */
function paramsOf(route, path) {
	const url = new URL(path, 'http://provider'), [pattern, queries] = patternOf(route);
	const found = pattern.exec(url.pathname);
	if (!found || [...url.searchParams.keys()].some((name) => !queries.some(([known]) => known === name)))
		return undefined;
	const params = Object.fromEntries(Object.entries(found.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]));
	for (const [name, value] of queries) {
		const given = url.searchParams.get(name), param = /^\{(\w+)(\??)\}$/.exec(value);
		if (given === null && param?.[2] === '?') // {n?} may be left out
			continue;
		if (given === null || (!param && given !== value))
			return undefined;
		if (param)
			params[param[1]] = given;
	}
	return params;
}

/** The parts of a form: a string, or {type, size} of a file; of a name that comes twice, a list. */
async function partsOf(bytes, type) {
	const form = await new Response(bytes, { headers: { 'content-type': type } }).formData(), parts = {};
	for (const [name, value] of form) {
		let part = value;
		if (typeof value !== 'string') {
			const content = Buffer.from(await value.arrayBuffer()), kind = kindOf(content);
			part = { type: value.type === `image/${kind}` ? value.type : `${value.type} that is not`, size: value.size };
			Object.defineProperty(part, 'bytes', { value: content }); // not enumerable: no schema knows of it
		}
		parts[name] = name in parts ? [parts[name], part].flat() : part;
	}
	return parts;
}

async function bodyOf(route, params, { headers, bytes }) {
	const type = headers['content-type'] ?? '', schemas = { body: route.body, form: route.form };
	for (const name of ['body', 'form'])
		if (typeof schemas[name] === 'function')
			schemas[name] = schemas[name](params);
	if (!schemas.body && !schemas.form) {
		if (bytes.length > 0 && bytes.toString() !== '{}')
			throw new Fault('invalid', 'this call has no body');
		return undefined;
	}
	let body, schema;
	if (schemas.body && /^application\/json *(;|$)/.test(type)) {
		schema = schemas.body;
		try {
			body = JSON.parse(bytes);
		} catch {
			throw new Fault('invalid', 'the body is not JSON');
		}
	} else if (schemas.form && type.startsWith('multipart/form-data')) {
		schema = schemas.form;
		body = await partsOf(bytes, type).catch(() => { throw new Fault('invalid', 'the body is no form'); });
	} else {
		throw new Fault('invalid', `a body of the type "${type}"`);
	}
	const fault = faultOf(schema, body);
	if (fault)
		throw new Fault('invalid', fault);
	return body;
}

/** The images in a body, in order; what is behind a link is fetched, as the provider would. */
async function imagesIn(value) {
	if (typeof value === 'string') {
		const data = value.replace(/^data:image\/\w+;base64,/, '');
		if (isBase64(data) && kindOf(Buffer.from(data, 'base64')))
			return [Buffer.from(data, 'base64')];
		if (!/^http:\/\/127\.0\.0\.1:/.test(value) || value.includes('/files/'))
			return [];
		const answer = await fetch(value), bytes = Buffer.from(await answer.arrayBuffer()), kind = kindOf(bytes);
		if (!answer.ok || !kind || answer.headers.get('content-type') !== `image/${kind}`)
			throw new Fault('invalid', `no image at ${value}`);
		return [bytes];
	}
	if (value?.bytes)
		return [value.bytes];
	const images = [];
	for (const member of Object.values(value !== null && typeof value === 'object' ? value : {}))
		images.push(...await imagesIn(member));
	return images;
}

/** Whether a header is as it must be. */
function fits(wanted, value, key) {
	if (value === undefined)
		return false;
	if (typeof wanted === 'function')
		return wanted(value, key);
	return wanted instanceof RegExp ? wanted.test(value) : value === wanted.replace('{key}', key);
}

/** Refuses headers that are not as they must be, that with the key first. */
function checkHeaders(wanted, { headers }, key) {
	for (const [name, value] of Object.entries(wanted).sort(([, a], [, b]) => needsKey(b) - needsKey(a)))
		if (!fits(value, headers[name], key))
			throw new Fault(needsKey(value) ? 'key' : 'invalid', `the header ${name} is not as it must be`);
}

const needsKey = (wanted) => typeof wanted === 'function' || (typeof wanted === 'string' && wanted.includes('{key}'));

/**
 * What a request means by the provider's contract.
 * @param {{method, path, headers, bytes}} request
 * @returns {Promise<{name: string, route: object, params: object, body: any}>}; throws a Fault
 */
export async function judged(provider, request, key) {
	const known = Object.keys(provider.routes).map((name) => [name, ...name.split(' ')]).
		map(([name, method, path]) => ({ name, method, params: paramsOf(path, request.path) })).
		filter(({ name, params }) => params && Object.entries(provider.routes[name].only ?? {}).every(([param, only]) => only.test(params[param])));
	const found = known.find(({ method }) => method === request.method);
	if (!found) {
		checkHeaders(provider.headers ?? {}, request, key);
		throw new Fault('missing', known.length ? `no ${request.method} of this path` : 'no such path');
	}
	const route = provider.routes[found.name];
	checkHeaders({ ...provider.headers, ...route.headers }, request, key);
	return { ...found, route, body: await bodyOf(route, found.params, request) };
}

/* ---- the server ---- */

/** The video of a job: begins as a video does, and is like no other's. */
export const videoOf = (id) => Buffer.concat([Buffer.from('\0\0\0\x18ftypisom\0\0\x02\0isomiso2', 'latin1'), Buffer.alloc(4000, `${id} `)]);

const MOODS = ['refused', 'blocked', 'busy', 'failed', 'held', 'hangup', 'fine'];

class Standin {
	requests = [];
	elsewhere = [];
	jobs = new Map();
	moods = new Map(); // by the prompt
	dead = false;
	/** What changes the JSON answers about some jobs before they go: {prompt, route, change: (body) => body}. */
	changes = [];

	constructor(provider) {
		this.provider = provider;
		this.key = provider.key ?? `${provider.name}-key-${Math.random().toString(36).slice(2)}`;
		this.server = createServer((request, response) => this.serve(request, response));
		this.other = createServer((request, response) => this.serveElsewhere(request, response));
		// Else a connection that a busy machine forgot for five seconds is closed just as the next request goes out on it.
		this.server.keepAliveTimeout = this.other.keepAliveTimeout = 60_000;
	}

	/** How a submission with a prompt ends. */
	expect(prompt, mood) {
		assert.ok(MOODS.includes(mood), mood);
		this.moods.set(prompt, mood);
	}

	/** The job with a prompt. */
	jobOf(prompt) {
		return [...this.jobs.values()].find(({ body }) => JSON.stringify(body).includes(JSON.stringify(prompt)));
	}

	/** What was said of the prompt in a body. */
	moodOf(body) {
		const said = JSON.stringify(body), [prompt, mood] = [...this.moods].find(([text]) => said.includes(JSON.stringify(text))) ?? [];
		if (mood === 'busy')
			this.moods.delete(prompt);
		return mood ?? 'fine';
	}

	/** The link to a job's video (or another file of it), at the other origin. */
	linkTo(job, name = 'video.mp4') {
		return `${this.away}/files/${encodeURIComponent(job.id)}/${name}?Signature=a%2Bb&Expires=1800000000`;
	}

	async serve(request, response) {
		const { method, url: path, headers } = request, bytes = Buffer.concat(await request.toArray());
		const call = { method, path, headers, bytes, standin: this };
		this.requests.push(call);
		const answer = await this.answerTo(call);
		if (answer === 'hangup')
			return response.destroy();
		const { status, body, headers: more } = answer instanceof Answer ? answer : say(200, answer);
		if (Buffer.isBuffer(body) || body === undefined)
			return response.writeHead(status, more).end(body);
		const change = this.changes.find(({ prompt, route }) => call.name === route && call.job === this.jobOf(prompt))?.change;
		response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(change ? change(structuredClone(body)) : body));
	}

	async answerTo(call) {
		const { errors } = this.provider;
		try {
			Object.assign(call, await judged(this.provider, call, this.dead ? `${this.key}-is-dead` : this.key));
			return await this.taken(call);
		} catch (error) {
			if (!(error instanceof Fault))
				call.broken = error; // a fault of the module's
			call.why = error.message;
			const wrong = errors[error.kind ?? 'invalid'];
			return typeof wrong === 'function' ? wrong(error.message, call) : wrong;
		}
	}

	async taken(call) {
		const { route, params } = call;
		if (route.kind === 'submit') {
			const mood = this.moodOf(call.body);
			if (['refused', 'busy'].includes(mood))
				throw new Fault(mood, mood);
			const images = await imagesIn(call.body), n = this.jobs.size + 1, id = String(this.provider.id?.(n, call) ?? `${this.provider.name}-job-${n}`);
			call.job = { id, n, body: call.body, name: call.name, params, images, created: new Date(), state: 'queued', fate: mood, polls: 0, done: 0 };
			this.jobs.set(id, call.job);
			const answer = await route.answer(call);
			return mood === 'hangup' ? mood : answer;
		}
		const id = route.id ? String(route.id(call)) : params.id;
		if (id !== undefined) {
			call.job = this.jobs.get(id);
			if (!call.job)
				throw new Fault('missing', `no job ${id}`);
		}
		if (route.kind === 'poll')
			this.goesOn(call.job);
		if (route.kind === 'cancel' && ['queued', 'running'].includes(call.job.state))
			call.job.state = 'cancelled';
		return route.answer(call);
	}

	/** A job is seen queued, running, and then as it ends. */
	goesOn(job) {
		job.polls++;
		if (['queued', 'running'].includes(job.state) && job.polls > 1)
			job.state = job.polls === 2 || job.fate === 'held' ? 'running' : ['failed', 'blocked'].includes(job.fate) ? job.fate : 'done';
		if (!['queued', 'running'].includes(job.state))
			job.done++;
	}

	/** Where the videos are. Links are signed: as with object stores, another proof beside that is refused. */
	serveElsewhere(request, response) {
		const { method, url: path, headers } = request;
		this.elsewhere.push({ method, path, headers });
		const [, id, name] = /^\/files\/([^/]+)\/([^/?]+)\?Signature=a%2Bb&Expires=1800000000$/.exec(path) ?? [];
		if (!id || headers.authorization || JSON.stringify([path, headers]).includes(this.key))
			return response.writeHead(400).end();
		response.writeHead(200, { 'content-type': name.endsWith('.mp4') ? 'video/mp4' : 'image/png' }).end(videoOf(decodeURIComponent(id)));
	}

	async close() {
		for (const server of [this.server, this.other]) {
			server.close();
			server.closeAllConnections();
		}
	}
}

/** Starts a stand-in; close() it. @returns {Promise<Standin>} with `base`, the channel's, and `away`, the other origin */
export async function newStandin(provider) {
	const standin = new Standin(provider);
	for (const [server, name] of [[standin.server, 'base'], [standin.other, 'away']]) {
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		standin[name] = `http://127.0.0.1:${server.address().port}`;
	}
	return standin;
}

/* ---- other contracts, each wrong in one thing ---- */

const TYPES = [['string', 'x'], ['number', 7.5], ['boolean', true], ['object', { x: 1 }]];

/** All bodies that differ from this one in one member: under another name, or of another type. @yields {[string, any]} */
export function* changed(value, path = '') {
	if (value === null || typeof value !== 'object')
		return;
	for (const key of Object.keys(value)) {
		const with_ = (changes, without) => {
			const copy = Array.isArray(value) ? [...value] : { ...value };
			if (without)
				delete copy[key];
			return Object.assign(copy, changes);
		};
		if (!Array.isArray(value))
			yield [`${path}/${key} has another name`, with_({ [`${key}_x`]: value[key] }, true)];
		const type = Array.isArray(value[key]) ? 'object' : typeof value[key];
		const other = TYPES.find(([name]) => name !== type)[1];
		yield [`${path}/${key} is of another type`, with_({ [key]: other })];
		for (const [what, inner] of changed(value[key], `${path}/${key}`))
			yield [what, with_({ [key]: inner })];
	}
}

/** A schema that differs from this one in the name or the words of one member that `value` has. */
function* changedSchemas(schema, value, path = '') {
	if (schema.anyOf) { // in all that the value fits at once
		const branches = schema.anyOf.map((branch) => new Map(faultOf(branch, value) ? [] : changedSchemas(branch, value, path)));
		for (const what of new Set(branches.flatMap((changes) => [...changes.keys()])))
			yield [what, { ...schema, anyOf: schema.anyOf.map((branch, i) => branches[i].get(what) ?? branch) }];
	}
	if (schema.enum)
		yield [`${path} has other words`, { ...schema, enum: schema.enum.map((word) => (typeof word === 'string' ? `${word}~` : word + 1e9)) }];
	if (schema.items && Array.isArray(value))
		for (const [i, element] of value.entries())
			for (const [what, inner] of changedSchemas(schema.items, element, `${path}/${i}`))
				yield [what, { ...schema, items: inner }];
	for (const [name, member] of Object.entries(schema.properties ?? {})) {
		if (!(name in (value ?? {})))
			continue;
		const { [name]: _, ...properties } = schema.properties;
		yield [`${path}/${name} has another name`, { ...schema, required: schema.required?.map((n) => (n === name ? `${n}~` : n)),
			properties: { ...properties, [`${name}~`]: member } }];
		for (const [what, inner] of changedSchemas(member, value[name], `${path}/${name}`))
			yield [what, { ...schema, properties: { ...schema.properties, [name]: inner } }];
	}
}

/** Providers that differ from this one in one thing which a request, taken by this one, has to do with. @yields {[string, provider]} */
export function* mutants(provider, { name, method, headers, body, params }) {
	const { [name]: route, ...routes } = provider.routes, path = name.slice(method.length + 1);
	const with_ = (changes, as = name) => ({ ...provider, routes: { ...routes, [as]: { ...route, ...changes } } });
	yield [`${name}: another method`, with_({}, `${method === 'PUT' ? 'PATCH' : 'PUT'} ${path}`)];
	const [, queries] = patternOf(path), used = queries.filter(([, value]) => !value.endsWith('?}') || value.slice(1, -2) in params).map(([query]) => query);
	for (const step of [...path.split('?')[0].match(/(?<=[/:])[\w.-]+/g) ?? [], ...used])
		yield [`${name}: another "${step}"`, with_({}, `${method} ${path.replace(new RegExp(`(?<=[/:&?])${escaped(step)}(?![\\w.-])`), `${step}~`)}`)];
	for (const header of Object.keys({ ...provider.headers, ...route.headers }).filter((h) => h in headers)) {
		const { [header]: wanted = route.headers?.[header], ...rest } = provider.headers ?? {};
		const { [header]: _, ...own } = route.headers ?? {};
		yield [`${name}: the header ${header} has another name`, { ...with_({ headers: { ...own, [`x-other-${header}`]: wanted } }), headers: rest }];
	}
	for (const kind of body === undefined ? [] : [headers['content-type'].startsWith('multipart') ? 'form' : 'body']) {
		const schema = typeof route[kind] === 'function' ? route[kind](params) : route[kind];
		for (const [what, other] of changedSchemas(schema, body))
			yield [`${name}: ${what}`, with_({ [kind]: other })];
	}
}

/** All answers that differ in one thing that a run needs. @yields {{route: string, what: string, change: (body) => any}} */
export function* changedAnswers(provider) {
	for (const [route, { facts = [], words = [] }] of Object.entries(provider.routes))
		for (const [pointer, renames] of [...facts.map((p) => [p, true]), ...words.map((p) => [p, false])]) {
			const steps = pointer.split('/').slice(1), last = steps.pop();
			yield {
				route, what: `${route}: ${pointer} ${renames ? 'has another name' : 'is another word'}`,
				change(body) {
					const at = steps.reduce((value, step) => value?.[step], body), value = at?.[last];
					if (value === undefined)
						return body;
					if (renames)
						delete at[last];
					at[renames ? `${last}~` : last] = renames ? value : `${value}~`;
					return body;
				},
			};
		}
}
