// A video where it stands: its picture, and at a click itself.
import { html, useEffect, useRef, useState, useSignal } from '../state/html.js';
import { inputCount, inputOf, keepPoster, posterOf, sourceOf } from '../state/media.js';
import { reason, short, t } from '../state/text.js';
import { Icon, huesOf } from './parts.js';

/** The picture: of the video, before there is one of what it is made from, and a colour where there is neither. */
export function Poster({ task }) {
	const isReady = task.videoId && task.status === 'COMPLETED';
	return html`<div class="poster" style=${huesOf(task.prompt ?? '')}>${isReady ? html`<${Picture} task=${task} />` : inputCount(task) > 0 && html`<${Input} task=${task} class="beneath" />`}</div>`;
}

function Picture({ task }) {
	const url = useSignal(posterOf(task));
	return url && html`<img src=${url} alt="" draggable=${false} />`;
}

/** An image that the task is made from. @param {{task: object, n?: number, class?: string, alt?: string}} props */
export function Input({ task, n = 0, class: kind = '', alt = '' }) {
	const url = useSignal(inputOf(task, n));
	return url && html`<img class=${`input ${kind}`} src=${url} alt=${alt} draggable=${false} />`;
}

/** One video plays at a time: the one that was started last. */
document.addEventListener('play', ({ target }) => {
	const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document;
	for (const other of document.querySelectorAll('video'))
		if (other !== target || !top.contains(other)) // one that was still loading when a window came over it
			other.pause();
}, true);

/** @param {{task: object, tabIndex?: number, eager?: boolean}} props eager: loads at once where that is cheap */
export function Player({ task, tabIndex = 0 }) {
	const [source, setSource] = useState(null);
	const [state, setState] = useState({ loading: false, problem: '' });
	const tries = useRef(0), video = useRef(null), alive = useRef(true);
	useEffect(() => () => (alive.current = false), []);

	const load = async (fresh) => {
		setState({ loading: true, problem: '' });
		try {
			const url = await sourceOf(task, { fresh });
			if (alive.current) {
				setSource(url);
				setState({ loading: false, problem: '' });
			}
		} catch (error) {
			if (alive.current)
				setState({ loading: false, problem: reason(error) });
		}
	};
	const failed = () => {
		setSource(null);
		if (tries.current++ === 0)
			load(true); // a link lives for a while only
		else
			setState({ loading: false, problem: t('problem.play') });
	};
	useEffect(() => {
		if (source)
			video.current.play().catch(() => {}); // the browser may want a click of its own
		if (source)
			video.current.focus({ preventScroll: true });
	}, [source]);

	if (source)
		return html`<video ref=${video} src=${source} controls loop playsinline tabindex=${tabIndex} aria-label=${short(task.prompt, 80)}
			onError=${failed} onLoadedData=${(event) => keepPoster(task, event.target)}></video>`;
	return html`<div class="cover" onClick=${() => !state.loading && load(false)}><${Poster} task=${task} />
		<button type="button" class="play" tabindex=${tabIndex} aria-label=${`${t('do.play')}: ${short(task.prompt, 80)}`} aria-busy=${state.loading}
			aria-disabled=${state.loading}>${state.loading ? html`<span class="spinner"></span>` : html`<${Icon} name="play" />`}</button></div>
		${state.problem && html`<p class="stage-problem" role="alert">${state.problem}</p>`}`;
}
