// All videos, however many: only the rows near the window are in the document. Rows have one height, so that the place of each is known.
import { html, useEffect, useLayoutEffect, useMemo, useRef, useState, useSignal } from '../state/html.js';
import { session } from '../state/session.js';
import { reason, t } from '../state/text.js';
import { chosen, listed, query, scrolledTo } from '../state/ui.js';
import { Signal } from '../state/signal.js';
import { Card } from './card.js';
import { useKeptFocus } from './focus.js';
import { Icon } from './parts.js';

const CARD_LEAST = 270, GAP_WIDE = 22, GAP_NARROW = 14, BODY = 112, MARGIN_ROWS = 2;
/** In px: who has scrolled further than this reads. */
const AWAY_FROM = 40;
/** How often an administrator's page asks for what others do. */
const OTHERS_MS = 5000;

/** How the cards lie in a box of that width. */
function layoutOf(width) {
	const gap = width < 640 ? GAP_NARROW : GAP_WIDE;
	const columns = Math.max(1, Math.floor((width + gap) / (CARD_LEAST + gap)));
	const card = Math.floor((width - gap * (columns - 1)) / columns);
	const height = Math.round(card * 9 / 16) + BODY;
	return { columns, gap, card, height, row: height + gap };
}

/** The pager of what is looked for: the session's own, or one for the search. */
function usePager() {
	const all = useSignal(session.list), asked = useSignal(query);
	const pager = useMemo(() => (asked.q || asked.status || asked.scope ? session.search(asked) : all), [all, asked]);
	useEffect(() => {
		if (!pager || pager === all)
			return undefined;
		session.more(pager);
		const timer = asked.scope ? setInterval(() => !document.hidden && pager.refresh().catch(() => {}), OTHERS_MS) : 0;
		return () => {
			clearInterval(timer);
			pager.stop();
		};
	}, [pager]);
	return pager;
}

/** Goes down to where an earlier visit was, as soon as the list is as long, unless one has begun to scroll. */
function useReturn(pager, state, count) {
	const wanted = useRef(scrolledTo);
	useEffect(() => {
		const stop = () => (wanted.current = 0), events = ['wheel', 'touchstart', 'keydown', 'pointerdown'];
		for (const event of events)
			addEventListener(event, stop, { once: true, passive: true });
		return () => events.forEach((event) => removeEventListener(event, stop));
	}, []);
	useLayoutEffect(() => {
		if (wanted.current === 0 || !pager || count === 0)
			return;
		const most = document.documentElement.scrollHeight - innerHeight;
		scrollTo(0, Math.min(wanted.current, most));
		if (most >= wanted.current || state.done || state.error)
			wanted.current = 0;
	});
}

/**
 * What arrives above while one has scrolled is held back, so that nothing moves under the pointer.
 * @param {object[]} tasks @param {boolean} isAway whether one has scrolled @param {object} pager @returns {[object[], number]} those to show, and how many are held back
 */
function useCalm(tasks, isAway, pager) {
	const mark = useRef(null);
	if (!isAway || mark.current?.pager !== pager || tasks.length === 0)
		mark.current = null;
	if (mark.current === null && isAway && tasks.length > 0)
		mark.current = { pager, since: tasks[0].createdAt, keys: new Set(tasks.map(({ key }) => key)) };
	if (mark.current === null)
		return [tasks, 0];
	const { since, keys } = mark.current, calm = tasks.filter((task) => keys.has(task.key) || task.createdAt <= since || session.outbox.isOwn(task.clientRequestId));
	return [calm, tasks.length - calm.length];
}

/** The box's width, which part of it is in the window, and whether one has scrolled. */
function useWindow(box) {
	const [width, setWidth] = useState(0), [top, setTop] = useState(0), [isAway, setAway] = useState(scrollY > AWAY_FROM);
	useLayoutEffect(() => {
		const measure = () => setWidth(box.current?.clientWidth ?? 0);
		const observer = new ResizeObserver(measure);
		let asked = 0;
		const scroll = () => {
			cancelAnimationFrame(asked);
			asked = requestAnimationFrame(() => {
				setAway(scrollY > AWAY_FROM);
				if (box.current)
					setTop(Math.round(-box.current.getBoundingClientRect().top / 60) * 60);
			});
		};
		measure();
		scroll();
		observer.observe(box.current);
		addEventListener('scroll', scroll, { passive: true });
		addEventListener('resize', scroll);
		return () => {
			observer.disconnect();
			removeEventListener('scroll', scroll);
			removeEventListener('resize', scroll);
		};
	}, []);
	return { width, top, isAway };
}

const EMPTY = new Signal({ loading: true, error: null, done: false, loaded: false });
const STEPS = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: (columns) => -columns, ArrowDown: (columns) => columns };

