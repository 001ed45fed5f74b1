// The family of a video as a picture: what it was remixed from, and what was remixed from it. One walks it with the arrows.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useSignal, useState } from '../state/html.js';
import { session } from '../state/session.js';
import { short, t } from '../state/text.js';
import { go } from '../state/ui.js';
import { huesOf } from './parts.js';
import { Poster } from './player.js';

const NODES_MOST = 300, WIDE = 232, NARROW = 176, HEIGHT = 62, GAP_X = 40, GAP_Y = 12;
/** Of the box, in px; how small a tree may be drawn, and still be read. */
const PADDING = 16, HEIGHT_MOST = 420, SCALE_LEAST = 0.6;
/** A finger needs nodes of 44 px. */
const scaleLeast = () => (matchMedia('(pointer: coarse)').matches ? 44 / HEIGHT : SCALE_LEAST);
/** In a box that is narrower than this its nodes are, too. */
const ROOM_WIDE = 520;

/**
 * The tree as drawn: generations from left to right, children beside their parent, nothing over another. Of a huge family those are drawn that
 * are nearest to `self`.
 * @param {{videoId: string, parent: ?string}[]} tasks @param {string} self @param {number} wide how wide each is
 */
export function plan(tasks, self, wide) {
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
		node.x = node.depth * (wide + GAP_X);
		node.y = node.row * (HEIGHT + GAP_Y);
	}
	return { nodes, links, left: byId.size - near.size, width: Math.max(...nodes.map((node) => node.x)) + wide, height: row * (HEIGHT + GAP_Y) - GAP_Y };
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

const curve = (from, to, wide) => {
	const x1 = from.x + wide, y1 = from.y + HEIGHT / 2, x2 = to.x, y2 = to.y + HEIGHT / 2, bend = GAP_X * 0.6;
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

/** A video's picture, where there is one at hand. */
function Thumb({ videoId, prompt }) {
	useSignal(session.store.changes);
	const task = session.store.byVideo(videoId);
	return html`<span class="thumb">${task ? html`<${Poster} task=${task} />` : html`<span class="poster" style=${huesOf(prompt ?? '')}></span>`}</span>`;
}

/** The box's inner size. */
function useRoom(box) {
	const [room, setRoom] = useState(null);
	useLayoutEffect(() => {
		const measure = () => setRoom({ width: box.current.clientWidth - 2 * PADDING, height: box.current.clientHeight - 2 * PADDING });
		const observer = new ResizeObserver(measure);
		measure();
		observer.observe(box.current);
		return () => observer.disconnect();
	}, []);
	return room;
}

/** @param {{tasks: object[], self: string}} props */
export function Tree({ tasks, self }) {
	const [at, setAt] = useState(self), [whole, setWhole] = useState(true), box = useRef(null), room = useRoom(box), wide = room && room.width < ROOM_WIDE ? NARROW : WIDE;
	const drawn = useMemo(() => plan(tasks, self, wide), [tasks, self, wide]);
	const fitting = room ? Math.min(1, room.width / drawn.width, HEIGHT_MOST / drawn.height) : 1, scale = whole ? Math.max(scaleLeast(), fitting) : 1;
	useEffect(() => {
		setAt(self);
		const node = drawn.nodes.find((one) => one.videoId === self), { current } = box;
		if (node)
			current.scrollTo({ left: scale * (node.x + wide / 2) - current.clientWidth / 2 + PADDING, top: scale * (node.y + HEIGHT / 2) - current.clientHeight / 2 + PADDING });
	}, [self, drawn, scale]);
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
	return html`<div class="tree-head"><h3>${t('detail.tree')}</h3>${fitting < 1 && html`<button type="button" class="ghost small" onClick=${() => setWhole(!whole)}>${t(whole ? 'detail.tree.full' : 'detail.tree.whole')}</button>`}</div>
	<div class="tree" ref=${box} role="tree" aria-label=${t('detail.tree')} aria-orientation="horizontal">
		<div class="canvas" role="none" style=${{ width: `${drawn.width * scale}px`, height: `${drawn.height * scale}px` }}><div class="scaled" role="none" style=${{ transform: `scale(${scale})` }}>
			<svg width=${drawn.width} height=${drawn.height} aria-hidden="true">${drawn.links.map(([from, to]) => html`<path d=${curve(from, to, wide)} />`)}</svg>
			${drawn.nodes.map((node) => html`
				<div role="treeitem" key=${node.videoId} class=${`node ${node.videoId === self ? 'self' : ''}`} data-node=${node.videoId} data-state=${node.deleted ? 'deleted' : node.status}
					style=${{ left: `${node.x}px`, top: `${node.y}px`, width: `${wide}px`, height: `${HEIGHT}px` }}
					aria-level=${node.depth + 1} aria-selected=${node.videoId === self} aria-disabled=${Boolean(node.deleted)} tabindex=${node.videoId === at ? 0 : -1}
					onClick=${() => !node.deleted && go(`video/${encodeURIComponent(node.videoId)}`)}
					onKeyDown=${(event) => (event.key === 'Enter' || event.key === ' ' ? (event.preventDefault(), event.currentTarget.click()) : walk(event, node))}>
					${!node.deleted && html`<${Thumb} videoId=${node.videoId} prompt=${node.prompt} />`}
					<span class="name" dir="auto">${node.deleted ? t('detail.tree.deleted') : short(node.prompt, 54)}</span>
					${!node.deleted && html`<span class="dot"></span><span class="unseen">${t(`state.${node.status}`)}</span>`}
				</div>`)}
		</div></div>
	</div>
	${drawn.left > 0 && html`<p class="quiet">${t('detail.tree.more', { count: drawn.left })}</p>`}`;
}
