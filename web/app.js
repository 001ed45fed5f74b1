// The page: sign in, compose, gallery. A task is on screen at the click, under its clientRequestId; the server's answer, the feed and a
// recovery after a reload all lead to that one card.
import { ApiError, Client, newRequestId } from './client.js';
import { Card } from './card.js';

const $ = (id) => document.getElementById(id);
const PENDING = 'longreel.pending', TOKEN = 'longreel.token', DRAFT = 'longreel.draft';
const client = new Client({ token: localStorage.getItem(TOKEN) });

/** The cards by clientRequestId where there is one, else by videoId. @type {Map<string, Card>} */
const cards = new Map();
/** Ends the session's feed. @type {?AbortController} */
let session = null;
let nextCursor = null, image = null;

// ---- creations whose answer has not come: kept so that a reload finds them ----

const pending = {
	read: () => JSON.parse(localStorage.getItem(PENDING) ?? '[]'),
	write: (tasks) => localStorage.setItem(PENDING, JSON.stringify(tasks)),
	add: (task) => pending.write([...pending.read(), task]),
	drop: (id) => pending.write(pending.read().filter((task) => task.clientRequestId !== id)),
};

// ---- cards ----

const keyOf = (task) => task.clientRequestId ?? task.videoId;
const actions = { content: (videoId) => client.content(videoId), resend };

/** Shows the task as it stands: on its card, or a new one in its place (newest first). */
function show(task) {
	const key = keyOf(task);
	const card = cards.get(key);
	if (task.videoId)
		pending.drop(task.clientRequestId);
	if (card) {
		card.update({ ...card.task, ...task });
		return;
	}
	const made = new Card(task, actions);
	cards.set(key, made);
	const older = [...$('gallery').children].find((li) => li.dataset.createdAt < task.createdAt);
	made.element.dataset.createdAt = task.createdAt;
	$('gallery').insertBefore(made.element, older ?? null);
	$('empty').hidden = true;
}

function removeByVideoId(videoId) {
	for (const [key, card] of cards)
		if (card.task.videoId === videoId) {
			card.remove();
			cards.delete(key);
		}
}

function clear() {
	for (const card of cards.values())
		card.remove();
	cards.clear();
	nextCursor = null;
	$('empty').hidden = true;
}

// ---- composing ----

function setImage(file) {
	if (file && !['image/png', 'image/jpeg', 'image/webp'].includes(file.type))
		return problem($('compose'), 'The picture must be a PNG, JPEG or WebP file.');
	if (file && file.size > 10 * 1024 * 1024)
		return problem($('compose'), 'The picture must be at most 10 MB.');
	problem($('compose'), '');
	const picture = $('preview').querySelector('img');
	URL.revokeObjectURL(picture.src);
	image = file ?? null;
	if (image)
		picture.src = URL.createObjectURL(image);
	$('preview').hidden = !image;
	$('image-label').hidden = Boolean(image);
	$('image').value = '';
}

function problem(form, text) {
	form.querySelector('.problem').textContent = text;
}

function saveDraft() {
	localStorage.setItem(DRAFT, JSON.stringify(Object.fromEntries(new FormData($('compose')))));
}

function fillForm(fields) {
	for (const [name, value] of Object.entries(fields))
		if ($('compose').elements[name] && value !== null && value !== undefined)
			$('compose').elements[name].value = value;
}

function resend(task) {
	fillForm({ prompt: task.prompt, model: task.model, size: task.size, seconds: task.seconds });
	$('prompt').focus();
	$('compose').scrollIntoView({ block: 'start' });
}

async function create() {
	const fields = Object.fromEntries(new FormData($('compose')));
	if (!fields.prompt.trim())
		return problem($('compose'), 'Please write what the video should show.');
	problem($('compose'), '');
	const task = { ...fields, seconds: Number(fields.seconds) || null, clientRequestId: newRequestId(), status: 'SENDING', progress: 0,
		createdAt: new Date().toISOString() };
	const picture = image;
	pending.add(task);
	show(task);
	$('prompt').value = '';
	setImage(null);
	saveDraft();
	try {
		const { videoId, status } = await client.createVideo(
			{ prompt: task.prompt, model: task.model, size: task.size, seconds: task.seconds, clientRequestId: task.clientRequestId, image: picture },
			(fraction) => cards.get(task.clientRequestId)?.update({ ...task, upload: fraction * 100 }));
		if (cards.get(task.clientRequestId)?.task.status === 'SENDING')
			show({ ...task, videoId, status: status.toUpperCase() });
	} catch (error) {
		await settle(task, error);
	}
}

