// The account: its password, and where it is signed in.
import { html, useEffect, useState, useSignal } from '../state/html.js';
import { session } from '../state/session.js';
import { ago, reason, t } from '../state/text.js';
import { ask, goHome, toast } from '../state/ui.js';
import { IconButton, Sheet, wordsIn } from './parts.js';

export function Account() {
	const user = useSignal(session.user);
	return html`<${Sheet} class="account" label=${t('account.title')} onClose=${goHome}>
		<${IconButton} icon="close" class="closer" label=${t('do.close')} onClick=${goHome} />
		<h2>${t('account.title')} · <bdi>${user?.username}</bdi></h2>
		<${Sessions} />
		<${Password} />
	<//>`;
}

/** Does what may fail, and says why it has. @returns {[string, (work: () => Promise<any>) => Promise<boolean>]} the reason, and what does it: whether it went well */
export function useWork() {
	const [problem, setProblem] = useState('');
	return [problem, async (work) => {
		setProblem('');
		try {
			await session.guard(work());
			return true;
		} catch (error) {
			setProblem(reason(error));
			return false;
		}
	}];
}

function Sessions() {
	const [all, setAll] = useState(null), [problem, run] = useWork();
	const list = async () => setAll(await session.client.listSessions());
	useEffect(() => { run(list); }, []);
	const end = (id) => run(async () => {
		await session.client.endSession(id);
		await list();
	});
	const endOthers = () => run(async () => {
		toast(t('account.sessions.ended', { count: await session.client.endOtherSessions() }));
		await list();
	});
	const endAll = async () => {
		if (await ask(t('account.sessions.all.sure'), { why: t('account.sessions.all.why'), yes: t('account.sessions.all') }))
			run(async () => {
				await session.client.endOtherSessions();
				await session.signOut();
			});
	};
	return html`<section><h3>${t('account.sessions')}</h3><p class="quiet">${t('account.sessions.why')}</p>
		<ul class="plain">${all?.map(({ id, current, address, createdAt, lastUsedAt }) => html`<li key=${id}>
			<span class="grow">${address ? t('account.sessions.from', { address }) : t('account.sessions.somewhere')}${current && html` <b class="mine">${t('account.sessions.here')}</b>`}<br />
				<span class="quiet">${t('account.sessions.used', { when: ago(lastUsedAt) })} · ${t('account.sessions.since', { when: ago(createdAt) })}</span></span>
			${!current && html`<button type="button" class="ghost small" onClick=${() => end(id)}>${t('account.sessions.end')}</button>`}</li>`)}</ul>
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<div class="buttons">${all?.length > 1 && html`<button type="button" class="ghost" onClick=${endOthers}>${t('account.sessions.others')}</button>`}
			<button type="button" class="ghost bad" onClick=${endAll}>${t('account.sessions.all')}</button></div></section>`;
}

function Password() {
	const user = useSignal(session.user), [problem, run] = useWork(), [busy, setBusy] = useState(false);
	const send = async (event) => {
		event.preventDefault();
		const form = event.target, { password, newPassword } = wordsIn(form);
		if (busy)
			return;
		setBusy(true);
		if (await run(() => session.client.changePassword(password, newPassword))) {
			form.reset();
			toast(t('account.password.done'));
		}
		setBusy(false);
	};
	return html`<section><h3>${t('account.password')}</h3><form class="fields" onSubmit=${send}>
		<input name="username" autocomplete="username" value=${user?.username} hidden readonly />
		<label>${t('account.password.now')}<input name="password" type="password" autocomplete="current-password" required maxlength="256" /></label>
		<label>${t('account.password.new')}<input name="newPassword" type="password" autocomplete="new-password" required minlength="8" maxlength="256" /><small>${t('signin.password.rule')}</small></label>
		${problem && html`<p class="problem" role="alert">${problem}</p>`}
		<button class="primary" aria-disabled=${busy}>${t('account.password.change')}</button></form></section>`;
}
