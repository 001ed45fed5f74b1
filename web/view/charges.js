// What each attempt cost: a row each, of the days, the model, the key and the state that one asks for, on screen and as a table.
import { html, useEffect, useRef, useSignal, useState } from '../state/html.js';
import { serverMoment } from '../state/days.js';
import { saveBlob } from '../state/download.js';
import { chargeText, exactText, moneyText } from '../state/money.js';
import { session } from '../state/session.js';
import { short, t } from '../state/text.js';
import { go } from '../state/ui.js';
import { useWork } from './account.js';

const STATES = ['held', 'settled', 'released'], PAGE = 20;

/** How a key is called. @param {?string} id '0' = by signing in @param {?string} name null = it was revoked */
export const keyName = (id, name) => (id === '0' ? t('usage.login') : name ?? t('usage.revoked'));

/** The next rows, asked for until there are some or no more: the server looks at a bounded number at a time. */
async function nextPage(filter, cursor, signal) {
	let page = await session.client.charges({ ...filter, cursor, limit: PAGE }, signal);
	while (page.charges.length === 0 && page.nextCursor)
		page = await session.client.charges({ ...filter, cursor: page.nextCursor, limit: PAGE }, signal);
	return page;
}

/** The rows of a filter, and what brings more of them. */
function useCharges(filter) {
	const [{ rows, cursor }, setPage] = useState({ rows: [], cursor: undefined }), [problem, run] = useWork(), asked = JSON.stringify(filter), present = useRef(null);
	/** @param {AbortSignal} signal of the filter that it is for */
	const load = (before, from, signal) => run(async () => {
		try {
			const { charges, nextCursor } = await nextPage(filter, from, signal);
			setPage({ rows: [...before, ...charges], cursor: nextCursor });
		} catch (error) {
			if (!signal.aborted)
				throw error;
		}
	});
	useEffect(() => {
		const abort = present.current = new AbortController();
		setPage({ rows: [], cursor: undefined });
		load([], undefined, abort.signal);
		return () => abort.abort();
	}, [asked]);
	return { rows, isOver: cursor === null, more: cursor ? () => load(rows, cursor, present.current.signal) : null, problem, run };
}

/** What became of it. @param {{of: import('../client/price.js').Charge}} props */
function Amount({ of: { state, reason, reservedMicro, chargedMicro, refundedMicro } }) {
	const word = state === 'held' ? 'held' : state === 'released' ? 'released' : chargedMicro === 0 ? 'free' : 'charged';
	return html`<span class="amount"><b title=${exactText(state === 'settled' ? chargedMicro : reservedMicro)}>${chargeText({ charge: word, priceMicro: reservedMicro, chargedMicro })}</b>
		${refundedMicro > 0 && html`<br /><small class="quiet" title=${exactText(refundedMicro)}>${t('usage.refunded', { sum: moneyText(refundedMicro) })}</small>`}
		${reason === 'waived' && html`<br /><small class="quiet">${t('usage.waived')}</small>`}</span>`;
}

function Row({ of: charge }) {
	useSignal(session.store.changes); // its video may be known later than its charge
	const { at, videoId, attempt, key, model, size, seconds, job } = charge, prompt = session.store.byVideo(videoId)?.prompt;
	const facts = [model ?? t('models.default'), job === 'remix' && t('do.remix'), size?.replace('x', ' × '), seconds > 0 && t('unit.seconds', { n: seconds }), attempt > 1 && `${t('detail.attempt')} ${attempt}`,
		key && keyName(String(key.id), key.name)].filter(Boolean);
	return html`<li><span class="grow"><button type="button" class="link" onClick=${() => go(`video/${encodeURIComponent(videoId)}`)}><bdi>${prompt ? short(prompt, 60) : t('detail')}</bdi></button>
		<br /><small class="quiet"><time datetime=${at}>${serverMoment(at)}</time> · <bdi>${facts.join(' · ')}</bdi></small></span><${Amount} of=${charge} /></li>`;
}

const Choice = ({ label, value, options, onChoose }) => html`<label>${label}<select value=${value} onChange=${(event) => onChoose(event.target.value)}>
	<option value="">${t('filter.')}</option>${options.map(([one, text]) => html`<option key=${one} value=${one}>${text}</option>`)}</select></label>`;

/** @param {{from: string, to: string, month: string, models: string[], keys: [string, string][]}} props models, keys: those that there is something of */
export function Charges({ from, to, month, models, keys }) {
	const [filter, setFilter] = useState({ from, to, model: '', key: '', state: '' }), { rows, isOver, more, problem, run } = useCharges(filter);
	const set = (name) => (value) => setFilter({ ...filter, [name]: value });
	const date = (name, preset) => html`<label>${t(`usage.${name}`)}<input type="date" name=${name} required value=${filter[name]} onChange=${(event) => set(name)(event.target.value || preset)} /></label>`;
	const csv = () => run(async () => saveBlob(await session.client.chargesCsv({ ...filter, bom: 1 }), `longreel ${month}.csv`));
	return html`<section><h3>${t('usage.charges')}</h3>
		<div class="fields few">${date('from', from)}${date('to', to)}
			<${Choice} label=${t('usage.state')} value=${filter.state} options=${STATES.map((one) => [one, t(`usage.state.${one}`)])} onChoose=${set('state')} />
			${models.length > 0 && html`<${Choice} label=${t('detail.model')} value=${filter.model} options=${models.map((one) => [one, one])} onChoose=${set('model')} />`}
			${keys.length > 0 && html`<${Choice} label=${t('usage.of.key')} value=${filter.key} options=${keys} onChoose=${set('key')} />`}</div>
		<ul class="plain statement charges">${rows.map((charge) => html`<${Row} key=${charge.id} of=${charge} />`)}</ul>
		${isOver && rows.length === 0 && html`<p class="quiet" role="status">${t('usage.charges.none')}</p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<div class="buttons">${more && html`<button type="button" class="ghost small" onClick=${more}>${t('usage.more')}</button>`}<button type="button" class="ghost small" onClick=${csv}>${t('usage.csv')}</button></div></section>`;
}
