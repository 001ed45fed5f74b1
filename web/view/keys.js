// API keys: made here, shown whole once, limited, changed and revoked here.
import { html, useEffect, useState, useSignal } from '../state/html.js';
import { about } from '../state/about.js';
import { copyText } from '../state/copy.js';
import { isBilled, microOf, moneyText } from '../state/money.js';
import { session } from '../state/session.js';
import { ago, day, t } from '../state/text.js';
import { serverTime } from '../state/time.js';
import { ask, goHome } from '../state/ui.js';
import { useWork } from './account.js';
import { Icon, IconButton, Sheet, wordsIn } from './parts.js';

const DAY_MS = 86_400_000;
const LIVES = ['', '30', '90', '365']; // days; '' = until it is revoked
const WINDOWS = ['day', 'week', 'month', 'total'];

/** Until when a key is good, in words; '' where that is for ever. */
function endOf({ expiresAt }) {
	if (!expiresAt)
		return '';
	return t(Date.parse(expiresAt) <= serverTime() ? 'keys.expired' : 'keys.expires', { when: day(expiresAt) });
}

/** When a key ends that is good for that long. @param {string} days of LIVES */
const endAfter = (days) => (days ? Math.round(serverTime()) + Number(days) * DAY_MS : undefined);

/** As it is. */
const KEPT = 'kept';

/** How long a key is good. @param {{label?: string, kept?: string}} props kept: until when it is now, in words; '' = for ever */
const Life = ({ label, kept }) => html`<select name="life" aria-label=${label}>${kept && html`<option value=${KEPT}>${kept}</option>`}
	${LIVES.map((days) => html`<option key=${days} value=${days}>${days ? t('keys.days', { days }) : t('keys.ever')}</option>`)}</select>`;

/** What a key may not do, in words. @param {import('../client.js').Key} key */
const limitsText = ({ models, addresses, maxOpen, rate, scope, budgets, disabled }) => [disabled && t('keys.off'), scope === 'read' && t('keys.reads'), scope === 'admin' && t('keys.admin'),
	models?.length > 0 && t('keys.only', { models: models.join(' ') }), addresses?.length > 0 && t('keys.from', { addresses: addresses.join(' ') }),
	maxOpen > 0 && t('keys.most', { count: maxOpen }), rate > 0 && t('keys.minute', { count: rate }),
	...WINDOWS.map((one) => typeof budgets?.[one] === 'number' && t(`keys.spends.${one}`, { sum: moneyText(budgets[one]) }))].filter(Boolean);

const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** The limits of a form. @param {HTMLFormElement} form @returns {import('../client.js').KeyLimits} */
function limitsOf(form) {
	const { models, addresses, maxOpen, rate, scope, ...rest } = wordsIn(form);
	const budgets = isBilled() && /** @type {any} */ (Object.fromEntries(WINDOWS.map((one) => [one, microOf(rest[`budget-${one}`])])));
	return { models: words(models), addresses: words(addresses), maxOpen: Number(maxOpen), rate: Number(rate), ...(scope === 'admin' ? {} : { scope: /** @type {'all'|'read'} */ (scope) }), ...(budgets ? { budgets } : {}) };
}

/** The fields of what a key may do. @param {{of?: import('../client.js').KeyLimits}} props */
function Limits({ of: key = {} }) {
	const { currency } = useSignal(about) ?? {};
	const line = (name, value) => html`<label>${t(`keys.${name}`)}<input name=${name} maxlength="1000" placeholder=${t(`keys.${name}.hint`)} defaultValue=${value?.join(' ')} autocomplete="off" autocapitalize="none" spellcheck=${false} /></label>`;
	const number = (name) => html`<label>${t(`keys.${name}`)}<input name=${name} type="number" min="0" max="1000000" placeholder=${t('keys.free')} defaultValue=${key[name] || ''} /></label>`;
	const budget = (window) => html`<label key=${window}>${t(`usage.window.${window}`)}<input name=${`budget-${window}`} type="number" min="0" max="1000000000" step="any" inputmode="decimal" placeholder=${t('keys.free')}
		defaultValue=${typeof key.budgets?.[window] === 'number' ? key.budgets[window] / 1_000_000 : ''} /></label>`;
	return html`${line('models', key.models)}${line('addresses', key.addresses)}<div class="pair">${number('maxOpen')}${number('rate')}</div>
		<label>${t('keys.scope')}<select name="scope">${['all', 'read', ...(key.scope === 'admin' ? ['admin'] : [])].map((one) => html`<option key=${one} value=${one} selected=${one === (key.scope ?? 'all')}>${t(`keys.scope.${one}`)}</option>`)}</select></label>
		${isBilled() && html`<fieldset class="fields"><legend>${t('keys.budgets', { currency })}</legend><div class="pair">${WINDOWS.map(budget)}</div></fieldset>`}`;
}

