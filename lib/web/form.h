/* Reads multipart/form-data (RFC 7578) as it comes: text parts into memory under ceilings, file parts
 * straight to disk. Trusts nothing: not a part's name, its type or its length. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/crypto.h"
#include "base/err.h"
#include "model/image.h"
#include "web/field.h"

struct arena;
struct form_parser;
struct request;

struct form_file {
	const char *path; /* the temporary file, removed with the request's arena but after form_keep() */
	int fd;           /* open for reading and writing; closed with the arena */
	int64_t size;     /* bytes */
	uint8_t sha256[CRYPTO_HASH_SIZE];
	const char *type;  /* "image/png", "image/jpeg", "image/webp", by the bytes; NULL = none of them */
	const char *field; /* the name that it came under, without "[…]" */
	size_t at;         /* how many text parts of the form came before it */
	struct form_file *next; /* of the same form */
};

struct form {
	struct field_pair *pairs; /* the text parts, in order */
	size_t count;
	struct form_file *file; /* the first file part, NULL where none came; in order */
};

/* Finds the field of a part in a list of names (NULL: none) that ends with NULL: the part is named as one of
 * them, or as a member of it ("FIELD[…]"). Returns the name in the list, and writes what follows it in the
 * part's; or returns NULL. */
const char *form_file_field(const char *const *fields, const char *name, const char **ret_rest);

/* Reads the whole body. `file_fields` names the only parts that may be a file (NULL: none may), in all
 * LIMIT_IMAGES; the bytes of each go to a new file in `dir`. An image in such a part is a file also without a
 * file name, by its bytes; a part that says it is JSON is text also with one: of a string of JSON what it
 * says, none at all of null, else as it is. A text part of such a field may hold the image as text, and be as
 * long as the whole form. Byte order marks before the form or a text part are skipped. Everything lives in
 * the request's arena. ERR_BAD_CONTENT_TYPE where the body is not multipart/form-data; ERR_BAD_FORM for a
 * missing or bad boundary, broken framing, a part without a name; ERR_BAD_CONTENT_ENCODING for a body
 * compressed by gzip; ERR_BAD_FIELD with the part's name for text that is no UTF-8 or holds a NUL, for one
 * file too many, and for a file in another part; ERR_TOO_LARGE over LIMIT_FORM_* or LIMIT_IMAGE;
 * ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
struct err
form_read(struct request *request, const char *const *file_fields, const char *dir, struct form *ret_form);

/* Gives the file its lasting name `path` (same file system), synced; it is then no longer removed with the
 * arena. ERR_NO_SPACE, ERR_INTERNAL. */
enum err_code form_keep(struct form_file *file, const char *path);

/* Writes a reference image to disk: form_read() uses it, and so may a call that gets an image in another way.
 * Zero it before the first use. */
struct form_writer {
	const char *field; /* for the messages */
	struct form_file *file;
	struct crypto_hash *hash;
	uint8_t magic[IMAGE_MAGIC];
};

/* Makes a new file in `dir`, which is removed with the arena but after form_keep(). ERR_NO_SPACE,
 * ERR_NO_MEMORY, ERR_INTERNAL; call form_writer_done() also after an error. */
struct err
form_writer_begin(struct form_writer *writer, struct arena *arena, const char *field, const char *dir);

/* Adds bytes. ERR_TOO_LARGE over LIMIT_IMAGE, ERR_NO_SPACE, ERR_INTERNAL. */
struct err form_writer_add(struct form_writer *writer, const void *bytes, size_t len);

/* Ends the file and returns it, with its hash and type. */
struct form_file *form_writer_end(struct form_writer *writer);

/* Frees the memory of an unfinished writer; nothing happens where there is none. */
void form_writer_done(struct form_writer *writer);

/* The parser itself, without requests and disks; form_read() and the fuzzer drive it. A function that does
 * not return ERR_OK ends the parsing with its error. */
struct form_events {
	/* A part begins. `file_name` is NULL for a plain field, and for one that says that it is JSON. */
	struct err (*begin)(void *cookie, const char *name, const char *file_name, bool json);
	/* A piece of the part's content. */
	struct err (*data)(void *cookie, const char *bytes, size_t len);
	/* The part ends. */
	struct err (*end)(void *cookie);
};

/* Makes a parser for the boundary in `content_type`. NULL where there is no usable one, or memory is short.
 */
struct form_parser *form_parser_new(const char *content_type, const struct form_events *events, void *cookie);

/* Parses the next `len` bytes, cut anywhere. ERR_BAD_FORM, ERR_TOO_LARGE, ERR_NO_MEMORY, or an event's error.
 */
struct err form_parser_feed(struct form_parser *parser, const char *bytes, size_t len);

/* Ends the body: ERR_BAD_FORM where the closing boundary has not come. */
struct err form_parser_end(struct form_parser *parser);

/* Frees the parser. NULL is fine. */
void form_parser_free(struct form_parser *parser);

#endif
