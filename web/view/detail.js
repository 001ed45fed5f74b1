// One video, large: to watch, to read what it was made of, to make another from it, and to walk its family.
import { html, useEffect, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { act, codeOf, helpOf, helpText, isForeign, isOpen, stateOf, stateText } from '../state/actions.js';
import { inputCount } from '../state/media.js';
import { chargeText, priceText, prices, remixCost } from '../state/money.js';
import { session } from '../state/session.js';
import { moment, reason, short, t } from '../state/text.js';
import { go, goHome, listed, live, remixDraft, sheets, title, turnTo, wish } from '../state/ui.js';
import { ImageField, Lack, Prompt, useDropAndPaste } from './compose.js';
import { Elapsed, Icon, IconButton, Sheet, useTask } from './parts.js';
import { Why } from './card.js';
import { Input, Player, Poster } from './player.js';
import { Tree } from './tree.js';

/** The task of that id, fetched where it is not at hand. */
function useVideo(videoId) {
	const [problem, setProblem] = useState('');
	const [key, setKey] = useState(session.store.byVideo(videoId)?.key);
	useEffect(() => {
		setProblem('');
		const known = session.store.byVideo(videoId);
		setKey(known?.key);
		if (!known)
			session.fetch(videoId).then((task) => setKey(task.key), (error) => setProblem(error.status === 404 ? t('detail.gone') : reason(error)));
	}, [videoId]);
	const task = useTask(session.store, key), gone = key && !task && session.store.isGone(videoId);
	return { task: task?.videoId === videoId ? task : null, problem: gone ? t('detail.gone') : problem };
}

export function Detail({ videoId }) {
	const { task, problem } = useVideo(videoId);
	useEffect(() => {
		title.set(task?.prompt ?? '');
		return () => title.set('');
	}, [task?.prompt]);
	return html`<${Sheet} class="detail" label=${t('detail')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<${Neighbours} videoId=${videoId} />
		${task ? html`<${Body} key=${videoId} task=${task} />` : html`<p class="waiting" role="status">${problem || html`<span class="spinner"></span>`}</p>`}
	<//>`;
}

/** The way to the one before and the one after, as they stand in the gallery: buttons, and the arrow keys where nothing else needs them. */
function Neighbours({ videoId }) {
	const all = useSignal(listed).filter((task) => task.videoId), at = all.findIndex((task) => task.videoId === videoId);
	const near = { ArrowLeft: at > 0 ? all[at - 1] : null, ArrowRight: at >= 0 ? all[at + 1] : null }, now = useRef(near);
	now.current = near;
	useLayoutEffect(() => {
		const press = (event) => {
			const task = now.current[event.key];
			if (!task || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || sheets.get().length > 1
				|| event.target.closest?.('input, textarea, select, video, [role="tree"]'))
				return;
			event.preventDefault();
			turnTo(`video/${encodeURIComponent(task.videoId)}`);
		};
		addEventListener('keydown', press);
		return () => removeEventListener('keydown', press);
	}, []);
	if (at < 0)
		return null;
	return html`<nav class="neighbours" aria-label=${t('detail.neighbours')}>${[['ArrowLeft', 'previous'], ['ArrowRight', 'next']].map(([key, name]) => html`
		<${IconButton} key=${key} icon=${name} label=${t(`detail.${name}`)} aria-disabled=${!near[key]} onClick=${() => near[key] && turnTo(`video/${encodeURIComponent(near[key].videoId)}`)} />`)}</nav>`;
}

function Body({ task }) {
	const state = stateOf(task), open = isOpen(task);
	const [portrait] = [/^(\d+)x(\d+)$/.exec(task.size ?? '')].map((m) => m && Number(m[2]) > Number(m[1]));
	return html`<div class="screen" data-tall=${portrait ? 'yes' : 'no'}>
			${state === 'COMPLETED' ? html`<${Player} task=${task} />` : html`<${Poster} task=${task} />
				<div class=${`veil ${open ? 'going' : 'ended'}`}><p class="state">${stateText(task)}${state === 'PROCESSING' && html`<span class="percent">${task.progress}<small>%</small></span>`}</p>
				<${Why} task=${task} /></div>
				${open && html`<progress max="100" value=${state === 'QUEUED' ? undefined : task.progress} aria-label=${stateText(task)}></progress>`}`}
		</div>
		<div class="about">
			<${Source} task=${task} />
			<h2 class="prompt" dir="auto">${task.prompt}</h2>
			<${Inputs} task=${task} />
			<${Buttons} task=${task} />
			<${Facts} task=${task} open=${open} />
			${state === 'COMPLETED' && html`<${Remix} task=${task} />`}
		</div>
		<${Family} task=${task} />`;
}

/** What it was remixed from. */
function Source({ task }) {
	const from = task.metadata?.type === 'remix' ? task.metadata.remix_from : null;
	const [source, setSource] = useState(null);
	useEffect(() => {
		setSource(from ? session.store.byVideo(from) : null);
		if (from && !session.store.byVideo(from))
			session.fetch(from).then(setSource, () => setSource(null));
	}, [from]);
	if (!from)
		return null;
	return html`<p class="from"><${Icon} name="remix" />${t('detail.from')} ${source
		? html`<a href=${`#/video/${encodeURIComponent(from)}`} onClick=${(event) => { event.preventDefault(); go(`video/${encodeURIComponent(from)}`); }}><bdi>${short(source.prompt, 50)}</bdi></a>`
		: html`<span class="quiet">${t('detail.tree.deleted')}</span>`}</p>`;
}

/** What it was made from. */
function Inputs({ task }) {
	const count = inputCount(task);
	return count > 0 && html`<ul class="inputs" aria-label=${t('detail.inputs')}>${Array.from({ length: count }, (_, n) => html`<li key=${n}><${Input} task=${task} n=${n} alt=${t('compose.image.alt')} /></li>`)}</ul>`;
}

function Buttons({ task }) {
	useSignal(prices);
	const state = stateOf(task), help = helpOf(task);
	return html`<div class="buttons">
		${state === 'COMPLETED' && html`<button type="button" class="ghost" onClick=${() => act('download', task)}><${Icon} name="download" />${t('do.download')}</button>`}
		${help && help !== 'remix' && html`<button type="button" class=${help === 'cancel' ? 'ghost' : 'primary'} onClick=${() => act(help, task)}>${helpText(help, task)}</button>`}
		<button type="button" class="ghost" onClick=${() => act('again', task)}><${Icon} name="again" />${t('do.again')}</button>
		<button type="button" class="ghost" onClick=${() => act('copy', task)}><${Icon} name="copy" />${t('do.copy')}</button>
		${task.videoId && html`<button type="button" class="ghost bad" onClick=${() => act('remove', task)}><${Icon} name="trash" />${t('do.delete')}</button>`}
	</div>`;
}

function Facts({ task, open }) {
	const facts = [
		['detail.owner', isForeign(task) && html`<bdi>${task.owner}</bdi>`], ['detail.created', moment(task.createdAt)],
		[open ? 'detail.running' : 'detail.took', (open || task.completedAt) && html`<${Elapsed} from=${task.createdAt} to=${task.completedAt} />`],
		['detail.model', task.model], ['detail.format', task.size?.replace('x', ' × ')],
		['detail.length', task.seconds && t('unit.seconds', { n: task.seconds })],
		['detail.attempt', task.attempt > 1 && task.attempt], ['detail.code', codeOf(task)], ['money.price', chargeText(task)],
	];
	return html`<dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div key=${name}><dt>${t(name)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Another one from this; the prompt begins as it was. */
function Remix({ task }) {
	const back = useSignal(remixDraft), [mine] = useState(back?.source === task.videoId ? back : null);
	const [prompt, setPrompt] = useState(mine?.prompt ?? task.prompt), [image, setImage] = useState(mine?.image ?? null);
	const [problem, setProblem] = useState(mine?.text ?? ''), [field, setField] = useState(mine?.field ?? null);
	const bad = (name) => ({ bad: field === name, describedBy: 'remix-problem' });
	const area = useRef(null), cost = remixCost(useSignal(prices), task, { image });
	const toForm = () => area.current.form.scrollIntoView({ block: 'nearest' });
	useDropAndPaste((file) => {
		setImage(file);
		toForm();
	}, (text) => {
		setProblem(text);
		if (text)
			toForm();
	}, () => sheets.get().length === 1);
	useEffect(() => {
		remixDraft.set(null);
		if (wish.get() === 'remix') {
			area.current.focus({ preventScroll: true });
			area.current.form.scrollIntoView({ block: 'center' });
		}
		wish.set(null);
	}, []);
	const send = () => {
		if (!prompt.trim()) {
			setProblem(t('compose.empty'));
			area.current.focus();
			return;
		}
		session.outbox.remix(task, { prompt: prompt.trim(), model: task.requestedModel ?? task.model, maxPriceMicro: cost ?? undefined }, image);
		live.set(t('live.sent'));
		goHome().then(() => scrollTo(0, 0)); // where its card is
	};
	return html`<form class="remix" aria-label=${t('detail.remix')} onSubmit=${(event) => { event.preventDefault(); send(); }} novalidate>
		<h3>${t('detail.remix')}</h3><p class="quiet">${t('detail.remix.hint')}</p>
		<${Prompt} box=${area} value=${prompt} onInput=${(text) => { setPrompt(text); setProblem(''); setField(null); }} onSend=${send} label=${t('compose.prompt')} ...${bad('prompt')} />
		${problem && html`<p class="problem" id="remix-problem" role="alert" dir="auto">${problem}</p>`}
		<div class="tools"><${ImageField} image=${image} onImage=${setImage} onProblem=${setProblem} ...${bad('input_reference')} /><button class="primary go"><${Icon} name="remix" />${t('do.remix')}${cost !== null && ` · ${priceText(cost)}`}</button></div>
		${cost !== null && html`<${Lack} cost=${cost} />`}
	</form>`;
}

/** The whole family: what is below the root. Of a root that is deleted only the ancestors and the remixes of this one are known. */
async function familyOf(videoId, signal) {
	const own = await session.guard(session.client.lineage(videoId, signal));
	if (!own.root || own.root === videoId)
		return own;
	return session.client.lineage(own.root, signal).catch(() => own);
}

/** How many of a family are fetched to show their pictures. */
const FETCHED_MOST = 40;

/** Drawn again when the video changes. */
function Family({ task }) {
	const [family, setFamily] = useState(null), [problem, setProblem] = useState('');
	useEffect(() => {
		const abort = new AbortController();
		familyOf(task.videoId, abort.signal).then((all) => !abort.signal.aborted && setFamily(all), (error) => !abort.signal.aborted && setProblem(reason(error)));
		return () => abort.abort();
	}, [task.videoId, task.status]);
	useEffect(() => {
		let isOver = false;
		(async () => { // their pictures: of those that are not at hand, one after the other
			const unknown = (family?.tasks ?? []).filter(({ videoId, deleted }) => !deleted && !session.store.byVideo(videoId)).slice(0, FETCHED_MOST);
			for (let n = 0; n < unknown.length && !isOver; n++)
				await session.fetch(unknown[n].videoId).catch(() => {});
		})();
		return () => (isOver = true);
	}, [family]);
	if (problem)
		return html`<section class="family"><p class="problem">${problem}</p></section>`;
	if (!family)
		return null;
	if (family.tasks.length < 2)
		return task.status === 'COMPLETED' ? html`<section class="family"><h3>${t('detail.tree')}</h3><p class="quiet">${t('detail.tree.alone')}</p></section>` : null;
	return html`<section class="family"><${Tree} tasks=${family.tasks} self=${task.videoId} /></section>`;
}
