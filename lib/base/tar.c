/* Streams of tar: see tar.h. */
#include "base/tar.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

enum {
	BLOCK = 512,
	PIECE = 16 * 1024,
	OCTAL_SIZE = 12,
	SMALL_NAME = 100,
	PREFIX = 155,
	MODE = 0600,
	MODE_FOLDER = 0700
};

struct head {
	char name[SMALL_NAME];
	char mode[8], uid[8], gid[8];
	char size[OCTAL_SIZE], mtime[OCTAL_SIZE];
	char sum[8];
	char type;
	char link[SMALL_NAME];
	char magic[6], version[2];
	char user[32], group[32];
	char major[8], minor[8];
	char prefix[PREFIX];
	char rest[12];
};
_Static_assert(sizeof(struct head) == BLOCK, "a head is one block");

static int64_t
padding_of(int64_t size)
{
	return (BLOCK - size % BLOCK) % BLOCK;
}

/* The sum of a head, in which its own field counts as blanks. */
static unsigned
sum_of(const struct head *head)
{
	const unsigned char *bytes = (const unsigned char *)head;
	unsigned sum = 0;
	for (size_t i = 0; i < BLOCK; i++) {
		bool own = i >= offsetof(struct head, sum) && i < offsetof(struct head, type);
		sum += own ? ' ' : bytes[i];
	}
	return sum;
}

/* ---- writing ---- */

/* Lays the name out, where it is long with its folders in the prefix. */
static bool
write_name(struct head *head, const char *name)
{
	size_t len = strlen(name);
	if (len <= sizeof(head->name)) {
		memcpy(head->name, name, len);
		return len > 0;
	}
	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		size_t first = (size_t)(slash - name), second = len - first - 1;
		if (first > sizeof(head->prefix) || second > sizeof(head->name) || second == 0)
			continue;
		memcpy(head->prefix, name, first);
		memcpy(head->name, slash + 1, second);
		return true;
	}
	return false;
}

static void
write_size(char field[OCTAL_SIZE], int64_t size)
{
	char text[32];
	if (size < (INT64_C(1) << 33)) {
		snprintf(text, sizeof(text), "%011llo", (unsigned long long)size);
		memcpy(field, text, OCTAL_SIZE);
		return;
	}
	for (int i = OCTAL_SIZE - 1; i > 0; i--, size >>= 8)
		field[i] = (char)(size & 0xff);
	field[0] = (char)0x80;
}

bool
tar_write_head(int fd, const struct tar_member *member)
{
	struct head head = {.type = member->folder ? '5' : '0', .magic = "ustar", .version = {'0', '0'}};
	char text[16];
	if (!write_name(&head, member->name)) {
		errno = ENAMETOOLONG;
		return false;
	}
	snprintf(head.mode, sizeof(head.mode), "%07o", member->folder ? MODE_FOLDER : MODE);
	snprintf(head.uid, sizeof(head.uid), "%07o", 0);
	snprintf(head.gid, sizeof(head.gid), "%07o", 0);
	snprintf(head.mtime, sizeof(head.mtime), "%011o", 0);
	write_size(head.size, member->folder ? 0 : member->size);
	snprintf(text, sizeof(text), "%06o", sum_of(&head));
	memcpy(head.sum, text, 7);
	head.sum[7] = ' ';
	return file_write_all(fd, &head, sizeof(head));
}

bool
tar_write_rest(int fd, int64_t size)
{
	static const char zeroes[BLOCK];
	return file_write_all(fd, zeroes, (size_t)padding_of(size));
}

bool
tar_write_end(int fd)
{
	static const char zeroes[2 * BLOCK];
	return file_write_all(fd, zeroes, sizeof(zeroes));
}

/* ---- reading ---- */

/* Reads up to `size` bytes; fewer only at the end of the stream. -1 with errno. */
static ssize_t
read_full(int fd, char *bytes, size_t size)
{
	size_t len = 0;
	while (len < size) {
		ssize_t got = read(fd, bytes + len, size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		len += (size_t)got;
	}
	return (ssize_t)len;
}

/* Reads an octal number, which blanks may precede, up to a blank, a zero or the end of its field. */
static bool
read_octal(const char *field, size_t size, int64_t *ret_number)
{
	size_t i = 0;
	int64_t number = 0;
	while (i < size && field[i] == ' ')
		i++;
	size_t first = i;
	for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
		if (number > INT64_MAX >> 3)
			return false;
		number = number << 3 | (field[i] - '0');
	}
	if (i == first || (i < size && field[i] != ' ' && field[i] != '\0'))
		return false;
	*ret_number = number;
	return true;
}

