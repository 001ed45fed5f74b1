/* The images of a creation, by whichever names and in whichever forms clients send them. */
#ifndef API_INPUT_IMAGE_H
#define API_INPUT_IMAGE_H

#include <stddef.h>

#include "base/err.h"
#include "base/limits.h"
#include "model/image.h"

struct call;
struct form;
struct form_file;
struct json;

/* The names that images have, in any call that creates; what one alone means, and whether several of the name
 * are references. The first one is the contract's, as are last_frame and references; the others are those of
 * providers and of the libraries around them. */
#define INPUT_IMAGE_NAMES(X)                                                                                 \
	X("input_reference", IMAGE_FIRST, false)                                                             \
	X("image", IMAGE_FIRST, true)                                                                        \
	X("image_url", IMAGE_FIRST, false)                                                                   \
	X("images", IMAGE_FIRST, true)                                                                       \
	X("image_urls", IMAGE_FIRST, true)                                                                   \
	X("reference_image", IMAGE_FIRST, true)                                                              \
	X("first_frame", IMAGE_FIRST, false)                                                                 \
	X("firstFrame", IMAGE_FIRST, false)                                                                  \
	X("first_frame_image", IMAGE_FIRST, false)                                                           \
	X("first_frame_url", IMAGE_FIRST, false)                                                             \
	X("start_frame", IMAGE_FIRST, false)                                                                 \
	X("start_image", IMAGE_FIRST, false)                                                                 \
	X("start_image_url", IMAGE_FIRST, false)                                                             \
	X("prompt_image", IMAGE_FIRST, false)                                                                \
	X("promptImage", IMAGE_FIRST, false)                                                                 \
	X("img_url", IMAGE_FIRST, false)                                                                     \
	X("last_frame", IMAGE_LAST, false)                                                                   \
	X("lastFrame", IMAGE_LAST, false)                                                                    \
	X("last_frame_image", IMAGE_LAST, false)                                                             \
	X("last_frame_url", IMAGE_LAST, false)                                                               \
	X("last_image", IMAGE_LAST, false)                                                                   \
	X("image_tail", IMAGE_LAST, false)                                                                   \
	X("tail_image", IMAGE_LAST, false)                                                                   \
	X("tail_image_url", IMAGE_LAST, false)                                                               \
	X("end_frame", IMAGE_LAST, false)                                                                    \
	X("end_image", IMAGE_LAST, false)                                                                    \
	X("end_image_url", IMAGE_LAST, false)                                                                \
	X("references", IMAGE_REFERENCE, true)                                                               \
	X("reference_images", IMAGE_REFERENCE, true)                                                         \
	X("referenceImages", IMAGE_REFERENCE, true)                                                          \
	X("reference_image_urls", IMAGE_REFERENCE, true)                                                     \
	X("input_references", IMAGE_REFERENCE, true)

/* The names as a list that ends with NULL. */
extern const char *const input_image_names[];

struct input_image {
	enum image_role role;
	struct form_file *file;
	size_t name; /* its place among the names */
};

/* In the order in which they came. */
struct input_images {
	struct input_image list[LIMIT_IMAGES];
	size_t count;
};

/* Reads the images from a JSON body: under each name a data URL, bare base64, {image_url} or {url} with one,
 * {image_url:{url}}, or an array of these. null, "" and [] are no image. Each is written to a new file as
 * form_read() does. ERR_BAD_FIELD with the name: for a second first or last one, more than LIMIT_REFERENCES
 * references, a link, a member that cannot be used (file_id); ERR_TOO_LARGE, ERR_NO_SPACE, ERR_NO_MEMORY,
 * ERR_INTERNAL. */
struct err input_image_json(struct call *call, const struct json *object, struct input_images *ret_images);

/* Reads the same from a form: its files, and text parts, where the members of an object are parts named
 * NAME[image_url] and so on, the items of an array NAME[] or NAME[0], and each may also be one part with
 * JSON. */
struct err input_image_form(struct call *call, const struct form *form, struct input_images *ret_images);

#endif