/** A creation that failed: the server may have written the task down all the same, so it is asked before anything is said. */
async function settle(task, error) {
	if (error.status === 401)
		return expire();
	try {
		const { tasks } = await client.recoverTasks([task.clientRequestId]);
		if (tasks.length > 0)
			return show(tasks[0]);
		pending.drop(task.clientRequestId);
	} catch (unknown) {
		if (unknown.status === 401)
			return expire();
	}
	show({ ...task, status: 'FAILED', errorMessage: error.message });
}

// ---- the session ----

async function loadPage() {
	const page = await client.listTasks({ pageSize: 24, cursor: nextCursor });
	page.tasks.forEach(show);
	nextCursor = page.nextCursor;
	$('empty').hidden = cards.size > 0;
}

/** What was sent before the page was left, and never answered. */
async function recover() {
	const lost = pending.read();
	if (lost.length === 0)
		return;
	const { tasks, missing } = await client.recoverTasks(lost.map((task) => task.clientRequestId));
	tasks.forEach(show);
	for (const task of lost.filter((each) => missing.includes(each.clientRequestId))) {
		pending.drop(task.clientRequestId);
		show({ ...task, status: 'FAILED', errorMessage: 'It did not reach the server.' });
	}
}

async function follow(cursor, signal) {
	for await (const change of client.watch(cursor, signal)) {
		if (change.type === 'task')
			show(change.task);
		else if (change.type === 'deleted')
			removeByVideoId(change.videoId);
		else
			$('connection').textContent = change.type === 'offline' ? 'Reconnecting…' : '';
	}
}

async function start() {
	const signal = (session = new AbortController()).signal;
	$('welcome').hidden = true;
	try {
		const user = await client.verify();
		$('who').textContent = user.username;
		$('studio').hidden = $('sign-out').hidden = false;
		/* The cursor before the list: what changes in between comes by the feed, twice at the most. */
		const { cursor } = await client.call('GET', '/api/video/updates');
		await loadPage();
		await recover();
		await follow(cursor, signal);
	} catch (error) {
		if (signal.aborted)
			return;
		if (error.status === 401)
			return expire();
		$('connection').textContent = error instanceof ApiError ? error.message : 'Something went wrong; please reload.';
		setTimeout(() => session?.signal === signal && start(), 3000);
	}
}

function stop(sentence = '') {
	session?.abort();
	session = null;
	client.token = null;
	localStorage.removeItem(TOKEN);
	clear();
	$('studio').hidden = $('sign-out').hidden = true;
	$('who').textContent = $('connection').textContent = '';
	$('welcome').hidden = false;
	problem($('sign-in'), sentence);
}

function expire() {
	stop('Your session has ended. Please sign in again.');
}

async function signIn(event) {
	event.preventDefault();
	const form = event.target, button = event.submitter;
	const { username, password } = Object.fromEntries(new FormData(form));
	button.disabled = true;
	try {
		if (button.value === 'register')
			await client.register(username, password);
		await client.login(username, password);
		localStorage.setItem(TOKEN, client.token);
		form.reset();
		problem(form, '');
		start();
	} catch (error) {
		problem(form, error.message);
	} finally {
		button.disabled = false;
	}
}

// ---- wiring ----

$('sign-in').addEventListener('submit', signIn);
$('sign-out').addEventListener('click', () => {
	client.logout().catch(() => {});
	pending.write([]);
	stop();
});
$('compose').addEventListener('submit', (event) => { event.preventDefault(); create(); });
$('compose').addEventListener('input', saveDraft);
$('compose').addEventListener('keydown', (event) => {
	if (event.key === 'Enter' && (event.ctrlKey || event.metaKey))
		$('compose').requestSubmit();
});
$('image').addEventListener('change', (event) => setImage(event.target.files[0]));
$('image-remove').addEventListener('click', () => setImage(null));
$('compose').addEventListener('paste', (event) => {
	const file = [...event.clipboardData.files].find((each) => each.type.startsWith('image/'));
	if (file)
		setImage(file);
});
for (const type of ['dragover', 'dragleave', 'drop'])
	$('compose').addEventListener(type, (event) => {
		event.preventDefault();
		$('compose').classList.toggle('dropping', type === 'dragover');
		if (type === 'drop' && event.dataTransfer.files[0])
			setImage(event.dataTransfer.files[0]);
	});
new IntersectionObserver((entries) => {
	if (entries[0].isIntersecting && nextCursor)
		loadPage().catch(() => {});
}, { rootMargin: '600px' }).observe($('end'));
setInterval(() => cards.forEach((card) => card.tick()), 1000);

fillForm(JSON.parse(localStorage.getItem(DRAFT) ?? '{}'));
if (client.token)
	start();
else
	stop();
