// What one has and what it went for: balance, codes, budgets, usage of a month, and the statement.
import { html, useEffect, useState, useSignal } from '../state/html.js';
import { saveBlob } from '../state/download.js';
import { exactText, funds, learnFunds, moneyText, priceText } from '../state/money.js';
import { session } from '../state/session.js';
import { moment, short, t } from '../state/text.js';
import { go, goHome, toast } from '../state/ui.js';
import { useWork } from './account.js';
import { IconButton, Sheet } from './parts.js';

export function Usage() {
	useEffect(() => { learnFunds(); }, []);
	return html`<${Sheet} class="account usage" label=${t('usage.title')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<h2>${t('usage.title')}</h2>
		<${Balance} /><${Redeem} /><${Budgets} /><${Month} /><${Statement} />
	<//>`;
}

/** A sum, and the very sum for who points at it. */
const Sum = ({ of: micro, up = false }) => html`<span class="sum" title=${exactText(micro)}>${moneyText(micro, { up })}</span>`;

function Balance() {
	const now = useSignal(funds)?.balance;
	return now && html`<dl class="facts balances"><div><dt>${t('usage.available')}</dt><dd><${Sum} of=${now.availableMicro} /></dd></div>
		<div><dt>${t('usage.held')}</dt><dd><${Sum} of=${now.heldMicro} /></dd></div>
		${now.creditLineMicro > 0 && html`<div><dt>${t('usage.line')}</dt><dd><${Sum} of=${now.creditLineMicro} /></dd></div>`}</dl>`;
}

function Redeem() {
	const [problem, run] = useWork(), [busy, setBusy] = useState(false);
	const send = async (event) => {
		event.preventDefault();
		const form = event.target, code = new FormData(form).get('code').trim();
		if (!code)
			return;
		setBusy(true);
		await run(async () => {
			const { amountMicro } = await session.client.redeem(code);
			form.reset();
			toast(t('usage.redeemed', { sum: moneyText(amountMicro) }));
			await learnFunds();
		});
		setBusy(false);
	};
	return html`<section><h3>${t('usage.redeem')}</h3><form class="fields line-form" onSubmit=${send}>
		<label>${t('usage.code')}<input name="code" required maxlength="128" autocomplete="off" autocapitalize="characters" spellcheck=${false} /></label>
		<button class="primary" disabled=${busy}>${t('usage.redeem.do')}</button></form>
		${problem && html`<p class="problem" role="alert">${problem}</p>`}</section>`;
}

function Budgets() {
	const budgets = useSignal(funds)?.budgets ?? [];
	return budgets.length > 0 && html`<section><h3>${t('usage.budgets')}</h3><ul class="bars">${budgets.map(({ subject, window, limitMicro, usedMicro, resetsAt }) => html`<li key=${subject + window}>
		<span>${t(`usage.window.${window}`)}${subject === 'key' ? ` · ${t('usage.key')}` : ''}</span>
		<meter min="0" max=${Math.max(1, limitMicro)} value=${usedMicro} aria-label=${t(`usage.window.${window}`)}></meter>
		<span>${t('usage.of', { used: priceText(usedMicro), limit: moneyText(limitMicro) })}${resetsAt && html`<br /><small class="quiet">${t('usage.resets', { when: moment(resetsAt) })}</small>`}</span></li>`)}</ul></section>`;
}

/** The first and the last day of a month that many before this one. @returns {{from: string, to: string, name: Date}} */
function monthOf(back) {
	const now = new Date(), first = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back, 1)), last = new Date(Date.UTC(now.getFullYear(), now.getMonth() - back + 1, 0));
	return { from: first.toISOString().slice(0, 10), to: last.toISOString().slice(0, 10), text: first.toISOString().slice(0, 7) };
}

