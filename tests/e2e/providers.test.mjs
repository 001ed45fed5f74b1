// Every shipped profile, against a stand-in for its provider that is as strict as the provider: tests/support/providers.
//
//	PROVIDERS="luma fal" node --test tests/e2e/providers.test.mjs     some of them alone
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { changed, newStandin } from '../support/providers/standin.mjs';

const FOLDER = new URL('../support/providers/', import.meta.url);
const named = readdirSync(FOLDER).map((file) => file.replace('.mjs', '')).filter((name) => name !== 'standin');
const NAMES = process.env.PROVIDERS?.split(' ') ?? named;

for (const name of NAMES) {
	const { default: provider } = await import(new URL(`${name}.mjs`, FOLDER));

	describe(name, () => {
		let standin;

		before(async () => (standin = await newStandin(provider)));
		after(() => standin.close());

		/** Sends a body to a route of the stand-in as the provider's client would. @returns {Promise<object>} the request, as it was seen */
		async function send(route, body, params = {}) {
			const [method, path] = route.split(' '), headers = { 'content-type': 'application/json' };
			for (const [header, wanted] of Object.entries({ ...provider.headers, ...provider.routes[route].headers }))
				headers[header] = provider.proof?.[header]?.(standin.key) ?? wanted.replace('{key}', standin.key);
			await fetch(standin.base + path.replace(/\{\+?(\w+)\}/g, (_, param) => params[param]), { method, headers, body: JSON.stringify(body) });
			return standin.requests.at(-1);
		}

		test('the stand-in takes the provider’s own examples, and refuses each with one member changed', async () => {
			assert.ok(provider.examples.length > 0);
			for (const [route, body, params] of provider.examples) {
				const { job, why } = await send(route, body, params);
				assert.ok(job && !why, `${route}: ${why} in ${JSON.stringify(body)}`);
				for (const [what, other] of changed(body)) {
					const request = await send(route, other, params);
					assert.ok(request.why && !request.broken, `${route} takes ${JSON.stringify(other)}: ${what}; ${request.broken}`);
				}
			}
		});
	});
}
