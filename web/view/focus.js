// The focus stays where one works: when what has it goes away, such as the button of a card that is done, it would fall to the page's beginning.
import { useLayoutEffect, useRef } from '../state/html.js';

/** Boxes, and where the focus goes in each. @typedef {{key: ?string, place: number}} Was the card that it was in @type {Map<HTMLElement, {current: (was: Was) => ?HTMLElement}>} */
const boxes = new Map();
/** What has the focus, the boxes that it is in, the innermost first, and the card. @type {?{element: HTMLElement, line: HTMLElement[], was: Was}} */
let place = null;

addEventListener('focusin', (event) => {
	const target = /** @type {HTMLElement} */ (event.target), card = /** @type {?HTMLElement} */ (target.closest('.card'));
	place = { element: target, line: [...boxes.keys()].filter((box) => box.contains(target)).sort((a, b) => (a.contains(b) ? 1 : -1)),
		was: { key: card?.dataset.key ?? null, place: Number(card?.getAttribute('aria-posinset') ?? 0) } };
});
addEventListener('pointerdown', () => (place = null), true);
new MutationObserver(() => {
	if (place && !place.element.isConnected && document.hasFocus() && (document.activeElement ?? document.body) === document.body)
		giveBack(place);
}).observe(document, { childList: true, subtree: true });

/** Where the focus is, for giveBack(). */
export const focusPlace = () => (place?.element === document.activeElement ? place : null);

/** Gives the focus back to a place, or to what is next to it. @param {ReturnType<typeof focusPlace>} to */
export function giveBack(to) {
	const element = to?.element.isConnected ? to.element : to?.line.filter((box) => box.isConnected).map((box) => boxes.get(box)?.current(to.was)).find(Boolean);
	element?.focus({ preventScroll: true });
}

/** Keeps the focus in a box. @param {{current: HTMLElement}} box @param {(was: Was) => ?HTMLElement} next where it goes */
export function useKeptFocus(box, next) {
	const heir = useRef(next);
	heir.current = next;
	useLayoutEffect(() => {
		const node = box.current;
		boxes.set(node, heir);
		return () => boxes.delete(node);
	}, []);
}
