// What one has and what it went for: balance, codes, budgets, usage of a month, its charges, and the statement.
import { html, useEffect, useState, useSignal } from '../state/html.js';
import { isElsewhere, monthOf, serverMoment, today, zone } from '../state/days.js';
import { exactText, funds, learnFunds, moneyText, priceText } from '../state/money.js';
import { session } from '../state/session.js';
import { short, t } from '../state/text.js';
import { go, goHome, toast } from '../state/ui.js';
import { useWork } from './account.js';
import { Charges, keyName } from './charges.js';
import { IconButton, Sheet, wordsIn } from './parts.js';

export function Usage() {
	useEffect(() => { learnFunds(); }, []);
	return html`<${Sheet} class="account usage" label=${t('usage.title')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<h2>${t('usage.title')}</h2>${isElsewhere() && html`<p class="quiet">${t('usage.zone', { zone: zone() })}</p>`}
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
		const form = event.target, code = wordsIn(form).code.trim();
		if (!code || busy)
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
		<button class="primary" aria-disabled=${busy}>${t('usage.redeem.do')}</button></form>
		${problem && html`<p class="problem" role="alert">${problem}</p>`}</section>`;
}

function Budgets() {
	const budgets = useSignal(funds)?.budgets ?? [];
	return budgets.length > 0 && html`<section><h3>${t('usage.budgets')}</h3><ul class="bars">${budgets.map(({ subject, window, limitMicro, usedMicro, resetsAt }) => html`<li key=${subject + window}>
		<span>${t(`usage.window.${window}`)}${subject === 'key' ? ` · ${t('usage.key')}` : ''}</span>
		<meter min="0" max=${Math.max(1, limitMicro)} value=${usedMicro} aria-label=${t(`usage.window.${window}`)}></meter>
		<span>${t('usage.of', { used: priceText(usedMicro), limit: moneyText(limitMicro) })}${resetsAt && html`<br /><small class="quiet">${t('usage.resets', { when: serverMoment(resetsAt) })}</small>`}</span></li>`)}</ul></section>`;
}

/** @type {('day'|'model'|'key')[]} */
const GROUPS = ['day', 'model', 'key'];

/** The sums of a month, and its charges. */
function Month() {
	const day = useSignal(today), [back, setBack] = useState(0), [by, setBy] = useState('day'), [sums, setSums] = useState(null), [problem, run] = useWork(), { from, to, month } = monthOf(day, back);
	useEffect(() => {
		let isOver = false;
		setSums(null);
		run(async () => {
			const all = await Promise.all(GROUPS.map((groupBy) => session.client.usage({ from, to, groupBy })));
			if (!isOver)
				setSums(Object.fromEntries(GROUPS.map((one, n) => [one, all[n]])));
		});
		return () => (isOver = true);
	}, [from]);
	const usage = sums?.[by], most = Math.max(1, ...(usage?.rows ?? []).map(({ chargedMicro }) => chargedMicro));
	const nameOf = ({ group, name }) => (by === 'key' ? keyName(group, name) : by === 'day' && group === day ? t('usage.today', { day }) : group ?? t('models.default'));
	return html`<section><div class="month"><h3>${t('usage.month', { month })}</h3><span class="grow"></span>
			<${IconButton} icon="previous" class="small" label=${t('usage.before')} onClick=${() => setBack(back + 1)} />
			<${IconButton} icon="next" class="small" label=${t('usage.after')} aria-disabled=${back === 0} onClick=${() => setBack(Math.max(0, back - 1))} /></div>
		<fieldset class="choice"><legend class="unseen">${t('usage.by')}</legend><div class="segments">${GROUPS.map((one) => html`
			<label key=${one}><input type="radio" name="by" value=${one} checked=${by === one} onChange=${() => setBy(one)} /><span>${t(`usage.by.${one}`)}</span></label>`)}</div></fieldset>
		${usage?.rows.length === 0 && html`<p class="quiet">${t('usage.none')}</p>`}
		<ul class="bars">${usage?.rows.map((row) => html`<li key=${row.group}><bdi>${nameOf(row)}</bdi>
			<span class="bar-line" aria-hidden="true"><i style=${{ width: `${100 * row.chargedMicro / most}%` }}></i></span>
			<span><${Sum} of=${row.chargedMicro} up /><br /><small class="quiet">${t('usage.counts', row)}</small></span></li>`)}</ul>
		${usage?.rows.length > 0 && html`<p class="total"><b>${t('usage.total')}</b> <${Sum} of=${usage.total.chargedMicro} up /> <span class="quiet">${t('usage.counts', usage.total)}</span></p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}</section>
		<${Charges} key=${month} from=${from} to=${to} month=${month} models=${(sums?.model.rows ?? []).map(({ group }) => group).filter(Boolean)}
			keys=${(sums?.key.rows ?? []).map(({ group, name }) => [group, keyName(group, name)])} />`;
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
			<span class="grow">${t(`usage.kind.${kind}`)}${note && html` <bdi class="quiet">${short(note, 60)}</bdi>`}<br /><small class="quiet"><time>${serverMoment(at)}</time>${videoId && html` <span class="whose">· <button type="button" class="link" onClick=${() => go(`video/${encodeURIComponent(videoId)}`)}>${t('usage.video')}</button></span>`}</small></span>
			<span class="amount"><b title=${exactText(amountMicro)}>${ADDS.includes(kind) ? '+' : kind === 'settle' ? '' : '−'}${moneyText(amountMicro, { up: !ADDS.includes(kind) })}</b><br /><small class="quiet" title=${exactText(balanceMicro)}>${t('usage.left', { sum: moneyText(balanceMicro) })}</small></span></li>`)}</ul>
		${rows.length === 0 && cursor === null && html`<p class="quiet">${t('usage.nothing')}</p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		${cursor && html`<div class="buttons"><button type="button" class="ghost small" onClick=${more}>${t('usage.more')}</button></div>`}</section>`;
}
