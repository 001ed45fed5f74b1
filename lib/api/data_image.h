/* An image that comes as text: a data URL (RFC 2397) in base64. */
#ifndef API_DATA_IMAGE_H
#define API_DATA_IMAGE_H

#include "base/err.h"

struct call;
struct form_file;

/* Writes the image of `url` to a new file in `dir`, as form_read() does with a file part. The media type that
 * the URL names is not believed. ERR_BAD_FIELD, naming `field`, for any other URL: nothing is fetched; else
 * as form_writer_begin() and form_writer_add(). */
struct err data_image_read(struct call *call, const char *field, const char *dir, const char *url,
                           struct form_file **ret_file);

#endif