export function Gallery() {
	const pager = usePager(), box = useRef(null), { width, top, isAway } = useWindow(box);
	useSignal(session.store.changes);
	const selecting = useSignal(chosen) !== null;
	const [active, setActive] = useState(null), wanted = useRef(null);
	const state = useSignal(pager?.state ?? EMPTY), [tasks, late] = useCalm(pager?.shown() ?? [], isAway && state.loaded, pager);
	const layout = layoutOf(width || 320), rows = Math.ceil(tasks.length / layout.columns);
	const first = Math.max(0, Math.floor(top / layout.row) - MARGIN_ROWS);
	const last = Math.min(rows, Math.ceil((top + innerHeight) / layout.row) + MARGIN_ROWS);
	const shown = width === 0 ? [] : tasks.slice(first * layout.columns, last * layout.columns);
	const current = shown.some((task) => task.key === active) ? active : shown[0]?.key;

	useReturn(pager, state, tasks.length);
	useEffect(() => listed.set(tasks));
	useEffect(() => {
		if (pager && state.loaded && !state.loading && !state.done && !state.error && last >= rows - 2)
			session.more(pager);
	});
	useEffect(() => {
		if (wanted.current === null)
			return;
		const button = box.current.querySelector(`[data-key="${CSS.escape(wanted.current)}"] [data-focus]`);
		if (button) {
			wanted.current = null;
			button.focus({ preventScroll: true });
		}
	});

	const all = useRef(null);
	useKeptFocus(all, ({ key, place }) => box.current.querySelector(`[data-key="${CSS.escape(key ?? '')}"] [data-focus]`) ?? box.current.querySelector(`[aria-posinset="${place}"] [data-focus]`)
		?? box.current.querySelector(`[aria-posinset="${place - 1}"] [data-focus]`) ?? (key === null ? box.current.querySelector('[data-focus]') : null) ?? all.current);

	const move = (event) => {
		const step = STEPS[event.key], li = event.target.closest('.card');
		if (!step || !li || event.target.closest('video, input, .foot'))
			return;
		const from = first * layout.columns + [...box.current.children].indexOf(li);
		const to = from + step(layout.columns);
		if (to < 0 || to >= tasks.length)
			return;
		event.preventDefault();
		wanted.current = tasks[to].key;
		setActive(tasks[to].key);
		const y = box.current.getBoundingClientRect().top + Math.floor(to / layout.columns) * layout.row;
		if (y < 80 || y + layout.height > innerHeight)
			scrollBy({ top: y < 80 ? y - 80 : y + layout.height - innerHeight + 16 });
	};
	const place = (n) => ({
		width: `${layout.card}px`, height: `${layout.height}px`,
		transform: `translate(${(n % layout.columns) * (layout.card + layout.gap)}px, ${Math.floor(n / layout.columns) * layout.row}px)`,
	});
	const focused = (event) => {
		const key = event.target.closest('.card')?.dataset.key;
		if (key)
			setActive(key);
	};

	return html`<section class="gallery" aria-label=${t('gallery')} id="videos" tabindex="-1" ref=${all}>
		${late > 0 && html`<button type="button" class="primary small news" onClick=${() => scrollTo(0, 0)}><${Icon} name="up" />${t('gallery.news', { count: late })}</button>`}
		<ul ref=${box} class="cards" style=${{ height: `${Math.max(0, rows * layout.row - layout.gap)}px` }} onKeyDown=${move} onFocusIn=${focused}>
			${shown.map((task, n) => {
				const index = first * layout.columns + n;
				return html`<${Card} key=${task.key} id=${task.key} place=${place(index)} index=${index} total=${state.done ? tasks.length : -1}
					active=${task.key === current} selecting=${selecting} />`;
			})}
		</ul>
		<${End} pager=${pager} state=${state} count=${tasks.length} />
	</section>`;
}


function End({ pager, state, count }) {
	const looking = query.get().q || query.get().status;
	if (state.error && query.get().q && count > 0)
		return html`<div class="end" role="alert"><p>${t('gallery.local')}</p><button class="ghost" onClick=${() => session.more(pager)}>${t('gallery.again')}</button></div>`;
	if (state.error)
		return html`<div class="end" role="alert"><p>${reason(state.error)}</p><button class="ghost" onClick=${() => session.more(pager)}>${t('gallery.again')}</button></div>`;
	if (state.loading && count === 0)
		return html`<div class="end"><span class="spinner"></span><span class="unseen">${t('gallery.loading')}</span></div>`;
	if (count > 0 || !state.loaded)
		return null;
	if (looking)
		return html`<div class="end empty"><p>${t('gallery.none')}</p><button class="ghost" onClick=${() => query.set({ ...query.get(), q: '', status: '' })}>${t('gallery.none.clear')}</button></div>`;
	return html`<div class="end empty"><div class="reel" aria-hidden="true"><i></i><i></i><i></i></div><p>${t('gallery.empty')}</p><p class="quiet">${t('gallery.empty.hint')}</p>
		${session.user.get()?.role === 'admin' && !query.get().scope && html`<button class="ghost" onClick=${() => query.set({ ...query.get(), scope: 'all' })}>${t('filter.scope.all')}</button>`}</div>`;
}
