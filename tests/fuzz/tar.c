/* Fuzzes streams of tar: whatever comes, each name stays in the folder that it is unpacked in, and no more
 * bytes come out than went in. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/tar.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = 512, MAGIC_AT = 257, SUM_AT = 148, SUM_SIZE = 8 };

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
check_name(const struct tar_member *member)
{
	size_t len = strlen(member->name);

	must(len > 0 && len < TAR_NAME_SIZE && member->name[0] != '/' && member->name[len - 1] != '/');
	must(strcmp(member->name, "..") != 0 && strncmp(member->name, "../", 3) != 0 &&
	     strstr(member->name, "/../") == NULL && strstr(member->name, "//") == NULL);
	must(len < 3 || strcmp(member->name + len - 3, "/..") != 0);
	must(member->size >= 0 && (!member->folder || member->size == 0));
}

/* Makes the sums of what looks like a head fit: else hardly anything would come further. */
static uint8_t *
mend(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size + 1);
	must(copy != NULL);
	memcpy(copy, data, size);
	for (size_t at = 0; at + BLOCK <= size; at += BLOCK) {
		unsigned sum = 0;
		char text[16];
		if (memcmp(copy + at + MAGIC_AT, "ustar", 5) != 0)
			continue;
		memset(copy + at + SUM_AT, ' ', SUM_SIZE);
		for (size_t i = 0; i < BLOCK; i++)
			sum += copy[at + i];
		snprintf(text, sizeof(text), "%06o", sum);
		memcpy(copy + at + SUM_AT, text, 7);
	}
	return copy;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t *mended = mend(data, size);
	struct tar tar = {.fd = memfd_create("tar", MFD_CLOEXEC)};
	struct tar_member member;
	const char *why = NULL;
	char piece[100];
	size_t bytes = 0;
	ssize_t got;

	must(tar.fd >= 0 && file_write_all(tar.fd, mended, size) && lseek(tar.fd, 0, SEEK_SET) == 0);
	enum err_code err;
	while ((err = tar_next(&tar, &member, &why)) == ERR_OK) {
		check_name(&member);
		bytes += BLOCK;
		while (member.size % 2 == 0 && (got = tar_read(&tar, piece, sizeof(piece))) > 0)
			bytes += (size_t)got;
		must(bytes <= size);
	}
	must(why != NULL && (err == ERR_NOT_FOUND || err == ERR_CORRUPT));
	close(tar.fd);
	free(mended);
	return 0;
}
