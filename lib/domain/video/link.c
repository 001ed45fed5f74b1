/* Signed links: see link.h. The signature is a keyed BLAKE2b (RFC 7693) of id and end, cut to 128 bits: it
 * costs a fifth of HMAC-SHA256, and a list of a hundred tasks has a hundred links. */
#include "domain/video/link.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/ids.h"
#include "model/task.h"

struct links {
	struct crypto_mac *mac;
	int64_t lifetime;             /* ms; 0 = there are no links */
	char base[PREFIX_SIZE];       /* each link begins with it */
	_Atomic(struct links *) next; /* those below another path; the list only grows */
};

enum {
	BASES_MOST = 16,
	WHAT_SIZE = IDS_VIDEO_SIZE + 32 /* what a link is to: a video's id, or ID/role/index of an image */
};

/* Makes the secret unless another process was faster; the file gets its name only when it is whole. */
static bool
make_secret(const char *path)
{
	uint8_t secret[CRYPTO_HASH_SIZE];
	char temporary[PATH_MAX];
	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path) >= (int)sizeof(temporary))
		return false;
	int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return false;
	crypto_random(secret, sizeof(secret));
	bool good = file_write_all(fd, secret, sizeof(secret)) && fsync(fd) == 0 &&
	            (link(temporary, path) == 0 || errno == EEXIST);
	crypto_forget(secret, sizeof(secret));
	close(fd);
	unlink(temporary);
	return good;
}

static struct crypto_mac *
read_secret(const char *path)
{
	uint8_t secret[CRYPTO_HASH_SIZE];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	ssize_t got = read(fd, secret, sizeof(secret));
	close(fd);
	struct crypto_mac *mac = NULL;
	if (got == (ssize_t)sizeof(secret))
		mac = crypto_mac_new(secret);
	else
		errno = EIO;
	crypto_forget(secret, sizeof(secret));
	return mac;
}

struct links *
links_open(const struct config *config)
{
	char path[PATH_MAX];
	struct links *links = calloc(1, sizeof(*links));
	if (links == NULL)
		return NULL;
	snprintf(links->base, sizeof(links->base), "%s", config->base_path);
	if (!config_on(config->archive) && !config_is_set(config->public_url))
		return links;
	snprintf(path, sizeof(path), "%s/link.key", config->data);
	links->lifetime = config_on(config->archive) ? config->link_lifetime : 0;
	links->mac = read_secret(path);
	if (links->mac == NULL && errno == ENOENT && make_secret(path))
		links->mac = read_secret(path);
	if (links->mac != NULL)
		return links;
	free(links);
	return NULL;
}

void
links_close(struct links *links)
{
	if (links == NULL)
		return;
	crypto_mac_free(links->mac);
	while (links != NULL) {
		struct links *next = atomic_load(&links->next);
		free(links);
		links = next;
	}
}

const struct links *
links_below(struct links *links, const char *base)
{
	struct links *last = links, *added = NULL;
	for (int i = 0; i < BASES_MOST; i++) {
		struct links *next = NULL;
		if (strcmp(last->base, base) == 0) {
			free(added);
			return last;
		}
		next = atomic_load(&last->next);
		if (next == NULL && added == NULL && (added = calloc(1, sizeof(*added))) == NULL)
			break;
		if (next == NULL) {
			added->mac = links->mac;
			added->lifetime = links->lifetime;
			snprintf(added->base, sizeof(added->base), "%s", base);
			if (atomic_compare_exchange_strong(&last->next, &next, added))
				return added;
		}
		last = next; /* also where another thread has added it meanwhile */
	}
	free(added);
	return links;
}

int64_t
links_end(const struct links *links, int64_t now)
{
	return links->lifetime > 0 ? (now / links->lifetime + 2) * links->lifetime : 0;
}

/* The end goes into the message as its bytes; no printf here or below, as there are a hundred links at a
 * time. */
static char *
sign(const struct links *links, const char *what, int64_t end, char text[LINK_SIGNATURE])
{
	static const char hex[] = "0123456789abcdef";
	uint8_t message[sizeof(end) + WHAT_SIZE], code[CRYPTO_MAC_SIZE];
	size_t len = strnlen(what, WHAT_SIZE);
	memcpy(message, &end, sizeof(end));
	memcpy(message + sizeof(end), what, len);
	crypto_mac_of(links->mac, message, sizeof(end) + len, code);
	for (size_t i = 0; i < CRYPTO_MAC_SIZE; i++) {
		*text++ = hex[code[i] >> 4];
		*text++ = hex[code[i] & 15];
	}
	return text;
}

static char *
put_text(char *at, const char *text)
{
	size_t len = strlen(text);
	memcpy(at, text, len);
	return at + len;
}

static char *
put_number(char *at, int64_t number)
{
	char digits[20];
	size_t count = 0;
	do
		digits[count++] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	while (count > 0)
		*at++ = digits[--count];
	return at;
}

void
links_make(const struct links *links, const struct task *task, int64_t end, char ret_link[LINK_SIZE])
{
	char *at = ret_link;
	if (strlen(task->video_id) >= IDS_VIDEO_SIZE) {
		*at = '\0';
		return;
	}
	at = put_text(put_text(put_text(put_text(at, links->base), "/api/video/tasks/"), task->video_id),
	              "/content?expires=");
	at = put_text(put_number(at, end), "&signature=");
	*sign(links, task->video_id, end, at) = '\0';
}

static bool
is_signed(const struct links *links, const char *what, int64_t end, const char *signature, int64_t now)
{
	char expected[LINK_SIGNATURE];
	if (end <= now || strlen(signature) != LINK_SIGNATURE)
		return false;
	sign(links, what, end, expected);
	return crypto_equal(expected, signature, LINK_SIGNATURE);
}

bool
links_good(const struct links *links, const char *video_id, int64_t end, const char *signature, int64_t now)
{
	return links->lifetime > 0 && strlen(video_id) < IDS_VIDEO_SIZE &&
	       is_signed(links, video_id, end, signature, now);
}

/* Writes what a link to an image is to; no video's id has a slash. False for an id that is none. */
static bool
name_image(const struct link_image *image, char ret_what[WHAT_SIZE])
{
	int len = strlen(image->video_id) < IDS_VIDEO_SIZE
	              ? snprintf(ret_what, WHAT_SIZE, "%s/%s/%zu", image->video_id, image->role, image->index)
	              : -1;
	return len > 0 && len < WHAT_SIZE;
}

void
links_make_image(const struct links *links, const struct link_image *image, int64_t end,
                 char ret_link[LINK_SIZE])
{
	char what[WHAT_SIZE], signature[LINK_SIGNATURE + 1];
	ret_link[0] = '\0';
	if (links->mac == NULL || !name_image(image, what))
		return;
	*sign(links, what, end, signature) = '\0';
	snprintf(ret_link, LINK_SIZE, "/api/video/tasks/%s/input?role=%s&index=%zu&expires=%lld&signature=%s",
	         image->video_id, image->role, image->index, (long long)end, signature);
}

bool
links_good_image(const struct links *links, const struct link_image *image, int64_t end,
                 const char *signature, int64_t now)
{
	char what[WHAT_SIZE];
	return links->mac != NULL && name_image(image, what) && is_signed(links, what, end, signature, now);
}
