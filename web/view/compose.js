// Where a video begins: a sentence, perhaps a picture, a format.
import { html, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { imageProblem } from '../state/media.js';
import { abilityOf, catalogue } from '../state/models.js';
import { costOf, exactText, funds, isBilled, leftOf, moneyText, priceText, prices } from '../state/money.js';
import { session } from '../state/session.js';
import { draft, draftPictures, draftSent, dropParked, fetching, parked, refusal, unpark } from '../state/drafts.js';
import { short, t } from '../state/text.js';
import { go, live, query, sheets } from '../state/ui.js';
import { useKeptFocus } from './focus.js';
import { ModelField, shapeOf } from './models.js';
import { Icon, IconButton } from './parts.js';

/** Offered where a model takes any. */
const SIZES = ['1280x720', '720x1280', '1024x1024'];
/** What is empty is not sent. */
const PRESET = { prompt: '', model: '', size: '', seconds: '', seed: '', negativePrompt: '', audio: '' };

const PROMPT_MOST = 32_000, COUNTED_FROM = 1000;

/** How much of its room a long text has taken. */
function Count({ value }) {
	const count = value.length;
	return count >= COUNTED_FROM && html`<p class=${`count ${count >= PROMPT_MOST ? 'full' : ''}`} role="status">${t('compose.count', { count: count.toLocaleString('en'), most: PROMPT_MOST.toLocaleString('en') })}</p>`;
}

/** A text field as high as its text. */
export function Prompt({ value, onInput, onSend, onEscape, label, placeholder, id, box, bad, describedBy }) {
	const own = useRef(null), area = box ?? own;
	useLayoutEffect(() => {
		if (CSS.supports('field-sizing', 'content'))
			return;
		area.current.style.height = 'auto';
		area.current.style.height = `${Math.min(area.current.scrollHeight, 320)}px`;
	}, [value]);
	return html`<textarea ref=${area} id=${id} name="prompt" rows="2" dir="auto" maxlength=${PROMPT_MOST} aria-label=${label} placeholder=${placeholder} value=${value}
		...${faulty(bad, describedBy)} onInput=${(event) => onInput(event.target.value)}
		onKeyDown=${(event) => (event.key === 'Enter' && (event.ctrlKey || event.metaKey) ? onSend() : event.key === 'Escape' && onEscape?.())}></textarea><${Count} value=${value} />`;
}

/** Marks a field as the one at fault. */
const faulty = (bad, describedBy) => (bad ? { 'aria-invalid': 'true', 'aria-describedby': describedBy } : {});

/** A picture: a button, and once there is one, its preview. @param {{kind?: 'image'|'last'|'references', image: ?Blob, onImage: (image: ?Blob) => void, onProblem: (text: string) => void, bad?: boolean, describedBy?: string}} field */
export function ImageField({ kind = 'image', image, onImage, onProblem, bad, describedBy }) {
	const [url, setUrl] = useState(null);
	useLayoutEffect(() => {
		const made = image ? URL.createObjectURL(image) : null;
		setUrl(made);
		return () => made && URL.revokeObjectURL(made);
	}, [image]);
	const box = useRef(null);
	useKeptFocus(box, () => box.current.querySelector('button, input')); // one takes the other's place
	const pick = async (event) => {
		const [file] = event.target.files;
		event.target.value = '';
		if (file)
			takeImage(file, onImage, onProblem);
	};
	if (url)
		return html`<span class="picture" ref=${box}><span class=${`preview ${bad ? 'bad' : ''}`}><img src=${url} alt=${t(`compose.${kind}.alt`)} />
			<${IconButton} icon="close" class="small" label=${t('compose.image.remove')} onClick=${() => onImage(null)} /></span></span>`;
	return html`<span class="picture" ref=${box}><label class="chip pick" title=${t(`compose.${kind}.title`)}><${Icon} name="image" /><span>${t(`compose.${kind}`)}</span>
		<input type="file" accept="image/png,image/jpeg,image/webp" aria-label=${t(`compose.${kind}.title`)} onChange=${pick} ...${faulty(bad, describedBy)} /></label></span>`;
}

/** Takes a file where it can be the picture, and says why not where it cannot. */
async function takeImage(file, onImage, onProblem) {
	const problem = await imageProblem(file).catch(() => 'compose.image.kind'); // a folder cannot be read, for one
	onProblem(problem ? t(problem) : '');
	if (!problem)
		onImage(file);
}

const firstFile = (list) => [...list ?? []].find((file) => file instanceof File);

/** Pictures that are dropped or pasted anywhere. @param {() => boolean} heeds whether they are for us @returns {boolean} whether one is held over the page */
export function useDropAndPaste(onImage, onProblem, heeds) {
	const [over, setOver] = useState(false);
	useLayoutEffect(() => {
		let depth = 0;
		const isFiles = (event) => [...event.dataTransfer?.types ?? []].includes('Files'), hasFile = (event) => isFiles(event) && heeds();
		const on = {
			dragenter: (event) => { if (hasFile(event) && ++depth === 1) setOver(true); },
			dragleave: (event) => { if (hasFile(event) && --depth <= 0) { depth = 0; setOver(false); } },
			dragover: (event) => {
				if (isFiles(event) && !event.defaultPrevented) {
					event.preventDefault(); // the browser would open the file in the page's place
					event.dataTransfer.dropEffect = heeds() ? 'copy' : 'none';
				}
			},
			drop: (event) => {
				depth = 0;
				setOver(false);
				if (isFiles(event))
					event.preventDefault();
				if (!hasFile(event))
					return;
				const file = firstFile(event.dataTransfer.files);
				if (file)
					takeImage(file, onImage, onProblem);
			},
			paste: (event) => {
				const file = firstFile(event.clipboardData?.files);
				if (file && heeds())
					takeImage(file, onImage, onProblem);
			},
		};
		for (const [event, listener] of Object.entries(on))
			addEventListener(event, listener);
		return () => Object.entries(on).forEach(([event, listener]) => removeEventListener(event, listener));
	}, []);
	return over;
}

/** One of a few, or none of them. @param {{name: string, label: string, none: string, value: string, options: [string, string][], onChange: (event: Event) => void, mark?: (name: string) => object}} field options: values, and what they are called */
const Choice = ({ name, label, none, value, options, onChange, mark }) => html`<label class="chip choose"><span class="unseen">${label}</span>
	<select name=${name} value=${value} onChange=${onChange} ...${mark?.(name)}>
		<option value="" selected=${value === ''}>${none}</option>
		${options.map(([one, text]) => html`<option key=${one} value=${one} selected=${value === one}>${text}</option>`)}
	</select></label>`;

const auto = (what) => t('compose.auto', { what });

const sizeText = (size) => `${shapeOf(size)} ${size.replace('x', ' × ')}`;

/** The length: one of those that the model takes, or any. */
function SecondsField({ seconds, value, onChange, mark }) {
	if (seconds)
		return seconds.length > 0 && html`<${Choice} name="seconds" label=${t('compose.seconds')} none=${auto(t('compose.seconds'))} value=${value} onChange=${onChange} mark=${mark}
			options=${seconds.map((n) => [String(n), t('unit.seconds', { n })])} />`;
	return html`<label class="chip field"><input class=${value === '' ? 'auto' : ''} type="number" name="seconds" min="1" max="3600" value=${value} onInput=${onChange} ...${mark('seconds')}
		aria-label=${t('compose.seconds')} placeholder=${auto(t('compose.seconds'))} />${value !== '' && html`<span aria-hidden="true">${t('unit.second')}</span>`}</label>`;
}

/** What the model takes of a draft, and nothing else: this is shown, and sent. */
function fitting(now, pictures, can) {
	const listed = (list, value) => (!list || list.map(String).includes(String(value)) ? String(value) : ''), option = (name, value) => (can.options.includes(name) ? value : '');
	const image = can.inputs.first ? pictures.image ?? null : null, lastFrame = can.inputs.last ? pictures.lastFrame ?? null : null;
	return { fields: { ...now, size: listed(can.sizes, now.size), seconds: listed(can.seconds, now.seconds), seed: option('seed', now.seed),
		negativePrompt: option('negative_prompt', now.negativePrompt), audio: option('audio', String(now.audio)) },
	image, lastFrame, references: can.inputs.image ? pictures.references ?? [] : [] };
}

/** What few videos need. */
function More({ can, fit, set, setPicture, onProblem, mark, markImage }) {
	const { fields, image, lastFrame, references } = fit, room = can.inputs.most - [image, lastFrame].filter(Boolean).length - references.length;
	return html`<div class="tools more">
		${can.inputs.last && (lastFrame || room > 0) && html`<${ImageField} kind="last" image=${lastFrame} onImage=${setPicture('lastFrame')} onProblem=${onProblem} ...${markImage('last_frame')} />`}
		${references.map((one, n) => html`<${ImageField} key=${n} kind="references" image=${one} onProblem=${onProblem} ...${markImage('references')}
			onImage=${() => setPicture('references')(references.filter((other) => other !== one))} />`)}
		${can.inputs.image && room > 0 && references.length < 9 && html`<${ImageField} key="add" kind="references" image=${null} onProblem=${onProblem}
			onImage=${(file) => setPicture('references')([...references, file])} />`}
		${can.options.includes('audio') && html`<${Choice} name="audio" label=${t('compose.audio')} none=${auto(t('compose.audio'))} value=${fields.audio} onChange=${set('audio')} mark=${mark}
			options=${['true', 'false'].map((on) => [on, t(`compose.audio.${on}`)])} />`}
		${can.options.includes('seed') && html`<label class="chip field seed"><input type="number" name="seed" value=${fields.seed} onInput=${set('seed')} ...${mark('seed')} aria-label=${t('compose.seed')} placeholder=${t('compose.seed')} /></label>`}
		${can.options.includes('negative_prompt') && html`<label class="chip field negative"><input name="negativePrompt" dir="auto" maxlength="32000" ...${mark('negative_prompt')} value=${fields.negativePrompt}
			onInput=${set('negativePrompt')} aria-label=${t('compose.negative')} placeholder=${t('compose.negative')} /></label>`}
	</div>`;
}

/** What a draft costs; null = not known. */
const costOfDraft = (known, { fields, image, lastFrame, references }) => costOf(known, { model: fields.model.trim(), size: fields.size || null, seconds: Number(fields.seconds) || null,
	audio: fields.audio === '' ? null : fields.audio === 'true', image: Boolean(image || lastFrame || references.length > 0), images: references.length });

/** Why it cannot be paid, as far as is known here, and what helps. */
export function Lack({ cost }) {
	const known = useSignal(prices), left = leftOf(useSignal(funds));
	if (!isBilled() || !known)
		return null;
	if (cost === null)
		return html`<p class="lack quiet" role="status">${t('money.unpriced')}</p>`;
	return left !== null && cost > left && html`<p class="lack" role="status"><span>${t('money.short', { price: priceText(cost), left: moneyText(left), short: priceText(cost - left) })}</span>
		<button type="button" class="ghost small" onClick=${() => go('usage')}>${t('usage.redeem')}</button></p>`;
}

/** What gave way to another draft, and can be had back. */
function Parked() {
	const all = useSignal(parked), { fields } = all.at(-1) ?? {};
	return fields && html`<p class="parked"><span class="quiet">${t('draft.parked')}</span> <bdi class="parked-words">${short(fields.prompt?.trim() || t('draft.pictures'), 60)}</bdi>
		<button type="button" class="ghost small" onClick=${unpark}>${t('draft.back')}</button>
		<${IconButton} icon="trash" class="small" label=${t('draft.drop')} onClick=${dropParked} /></p>`;
}

export function Compose() {
	const now = { ...PRESET, ...useSignal(draft) }, can = abilityOf(useSignal(catalogue), now.model), fit = fitting(now, useSignal(draftPictures), can), { fields } = fit;
	const [problem, setProblem] = useState(''), [open, setOpen] = useState(false), refused = useSignal(refusal), coming = useSignal(fetching) > 0;
	const area = useRef(null), form = useRef(null), taking = useRef(null);
	useKeptFocus(form, () => area.current);
	const onProblem = (text) => {
		refusal.set(null);
		setProblem(text);
	};
	const setPicture = (name) => (value) => {
		refusal.set(null);
		draftPictures.set({ ...draftPictures.get(), [name]: value });
	};
	taking.current = (file) => {
		if (can.inputs.first)
			setPicture('image')(file);
		else
			onProblem(t('compose.image.none'));
		form.current.scrollIntoView({ block: 'nearest' });
	};
	const over = useDropAndPaste((file) => taking.current(file), (text) => {
		onProblem(text);
		if (text)
			form.current.scrollIntoView({ block: 'nearest' });
	}, () => sheets.get().length === 0);
	const set = (name) => (value) => {
		onProblem('');
		draft.set({ ...PRESET, ...draft.get(), [name]: value?.target ? value.target.value : value });
	};
	useLayoutEffect(() => {
		const focus = () => {
			form.current.scrollIntoView({ block: 'center' });
			area.current.focus();
		};
		addEventListener('longreel:compose', focus);
		return () => removeEventListener('longreel:compose', focus);
	}, []);

	const send = () => {
		const prompt = fields.prompt.trim(), { image, lastFrame, references } = fit;
		if (coming)
			return; // without its picture it would be another video
		if (!prompt) {
			onProblem(t('compose.empty'));
			area.current.focus();
			return;
		}
		draftSent();
		session.outbox.create({ prompt, model: fields.model.trim() || null, size: fields.size || null, seconds: Number(fields.seconds) || null,
			seed: fields.seed === '' ? null : Number(fields.seed), negativePrompt: fields.negativePrompt.trim() || null, audio: fields.audio === '' ? null : fields.audio === 'true',
			maxPriceMicro: costOfDraft(prices.get(), fit) },
		{ image, lastFrame, references });
		query.set({ ...query.get(), q: '', status: '' }); // what was just made is to be seen
		live.set(t('live.sent'));
	};
	const submit = (event) => {
		event.preventDefault();
		send();
	};
	const mark = (name) => faulty(refused?.field === name, 'compose-problem'), markImage = (name) => ({ bad: refused?.field === name, describedBy: 'compose-problem' });
	const hasMore = can.inputs.last || can.inputs.image || ['seed', 'negative_prompt', 'audio'].some((name) => can.options.includes(name));
	const isUsed = Boolean(fit.lastFrame || fit.references.length > 0 || fields.seed !== '' || fields.negativePrompt || fields.audio);
	const sizes = can.sizes ?? (SIZES.includes(fields.size) || !fields.size ? SIZES : [...SIZES, fields.size]);
	const said = refused?.text || problem, cost = costOfDraft(useSignal(prices), fit);

	return html`<form ref=${form} class=${`compose ${over ? 'dropping' : ''}`} onSubmit=${submit} novalidate>
		<${Parked} />
		<${Prompt} box=${area} id="prompt" value=${fields.prompt} onInput=${set('prompt')} onSend=${send} onEscape=${() => area.current.blur()}
			label=${t('compose.prompt')} placeholder=${t('compose.example')} ...${markImage('prompt')} />
		${said && html`<p class="problem" id="compose-problem" role="alert" dir="auto">${said}</p>`}
		<div class="tools">
			${can.inputs.first && html`<${ImageField} image=${fit.image} onImage=${setPicture('image')} onProblem=${onProblem} ...${markImage('input_reference')} />`}
			${coming && html`<span class="chip" role="status"><span class="spinner small"></span>${t('compose.image.coming')}</span>`}
			<${ModelField} value=${fields.model} onChange=${set('model')} ...${markImage('model')} />
			${sizes.length > 0 && html`<${Choice} name="size" label=${t('compose.size')} none=${auto(t('compose.size'))} value=${fields.size} onChange=${set('size')} mark=${mark}
				options=${sizes.map((size) => [size, sizeText(size)])} />`}
			<${SecondsField} seconds=${can.seconds} value=${fields.seconds} onChange=${set('seconds')} mark=${mark} />
			${hasMore && html`<button type="button" class="chip" aria-expanded=${open || isUsed} onClick=${() => setOpen(!open)}>${t('compose.more')}</button>`}
			<button class="primary go" aria-disabled=${coming} title=${cost === null ? undefined : exactText(cost)}>${t('compose.go')}${cost !== null && ` · ${priceText(cost)}`}</button>
		</div>
		${hasMore && (open || isUsed) && html`<${More} can=${can} fit=${fit} set=${set} setPicture=${setPicture} onProblem=${onProblem} mark=${mark} markImage=${markImage} />`}
		<${Lack} cost=${cost} />
		${over && html`<p class="drop-here" aria-hidden="true"><span>${t('compose.drop')}</span></p>`}
	</form>`;
}
