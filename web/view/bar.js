// What is always at hand: search, filter, choosing, and the menu.
import { html, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { about } from '../state/about.js';
import { act, removeAll, saveAll } from '../state/actions.js';
import { exactText, funds, moneyText, priceText, prices, remixCost } from '../state/money.js';
import { session } from '../state/session.js';
import { language, notify, switchNotify, theme } from '../state/settings.js';
import { t } from '../state/text.js';
import { chosen, go, query, toast } from '../state/ui.js';
import { useKeptFocus } from './focus.js';
import { Icon, IconButton, Sheet } from './parts.js';
import { Lack, Prompt } from './compose.js';

const TYPING_MS = 250;
const FILTERS = ['', 'PROCESSING', 'QUEUED', 'COMPLETED', 'FAILED', 'CANCELLED'];

export function Bar() {
	const phase = useSignal(session.phase), online = useSignal(session.online), inside = phase === 'in' || phase === 'expired';
	const skip = (event) => {
		event.preventDefault();
		document.getElementById('videos').focus();
	};
	return html`<header class="bar">
		${inside && html`<a class="skip" href="#videos" onClick=${skip}>${t('skip')}</a>`}
		<span class="brand"><svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" /><path d="M12.500 9.500v13l10.500-6.500z" /></svg><b>longreel</b></span>
		${inside && html`<${Search} />`}
		<span class="grow"></span>
		<span class="connection" role="status">${phase === 'in' && !online && html`<i></i>${t('connection.offline')}`}</span>
		${inside && html`<${Chip} />`}<${Menu} signedIn=${inside} />
	</header>`;
}

/** What one has, where things cost something. */
function Chip() {
	const now = useSignal(funds)?.balance;
	return now && html`<button type="button" class="chip funds" title=${exactText(now.availableMicro)} onClick=${() => go('usage')}><span class="unseen">${t('usage.available')}</span>${' '}<b>${moneyText(now.availableMicro)}</b>${' '}
		${now.heldMicro > 0 && html`<span class="on-hold">(${t('money.held', { price: priceText(now.heldMicro) })})</span>`}</button>`;
}

function Search() {
	const { q } = useSignal(query), [text, setText] = useState(q), timer = useRef(0);
	useLayoutEffect(() => setText((now) => (now.trim() === q ? now : q)), [q]);
	const type = (value) => {
		setText(value);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => query.set({ ...query.get(), q: value.trim() }), value ? TYPING_MS : 0);
	};
	return html`<label class="search"><${Icon} name="search" />
		<input id="search" type="search" dir="auto" aria-label=${t('search.hint')} placeholder=${t('search')} maxlength="200" value=${text} onInput=${(event) => type(event.target.value)}
			onKeyDown=${(event) => event.key === 'Escape' && (type(''), event.target.blur())} /><kbd aria-hidden="true">/</kbd></label>`;
}

function Choice({ label, name, value, options, onChoose }) {
	return html`<fieldset class="choice"><legend>${label}</legend><div class="segments">${options.map(([option, text]) => html`
		<label key=${option}><input type="radio" name=${name} value=${option} checked=${value === option} onChange=${() => onChoose(option)} /><span lang=${option === 'zh' ? 'zh-CN' : undefined}>${text}</span></label>`)}</div></fieldset>`;
}

function Menu({ signedIn }) {
	const user = useSignal(session.user), billed = useSignal(about)?.billing, look = useSignal(theme), spoken = useSignal(language), told = useSignal(notify);
	const panel = useRef(null);
	const close = () => panel.current.hidePopover();
	const tell = async (event) => {
		const wanted = event.target.checked;
		if (wanted !== await switchNotify(wanted)) {
			event.target.checked = false;
			toast(t('menu.notify.no'), { bad: true });
		}
	};
	return html`<button type="button" class="ghost round" aria-label=${t('menu')} title=${t('menu')} popovertarget="menu"><${Icon} name="menu" /></button>
		<div id="menu" class="menu" popover="auto" ref=${panel}>
			${user && html`<p class="who">${user.username}</p>`}
			<${Choice} label=${t('menu.theme')} name="theme" value=${look} options=${['auto', 'light', 'dark'].map((one) => [one, t(`theme.${one}`)])} onChoose=${(one) => theme.set(one)} />
			<${Choice} label=${t('menu.language')} name="language" value=${spoken} options=${[['en', 'English'], ['zh', '中文']]} onChoose=${(one) => language.set(one)} />
			${signedIn && html`<label class="switch"><input type="checkbox" role="switch" checked=${told} onChange=${tell} /><span>${t('menu.notify')}</span></label>
				${billed && html`<button type="button" class="item" onClick=${() => { close(); go('usage'); }}><${Icon} name="coins" />${t('usage.title')}</button>`}
				<button type="button" class="item" onClick=${() => { close(); go('account'); }}><${Icon} name="user" />${t('account.title')}</button>
				<button type="button" class="item" onClick=${() => { close(); go('keys'); }}><${Icon} name="key" />${t('menu.keys')}</button>
				<button type="button" class="item" onClick=${() => { close(); session.signOut(); }}><${Icon} name="leave" />${t('signin.out')}</button>
				<p class="quiet shortcuts">${t('menu.shortcuts')}</p>`}
		</div>`;
}

