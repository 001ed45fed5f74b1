// The family of a video as a picture: what it was remixed from, and what was remixed from it. One walks it with the arrows.
import { html, useEffect, useMemo, useRef, useState } from '../state/html.js';
import { short, t } from '../state/text.js';
import { go } from '../state/ui.js';

const NODES_MOST = 300, WIDTH = 176, HEIGHT = 58, GAP_X = 44, GAP_Y = 14;

/**
 * The tree as drawn: generations from left to right, children beside their parent, nothing over another. Of a huge family those are drawn that
 * are nearest to `self`.
 * @param {{videoId: string, parent: ?string}[]} tasks @param {string} self
 */
export function plan(tasks, self) {
	const byId = new Map(tasks.map((task) => [task.videoId, { ...task, children: [] }]));
	for (const node of byId.values())
		byId.get(node.parent)?.children.push(node);
	const near = nearest(byId, self);
	const roots = [...near].filter((node) => !near.has(byId.get(node.parent)));
	let row = 0;
	const nodes = [], links = [];
	const put = (node, depth) => {
		const children = node.children.filter((child) => near.has(child));
		const placed = { ...node, depth, children: [] };
		nodes.push(placed);
		placed.children = children.map((child) => put(child, depth + 1));
		placed.row = children.length === 0 ? row++ : (placed.children[0].row + placed.children.at(-1).row) / 2;
		for (const child of placed.children) {
			child.above = placed;
			links.push([placed, child]);
		}
		return placed;
	};
	roots.forEach((root) => put(root, 0));
	for (const node of nodes) {
		node.x = node.depth * (WIDTH + GAP_X);
		node.y = node.row * (HEIGHT + GAP_Y);
	}
	return { nodes, links, left: byId.size - near.size, width: Math.max(...nodes.map((node) => node.x)) + WIDTH, height: row * (HEIGHT + GAP_Y) - GAP_Y };
}

/** By steps from `self`, up and down alike. */
function nearest(byId, self) {
	const near = new Set(), line = [byId.get(self) ?? byId.values().next().value];
	while (line.length > 0 && near.size < NODES_MOST) {
		const node = line.shift();
		if (!node || near.has(node))
			continue;
		near.add(node);
		line.push(byId.get(node.parent), ...node.children);
	}
	return near;
}

const curve = (from, to) => {
	const x1 = from.x + WIDTH, y1 = from.y + HEIGHT / 2, x2 = to.x, y2 = to.y + HEIGHT / 2, bend = GAP_X * 0.6;
	return `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`;
};

/** Where an arrow leads. */
function neighbour(node, nodes, key) {
	const beside = (step) => nodes.filter((one) => one.depth === node.depth).sort((a, b) => a.row - b.row)
		.find((one, n, all) => all[n - step] === node);
	switch (key) {
	case 'ArrowLeft': return node.above;
	case 'ArrowRight': return node.children[Math.floor((node.children.length - 1) / 2)];
	case 'ArrowUp': return beside(-1);
	case 'ArrowDown': return beside(1);
	default: return undefined;
	}
}

/** @param {{tasks: object[], self: string}} props */
export function Tree({ tasks, self }) {
	const drawn = useMemo(() => plan(tasks, self), [tasks, self]);
	const [at, setAt] = useState(self), box = useRef(null);
	useEffect(() => {
		setAt(self);
		const node = drawn.nodes.find((one) => one.videoId === self), { current } = box;
		if (node)
			current.scrollTo({ left: node.x - (current.clientWidth - WIDTH) / 2, top: node.y - (current.clientHeight - HEIGHT) / 2 });
	}, [self, drawn]);
	const walk = (event, node) => {
		const next = neighbour(node, drawn.nodes, event.key);
		if (!event.key.startsWith('Arrow'))
			return;
		event.preventDefault();
		if (next) {
			setAt(next.videoId);
			box.current.querySelector(`[data-node="${CSS.escape(next.videoId)}"]`).focus();
		}
	};
	return html`<div class="tree" ref=${box} role="tree" aria-label=${t('detail.tree')} aria-orientation="horizontal">
		<div class="canvas" role="none" style=${{ width: `${drawn.width}px`, height: `${drawn.height}px` }}>
			<svg width=${drawn.width} height=${drawn.height} aria-hidden="true">${drawn.links.map(([from, to]) => html`<path d=${curve(from, to)} />`)}</svg>
			${drawn.nodes.map((node) => html`
				<div role="treeitem" key=${node.videoId} class=${`node ${node.videoId === self ? 'self' : ''}`} data-node=${node.videoId} data-state=${node.deleted ? 'deleted' : node.status}
					style=${{ left: `${node.x}px`, top: `${node.y}px`, width: `${WIDTH}px`, height: `${HEIGHT}px` }}
					aria-level=${node.depth + 1} aria-selected=${node.videoId === self} aria-disabled=${Boolean(node.deleted)} tabindex=${node.videoId === at ? 0 : -1}
					onClick=${() => !node.deleted && go(`video/${encodeURIComponent(node.videoId)}`)}
					onKeyDown=${(event) => (event.key === 'Enter' || event.key === ' ' ? (event.preventDefault(), event.currentTarget.click()) : walk(event, node))}>
					<span class="name">${node.deleted ? t('detail.tree.deleted') : short(node.prompt, 54)}</span>
					${!node.deleted && html`<span class="dot"></span><span class="unseen">${t(`state.${node.status}`)}</span>`}
				</div>`)}
		</div>
	</div>
	${drawn.left > 0 && html`<p class="quiet">${t('detail.tree.more', { count: drawn.left })}</p>`}`;
}
