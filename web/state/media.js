// Videos and the small pictures that stand for them. A link of our own origin is played as it is; without one the bytes are fetched with
// the token, which an element's own request would not bear. Nothing is ever loaded from another origin.
import { session } from './session.js';
import { Signal } from './signal.js';

const BLOBS_MOST = 6, POSTERS_MOST = 400, POSTER_WIDTH = 480, CAPTURES_MOST = 2, CAPTURE_MS = 15_000;

/** Object URLs of whole videos, the oldest first. @type {Map<string, string>} */
const blobs = new Map();
/** @type {Map<string, Signal<?string>>} */
const posters = new Map();
const waiting = [];
let capturing = 0;

/**
 * An address that an element can play.
 * @param {object} task @param {{fresh?: boolean}} [options] fresh: the link that was there does not work any more
 * @returns {Promise<string>} @throws {import('../client.js').ApiError}
 */
export async function sourceOf(task, { fresh = false } = {}) {
	const link = session.client.contentLink(fresh ? await session.guard(session.client.getTask(task.videoId)) : task);
	if (link && (!fresh || link !== task.videoUrl))
		return link;
	return blobOf(task.videoId);
}

async function blobOf(videoId) {
	let url = blobs.get(videoId);
	if (url) {
		blobs.delete(videoId);
	} else {
		url = URL.createObjectURL(await session.guard(session.client.content(videoId)));
		if (blobs.size >= BLOBS_MOST) {
			const [oldest, its] = blobs.entries().next().value;
			URL.revokeObjectURL(its);
			blobs.delete(oldest);
		}
	}
	blobs.set(videoId, url);
	return url;
}

/** How an image of a task is kept on this machine, beside the pictures of videos. */
const inputName = (task, n) => `${task.videoId} ${n}`;

/** Pictures of what tasks are made from, by card: they are there before the server has the task. @type {Map<string, Signal<?string>>} */
const inputs = new Map();

/**
 * A small picture of an image that the task is made from; null until there is one.
 * @param {object} task @param {number} [n] which of its images @returns {Signal<?string>}
 */
export function inputOf(task, n = 0) {
	const name = `${task.key} ${n}`;
	let picture = inputs.get(name);
	if (!picture) {
		picture = new Signal(null);
		inputs.set(name, picture);
		forgetSome(inputs);
		showInput(task, n, picture);
	}
	return picture;
}

async function showInput(task, n, picture) {
	try {
		const entry = session.outbox.entry(task.clientRequestId), own = entry && imagesOf(entry)[n];
		const kept = own ? null : await session.poster(inputName(task, n));
		const small = kept ?? await shrink(own ?? await session.guard(session.client.input(task, n)));
		picture.set(URL.createObjectURL(small));
		if (!kept && task.videoId)
			session.putPoster(inputName(task, n), small);
	} catch {
		inputs.delete(`${task.key} ${n}`); // it is asked for again when it is to be seen again
	}
}

/** All images of a creation in the order of the task's `inputs`. @param {{image?: ?Blob, lastFrame?: ?Blob, references?: Blob[]}} pictures */
export const imagesOf = ({ image, lastFrame, references }) => [image, lastFrame, ...references ?? []].filter(Boolean);

/** How many images a task is made from, as far as is known. */
export function inputCount(task) {
	const entry = task.videoId ? null : session.outbox.entry(task.clientRequestId);
	return entry ? imagesOf(entry).length : task.inputs?.length ?? 0;
}

/** The image as it may be shown small. @param {Blob} blob @returns {Promise<Blob>} */
async function shrink(blob) {
	const image = await createImageBitmap(blob), scale = Math.min(1, POSTER_WIDTH / image.width);
	const canvas = document.createElement('canvas');
	canvas.width = Math.max(1, Math.round(image.width * scale));
	canvas.height = Math.max(1, Math.round(image.height * scale));
	canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
	image.close();
	return new Promise((done, failed) => canvas.toBlob((small) => (small ? done(small) : failed(new Error('image'))), 'image/webp', 0.8));
}

const ROLES = { first: 'image', last: 'lastFrame' };

