// Where a video begins: a sentence, perhaps a picture, a format.
import { html, useEffect, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { imageProblem } from '../state/media.js';
import { abilityOf, catalogue, isOpen, named } from '../state/models.js';
import { session } from '../state/session.js';
import { draft } from '../state/settings.js';
import { t } from '../state/text.js';
import { draftPictures, live, query, sheets } from '../state/ui.js';
import { Icon, IconButton } from './parts.js';

/** Offered where a model takes any. */
const SIZES = ['1280x720', '720x1280', '1024x1024'];
/** What is empty is not sent. */
const PRESET = { prompt: '', model: '', size: '', seconds: '', seed: '', negativePrompt: '', audio: '' };
/** No model is called so: a name has no blanks. */
const OTHER = ' ';

/** A text field as high as its text. */
export function Prompt({ value, onInput, onSend, onEscape, label, placeholder, id, box }) {
	const own = useRef(null), area = box ?? own;
	useLayoutEffect(() => {
		area.current.style.height = 'auto';
		area.current.style.height = `${Math.min(area.current.scrollHeight, 320)}px`;
	}, [value]);
	return html`<textarea ref=${area} id=${id} name="prompt" rows="2" maxlength="32000" aria-label=${label} placeholder=${placeholder} value=${value}
		onInput=${(event) => onInput(event.target.value)}
		onKeyDown=${(event) => (event.key === 'Enter' && (event.ctrlKey || event.metaKey) ? onSend() : event.key === 'Escape' && onEscape?.())}></textarea>`;
}

/** A picture: a button, and once there is one, its preview. @param {{kind?: 'image'|'last'|'references'}} field */
export function ImageField({ kind = 'image', image, onImage, onProblem }) {
	const [url, setUrl] = useState(null);
	useEffect(() => {
		const made = image ? URL.createObjectURL(image) : null;
		setUrl(made);
		return () => made && URL.revokeObjectURL(made);
	}, [image]);
	const pick = async (event) => {
		const [file] = event.target.files;
		event.target.value = '';
		if (file)
			takeImage(file, onImage, onProblem);
	};
	if (url)
		return html`<span class="preview"><img src=${url} alt=${t(`compose.${kind}.alt`)} />
			<${IconButton} icon="close" class="small" label=${t('compose.image.remove')} onClick=${() => onImage(null)} /></span>`;
	return html`<label class="chip pick" title=${t(`compose.${kind}.title`)}><${Icon} name="image" /><span>${t(`compose.${kind}`)}</span>
		<input type="file" accept="image/png,image/jpeg,image/webp" aria-label=${t(`compose.${kind}.title`)} onChange=${pick} /></label>`;
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
	useEffect(() => {
		let depth = 0;
		const hasFile = (event) => [...event.dataTransfer?.types ?? []].includes('Files') && heeds();
		const on = {
			dragenter: (event) => { if (hasFile(event) && ++depth === 1) setOver(true); },
			dragleave: (event) => { if (hasFile(event) && --depth <= 0) { depth = 0; setOver(false); } },
			dragover: (event) => hasFile(event) && event.preventDefault(),
			drop: (event) => {
				depth = 0;
				setOver(false);
				if (!hasFile(event))
					return;
				event.preventDefault();
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

/** One of a few, or none of them. @param {{options: [string, string][]}} field values, and what they are called */
const Choice = ({ name, label, none, value, options, onChange }) => html`<label class="chip choose"><span class="unseen">${label}</span>
	<select name=${name} value=${value} onChange=${onChange}>
		<option value="" selected=${value === ''}>${none}</option>
		${options.map(([one, text]) => html`<option key=${one} value=${one} selected=${value === one}>${text}</option>`)}
	</select></label>`;

const auto = (what) => t('compose.auto', { what });

function sizeText(size) {
	const [width, height] = size.split('x').map(Number);
	return `${t(width > height ? 'shape.wide' : width < height ? 'shape.tall' : 'shape.square')} ${width} × ${height}`;
}

/** The model: one that the server knows, or another one by its name where that is taken, too. */
function ModelField({ value, onChange }) {
	const all = useSignal(catalogue), models = named(all), isListed = value === '' || models.some(({ name }) => name === value);
	const [typing, setTyping] = useState(false), types = isOpen(all) && (typing || !isListed);
	if (models.length <= 1 && isListed && !isOpen(all))
		return null; // there is nothing to choose
	const options = [...models.map(({ name, label }) => [name, label]), ...(isOpen(all) ? [[OTHER, t('compose.model.other')]] : isListed ? [] : [[value, value]])];
	const choose = ({ target }) => {
		setTyping(target.value === OTHER);
		onChange(target.value === OTHER ? '' : target.value);
	};
	return html`<${Choice} name="model" label=${t('compose.model')} none=${t('compose.model.any')} value=${types ? OTHER : value} options=${options} onChange=${choose} />
		${types && html`<label class="chip field model"><input name="model" maxlength="128" value=${value} onInput=${onChange} aria-label=${t('compose.model.name')}
			placeholder=${t('compose.model.name')} spellcheck=${false} autocomplete="off" autocapitalize="none" /></label>`}`;
}

/** The length: one of those that the model takes, or any. */
function SecondsField({ seconds, value, onChange }) {
	if (seconds)
		return seconds.length > 0 && html`<${Choice} name="seconds" label=${t('compose.seconds')} none=${auto(t('compose.seconds'))} value=${value} onChange=${onChange}
			options=${seconds.map((n) => [String(n), t('unit.seconds', { n })])} />`;
	return html`<label class="chip field"><input class=${value === '' ? 'auto' : ''} type="number" name="seconds" min="1" max="3600" value=${value} onInput=${onChange}
		aria-label=${t('compose.seconds')} placeholder=${auto(t('compose.seconds'))} />${value !== '' && html`<span aria-hidden="true">s</span>`}</label>`;
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
function More({ can, fit, set, setPicture, onProblem }) {
	const { fields, image, lastFrame, references } = fit, room = can.inputs.most - Boolean(image) - Boolean(lastFrame) - references.length;
	return html`<div class="tools more">
		${can.inputs.last && (lastFrame || room > 0) && html`<${ImageField} kind="last" image=${lastFrame} onImage=${setPicture('lastFrame')} onProblem=${onProblem} />`}
		${references.map((one, n) => html`<${ImageField} key=${n} kind="references" image=${one} onProblem=${onProblem}
			onImage=${() => setPicture('references')(references.filter((other) => other !== one))} />`)}
		${can.inputs.image && room > 0 && references.length < 9 && html`<${ImageField} key="add" kind="references" image=${null} onProblem=${onProblem}
			onImage=${(file) => setPicture('references')([...references, file])} />`}
		${can.options.includes('audio') && html`<${Choice} name="audio" label=${t('compose.audio')} none=${auto(t('compose.audio'))} value=${fields.audio} onChange=${set('audio')}
			options=${['true', 'false'].map((on) => [on, t(`compose.audio.${on}`)])} />`}
		${can.options.includes('seed') && html`<label class="chip field seed"><input type="number" name="seed" value=${fields.seed} onInput=${set('seed')} aria-label=${t('compose.seed')} placeholder=${t('compose.seed')} /></label>`}
		${can.options.includes('negative_prompt') && html`<label class="chip field negative"><input name="negativePrompt" maxlength="32000" value=${fields.negativePrompt}
			onInput=${set('negativePrompt')} aria-label=${t('compose.negative')} placeholder=${t('compose.negative')} /></label>`}
	</div>`;
}

export function Compose() {
	const now = { ...PRESET, ...useSignal(draft) }, can = abilityOf(useSignal(catalogue), now.model), fit = fitting(now, useSignal(draftPictures), can), { fields } = fit;
	const [problem, setProblem] = useState(''), [open, setOpen] = useState(false);
	const area = useRef(null), form = useRef(null), taking = useRef(null);
	const setPicture = (name) => (value) => draftPictures.set({ ...draftPictures.get(), [name]: value });
	taking.current = (file) => (can.inputs.first ? setPicture('image')(file) : setProblem(t('compose.image.none')));
	const over = useDropAndPaste((file) => taking.current(file), setProblem, () => sheets.get().length === 0);
	const set = (name) => (value) => {
		setProblem('');
		draft.set({ ...PRESET, ...draft.get(), [name]: value?.target ? value.target.value : value });
	};
	useEffect(() => {
		const focus = () => {
			form.current.scrollIntoView({ block: 'center' });
			area.current.focus();
		};
		addEventListener('longreel:compose', focus);
		return () => removeEventListener('longreel:compose', focus);
	}, []);

	const send = () => {
		const prompt = fields.prompt.trim(), { image, lastFrame, references } = fit;
		if (!prompt) {
			setProblem(t('compose.empty'));
			area.current.focus();
			return;
		}
		session.outbox.create({ prompt, model: fields.model.trim() || null, size: fields.size || null, seconds: Number(fields.seconds) || null,
			seed: fields.seed === '' ? null : Number(fields.seed), negativePrompt: fields.negativePrompt.trim() || null, audio: fields.audio === '' ? null : fields.audio === 'true' },
		{ image, lastFrame, references });
		draft.set({ ...now, prompt: '' });
		draftPictures.set({});
		query.set({ q: '', status: '' }); // what was just made is to be seen
		live.set(t('live.sent'));
	};
	const submit = (event) => {
		event.preventDefault();
		send();
	};
	const hasMore = can.inputs.last || can.inputs.image || ['seed', 'negative_prompt', 'audio'].some((name) => can.options.includes(name));
	const isUsed = Boolean(fit.lastFrame || fit.references.length > 0 || fields.seed !== '' || fields.negativePrompt || fields.audio);
	const sizes = can.sizes ?? (SIZES.includes(fields.size) || !fields.size ? SIZES : [...SIZES, fields.size]);

	return html`<form ref=${form} class=${`compose ${over ? 'dropping' : ''}`} onSubmit=${submit} novalidate>
		<${Prompt} box=${area} id="prompt" value=${fields.prompt} onInput=${set('prompt')} onSend=${send} onEscape=${() => area.current.blur()}
			label=${t('compose.prompt')} placeholder=${t('compose.example')} />
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<div class="tools">
			${can.inputs.first && html`<${ImageField} image=${fit.image} onImage=${setPicture('image')} onProblem=${setProblem} />`}
			<${ModelField} value=${fields.model} onChange=${set('model')} />
			${sizes.length > 0 && html`<${Choice} name="size" label=${t('compose.size')} none=${auto(t('compose.size'))} value=${fields.size} onChange=${set('size')}
				options=${sizes.map((size) => [size, sizeText(size)])} />`}
			<${SecondsField} seconds=${can.seconds} value=${fields.seconds} onChange=${set('seconds')} />
			${hasMore && html`<button type="button" class="chip" aria-expanded=${open || isUsed} onClick=${() => setOpen(!open)}>${t('compose.more')}</button>`}
			<button class="primary go">${t('compose.go')}</button>
		</div>
		${hasMore && (open || isUsed) && html`<${More} can=${can} fit=${fit} set=${set} setPicture=${setPicture} onProblem=${setProblem} />`}
		${over && html`<p class="drop-here" aria-hidden="true">${t('compose.drop')}</p>`}
	</form>`;
}
