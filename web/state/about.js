// What the server says of itself, to everybody: kept, so that the next visit shows at once what it offers.
import { session } from './session.js';
import { kept } from './signal.js';

/** @type {import('./signal.js').Signal<?import('../client.js').About>} */
export const about = kept('about', null);

/** Asks for it; where that is not answered, what was known stays. What is as it was has nothing asked for anew. */
export const learnAbout = () => session.client.about().then((now) => JSON.stringify(now) !== JSON.stringify(about.get()) && about.set(now), () => {});
