// Chance that can be had again: $LONGREEL_SEED, or a seed of the moment, which the test's name should show.

/** A generator (mulberry32): below(n) is a whole number from 0 to n - 1, pick(list) one of the list. */
export function random(seed = Number(process.env.LONGREEL_SEED ?? Date.now() % 1_000_000)) {
	let state = seed >>> 0;
	const next = () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let t = Math.imul(state ^ (state >>> 15), state | 1);
		t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
	return { seed, below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}
