// Which model: a card for each, that says what can be asked of it, how long it takes and what it costs.
import { html, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { catalogue, defaultOf, isOpen, named } from '../state/models.js';
import { costOf, priceText, prices } from '../state/money.js';
import { span, t } from '../state/text.js';
import { Icon, IconButton, Sheet } from './parts.js';

/** Wide, tall or square. @param {string} size such as 1280x720 */
export function shapeOf(size) {
	const [width, height] = size.split('x').map(Number);
	return t(width > height ? 'shape.wide' : width < height ? 'shape.tall' : 'shape.square');
}

/** Its shapes, and how large they come. */
function sizesText(sizes) {
	if (!sizes)
		return t('models.sizes.any');
	const lines = Math.max(...sizes.map((size) => Math.min(...size.split('x').map(Number))));
	return sizes.length > 0 && t('models.sizes', { shapes: [...new Set(sizes.map(shapeOf))].join(t('text.comma')), lines });
}

function secondsText(seconds) {
	if (!seconds)
		return t('models.seconds.any');
	const all = seconds.length > 6 ? `${Math.min(...seconds)}–${Math.max(...seconds)}` : seconds.join(', ');
	return seconds.length > 0 && t('unit.seconds', { n: all });
}

const picturesText = ({ first, last, image, most }) => (first || last || image)
	&& [first && t('models.first'), last && t('models.last'), image && t('models.references'), most > 1 && t('models.most', { count: most })].filter(Boolean).join(t('text.comma'));

const optionsText = (options) => ['audio', 'seed', 'negative_prompt'].filter((name) => options.includes(name)).map((name) => t(`models.${name}`)).join(t('text.comma'));

/** What the cheapest of what can be asked for costs; null = not known. */
function leastCost(known, name, { sizes, seconds }) {
	const all = (sizes?.length > 0 ? sizes : [null]).flatMap((size) => (seconds?.length > 0 ? seconds : [null]).map((length) => costOf(known, { model: name, size, seconds: length })));
	const costs = [costOf(known, { model: name }), ...all].filter((cost) => cost !== null);
	return costs.length > 0 ? Math.min(...costs) : null;
}

function Facts({ name, of: one }) {
	const { sizes, seconds, inputs, options, medianMs } = one, least = leastCost(useSignal(prices), name, one);
	const facts = [['compose.size', sizesText(sizes)], ['detail.length', secondsText(seconds)], ['models.pictures', picturesText(inputs)], ['compose.more', optionsText(options)],
		['models.takes', medianMs && t('models.about', { when: span(medianMs) })], ['money.price', least !== null && t('money.from', { price: priceText(least) })]];
	return html`<span class="model-facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<span key=${name}><i>${t(name)}</i> ${value}</span>`)}</span>`;
}

const ModelCard = ({ name, label, of: one, chosen, onChoose }) => html`<li><button type="button" class="model-card" data-model=${name} aria-pressed=${chosen} onClick=${() => onChoose(name)}>
	<span class="model-name"><b dir="auto">${label}</b>${name && name !== label && html`<code>${name}</code>`}${chosen && html`<${Icon} name="check" />`}</span>
	${one ? html`<${Facts} name=${name} of=${one} />` : !name && html`<span class="quiet">${t('models.default.why')}</span>`}</button></li>`;

/** The cards. @param {{value: string, onChoose: (name: string) => void, onClose: () => void}} props */
function Models({ value, onChoose, onClose }) {
	const all = useSignal(catalogue), models = named(all), list = useRef(null), standard = defaultOf(all);
	const isOther = value !== '' && !models.some(({ name }) => name === value), [typed, setTyped] = useState(isOther ? value : '');
	useLayoutEffect(() => list.current.querySelector('[aria-pressed="true"]')?.focus({ preventScroll: true }), []);
	const take = () => typed.trim() && onChoose(typed.trim());
	const pressed = (event) => {
		if (event.key === 'Enter') {
			event.preventDefault(); // the form around it is the composer's
			take();
		}
	};
	return html`<${Sheet} class="models" label=${t('compose.model')} onClose=${onClose}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${onClose} />
		<h2>${t('compose.model')}</h2>
		<ul class="model-cards" ref=${list} aria-busy=${all === null}>
			<${ModelCard} name="" label=${t('models.default')} of=${standard} chosen=${value === ''} onChoose=${onChoose} />
			${models.map((one) => html`<${ModelCard} key=${one.name} name=${one.name} label=${one.label || one.name} of=${one} chosen=${one.name === value} onChoose=${onChoose} />`)}
			${isOther && !isOpen(all) && html`<${ModelCard} name=${value} label=${value} chosen onChoose=${onChoose} />`}
		</ul>
		${isOpen(all) && html`<div class="fields"><label>${t('compose.model.other')}<input name="model" maxlength="128" value=${typed} onInput=${(event) => setTyped(event.target.value)} onKeyDown=${pressed}
			placeholder=${t('compose.model.name')} spellcheck=${false} autocomplete="off" autocapitalize="none" /></label><button type="button" class="primary small" onClick=${take}>${t('models.use')}</button></div>`}
	<//>`;
}

/** What opens the cards; nothing where there is nothing to choose. @param {{value: string, onChange: (name: string) => void, bad: boolean, describedBy: string}} props */
export function ModelField({ value, onChange, bad, describedBy }) {
	const all = useSignal(catalogue), models = named(all), [open, setOpen] = useState(false), one = models.find(({ name }) => name === value);
	if (models.length <= 1 && (value === '' || one) && !isOpen(all))
		return null;
	const choose = (name) => {
		setOpen(false);
		onChange(name);
	};
	return html`<button type="button" class=${`chip model-chip ${value ? 'set' : ''} ${bad ? 'bad' : ''}`} data-value=${value} aria-haspopup="dialog" aria-describedby=${bad ? describedBy : undefined}
			aria-label=${`${t('compose.model')}: ${value ? one?.label || value : t('models.default')}`} onClick=${() => setOpen(true)}><span dir="auto">${value ? one?.label || value : t('compose.model.any')}</span></button>
		${open && html`<${Models} value=${value} onChoose=${choose} onClose=${() => setOpen(false)} />`}`;
}
