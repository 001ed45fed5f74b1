/* The stream of a whole backup: see backup_write.h. */
#include "backup_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_hold.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/tar.h"
#include "cli.h"

enum { PIECE = 64 * 1024, DEEPEST = 2 /* folders in one another */, SUM_HEX = 2 * CRYPTO_HASH_SIZE };

/* Copies `size` bytes: what was added since is not of this file. */
static bool
copy_bytes(struct backup_out *out, int from, int64_t size, struct crypto_hash *hash)
{
	static const char shorter[] = "it has become shorter";
	char piece[PIECE];

	while (size > 0) {
		ssize_t got = read(from, piece, size < PIECE ? (size_t)size : PIECE);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0 || hold_stopped(NULL)) {
			cli_fail("%s", hold_stopped(NULL) ? "stopped."
			               : got == 0         ? shorter
			                                  : strerror(errno));
			return false;
		}
		crypto_hash_add(hash, piece, (size_t)got);
		if (!file_write_all(out->fd, piece, (size_t)got)) {
			cli_fail("cannot write the backup: %s", strerror(errno));
			return false;
		}
		size -= got;
	}
	return true;
}

static bool
note_sum(struct backup_out *out, const char *name, const uint8_t sum[CRYPTO_HASH_SIZE])
{
	for (int i = 0; out->sums != NULL && i < CRYPTO_HASH_SIZE; i++)
		fprintf(out->sums, "%02x", sum[i]);
	return out->sums == NULL || fprintf(out->sums, "  %s\n", name) > 0;
}

static bool
write_open_file(struct backup_out *out, int from, const char *path, const char *name, int64_t size)
{
	struct tar_member member = {.size = size};
	uint8_t sum[CRYPTO_HASH_SIZE];

	snprintf(member.name, sizeof(member.name), "%s", name);
	if (strlen(name) >= sizeof(member.name) || !tar_write_head(out->fd, &member)) {
		cli_fail("cannot write %s into the backup: %s", path, strerror(errno));
		return false;
	}
	struct crypto_hash *hash = crypto_hash_new();
	bool good = hash != NULL && copy_bytes(out, from, size, hash);
	crypto_hash_end(hash, sum);
	if (!good) {
		cli_fail("%s is not in the backup.", path);
		return false;
	}
	out->files++;
	if (tar_write_rest(out->fd, size) && note_sum(out, name, sum))
		return true;
	cli_fail("cannot write the backup: %s", strerror(errno));
	return false;
}

bool
backup_file(struct backup_out *out, const char *path, const char *name, bool optional)
{
	struct stat st;
	bool good = false;

	int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (from < 0 && optional && errno == ENOENT)
		return true;
	if (from < 0 || fstat(from, &st) < 0)
		cli_fail("cannot read %s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		cli_fail("%s is not a file.", path);
	else
		good = write_open_file(out, from, path, name, st.st_size);
	if (from >= 0)
		close(from);
	return good;
}

static bool write_folder(struct backup_out *out, const char *path, const char *name, int depth);

static bool
write_entry(struct backup_out *out, const char *path, const char *name, const char *entry, int depth)
{
	char inside[PATH_MAX], member[TAR_NAME_SIZE];
	struct stat st;

	if (strcmp(entry, ".") == 0 || strcmp(entry, "..") == 0)
		return true;
	if (snprintf(inside, sizeof(inside), "%s/%s", path, entry) >= (int)sizeof(inside) ||
	    snprintf(member, sizeof(member), "%s/%s", name, entry) >= (int)sizeof(member)) {
		cli_fail("%s/%s: its name is too long.", path, entry);
		return false;
	}
	if (stat(inside, &st) < 0)
		return errno == ENOENT ||
		       cli_fail("cannot read %s: %s", inside, strerror(errno)) != CLI_FAILED;
	if (S_ISDIR(st.st_mode))
		return depth == DEEPEST || write_folder(out, inside, member, depth + 1);
	return !S_ISREG(st.st_mode) || backup_file(out, inside, member, true);
}

static bool
write_folder(struct backup_out *out, const char *path, const char *name, int depth)
{
	struct tar_member member = {.folder = true};
	const struct dirent *entry;

	DIR *dir = opendir(path);
	if (dir == NULL && errno == ENOENT)
		return true;
	snprintf(member.name, sizeof(member.name), "%s", name);
	bool good = dir != NULL && tar_write_head(out->fd, &member);
	if (!good)
		cli_fail("cannot copy %s: %s", path, strerror(errno));
	while (good && (entry = readdir(dir)) != NULL)
		good = write_entry(out, path, name, entry->d_name, depth);
	if (dir != NULL)
		closedir(dir);
	return good;
}

bool
backup_folder(struct backup_out *out, const char *path, const char *name)
{
	return write_folder(out, path, name, 1);
}

/* ---- of a folder ---- */

/* Writes the folders that the name lies in: they may come any number of times. */
static bool
write_folders_of(struct backup_out *out, const char *name)
{
	struct tar_member member = {.folder = true};

	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(member.name, sizeof(member.name), "%.*s", (int)(slash - name), name);
		if (!tar_write_head(out->fd, &member))
			return false;
	}
	return true;
}

static bool
write_listed(struct backup_out *out, const char *path, FILE *list)
{
	char line[SUM_HEX + 2 + TAR_NAME_SIZE + 1], inside[PATH_MAX];

	while (fgets(line, sizeof(line), list) != NULL) {
		size_t len = strcspn(line, "\n");
		if (len <= SUM_HEX + 2 || line[len] != '\n') {
			cli_fail("%s/%s is damaged.", path, BACKUP_SUMS);
			return false;
		}
		line[len] = '\0';
		const char *name = line + SUM_HEX + 2;
		if (snprintf(inside, sizeof(inside), "%s/%s", path, name) >= (int)sizeof(inside) ||
		    !write_folders_of(out, name) || !backup_file(out, inside, name, false))
			return false;
	}
	return !ferror(list);
}

bool
backup_of_folder(const char *path, int fd)
{
	struct backup_out out = {.fd = fd};
	char sums[PATH_MAX];
	FILE *list = NULL;

	if (snprintf(sums, sizeof(sums), "%s/%s", path, BACKUP_SUMS) >= (int)sizeof(sums) ||
	    (list = fopen(sums, "re")) == NULL) {
		cli_fail("%s is no backup of longreel's, or not whole: it has no %s.", path, BACKUP_SUMS);
		return false;
	}
	bool good = write_listed(&out, path, list) && backup_file(&out, sums, BACKUP_SUMS, false) &&
	            tar_write_end(fd);
	fclose(list);
	return good;
}
