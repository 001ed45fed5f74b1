// Signing in, for the first time or again.
import { html, useState, useSignal } from '../state/html.js';
import { about } from '../state/about.js';
import { session } from '../state/session.js';
import { reason, t } from '../state/text.js';
import { Sheet, wordsIn } from './parts.js';

/** @param {{again?: boolean}} props again: the session has ended and the page stays behind this */
export function SignIn({ again = false }) {
	const user = useSignal(session.user);
	const [fresh, setFresh] = useState(false), { registration } = useSignal(about) ?? {}, closed = registration === 'closed', [asked, setAsked] = useState(false), [problem, setProblem] = useState(''), [busy, setBusy] = useState(false);
	const send = async (event) => {
		event.preventDefault();
		const { username, password, code } = wordsIn(event.target);
		if (busy)
			return;
		setBusy(true);
		setProblem('');
		try {
			await (fresh ? session.register(username, password, code?.trim()) : session.signIn(username, password));
		} catch (error) {
			setProblem(reason(error));
			setAsked(asked || error.code === 'invite_required'); // it is so since we asked
			setBusy(false);
		}
	};
	return html`<form class="signin" onSubmit=${send}>
		<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="9" /><path d="M12.500 9.500v13l10.500-6.500z" /></svg>
		<h1>${again ? t('signin.again') : t('signin.title')}</h1>
		${again && html`<p class="quiet">${t('signin.again.why')}</p>`}
		<label>${t('signin.name')}<input name="username" autocomplete="username" required maxlength="64" autocapitalize="none" spellcheck=${false} defaultValue=${again ? user?.username : ''} /></label>
		<label>${t('signin.password')}<input name="password" type="password" autocomplete=${fresh ? 'new-password' : 'current-password'} required minlength="8" maxlength="256" /></label>
		${fresh && html`<p class="quiet">${t('signin.password.rule')}</p>`}
		${fresh && (registration === 'invite' || asked) && html`<label>${t('signin.code')}<input name="code" required maxlength="128" autocomplete="off" autocapitalize="none" spellcheck=${false} /></label>
			<p class="quiet">${t('signin.code.why')}</p>`}
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<button class="primary wide" aria-disabled=${busy}>${fresh ? t('signin.new') : t('signin.in')}</button>
		${!again && !closed && html`<button type="button" class="link" onClick=${() => { setFresh(!fresh); setProblem(''); }}>${fresh ? t('signin.to.in') : t('signin.to.new')}</button>`}
	</form>`;
}

/** Over the page, whose state stays. */
export const SignInAgain = () => html`<${Sheet} class="again" label=${t('signin.again')}><${SignIn} again /><//>`;