static bool
read_size(const char field[OCTAL_SIZE], int64_t *ret_size)
{
	int64_t size = 0;
	if ((unsigned char)field[0] != 0x80)
		return read_octal(field, OCTAL_SIZE, ret_size);
	for (int i = 1; i < OCTAL_SIZE; i++) {
		if (size > INT64_MAX >> 8)
			return false;
		size = size << 8 | (unsigned char)field[i];
	}
	*ret_size = size;
	return size <= INT64_MAX - BLOCK;
}

/* True for a name that stays in the folder that it is unpacked in. */
static bool
is_safe(const char *name)
{
	for (const char *part = name;; part++) {
		size_t len = strcspn(part, "/");
		if (len == 0 || (len == 1 && part[0] == '.') ||
		    (len == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		for (size_t i = 0; i < len; i++)
			if ((unsigned char)part[i] < ' ' || part[i] == 0x7f || part[i] == '\\')
				return false;
		part += len;
		if (*part == '\0')
			return true;
	}
}

/* Reads the name without "./" before it and "/" behind it; "." is the folder that all is in. */
static bool
read_name(const struct head *head, char ret_name[TAR_NAME_SIZE])
{
	char text[PREFIX + 1 + SMALL_NAME + 1] = "";
	const char *name = text;
	size_t prefix = strnlen(head->prefix, sizeof(head->prefix));
	if (memcmp(head->magic, "ustar", sizeof(head->magic)) != 0) /* GNU has other things there */
		prefix = 0;
	snprintf(text, sizeof(text), "%.*s%s%.*s", (int)prefix, head->prefix, prefix > 0 ? "/" : "",
	         (int)strnlen(head->name, sizeof(head->name)), head->name);
	if (strncmp(name, "./", 2) == 0)
		name += 2;
	size_t len = strlen(name);
	if (len > 0 && name[len - 1] == '/')
		len--;
	if (len >= TAR_NAME_SIZE)
		return false;
	memcpy(ret_name, name, len);
	ret_name[len] = '\0';
	return head->type == '5' && (len == 0 || strcmp(ret_name, ".") == 0) ? true : is_safe(ret_name);
}

static enum err_code
read_head(const struct head *head, struct tar_member *ret_member, const char **ret_why)
{
	struct tar_member member = {.folder = head->type == '5'};
	int64_t sum;
	if (!read_octal(head->sum, sizeof(head->sum), &sum) || sum != (int64_t)sum_of(head) ||
	    memcmp(head->magic, "ustar", 5) != 0)
		*ret_why = "it is no tar file, or damaged.";
	else if (head->type != '0' && head->type != '\0' && head->type != '5')
		*ret_why = "it holds something that is neither a file nor a folder.";
	else if (!read_size(head->size, &member.size) || (member.folder && member.size != 0))
		*ret_why = "it holds a file of an impossible size.";
	else if (!read_name(head, member.name))
		*ret_why = "it holds a name that leads elsewhere.";
	else {
		*ret_member = member;
		return ERR_OK;
	}
	return ERR_CORRUPT;
}

/* Passes over `size` bytes. */
static bool
skip(int fd, int64_t size)
{
	char piece[PIECE];
	while (size > 0) {
		size_t some = size < PIECE ? (size_t)size : PIECE;
		if (read_full(fd, piece, some) != (ssize_t)some)
			return false;
		size -= (int64_t)some;
	}
	return true;
}

enum err_code
tar_next(struct tar *tar, struct tar_member *ret_member, const char **ret_why)
{
	static const struct head nothing;
	struct head head;
	*ret_why = "it ends too early.";
	do {
		if (!skip(tar->fd, tar->left) || !skip(tar->fd, tar->padding) ||
		    read_full(tar->fd, (char *)&head, sizeof(head)) != (ssize_t)sizeof(head))
			return ERR_CORRUPT;
		tar->left = tar->padding = 0;
		if (memcmp(&head, &nothing, sizeof(head)) == 0)
			return ERR_NOT_FOUND;
		enum err_code err = read_head(&head, ret_member, ret_why);
		if (err != ERR_OK)
			return err;
		tar->left = ret_member->size;
		tar->padding = padding_of(ret_member->size);
	} while (ret_member->name[0] == '\0' || strcmp(ret_member->name, ".") == 0);
	return ERR_OK;
}

ssize_t
tar_read(struct tar *tar, void *piece, size_t size)
{
	size_t some = tar->left < (int64_t)size ? (size_t)tar->left : size;
	if (read_full(tar->fd, piece, some) != (ssize_t)some)
		return -1;
	tar->left -= (int64_t)some;
	return (ssize_t)some;
}
