/* Images as text: data URLs (RFC 2397) in base64, or the base64 alone. */
#ifndef API_DATA_IMAGE_H
#define API_DATA_IMAGE_H

#include "base/err.h"

struct call;
struct form_file;

/* Writes the image of `url` to a new file in `dir`, as form_read() does with a file part. The media type of
 * the URL is ignored; bare base64 is told by the first bytes of an image. ERR_BAD_FIELD, with `field`, for
 * any other URL: nothing is fetched; else the errors of form_writer_begin() and form_writer_add(). */
struct err data_image_read(struct call *call, const char *field, const char *dir, const char *url,
                           struct form_file **ret_file);

#endif
