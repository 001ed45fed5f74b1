// node web/bundle.mjs DIR: makes DIR/page/app.js of DIR/app.js and all that it imports, and DIR/page/app.css of the sheets, each with a
// compressed one beside it (.gz). A browser far away then asks twice, not forty times. It is no compiler: each module becomes a function
// that gives what the module exports, in the order of need, as our modules and preact's are written: imports at the beginning of a line,
// exports by name, no circle, nothing exported that changes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { posix, join } from 'node:path';
import { gzipSync } from 'node:zlib';

const [, , root] = process.argv;
const SHEETS = ['style/base.css', 'style/gallery.css', 'style/sheet.css', 'style/account.css'];

const IMPORT = /^import\s*(\{[^}]*\}|[\w$]+)\s*from\s*['"]([^'"]+)['"];?/gm;
const FROM = /^export\s*\{([^}]*)\}\s*from\s*['"]([^'"]+)['"];?/gm;
const LIST = /(?:^|(?<=[;}]))export\s*\{([^}]*)\};?[ \t]*$/gm;
const DEFAULT = /(?:^|(?<=[;}]))export default\b/m;
const DECLARED = /^export ((?:async )?function\*?|class|const) ([\w$]+)/gm;

/** Lines that are a comment and nothing else, and how far the rest stands in. */
const lean = (text) => text.replace(/^[ \t]*\/\*(?:(?!\*\/)[\s\S])*\*\/[ \t]*$/gm, '').replace(/^[ \t]*\/\/.*$/gm, '').replace(/^\s+/gm, '');

/** `{a as b}` as the members of an object: of one that is taken apart, or of one that is made. */
const members = (list, toObject) => list.split(',').map((one) => one.trim().split(/\s+as\s+/)).filter(([name]) => name)
	.map(([name, other = name]) => (toObject ? `${other}: ${name}` : `${name}: ${other}`)).join(', ');

const names = new Map(), parts = [], open = new Set();

/** Appends a module after those that it needs. @returns {string} the name of what it gives */
function add(path) {
	if (names.has(path))
		return names.get(path);
	if (open.has(path))
		throw new Error(`${path} is part of a circle of imports: ${[...open].join(', ')}`);
	open.add(path);
	const given = [], near = (to) => add(posix.join(posix.dirname(path), to));
	let text = readFileSync(join(root, path), 'utf8');
	text = text.replace(IMPORT, (_, what, from) => (what.startsWith('{') ? `const {${members(what.slice(1, -1), false)}} = ${near(from)};` : `const ${what} = ${near(from)}.default;`));
	text = text.replace(FROM, (_, what, from) => {
		const name = near(from);
		given.push(...what.split(',').map((one) => one.trim()).filter(Boolean).map((one) => `${one}: ${name}.${one}`));
		return '';
	});
	text = text.replace(LIST, (_, what) => {
		given.push(members(what, true));
		return '';
	});
	if (DEFAULT.test(text)) {
		text = text.replace(DEFAULT, 'const theDefault =');
		given.push('default: theDefault');
	}
	text = text.replace(DECLARED, (_, kind, name) => {
		given.push(name);
		return `${kind} ${name}`;
	});
	const left = /^(?:import|export)\b(?!\.|\()[^\n]{0,60}/m.exec(text);
	if (left)
		throw new Error(`${path}: this cannot be bundled: ${left[0]}`);
	open.delete(path);
	names.set(path, `m${names.size}`);
	parts.push(`const ${names.get(path)} = (() => {\n${lean(text)}\nreturn { ${given.join(', ')} };\n})();`);
	return names.get(path);
}

function write(name, text) {
	const path = join(root, 'page', name);
	writeFileSync(path, text);
	writeFileSync(`${path}.gz`, gzipSync(text, { level: 9 }));
}

add('app.js');
mkdirSync(join(root, 'page'), { recursive: true });
// In a folder of its own, as it asks its own address where the page is (state/here.js).
write('app.js', `${parts.join('\n')}\n`);
write('app.css', SHEETS.map((sheet) => readFileSync(join(root, sheet), 'utf8').replace(/^\/\*[\s\S]*?\*\/\n/gm, '')).join(''));
