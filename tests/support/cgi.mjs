// A program of cgi-bin run as plain CGI (RFC 3875): one process for each request, no web server, no port. What is
// tested is the very binary that FastCGI runs, from $LONGREEL_BUILD (default: build), with the sanitizers of that build.
//
//	const data = await dataDir(t);
//	const answer = await cgi('simulator', { method: 'PUT', path: '/simulator/control', body: { duration_ms: 100 },
//	                                        env: { LONGREEL_DATA: data } });
//	assert.equal(answer.status, 200);
//	assert.equal(answer.json.duration_ms, 100);
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The build that is tested, as an absolute path. */
export const BUILD = resolve(process.env.LONGREEL_BUILD ?? 'build');

const SERVER = { name: 'longreel.test', port: '8080' };

/** What the tests' own environment hands on; a key of the person who runs them must not leak in. */
const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'ASAN_OPTIONS', 'UBSAN_OPTIONS', 'LSAN_OPTIONS', 'TSAN_OPTIONS'];

/**
 * A new, empty directory for one test, removed at its end.
 * @param {import('node:test').TestContext} [t] without it, the caller removes the directory
 * @returns {Promise<string>} its absolute path
 */
export async function dataDir(t) {
	const dir = await mkdtemp(join(tmpdir(), 'longreel-'));
	t?.after(() => rm(dir, { recursive: true, force: true }));
	return dir;
}

/** The body's bytes and, where it says so itself, its media type. */
async function encode(body) {
	if (body === undefined || body === null)
		return { bytes: null };
	if (typeof body === 'string' || body instanceof Uint8Array)
		return { bytes: Buffer.from(body) };
	if (body instanceof FormData || body instanceof URLSearchParams) {
		const encoded = new Response(body);
		return { bytes: Buffer.from(await encoded.arrayBuffer()), type: encoded.headers.get('content-type') };
	}
	return { bytes: Buffer.from(JSON.stringify(body)), type: 'application/json' };
}

/** The CGI environment of one request, as lighttpd makes it. Header names may be written in any case. */
function environment({ method, path, headers, env }, bytes, type) {
	const [script, query = ''] = path.split(/\?(.*)/s);
	const result = {};
	for (const name of INHERITED) {
		if (process.env[name] !== undefined)
			result[name] = process.env[name];
	}
	Object.assign(result, {
		GATEWAY_INTERFACE: 'CGI/1.1', SERVER_PROTOCOL: 'HTTP/1.1', SERVER_SOFTWARE: 'cgi.mjs',
		SERVER_NAME: SERVER.name, SERVER_PORT: SERVER.port, REQUEST_SCHEME: 'http', REMOTE_ADDR: '127.0.0.1',
		HTTP_HOST: `${SERVER.name}:${SERVER.port}`,
		REQUEST_METHOD: method, REQUEST_URI: path, SCRIPT_NAME: script, QUERY_STRING: query,
	});
	if (bytes)
		result.CONTENT_LENGTH = String(bytes.length);
	if (type)
		result.CONTENT_TYPE = type;
	for (const [name, value] of Object.entries(headers)) {
		const variable = name.toUpperCase().replaceAll('-', '_');
		const own = variable === 'CONTENT_TYPE' || variable === 'CONTENT_LENGTH';
		result[own ? variable : `HTTP_${variable}`] = String(value);
	}
	return { ...result, ...env };
}

/** Cuts what a CGI program wrote into status, headers and body. */
function parse(output) {
	const head = /^((?:[^\r\n]+\r?\n)*)\r?\n/.exec(output.toString('latin1'));
	if (!head)
		throw new Error(`no CGI head in ${JSON.stringify(output.toString().slice(0, 500))}`);
	const headers = new Headers();
	let status = 200;
	for (const line of head[1].split(/\r?\n/).filter(Boolean)) {
		const [, name, value] = /^([^:\s]+):[ \t]*(.*)$/.exec(line) ?? [];
		if (!name)
			throw new Error(`not a header: ${JSON.stringify(line)}`);
		if (name.toLowerCase() === 'status')
			status = Number.parseInt(value, 10);
		else
			headers.append(name, value);
	}
	return { status, headers, body: output.subarray(head[0].length) };
}

/** Runs the program with `input` on its standard input. */
function run(program, env, input, { timeout, signal }) {
	return new Promise((done, fail) => {
		const child = spawn(program, [], { env, stdio: [input ? 'pipe' : 'ignore', 'pipe', 'pipe'] });
		const out = [], err = [];
		const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
		const abort = () => child.kill('SIGKILL');
		signal?.addEventListener('abort', abort);
		child.stdout.on('data', (piece) => out.push(piece));
		child.stderr.on('data', (piece) => err.push(piece));
		child.on('error', fail);
		child.on('close', (code, killedBy) => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', abort);
			done({ code, killedBy, out: Buffer.concat(out), err: Buffer.concat(err).toString() });
		});
		if (input) {
			child.stdin.on('error', () => {}); // a program may answer without reading everything
			child.stdin.end(input);
		}
	});
}

/**
 * Makes one request of a program. Throws when it does not answer, crashes, ends with a code other than 0, or when a
 * sanitizer has something to say; never for an HTTP error.
 *
 * @param {string} program the name of a program in BUILD/cgi-bin, or a path with a slash in it
 * @param {object} request
 * @param {string} [request.method] default: GET, or POST where there is a body
 * @param {string} request.path the request target, percent-encoded, with the query: "/api/video/tasks?page=2"
 * @param {Record<string, string>} [request.headers] header fields; Content-Length, too, may be forced to a lie
 * @param {string|Uint8Array|FormData|URLSearchParams|object} [request.body] forms bring their own Content-Type,
 *        plain objects are sent as JSON; strings and bytes go out as they are, with the Content-Type in `headers`
 * @param {Record<string, string>} [request.env] further variables, above all LONGREEL_DATA
 * @param {number} [request.timeout] ms until the program is killed; default 60 000
 * @param {AbortSignal} [request.signal] kills the program, as a web server does whose client has left
 * @returns {Promise<{status: number, headers: Headers, body: Buffer, json: any, whole: boolean, stderr: string}>}
 *          `json` is the parsed body of an application/json answer, undefined where it does not parse; `whole` is
 *          false where fewer bytes came than Content-Length promised
 */
export async function cgi(program, { method, path, headers = {}, body, env = {}, timeout = 60_000, signal }) {
	const { bytes, type } = await encode(body);
	const variables = environment({ method: method ?? (bytes ? 'POST' : 'GET'), path, headers, env }, bytes, type);
	const file = program.includes('/') ? program : join(BUILD, 'cgi-bin', program);
	const { code, killedBy, out, err } = await run(file, variables, bytes, { timeout, signal });
	if (code !== 0 || /ERROR: \w+Sanitizer|runtime error:/.test(err))
		throw new Error(`${program} ${path} ended with ${killedBy ?? code}: ${err}`);
	const answer = { ...parse(out), stderr: err };
	const length = answer.headers.get('content-length');
	answer.whole = length === null || answer.body.length === Number(length);
	if (answer.headers.get('content-type')?.startsWith('application/json')) {
		try {
			answer.json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(answer.body));
		} catch {
			answer.json = undefined;
		}
	}
	return answer;
}
