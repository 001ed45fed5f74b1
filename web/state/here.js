// Where the page is: at the root of its host, or below a path, as its own address says.

const home = new URL('..', import.meta.url);

/** The server's address, without a slash at its end: what the page's client calls. */
export const base = home.href.replace(/\/$/, '');

/** Stands in the names of what the browser keeps for us: two longreels on one host, below different paths, keep apart. "" at the root. */
export const scope = home.pathname.replace(/\/$/, '');