/** One key, and what changes it. @param {{of: import('../client.js').Key, run: (work: () => Promise<any>) => Promise<boolean>, onRevoke: () => void}} props */
function Row({ of: key, run, onRevoke }) {
	const [open, setOpen] = useState(false);
	const facts = [...limitsText(key), t('keys.created', { when: ago(key.createdAt) }), key.lastUsedAt ? t('keys.used', { when: ago(key.lastUsedAt) }) : t('keys.unused'), endOf(key)].filter(Boolean);
	const save = async (event) => {
		event.preventDefault();
		const form = event.target, name = form.elements.name.value.trim(), life = form.elements.life.value;
		const changes = { ...limitsOf(form), ...(name ? { name } : {}), ...(life === KEPT ? {} : { expiresAt: endAfter(life) ?? 0 }), disabled: form.disabled.checked };
		if (await run(() => session.client.changeKey(key.id, changes)))
			setOpen(false);
	};
	return html`<li class="wrap">
		<span class="grow"><b><bdi>${key.name}</bdi></b> <code>${key.hint}</code><br /><span class="quiet">${facts.join(' · ')}</span></span>
		<span class="buttons"><button type="button" class="ghost small" aria-expanded=${open} aria-label=${`${t('keys.change')}: ${key.name}`} onClick=${() => setOpen(!open)}>${t('keys.change')}</button>
			<button type="button" class="ghost small bad" aria-label=${`${t('keys.revoke')}: ${key.name}`} onClick=${onRevoke}>${t('keys.revoke')}</button></span>
		${open && html`<form class="fields" onSubmit=${save}>
			<div class="pair"><label>${t('keys.name.hint')}<input name="name" required maxlength="64" defaultValue=${key.name} autocomplete="off" /></label>
				<label>${t('keys.life')}<${Life} kept=${endOf(key)} /></label></div><${Limits} of=${key} />
			<label class="switch"><input type="checkbox" role="switch" name="disabled" defaultChecked=${key.disabled} /><span>${t('keys.disabled')}</span></label>
			<button class="primary small">${t('keys.save')}</button></form>`}</li>`;
}

export function Keys() {
	const [keys, setKeys] = useState(null), [made, setMade] = useState(null), [problem, run] = useWork();
	const list = async () => setKeys(await session.client.listKeys());
	const change = (work) => run(async () => {
		await work();
		await list();
	});
	useEffect(() => { run(list); }, []);
	const create = (event) => {
		event.preventDefault();
		const form = event.target, { name, life } = wordsIn(form);
		if (name.trim())
			change(async () => {
				setMade(await session.client.createKey(name.trim(), endAfter(life), limitsOf(form)));
				form.reset();
			});
	};
	const revoke = async (key) => {
		if (await ask(t('keys.sure', { name: key.name }), { yes: t('keys.revoke') }))
			change(async () => {
				await session.client.revokeKey(key.id);
				setMade(made?.id === key.id ? null : made);
			});
	};
	return html`<${Sheet} class="keys" label=${t('keys.title')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<h2>${t('keys.title')}</h2><p class="quiet">${t('keys.why')}</p>
		${made && html`<div class="once" role="status"><p>${t('keys.once')}</p><div class="line"><code>${made.key}</code><button type="button" class="ghost" onClick=${() => copyText(made.key)}><${Icon} name="copy" />${t('keys.copy')}</button></div></div>`}
		<form onSubmit=${create}><div class="line">
			<input name="name" dir="auto" aria-label=${t('keys.name')} placeholder=${t('keys.name.hint')} required maxlength="64" />
			<${Life} label=${t('keys.life')} />
			<button class="primary">${t('keys.create')}</button></div>
			<details><summary>${t('keys.limits')}</summary><div class="fields"><${Limits} /></div></details>
		</form>
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<ul class="plain">${keys?.map((key) => html`<${Row} key=${key.id} of=${key} run=${change} onRevoke=${() => revoke(key)} />`)}</ul>
		${keys?.length === 0 && html`<p class="quiet">${t('keys.none')}</p>`}
	<//>`;
}
