// API keys: made here, shown whole once, revoked here.
import { html, useEffect, useState } from '../state/html.js';
import { copyText } from '../state/copy.js';
import { session } from '../state/session.js';
import { ago, day, reason, t } from '../state/text.js';
import { ask, goHome } from '../state/ui.js';
import { Icon, IconButton, Sheet } from './parts.js';

const DAY_MS = 86_400_000;
const LIVES = ['', '30', '90', '365']; // days; '' = until it is revoked

/** Until when a key is good, in words; '' where that is for ever. */
function endOf({ expiresAt }) {
	if (!expiresAt)
		return '';
	return t(Date.parse(expiresAt) <= Date.now() ? 'keys.expired' : 'keys.expires', { when: day(expiresAt) });
}

export function Keys() {
	const [keys, setKeys] = useState(null), [made, setMade] = useState(null), [problem, setProblem] = useState('');
	const [name, setName] = useState(''), [life, setLife] = useState('');
	const run = async (work) => {
		setProblem('');
		try {
			await session.guard(work());
		} catch (error) {
			setProblem(reason(error));
		}
	};
	const list = () => run(async () => setKeys(await session.client.listKeys()));
	useEffect(() => { list(); }, []);
	const create = (event) => {
		event.preventDefault();
		if (name.trim())
			run(async () => {
				setMade(await session.client.createKey(name.trim(), life ? Date.now() + Number(life) * DAY_MS : undefined));
				setName('');
				setKeys(await session.client.listKeys());
			});
	};
	const revoke = async (key) => {
		if (await ask(t('keys.sure', { name: key.name }), { yes: t('keys.revoke') }))
			run(async () => {
				await session.client.revokeKey(key.id);
				setMade(made?.id === key.id ? null : made);
				setKeys(await session.client.listKeys());
			});
	};
	return html`<${Sheet} class="keys" label=${t('keys.title')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<h2>${t('keys.title')}</h2><p class="quiet">${t('keys.why')}</p>
		<form class="line" onSubmit=${create}>
			<input aria-label=${t('keys.name')} placeholder=${t('keys.name.hint')} required maxlength="64" value=${name} onInput=${(event) => setName(event.target.value)} />
			<select aria-label=${t('keys.life')} value=${life} onChange=${(event) => setLife(event.target.value)}>
				${LIVES.map((days) => html`<option key=${days} value=${days}>${days ? t('keys.days', { days }) : t('keys.ever')}</option>`)}</select>
			<button class="primary">${t('keys.create')}</button>
		</form>
		${made && html`<div class="once" role="status"><p>${t('keys.once')}</p><div class="line"><code>${made.key}</code><button type="button" class="ghost" onClick=${() => copyText(made.key)}><${Icon} name="copy" />${t('keys.copy')}</button></div></div>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<ul class="plain">${keys?.map((key) => html`<li key=${key.id}>
			<span class="grow"><b>${key.name}</b> <code>${key.hint}</code><br /><span class="quiet">${[t('keys.created', { when: ago(key.createdAt) }), key.lastUsedAt ? t('keys.used', { when: ago(key.lastUsedAt) }) : t('keys.unused'), endOf(key)].filter(Boolean).join(' · ')}</span></span>
			<button type="button" class="ghost small bad" aria-label=${`${t('keys.revoke')}: ${key.name}`} onClick=${() => revoke(key)}>${t('keys.revoke')}</button></li>`)}</ul>
		${keys?.length === 0 && html`<p class="quiet">${t('keys.none')}</p>`}
	<//>`;
}
