// axe-core, put into a page past its Content-Security-Policy (by the debugger, as a browser's own tools are).
import { readFileSync } from 'node:fs';

const source = readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** @returns {Promise<{id: string, help: string, nodes: string[]}[]>} the violations */
export async function violationsIn(page) {
	await page.evaluate(source);
	return page.evaluate(async () => {
		const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
		return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map((node) => `${node.target}: ${node.failureSummary}`) }));
	});
}
