// What the server says of itself, to everybody: kept, so that the next visit shows at once what it offers.
import { session } from './session.js';
import { kept } from './signal.js';

/** @type {import('./signal.js').Signal<?import('../client.js').About>} */
export const about = kept('about', null);

/** Asks for it; where that is not answered, what was known stays. */
export const learnAbout = () => session.client.about().then((now) => about.set(now), () => {});
