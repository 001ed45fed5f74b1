// What time it is on the server, as the Date of its answers says (RFC 9110, section 6.6.1): a machine's own clock may be wrong by hours.

/** The server's clock. Each answer tells how far it can be ahead of this machine's at most, and at least; together they tell it closely. */
export class ServerClock {
	/** In ms. */ #least = -Infinity; #most = Infinity; #ahead; #onChange;

	/** @param {number} [ahead] how far it was ahead when last it was known, in ms  @param {() => void} [onChange] called when it is known anew */
	constructor(ahead = 0, onChange = () => {}) {
		this.#ahead = ahead;
		this.#onChange = onChange;
	}

	/** How far it is ahead of this machine's, in ms; 0 where nothing speaks against that. */
	get ahead() {
		return this.#ahead;
	}

	/** The time, in ms since the epoch. */
	now() {
		return Date.now() + this.#ahead;
	}

	/** Takes an answer. @param {?string} date the header  @param {number} asked Date.now() as it was before the request  @param {number} [got] and after it */
	learn(date, asked, got = Date.now()) {
		const at = Date.parse(date ?? ''), least = at - got, most = at + 1000 - asked; // it is cut to the second
		if (!(least < most))
			return; // there is none, or our clock was set meanwhile
		const fits = least <= this.#most && most >= this.#least; // or one of both was set since
		this.#least = fits ? Math.max(least, this.#least) : least;
		this.#most = fits ? Math.min(most, this.#most) : most;
		const before = this.#ahead;
		this.#ahead = this.#least <= 0 && this.#most >= 0 ? 0 : Math.round((this.#least + this.#most) / 2);
		if (this.#ahead !== before)
			this.#onChange();
	}
}
