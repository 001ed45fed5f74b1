// A value that can be watched.

/** @template T */
export class Value {
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
}

/** A Value that a reload finds again. @param {string} name @param {any} preset */
export function kept(name, preset) {
	const key = `longreel.${name}`;
	const read = (text) => {
		try {
			return text === null ? preset : JSON.parse(text);
		} catch {
			return preset;
		}
	};
	const value = new Value(read(localStorage.getItem(key)));
	value.on((now) => (now === null ? localStorage.removeItem(key) : localStorage.setItem(key, JSON.stringify(now))));
	addEventListener('storage', (event) => event.key === key && value.set(read(event.newValue)));
	return value;
}
