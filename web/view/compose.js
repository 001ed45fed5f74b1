// Where a video begins: a sentence, perhaps a picture, a format.
import { html, useEffect, useLayoutEffect, useRef, useState, useSignal } from '../state/html.js';
import { imageProblem } from '../state/media.js';
import { session } from '../state/session.js';
import { draft } from '../state/settings.js';
import { t } from '../state/text.js';
import { draftImage, live, query, sheets } from '../state/ui.js';
import { Icon, IconButton } from './parts.js';

const SIZES = ['1280x720', '720x1280', '1024x1024'];
const PRESET = { prompt: '', model: '', size: SIZES[0], seconds: 10 };

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

/** The reference picture: a button, and once there is one, its preview. */
export function ImageField({ image, onImage, onProblem }) {
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
		return html`<span class="preview"><img src=${url} alt=${t('compose.image.alt')} />
			<${IconButton} icon="close" class="small" label=${t('compose.image.remove')} onClick=${() => onImage(null)} /></span>`;
	return html`<label class="chip pick" title=${t('compose.image.title')}><${Icon} name="image" /><span>${t('compose.image')}</span>
		<input type="file" accept="image/png,image/jpeg,image/webp" aria-label=${t('compose.image.title')} onChange=${pick} /></label>`;
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

export function Compose() {
	const fields = { ...PRESET, ...useSignal(draft) }, image = useSignal(draftImage);
	const [problem, setProblem] = useState('');
	const area = useRef(null), form = useRef(null);
	const over = useDropAndPaste((file) => draftImage.set(file), setProblem, () => sheets.get().length === 0);
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
		const now = { ...PRESET, ...draft.get() }, prompt = now.prompt.trim();
		if (!prompt) {
			setProblem(t('compose.empty'));
			area.current.focus();
			return;
		}
		session.outbox.create({ prompt, model: now.model.trim() || null, size: now.size, seconds: Number(now.seconds) || null }, draftImage.get());
		draft.set({ ...now, prompt: '' });
		draftImage.set(null);
		query.set({ q: '', status: '' }); // what was just made is to be seen
		live.set(t('live.sent'));
	};
	const submit = (event) => {
		event.preventDefault();
		send();
	};

	return html`<form ref=${form} class=${`compose ${over ? 'dropping' : ''}`} onSubmit=${submit} novalidate>
		<${Prompt} box=${area} id="prompt" value=${fields.prompt} onInput=${set('prompt')} onSend=${send} onEscape=${() => area.current.blur()}
			label=${t('compose.prompt')} placeholder=${t('compose.example')} />
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<div class="tools">
			<${ImageField} image=${image} onImage=${(file) => draftImage.set(file)} onProblem=${setProblem} />
			<fieldset class="chips"><legend class="unseen">${t('compose.size')}</legend>
				${(SIZES.includes(fields.size) ? SIZES : [...SIZES, fields.size]).map((size) => html`
					<label class="chip" key=${size} title=${size.replace('x', ' × ')}><input type="radio" name="size" value=${size} checked=${fields.size === size} onChange=${set('size')} />
						<span class=${`shape s${size}`}></span><span>${SIZES.includes(size) ? t(`size.${size}`) : size}</span></label>`)}
			</fieldset>
			<label class="chip field"><input type="number" name="seconds" min="1" max="3600" value=${fields.seconds} onInput=${set('seconds')} aria-label=${t('compose.seconds')} /><span aria-hidden="true">s</span></label>
			<label class="chip field model"><span class="unseen">${t('compose.model')}</span>
				<input name="model" maxlength="128" value=${fields.model} onInput=${set('model')} placeholder=${`${t('compose.model')}: ${t('compose.model.any')}`} spellcheck=${false} autocomplete="off" autocapitalize="none" /></label>
			<button class="primary go">${t('compose.go')}</button>
		</div>
		${over && html`<p class="drop-here" aria-hidden="true">${t('compose.drop')}</p>`}
	</form>`;
}