/** The images of a task as they were sent, for another creation. @returns {Promise<import('./drafts.js').Pictures>} */
export async function picturesOf(task) {
	const pictures = { references: [] };
	for (const [n, { role }] of (task.inputs ?? []).entries()) {
		const image = await session.guard(session.client.input(task, n));
		if (ROLES[role])
			pictures[ROLES[role]] = image;
		else
			pictures.references.push(image);
	}
	return pictures;
}

/** The picture of a video; null until there is one. @returns {Signal<?string>} */
export function posterOf(task) {
	let poster = posters.get(task.videoId);
	if (!poster) {
		poster = new Signal(null);
		posters.set(task.videoId, poster);
		forgetSome(posters);
		session.poster(task.videoId).then((kept) => {
			if (kept)
				poster.set(URL.createObjectURL(kept));
			else if (session.client.contentLink(task) && !/** @type {any} */ (navigator).connection?.saveData)
				capture(task);
		});
	}
	return poster;
}

/** Pictures that are not on screen are read again when they are. */
function forgetSome(all) {
	for (const [name, picture] of all) {
		if (all.size <= POSTERS_MOST)
			return;
		if (picture.watched || picture.get() === null)
			continue; // on screen, or still being made
		URL.revokeObjectURL(picture.get());
		all.delete(name);
	}
}

/** Makes a picture of what the element shows. @param {HTMLVideoElement} video */
export async function keepPoster(task, video) {
	const poster = posterOf(task);
	if (poster.get() || !video.videoWidth)
		return;
	const canvas = document.createElement('canvas');
	canvas.width = POSTER_WIDTH;
	canvas.height = Math.round(POSTER_WIDTH * video.videoHeight / video.videoWidth);
	const brush = canvas.getContext('2d');
	brush.drawImage(video, 0, 0, canvas.width, canvas.height);
	if (isBlack(brush, canvas))
		return; // it fades in, or was not decoded yet; the colour says more
	const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.8)).catch(() => null);
	if (!blob || poster.get())
		return;
	poster.set(URL.createObjectURL(blob));
	session.putPoster(task.videoId, blob);
}

/** Whether a line across the picture has no light in it. */
function isBlack(brush, { width, height }) {
	const line = brush.getImageData(0, height >> 1, width, 1).data;
	return line.every((value, n) => n % 4 === 3 || value < 16);
}

/** Loads as much of the video as its first picture takes, a few at a time. */
function capture(task) {
	if (capturing >= CAPTURES_MOST) {
		waiting.push(task);
		return;
	}
	capturing++;
	const video = document.createElement('video');
	let ended = false;
	const end = () => {
		if (ended)
			return;
		ended = true;
		clearTimeout(timer);
		video.onloadeddata = video.onerror = null;
		video.removeAttribute('src');
		video.load();
		capturing--;
		captureNext();
	};
	const timer = setTimeout(end, CAPTURE_MS);
	video.muted = true;
	video.preload = 'auto';
	video.onloadeddata = () => keepPoster(task, video).finally(end);
	video.onerror = end;
	video.src = `${session.client.contentLink(task)}#t=0.1`;
}

/** The one that was asked for last is the likeliest to be on screen; those that are not any more are asked for again when they are. */
function captureNext() {
	for (let task; (task = waiting.pop());) {
		if (posters.get(task.videoId)?.watched) {
			capture(task);
			return;
		}
		posters.delete(task.videoId);
	}
}

const MAGIC = [[0x89, 0x50, 0x4e, 0x47], [0xff, 0xd8, 0xff]];

/** Why a file cannot be the reference picture, as a text's name; null if it can. Judged by its bytes, as the server does. @param {File} file */
export async function imageProblem(file) {
	if (file.size > 10 * 1024 * 1024)
		return 'compose.image.size';
	const head = new Uint8Array(await file.slice(0, 12).arrayBuffer());
	const word = (at) => String.fromCharCode(...head.slice(at, at + 4));
	const known = MAGIC.some((magic) => magic.every((byte, n) => head[n] === byte)) || (word(0) === 'RIFF' && word(8) === 'WEBP');
	return known ? null : 'compose.image.kind';
}
