// What can be made, as the server has said last: kept, so that the form knows it without a connection, too.
import { kept } from './signal.js';

/** @type {import('./signal.js').Signal<?import('../client.js').Catalogue>} */
export const catalogue = kept('models', null);

/** The server's word for no model, which is what a form without one asks for. */
const DEFAULT = 'default';

/** What a model that nothing is known of may be asked for. */
const UNKNOWN = { sizes: null, seconds: null, inputs: { image: false, first: true, last: false, most: 1 }, options: [] };

const union = (a, b) => a && b && [...new Set([...a, ...b])];

/** What either of them takes. */
const either = (a, b) => ({
	sizes: union(a.sizes, b.sizes), seconds: union(a.seconds, b.seconds)?.sort((m, n) => m - n) ?? null, options: union(a.options, b.options),
	inputs: { image: a.inputs.image || b.inputs.image, first: a.inputs.first || b.inputs.first, last: a.inputs.last || b.inputs.last, most: Math.max(a.inputs.most, b.inputs.most) },
});

/** The models that have a name. @param {?import('../client.js').Catalogue} all */
export const named = (all) => (all?.models ?? []).filter(({ name }) => name !== DEFAULT);

/** What is made where none is named; null where that is not known. @param {?import('../client.js').Catalogue} all */
export const defaultOf = (all) => all?.models.find(({ name }) => name === DEFAULT) ?? (all?.models.length === 1 ? all.models[0] : null);

/** Whether other names may be typed. */
export const isOpen = (all) => all?.open ?? true;

/** What a creation with that model may ask for; '' = none named: what any of them takes. A name that is not listed may have any shape. */
export function abilityOf(all, name) {
	const models = all?.models ?? [], one = models.find((model) => model.name === (name || DEFAULT));
	if (one)
		return one;
	const any = models.length > 0 ? models.reduce(either) : UNKNOWN;
	return name ? { ...any, sizes: null, seconds: null } : any;
}
