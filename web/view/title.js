// The page's title: how far one's videos are, for who looks at another tab, and what the page is about.
import { useEffect, useSignal } from '../state/html.js';
import { session } from '../state/session.js';
import { short, t } from '../state/text.js';
import { query, route, title } from '../state/ui.js';

/** How far all are that are being made; '' where none is. */
function makingText() {
	const making = session.store.all().filter((task) => task.videoId && !session.isForeign(task) && (task.status === 'QUEUED' || task.status === 'PROCESSING'));
	return making.length > 0 ? t('title.making', { count: making.length, percent: Math.floor(making.reduce((sum, { progress }) => sum + (progress ?? 0), 0) / making.length) }) : '';
}

export function Title({ inside }) {
	useSignal(session.store.changes);
	const where = useSignal(route), { q, status } = useSignal(query), about = useSignal(title);
	useEffect(() => {
		const what = about || (inside && ['keys', 'account', 'usage'].includes(where.name) ? t(`${where.name}.title`) : inside && [q, status && t(`filter.${status}`)].filter(Boolean).join(' · '));
		document.title = [inside && makingText(), what && short(what, 60), 'longreel'].filter(Boolean).join(' – ');
	});
	return null;
}
