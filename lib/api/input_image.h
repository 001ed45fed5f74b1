/* The reference image of a creation, by whichever name and in whichever form clients send one. */
#ifndef API_INPUT_IMAGE_H
#define API_INPUT_IMAGE_H

#include "base/err.h"

struct call;
struct form;
struct form_file;
struct json;

/* The names that the image may have, in any call that creates. The first is the contract's. */
#define INPUT_IMAGE_NAMES(X)                                                                                 \
	X("input_reference")                                                                                 \
	X("image")                                                                                           \
	X("image_url")                                                                                       \
	X("images")                                                                                          \
	X("first_frame")                                                                                     \
	X("reference_image")

/* The same as a list that ends with NULL. */
extern const char *const input_image_names[];

/* Reads the image from a JSON body: under each name a data URL, bare base64, {image_url} or {url} with one,
 * {image_url:{url}}, or an array of one of these. null, "" and [] are no image. Writes it to a new file as
 * form_read() does, NULL where there is none. ERR_BAD_FIELD with the name: for a second image, a link, a
 * member that cannot be used (file_id); ERR_TOO_LARGE, ERR_NO_SPACE, ERR_NO_MEMORY, ERR_INTERNAL. */
struct err input_image_json(struct call *call, const struct json *object, struct form_file **ret_file);

/* Reads the same from the text parts of a form, where the members of an object are parts named
 * NAME[image_url] and so on, the items of an array NAME[] or NAME[0], and each may also be one part with
 * JSON. What comes is added to the file that the form may have already, as `file`. */
struct err input_image_form(struct call *call, struct form *form);

#endif
