/* multipart/form-data (RFC 7578), read as it comes: text parts to memory under named ceilings, the one
 * file part straight to disk. Nothing is believed: not the part's name, not its type, not its length. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "web/field.h"

struct arena;
struct form_parser;
struct request;

struct form_file {
	const char *path; /* the temporary file, removed with the request's arena unless form_keep() */
	int fd;           /* open for reading and writing; closed with the arena */
	int64_t size;     /* bytes */
	uint8_t sha256[CRYPTO_HASH_SIZE];
	const char
	    *type; /* "image/png", "image/jpeg" or "image/webp", judged by the bytes; NULL = none of them */
};

struct form {
	struct field_pair *pairs; /* the text parts, in order */
	size_t count;
	struct form_file *file; /* NULL where no file part came */
};

/* Reads the whole body. `file_field` names the only part that may be a file (NULL: none may); its bytes go to
 * a new file in `dir`; a text part named as a member of it ("FIELD[…]") may hold the file in another form,
 * and be as long as the whole. An image is a file there also without a file name, by its bytes. Byte order
 * marks before the form or a text part are skipped. Everything lives in the request's arena.
 * ERR_BAD_CONTENT_TYPE where the body is not multipart/form-data, ERR_BAD_FORM for a missing or bad boundary,
 * broken framing, a part without a name, ERR_BAD_CONTENT_ENCODING for what gzip has made, ERR_BAD_FIELD for a
 * text part that is no UTF-8 or holds a NUL (naming it), for a second file or, naming its part, a file
 * elsewhere, ERR_TOO_LARGE over LIMIT_FORM_* or LIMIT_IMAGE, ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
struct err form_read(struct request *request, const char *file_field, const char *dir, struct form *ret_form);

/* Gives the file its lasting place `path` (same file system), synced; it is then no longer removed with the
 * arena. ERR_NO_SPACE, ERR_INTERNAL. */
enum err_code form_keep(struct form_file *file, const char *path);

enum { FORM_MAGIC = 12 };

/* A file on its way to disk; form_read() has one, and so has whoever gets an image in another way. Zeroed
 * before the first use. */
struct form_writer {
	const char *field; /* for the messages */
	struct form_file *file;
	struct crypto_hash *hash;
	uint8_t magic[FORM_MAGIC];
};

/* Makes the file, a new one in `dir`, which lives as one of form_read()'s. ERR_NO_SPACE, ERR_NO_MEMORY,
 * ERR_INTERNAL; call form_writer_done() then, too. */
struct err
form_writer_begin(struct form_writer *writer, struct arena *arena, const char *field, const char *dir);

/* Adds bytes. ERR_TOO_LARGE over LIMIT_IMAGE, ERR_NO_SPACE, ERR_INTERNAL. */
struct err form_writer_add(struct form_writer *writer, const void *bytes, size_t len);

/* The whole file, with its hash and type. */
struct form_file *form_writer_end(struct form_writer *writer);

/* Frees what an unfinished one holds besides the file; nothing happens where there is nothing. */
void form_writer_done(struct form_writer *writer);

/* What the first bytes of an image say: "image/png", "image/jpeg", "image/webp", or NULL. 12 bytes suffice.
 */
const char *form_image_type(const uint8_t *bytes, size_t len);

/* The parser itself, free of requests and disks; form_read() and the fuzzer drive it. */
struct form_events {
	/* A part begins. `file_name` is NULL for a plain field. Return ERR_OK to go on. */
	struct err (*begin)(void *cookie, const char *name, const char *file_name);
	/* A piece of the part's content. */
	struct err (*data)(void *cookie, const char *bytes, size_t len);
	/* The part ends. */
	struct err (*end)(void *cookie);
};

/* A parser for the boundary in `content_type`, or NULL where there is none (or no memory). */
struct form_parser *form_parser_new(const char *content_type, const struct form_events *events, void *cookie);

/* Feeds the next `len` bytes, cut anywhere. */
struct err form_parser_feed(struct form_parser *parser, const char *bytes, size_t len);

/* To be asked at the end of the body: ERR_OK only after the closing boundary. */
struct err form_parser_end(struct form_parser *parser);

/* Frees the parser. NULL is fine. */
void form_parser_free(struct form_parser *parser);

#endif
