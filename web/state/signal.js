// A value that can be watched.
import { scope } from './here.js';

/** @template T */
export class Signal {
	#value; #listeners = new Set();
	/** @param {T} value */
	constructor(value) {
		this.#value = value;
	}

	/** @returns {T} */
	get() {
		return this.#value;
	}

	/** @param {T} value tells all listeners, unless nothing changed */
	set(value) {
		if (Object.is(value, this.#value))
			return;
		this.#value = value;
		for (const listener of [...this.#listeners])
			listener(value);
	}

	/** @param {(value: T) => void} listener @returns {() => void} ends it */
	on(listener) {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	/** Whether there is a listener. */
	get watched() {
		return this.#listeners.size > 0;
	}
}

/** What the storage says; null where it is forbidden or full: then nothing is found again, and all else works. */
export function stored(work) {
	try {
		return work() ?? null;
	} catch {
		return null;
	}
}

/** A Signal that a reload finds again. @param {string} name @param {any} preset */
export function kept(name, preset) {
	const key = `longreel${scope}.${name}`;
	const read = (text) => {
		try {
			return text === null ? preset : JSON.parse(text);
		} catch {
			return preset;
		}
	};
	const value = new Signal(read(stored(() => localStorage.getItem(key))));
	value.on((now) => stored(() => (now === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(now)))));
	addEventListener('storage', (event) => event.key === key && value.set(read(event.newValue)));
	return value;
}
