// web/client.js says of itself what TypeScript can check: programs that use it are told their mistakes.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';

const TSC = fileURLToPath(import.meta.resolve('typescript/bin/tsc')), CONFIG = fileURLToPath(new URL('tsconfig.json', import.meta.url));

test('tsc --checkJs finds nothing', async () => {
	const { stdout } = await promisify(execFile)(process.execPath, [TSC, '-p', CONFIG]).catch(({ stdout: said }) => ({ stdout: said }));
	assert.equal(stdout, '');
});
