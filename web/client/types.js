// What the calls of client.js take and give, as types: nothing of it is run. Those of money stand in price.js.

/**
 * @typedef {object} Task          one task, the same shape everywhere
 * @property {string} videoId      the server's id
 * @property {?string} externalTaskId  the upstream's
 * @property {?string} clientRequestId  the client's own
 * @property {'QUEUED'|'PROCESSING'|'COMPLETED'|'FAILED'|'CANCELLED'} status
 * @property {number} progress     0 to 100
 * @property {string} prompt
 * @property {?string} model      as the upstream says, once it does
 * @property {?string} requestedModel  as it was asked for
 * @property {?string} size        such as 1280x720
 * @property {?number} seconds
 * @property {?string} aspectRatio
 * @property {?string} videoUrl
 * @property {?string} errorCode
 * @property {?string} errorMessage
 * @property {?string} [errorReason] of a failed one: what our sentence adds to the code, 'account'
 * @property {?string} [upstreamMessage] of a failed one: the provider's own words
 * @property {?('user'|'operator'|'upstream')} [cancelledBy]  of a cancelled one: its owner, an administrator, the provider; null: not known
 * @property {number} attempt
 * @property {{type?: string, remix_from?: string}} metadata
 * @property {string} createdAt    RFC 3339
 * @property {string} updatedAt
 * @property {?string} completedAt
 * @property {string} [owner]      the name of its user, told to administrators only
 * @property {boolean} hasInput    whether the server has images that it was made from
 * @property {{role: 'first'|'last'|'reference', type: string, url: string}[]} inputs  those images, for input()
 * @property {?string} expiresAt   when the upstream removes the video, as far as it says so
 * @property {?{ahead: ?number, reason: string, nextTryAt: ?string}} queue  what a QUEUED task waits for
 * @property {?number} etaMs       how long a PROCESSING task will take, likely
 * @property {?number} [priceMicro]  where videos cost something: of the latest attempt
 * @property {?('held'|'charged'|'released'|'free')} [charge]  what became of it
 * @property {?number} [chargedMicro]
 *
 * @typedef {object} Creation      what a new video is to be
 * @property {string} prompt
 * @property {string} clientRequestId  newRequestId(); write it down before the call, and the call can be repeated and recovered
 * @property {string} [model]
 * @property {string} [size]
 * @property {number} [seconds]
 * @property {string} [aspectRatio]
 * @property {number} [seed]
 * @property {string} [negativePrompt]  what is not to be seen
 * @property {boolean} [audio]
 * @property {Blob} [image]        the first frame, or the only picture: PNG, JPEG or WebP, at most 10 MiB
 * @property {Blob} [lastFrame]
 * @property {Blob[]} [references]  who or what is to be seen
 * @property {object} [metadata]
 * @property {number} [maxPriceMicro]  the price that was shown: where it has become higher, the creation is refused with price_changed
 *
 * @typedef {object} Model         what a model can be asked for
 * @property {string} name         for a creation; 'default' = what is made where none is named
 * @property {string} label        for people
 * @property {?string[]} sizes     null = any, [] = none can be asked for
 * @property {?number[]} seconds   likewise
 * @property {{image: boolean, first: boolean, last: boolean, most: number}} inputs  pictures: as references, as first and last frame, how many in all
 * @property {string[]} options    what else: 'seed', 'negative_prompt', 'audio'…
 * @property {?number} medianMs    what the latest took
 *
 * @typedef {{models: Model[], open: boolean}} Catalogue  open: other names are taken, too
 *
 * @typedef {object} Created
 * @property {string} videoId
 * @property {string} clientRequestId
 * @property {string} status       'processing', or 'queued' where the upstream is away
 * @property {number} progress
 * @property {string} [remixed_from]
 * @property {boolean} replayed    the request had been received before; this is the task that it made
 *
 * @typedef {{registration: 'open'|'closed'|'invite', billing?: boolean, currency?: string, currencyDecimals?: number, timezone: string, version: string}} About  registration invite: with a code
 *
 * Money is in micro-units: 1 000 000 are one of the server's currency. There is none where About does not say `billing`.
 * @typedef {{id: number, username: string, email: ?string, role: string}} User
 * @typedef {{id: string, current: boolean, address: ?string, createdAt: string, lastUsedAt: string, expiresAt: string}} Session
 *
 * @typedef {object} KeyLimits     what an API key may do; what is not named stays as it is, and without limits for a new one
 * @property {string[]} [models]   names, with * for any characters; [] = all
 * @property {string[]} [addresses]  it is taken from, or networks such as 10.0.0.0/8; [] = all
 * @property {number} [maxOpen]    open tasks; 0 = as many as its user may have
 * @property {number} [rate]       creations a minute; 0 = as many as its user may make
 * @property {'all'|'read'|'admin'} [scope]  admin: the operator's to make
 * @property {Budgets} [budgets]
 * @property {boolean} [disabled]
 *
 * @typedef {{day?: ?number, week?: ?number, month?: ?number, total?: ?number}} Budgets  what may be spent in each; null = any sum
 *
 * @typedef {{id: number, name: string, hint: string, createdAt: string, expiresAt: ?string, lastUsedAt: ?string} & Required<KeyLimits>} Key
 */
export {};