function Month() {
	const [back, setBack] = useState(0), [by, setBy] = useState('day'), [usage, setUsage] = useState(null), [problem, run] = useWork(), { from, to, text } = monthOf(back);
	useEffect(() => {
		let isOver = false;
		run(async () => {
			const now = await session.client.usage({ from, to, groupBy: by });
			if (!isOver)
				setUsage({ ...now, by });
		});
		return () => (isOver = true);
	}, [back, by]);
	const csv = () => run(async () => saveBlob(await session.client.chargesCsv({ from, to, bom: 1 }), `longreel ${text}.csv`));
	const most = Math.max(1, ...(usage?.rows ?? []).map(({ chargedMicro }) => chargedMicro)), nameOf = ({ group, name }) => (usage.by === 'key' ? (group === '0' ? t('usage.login') : name ?? t('usage.revoked')) : group ?? t('models.default'));
	return html`<section><div class="month"><h3>${t('usage.month', { month: text })}</h3><span class="grow"></span>
			<${IconButton} icon="previous" class="small" label=${t('usage.before')} onClick=${() => setBack(back + 1)} />
			<${IconButton} icon="next" class="small" label=${t('usage.after')} disabled=${back === 0} onClick=${() => setBack(back - 1)} /></div>
		<fieldset class="choice"><legend class="unseen">${t('usage.by')}</legend><div class="segments">${['day', 'model', 'key'].map((one) => html`
			<label key=${one}><input type="radio" name="by" value=${one} checked=${by === one} onChange=${() => setBy(one)} /><span>${t(`usage.by.${one}`)}</span></label>`)}</div></fieldset>
		${usage?.rows.length === 0 && html`<p class="quiet">${t('usage.none')}</p>`}
		<ul class="bars">${usage?.rows.map((row) => html`<li key=${row.group}><bdi>${nameOf(row)}</bdi>
			<span class="bar-line" aria-hidden="true"><i style=${{ width: `${100 * row.chargedMicro / most}%` }}></i></span>
			<span><${Sum} of=${row.chargedMicro} up /><br /><small class="quiet">${t('usage.counts', row)}</small></span></li>`)}</ul>
		${usage?.rows.length > 0 && html`<p class="total"><b>${t('usage.total')}</b> <${Sum} of=${usage.total.chargedMicro} up /> <span class="quiet">${t('usage.counts', usage.total)}</span></p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<div class="buttons"><button type="button" class="ghost small" onClick=${csv}>${t('usage.csv')}</button></div></section>`;
}

const ADDS = ['grant', 'redeem', 'release', 'refund'];

function Statement() {
	const [{ rows, cursor }, setPage] = useState({ rows: [], cursor: undefined }), [problem, run] = useWork();
	const more = () => run(async () => {
		const { transfers, nextCursor } = await session.client.statement({ cursor, limit: 20 });
		setPage({ rows: [...rows, ...transfers], cursor: nextCursor });
	});
	useEffect(() => { more(); }, []);
	return html`<section><h3>${t('usage.statement')}</h3>
		<ul class="plain statement">${rows.map(({ id, at, kind, amountMicro, balanceMicro, videoId, note }) => html`<li key=${id}>
			<span class="grow">${t(`usage.kind.${kind}`)}${note && html` <bdi class="quiet">${short(note, 60)}</bdi>`}<br /><small class="quiet"><time>${moment(at)}</time>${videoId && html` · <button type="button" class="link" onClick=${() => go(`video/${encodeURIComponent(videoId)}`)}>${t('usage.video')}</button>`}</small></span>
			<span class="amount"><b title=${exactText(amountMicro)}>${ADDS.includes(kind) ? '+' : kind === 'settle' ? '' : '−'}${moneyText(amountMicro, { up: !ADDS.includes(kind) })}</b><br /><small class="quiet" title=${exactText(balanceMicro)}>${t('usage.left', { sum: moneyText(balanceMicro) })}</small></span></li>`)}</ul>
		${rows.length === 0 && cursor === null && html`<p class="quiet">${t('usage.nothing')}</p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		${cursor && html`<div class="buttons"><button type="button" class="ghost small" onClick=${more}>${t('usage.more')}</button></div>`}</section>`;
}
