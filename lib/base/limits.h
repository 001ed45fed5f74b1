/* Every ceiling of longreel, in one place, each with its unit and its reason. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* What a client may send. */
#define LIMIT_PROMPT            32000      /* characters; the contract, and what the largest upstreams take */
#define LIMIT_CLIENT_REQUEST_ID 128        /* characters; the contract */
#define LIMIT_METADATA          (8 * 1024) /* bytes of JSON; the contract */
#define LIMIT_WORD              128        /* characters of a model name, a size, an aspect ratio */
#define LIMIT_SECONDS           3600       /* seconds of video; no upstream makes an hour */
#define LIMIT_USERNAME          64         /* characters */
#define LIMIT_EMAIL             254        /* characters; RFC 5321, section 4.5.3.1.3 */
#define LIMIT_PASSWORD          256        /* characters; more would only feed argon2id */
#define LIMIT_PASSWORD_MIN      8          /* characters; NIST SP 800-63B, section 5.1.1.1 */
#define LIMIT_SEARCH            200        /* characters of ?q= */
#define LIMIT_RECOVER_IDS       1000       /* ids in one recover call; the contract */
#define LIMIT_REMIX_BATCH       50         /* sources in one batch of remixes; the contract */
#define LIMIT_PAGE_SIZE         100        /* tasks on one page; the contract */
#define LIMIT_IMAGE             (10 * 1024 * 1024) /* bytes of a reference image; the contract */
#define LIMIT_REFERENCES        9                  /* reference images of one task; the contract */
#define LIMIT_IMAGES            11                 /* images of one task: these, the first and the last */
#define LIMIT_NEGATIVE_PROMPT   4000               /* characters; the upstreams take 2500 at most */
#define LIMIT_EXTRA             (8 * 1024)         /* bytes of JSON; the contract */
#define LIMIT_SET               10            /* tasks of one creation (n); the contract leaves it open */
#define LIMIT_JSON_BODY         (1024 * 1024) /* bytes; 32 000 characters of \uXXXX plus metadata fit */
#define LIMIT_JSON_DEPTH        32            /* nesting; nothing of ours needs more than 6 */
#define LIMIT_JSON_VALUES       20000 /* values in one text, so that 1 MiB of "[0,0,…" takes 2 MB and not 42 */
#define LIMIT_FORM_BODY                                                                                      \
	(LIMIT_IMAGE / 3 * 4 + 1024 * 1024) /* bytes: one of the largest images in base64, a prompt */
#define LIMIT_BODY_MS      30000            /* ms that a body may take, whatever its length … */
#define LIMIT_BODY_PACE    16               /* … and one ms more for each of so many bytes: 16 kB/s */
#define LIMIT_SMALL_BODY   4096             /* bytes of a body without a token: a name and a password */
#define LIMIT_BODY_MARGIN  (1024 * 1024)    /* bytes that the web server takes beyond a program's limit */
#define LIMIT_FORM_FIELD   (512 * 1024)  /* bytes of one text part: a prompt of 4-byte characters and more */
#define LIMIT_FORM_TEXT    (1024 * 1024) /* bytes of all text parts of one form together */
#define LIMIT_FORM_PARTS   64            /* parts in one form */
#define LIMIT_PART_HEADERS (8 * 1024)    /* bytes of the headers of one part */
#define LIMIT_PATH         1024          /* bytes of a request path */
#define LIMIT_QUERY        8192          /* bytes of a query string; a search text percent-encoded fits */
#define LIMIT_QUERY_PAIRS  64            /* name=value pairs in a query string */
#define LIMIT_TOKEN        256           /* bytes of a bearer token; ours have 46 */
#define LIMIT_REQUEST_ID   64            /* bytes of an X-Request-Id that is taken over */

/* What an upstream may send. */
#define LIMIT_ANSWER        (1024 * 1024)         /* bytes of a JSON answer */
#define LIMIT_ANSWER_STRING (16 * 1024)           /* bytes of a string in an answer that may hold a video */
#define LIMIT_ANSWER_VIDEO  (512LL * 1024 * 1024) /* bytes of such an answer; they take no memory */
#define LIMIT_UPSTREAM_ID   512                   /* bytes of an external task id */
#define LIMIT_URL           8192                  /* bytes; signed object-store links run to 2 KB */
#define LIMIT_UPSTREAM_TEXT 1000                  /* characters of an upstream's error message that we keep */
#define LIMIT_RETRY_AFTER                                                                                    \
	(31LL * 86400 * 1000)               /* ms of a wait; quotas go by the month, longer is a mistake */
#define LIMIT_DISK_FREE  (64 * 1024 * 1024) /* bytes: a dozen uploads, or a day of a busy database's log */
#define LIMIT_VIDEO_KEPT (1024LL * 1024 * 1024) /* bytes of a video that comes without its length */

/* What we send. */
#define LIMIT_REPLY (20 * 1024 * 1024) /* bytes of one JSON reply: 100 tasks, whatever their prompts */
#define LIMIT_ANSWER_HELD                                                                                    \
	(64 * 1024) /* bytes of an answer that lighttpd holds in memory however slowly it is read */
#define LIMIT_ANSWERS_UNREAD                                                                                 \
	(16 * 1024 * 1024)   /* bytes of larger answers that one user has not read yet, for each program */
#define LIMIT_FEED_PAGE  100 /* updates in one answer; the contract */
#define LIMIT_FEED_BYTES (1024 * 1024) /* bytes after which a page of updates ends early with more:true */
#define LIMIT_WAIT       60            /* seconds of one long poll; the contract */

/* What we keep in memory. */
#define LIMIT_CONFIG_FILE  (64 * 1024) /* bytes of longreel.conf */
#define LIMIT_DIALECT_FILE (64 * 1024) /* bytes of a dialect profile */
#define LIMIT_SECRET       4096 /* bytes of a key or a webhook secret; tokens of some clouds have 2000 */
#define LIMIT_MODELS       200  /* models of one channel */
#define LIMIT_SQL          (16 * 1024) /* bytes of one statement; the longest has 2000 */

/* What we keep of a deleted task. */
#define LIMIT_PROMPT_HASH_MS (24LL * 60 * 60 * 1000) /* ms; a lost submission is looked for in minutes */

/* What we keep of a user. */
#define LIMIT_SESSIONS   100     /* logins; one more ends the one unused for longest */
#define LIMIT_KEY_LIST   64      /* models, and addresses, of one API key */
#define LIMIT_KEY_NUMBER 1000000 /* open tasks, or creations a minute, of one API key */
#define LIMIT_CODES      10000   /* codes that are made at once; the contract */
#define LIMIT_PLACES     32      /* address blocks that a name is known to sign in from */
#define LIMIT_PLACE_MS   (90LL * 24 * 60 * 60 * 1000) /* ms for which one is known; the contract */

#endif
