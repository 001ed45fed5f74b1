// One card of the gallery: a task as a person sees it. Knows the page's template and nothing of the server.

const WORDS = { SENDING: 'Sending…', QUEUED: 'Waiting for its turn', PROCESSING: 'In the making', COMPLETED: '', FAILED: 'Failed', CANCELLED: 'Cancelled' };

/** "1:05" */
function clock(ms) {
	const seconds = Math.max(0, Math.round(ms / 1000));
	return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

const isOpen = (task) => task.status === 'SENDING' || task.status === 'QUEUED' || task.status === 'PROCESSING';

export class Card {
	/** @param {{content: (videoId: string) => Promise<Blob>, resend: (task: object) => void}} actions */
	constructor(task, actions) {
		this.actions = actions;
		this.element = document.getElementById('card').content.firstElementChild.cloneNode(true);
		this.play = this.part('.play');
		this.save = this.part('.save');
		this.play.addEventListener('click', () => this.show());
		this.save.addEventListener('click', (event) => this.download(event));
		this.part('.again').addEventListener('click', () => actions.resend(this.task));
		this.update(task);
	}

	part(selector) {
		return this.element.querySelector(selector);
	}

	/** Takes the task as it now stands. */
	update(task) {
		this.task = task;
		const done = task.status === 'COMPLETED', bad = task.status === 'FAILED' || task.status === 'CANCELLED';
		this.part('.prompt').textContent = task.prompt;
		this.part('.state').textContent = WORDS[task.status] ?? '';
		const progress = this.part('progress');
		progress.hidden = !isOpen(task);
		progress.setAttribute('aria-label', `Progress of: ${task.prompt.slice(0, 60)}`);
		if (task.status === 'SENDING')
			progress.value = task.upload ?? 0;
		else
			progress.value = task.progress;
		this.part('.problem').textContent = bad ? task.errorMessage ?? '' : '';
		this.part('.again').hidden = !bad;
		this.play.hidden = !done || Boolean(this.video);
		this.save.hidden = !done;
		this.tick();
	}

	/** The line at the bottom; the time runs while the task is open. */
	tick() {
		const { task } = this;
		const facts = [task.model, task.size?.replace('x', '\u00a0×\u00a0'), task.seconds && `${task.seconds}\u00a0s`].filter(Boolean);
		const from = Date.parse(task.createdAt);
		if (isOpen(task))
			facts.unshift(clock(Date.now() - from), task.status === 'PROCESSING' ? `${task.progress}\u00a0%` : '');
		else if (task.completedAt)
			facts.unshift(`took ${clock(Date.parse(task.completedAt) - from)}`);
		this.part('.facts').textContent = facts.filter(Boolean).join(' · ');
	}

	fail(error) {
		this.part('.problem').textContent = error.message;
	}

	/** The video's address, once its bytes are here: they come with the token, which an element's own request would not bear. */
	async url() {
		this.blobUrl ??= URL.createObjectURL(await this.actions.content(this.task.videoId));
		return this.blobUrl;
	}

	async show() {
		this.play.disabled = true;
		try {
			const video = document.createElement('video');
			video.controls = video.loop = video.playsInline = true;
			video.src = await this.url();
			this.video = video;
			this.part('.stage').replaceChildren(video);
			await video.play().catch(() => {}); // the browser may want a click of its own
		} catch (error) {
			this.play.disabled = false;
			this.fail(error);
		}
	}

	async download(event) {
		if (this.blobUrl && this.save.href)
			return;
		event.preventDefault();
		try {
			this.save.href = await this.url();
			this.save.download = `${this.task.videoId}.mp4`;
			this.save.click();
		} catch (error) {
			this.fail(error);
		}
	}

	remove() {
		this.element.remove();
		if (this.blobUrl)
			URL.revokeObjectURL(this.blobUrl);
	}
}
