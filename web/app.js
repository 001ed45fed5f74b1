// The page: what is shown when, the keys that work everywhere, and what is said aloud.
import { html, render, useRef, useSignal } from './state/html.js';
import { learnAbout } from './state/about.js';
import { session } from './state/session.js';
import { applySettings, language, notify } from './state/settings.js';
import { short, t } from './state/text.js';
import { chosen, go, live, question, route, sheets } from './state/ui.js';
import { Account } from './view/account.js';
import { Bar, Filters } from './view/bar.js';
import { Compose } from './view/compose.js';
import { Detail } from './view/detail.js';
import { useKeptFocus } from './view/focus.js';
import { Gallery } from './view/gallery.js';
import { Keys } from './view/keys.js';
import { Sheet, Voices } from './view/parts.js';
import { SignIn, SignInAgain } from './view/signin.js';
import { Title } from './view/title.js';
import { Usage } from './view/usage.js';

function App() {
	useSignal(language); // everything is drawn again in the other one
	const phase = useSignal(session.phase), where = useSignal(route), asked = useSignal(question);
	const inside = phase === 'in' || phase === 'expired', main = useRef(null);
	useKeptFocus(main, () => main.current);
	return html`<${Title} inside=${inside} /><${Bar} />
		<main tabindex="-1" ref=${main}>${phase === 'out' ? html`<div class="welcome"><${SignIn} /></div>`
			: inside && html`<h1 class="unseen">longreel</h1><${Compose} /><${Filters} /><${Gallery} />`}</main>
		${inside && where.name === 'video' && html`<${Detail} videoId=${where.id} />`}
		${inside && where.name === 'keys' && html`<${Keys} />`}
		${inside && where.name === 'account' && html`<${Account} />`}
		${inside && where.name === 'usage' && html`<${Usage} />`}
		${phase === 'expired' && html`<${SignInAgain} />`}
		${asked && html`<${Question} ...${asked} />`}
		${useSignal(sheets).length === 0 && html`<${Voices} />`}`;
}

function Question({ title, why, yes, answer }) {
	return html`<${Sheet} class="question" label=${title} onClose=${() => answer(false)}><h2>${title}</h2>${why && html`<p class="quiet">${why}</p>`}
		<div class="buttons end"><button type="button" class="ghost" onClick=${() => answer(false)}>${t('do.cancel')}</button>
			<button type="button" class="primary danger" onClick=${() => answer(true)}>${yes}</button></div><//>`;
}

// ---- what is said when a video has ended ----

session.onChange = (before, now) => {
	if (!before || before.status === now.status || before.completedAt)
		return;
	const prompt = short(now.prompt, 80);
	if (now.status === 'COMPLETED')
		live.set(t('live.ready', { prompt }));
	else if (now.status === 'FAILED')
		live.set(t('live.failed', { prompt }));
	if (now.status === 'COMPLETED' && notify.get() && document.hidden && globalThis.Notification?.permission === 'granted')
		tellOutside(now, prompt);
};

function tellOutside(task, body) {
	let note;
	try {
		note = new Notification(t('notify.ready'), { body, tag: task.videoId, icon: 'icon.svg' });
	} catch {
		return; // some browsers of phones leave that to service workers
	}
	note.onclick = () => {
		focus();
		go(`video/${encodeURIComponent(task.videoId)}`);
		note.close();
	};
}

// ---- keys ----

addEventListener('keydown', (event) => {
	const typing = /** @type {Element} */ (event.target).closest?.('input, textarea, select, [contenteditable]');
	if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]'))
		return;
	const jump = { '/': () => document.getElementById('search')?.focus(), n: () => dispatchEvent(new Event('longreel:compose')),
		Escape: () => chosen.set(null) }[event.key];
	if (jump) {
		jump();
		if (event.key !== 'Escape')
			event.preventDefault();
	}
});

applySettings();
const root = document.getElementById('page');
root.className = '';
root.replaceChildren(); // what stood there until now
render(html`<${App} />`, root);
learnAbout();
session.resume();
