// The page's libraries, in one place: preact draws, htm reads the templates. `make` puts both into vendor/.
import { Fragment, h, render } from '../vendor/preact.js';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from '../vendor/hooks.js';
import htm from '../vendor/htm.js';

export { Fragment, render, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState };

/** A template: html`<p class=${name}>…</p>`. */
export const html = htm.bind(h);

/** The value that a Signal has, here and at each change. @template T @param {import('./signal.js').Signal<T>} value @returns {T} */
export function useSignal(value) {
	const [shown, setShown] = useState(() => value.get());
	useLayoutEffect(() => {
		const change = () => setShown(() => value.get());
		change(); // it may have changed between drawing and now
		return value.on(change);
	}, [value]);
	return value.get() === shown ? shown : value.get();
}