/** Filter by state, and choosing several. */
export function Filters() {
	const picked = useSignal(chosen), box = useRef(null);
	useKeptFocus(box, () => box.current.querySelector('.choosing, .primary'));
	return html`<div class="through" ref=${box}>${picked ? html`<${Chosen} picked=${picked} />` : html`<${Chips} />`}</div>`;
}

function Chips() {
	const asked = useSignal(query), user = useSignal(session.user);
	return html`<nav class="filters" aria-label=${t('filter')}>
		<div class="chips scroll">${user?.role === 'admin' && html`<${Choice} label=${t('filter.scope')} name="scope" value=${asked.scope} options=${['', 'all'].map((one) => [one, t(`filter.scope.${one || 'own'}`)])}
			onChoose=${(scope) => query.set({ ...query.get(), scope })} />`}${FILTERS.map((status) => html`<button type="button" key=${status} class="chip" aria-pressed=${asked.status === status}
			onClick=${() => query.set({ ...query.get(), status })}>${t(`filter.${status}`)}</button>`)}</div>
		<button type="button" class="ghost small choosing" aria-label=${t('do.select')} onClick=${() => chosen.set(new Set())}><${Icon} name="select" /><span>${t('do.select')}</span></button>
	</nav>`;
}

/** What one does with those that are chosen. */
function Chosen({ picked }) {
	useSignal(session.store.changes);
	const [remixing, setRemixing] = useState(false);
	const tasks = [...picked].map((key) => session.store.get(key)).filter(Boolean), ready = tasks.filter((task) => task.status === 'COMPLETED');
	const remove = async () => (await removeAll(tasks)) && chosen.set(null);
	const fetchAll = () => (ready.length === 1 ? act('download', ready[0]) : saveAll(ready));
	return html`<div class="filters chosen" role="toolbar" aria-label=${t('do.select')}>
		<b aria-live="polite">${t('select.count', { count: tasks.length })}</b><span class="grow"></span>
		<button type="button" class="ghost small" aria-disabled=${ready.length === 0} aria-label=${t('do.remix')} onClick=${() => ready.length > 0 && setRemixing(true)}><${Icon} name="remix" /><span>${t('do.remix')}</span></button>
		<button type="button" class="ghost small" aria-disabled=${ready.length === 0} aria-label=${t('do.download')} onClick=${() => ready.length > 0 && fetchAll()}><${Icon} name="download" /><span>${t('do.download')}</span></button>
		<button type="button" class="ghost small bad" aria-disabled=${tasks.length === 0} aria-label=${t('do.delete')} onClick=${() => tasks.length > 0 && remove()}><${Icon} name="trash" /><span>${t('do.delete')}</span></button>
		<button type="button" class="primary small" onClick=${() => chosen.set(null)}>${t('select.done')}</button>
		${remixing && html`<${RemixAll} tasks=${ready} onClose=${() => setRemixing(false)} />`}
	</div>`;
}

function RemixAll({ tasks, onClose }) {
	const [prompt, setPrompt] = useState(''), [problem, setProblem] = useState(''), area = useRef(null), known = useSignal(prices), costs = tasks.map((task) => remixCost(known, task)), isKnown = costs.length > 0 && !costs.includes(null), sum = isKnown ? costs.reduce((all, one) => all + one, 0) : null;
	const send = (event) => {
		event?.preventDefault();
		if (!prompt.trim()) {
			setProblem(t('compose.empty'));
			area.current.focus();
			return;
		}
		session.outbox.remixMany(tasks, { prompt: prompt.trim(), maxPriceMicro: isKnown ? Math.max(...costs) : undefined });
		onClose();
		chosen.set(null);
	};
	return html`<${Sheet} class="small-sheet" label=${t('select.remix')} onClose=${onClose}>
		<form class="remix" onSubmit=${send}><h2>${t('select.remix')} (${tasks.length})</h2><p class="quiet">${t('detail.remix.hint')}</p>
			<${Prompt} box=${area} value=${prompt} onInput=${(text) => { setPrompt(text); setProblem(''); }} onSend=${send} label=${t('compose.prompt')} bad=${problem !== ''} describedBy="remix-all-problem" />
			${problem && html`<p class="problem" id="remix-all-problem" role="alert">${problem}</p>`}
			<div class="tools"><button type="button" class="ghost" onClick=${onClose}>${t('do.close')}</button><button class="primary go">${t('do.remix')}${isKnown && ` · ${priceText(sum)}`}</button></div>
			${isKnown && html`<${Lack} cost=${sum} />`}
		</form><//>`;
}
