// One task in the gallery.
import { html, useEffect, useSignal } from '../state/html.js';
import { act, hasCountdown, helpOf, helpText, isForeign, isOpen, problemText, stateOf, stateText } from '../state/actions.js';
import { inputCount } from '../state/media.js';
import { lookAt } from '../state/queue.js';
import { chargeText, prices } from '../state/money.js';
import { session } from '../state/session.js';
import { ago, short, t } from '../state/text.js';
import { clock } from '../state/time.js';
import { choose, chosen, go } from '../state/ui.js';
import { Signal } from '../state/signal.js';
import { Elapsed, Icon, IconButton, useTask } from './parts.js';
import { Input, Player, Poster } from './player.js';

const SIGNS = { FAILED: 'alert', refused: 'alert', missing: 'cloud', CANCELLED: 'stop' };

/** @param {{id: string, place: object, index: number, total: number, active: boolean, selecting: boolean}} props */
export function Card({ id, place, index, total, active, selecting }) {
	const task = useTask(session.store, id), picked = useSignal(chosen)?.has(id) ?? false;
	if (!task)
		return null;
	const state = stateOf(task), open = isOpen(task), tab = active ? 0 : -1;
	const pick = () => choose(id, !picked);
	const show = () => (selecting ? pick() : task.videoId && go(`video/${encodeURIComponent(task.videoId)}`));
	return html`<li class=${`card ${picked ? 'picked' : ''}`} style=${place} aria-setsize=${total} aria-posinset=${index + 1}
			data-key=${id} data-id=${task.videoId ?? task.clientRequestId} data-state=${state}>
		<div class="stage" onClick=${selecting ? pick : state === 'COMPLETED' ? undefined : show}>
			<${Stage} task=${task} state=${state} open=${open} tab=${tab} selecting=${selecting} />
			${selecting && html`<label class="tick" onClick=${(event) => event.stopPropagation()}><input type="checkbox" checked=${picked} tabindex=${tab} onChange=${pick}
				aria-label=${t('do.selected', { prompt: short(task.prompt, 60) })} /><${Icon} name="check" /></label>`}
		</div>
		<button type="button" class="words" tabindex=${tab} data-focus aria-disabled=${!task.videoId && !selecting} onClick=${show} aria-haspopup="dialog"><span dir="auto">${task.prompt}</span></button>
		<div class="foot">
			<span class="facts"><${Facts} task=${task} open=${open} /></span>
			<${Actions} task=${task} tab=${tab} />
		</div>
	</li>`;
}

function Stage({ task, state, open, tab, selecting }) {
	if (state === 'COMPLETED')
		return selecting ? html`<${Poster} task=${task} />` : html`<${Player} key=${task.videoId} task=${task} tabIndex=${tab} />`;
	const percent = state === 'sending' ? (task.local.upload ?? 0) * 100 : task.progress;
	return html`<${Poster} task=${task} />
		<div class=${`veil ${open ? 'going' : 'ended'}`}>
			${SIGNS[state] && html`<${Icon} name=${SIGNS[state]} />`}
			<p class="state">${stateText(task)}${state === 'PROCESSING' && html`<span class="percent">${task.progress}<small>%</small></span>`}</p>
			<${Why} task=${task} />${!open && html`<p class="charge">${chargeText(task)}</p>`}
		</div>
		${open && html`<progress max="100" value=${state === 'unknown' || state === 'QUEUED' ? undefined : percent} aria-label=${`${stateText(task)}: ${short(task.prompt, 60)}`}></progress>`}`;
}

const stillness = new Signal(0);

/** What is wrong, or what it waits for. */
export function Why({ task }) {
	const { videoId, status } = task;
	useEffect(() => (videoId && status === 'QUEUED' ? lookAt(videoId) : undefined), [videoId, status]);
	useSignal(hasCountdown(task) ? clock : stillness);
	const text = problemText(task);
	return text && html`<p class="why" dir="auto" title=${text}>${text}</p>`;
}

function Facts({ task, open }) {
	const now = useSignal(clock);
	const facts = [task.status === 'COMPLETED' && inputCount(task) > 0 && html`<${Input} task=${task} class="tiny" alt=${t('compose.image.alt')} />`, open ? html`<${Elapsed} from=${task.createdAt} />` : html`<time datetime=${task.createdAt}>${ago(task.createdAt, now)}</time>`];
	if (isForeign(task))
		facts.push(html`<span class="owner"><bdi>${task.owner}</bdi></span>`);
	if (task.seconds)
		facts.push(html`<span>${t('unit.seconds', { n: task.seconds })}</span>`);
	const charge = open || task.status === 'COMPLETED' ? chargeText(task) : ''; // what has failed says it above, where there is room
	if (charge)
		facts.push(html`<span class="charge">${charge}</span>`);
	if (task.metadata?.type === 'remix')
		facts.push(html`<span>${t('do.remix')}</span>`);
	return facts;
}

/** The action that helps, in words; the others as pictures. */
function Actions({ task, tab }) {
	useSignal(prices);
	const help = helpOf(task), state = stateOf(task);
	const button = (name, icon) => html`<${IconButton} icon=${icon} label=${t(`do.${name === 'remove' ? 'delete' : name}`)} tabindex=${tab} onClick=${() => act(name, task)} />`;
	if (state === 'COMPLETED')
		return html`${button('download', 'download')}${button('remix', 'remix')}`;
	const spare = state === 'unknown' ? null : state === 'missing' || state === 'refused' ? button('discard', 'trash') : state === 'FAILED' || state === 'CANCELLED' ? button('remove', 'trash') : null;
	return html`${spare}${help && html`<button type="button" class="ghost small" tabindex=${tab} onClick=${() => act(help, task)}>${helpText(help, task)}</button>`}`;
}
