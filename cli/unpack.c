/* Unpacking a whole backup: see unpack.h. The folder is new and its owner's alone, and only files and folders
 * are made in it, each under a name that was not there: so no name can lead out of it. */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_hold.h"
#include "backup_write.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/tar.h"
#include "cli.h"

enum { PIECE = 64 * 1024, SUM_HEX = 2 * CRYPTO_HASH_SIZE };

static bool
refuse(const char *name, const char *why)
{
	cli_fail("the backup cannot be used: %s%s%s", name, *name ? ": " : "", why);
	return false;
}

/* ---- the manifest ---- */

static const char **
read_outside(const struct json *list, struct arena *arena)
{
	size_t count = 0, room = BACKUP_MANIFEST_MAX / 4;
	const char **outside = arena_alloc(arena, sizeof(*outside) * (room + 1));

	for (const struct json *one = json_first(list); outside != NULL && one != NULL && count < room;
	     one = json_next(one))
		if (json_string(one) != NULL)
			outside[count++] = json_string(one);
	return outside;
}

static bool
parse_manifest(const char *text, size_t len, struct arena *arena, struct manifest *ret_manifest)
{
	const struct json *root = NULL;
	int64_t format = 0;

	if (json_parse(arena, text, len, &root) != ERR_OK || !json_integer(json_get(root, "format"), &format))
		return refuse(BACKUP_MANIFEST, "it cannot be read.");
	if (format != BACKUP_FORMAT)
		return refuse(BACKUP_MANIFEST, "it is of a newer longreel.");
	struct manifest manifest = {.text = text,
	                            .version = json_string(json_get(root, "version")),
	                            .data = json_string(json_get(root, "data")),
	                            .owner = json_string(json_get(root, "owner")),
	                            .outside = read_outside(json_get(root, "outside"), arena)};
	if (manifest.version == NULL || manifest.data == NULL || manifest.data[0] != '/' ||
	    manifest.owner == NULL || manifest.outside == NULL ||
	    !json_integer(json_get(root, "createdAt"), &manifest.created_at))
		return refuse(BACKUP_MANIFEST, "it is not whole.");
	*ret_manifest = manifest;
	return true;
}

bool
unpack_manifest(struct tar *tar, struct arena *arena, struct manifest *ret_manifest)
{
	struct tar_member member;
	const char *why = "";

	enum err_code err = tar_next(tar, &member, &why);
	if (err == ERR_CORRUPT)
		return refuse("", why);
	if (err != ERR_OK || member.folder || strcmp(member.name, BACKUP_MANIFEST) != 0 ||
	    member.size > BACKUP_MANIFEST_MAX)
		return refuse("",
		              "it is no backup of longreel's: " BACKUP_MANIFEST " is not its first file.");
	char *text = arena_alloc(arena, (size_t)member.size + 1);
	if (text == NULL)
		return refuse("", "not enough memory.");
	if (tar_read(tar, text, (size_t)member.size) != (ssize_t)member.size)
		return refuse("", "it ends too early.");
	text[member.size] = '\0';
	return parse_manifest(text, (size_t)member.size, arena, ret_manifest);
}

/* ---- files ---- */

/* True for what a backup holds; the database's own other files must not come from outside. */
static bool
is_known(const struct tar_member *member)
{
	static const char *const files[] = {"longreel.db", "longreel.conf", "link.key", "archive.mark",
	                                    BACKUP_SUMS};
	static const char *const folders[] = {"keys", "dialects", "offers", "uploads", "archive"};

	for (size_t i = 0; !member->folder && i < sizeof(files) / sizeof(*files); i++)
		if (strcmp(member->name, files[i]) == 0)
			return true;
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		size_t len = strlen(folders[i]);

		if (strncmp(member->name, folders[i], len) == 0 &&
		    (member->name[len] == '/' || (member->name[len] == '\0' && member->folder)))
			return true;
	}
	return false;
}

static bool
unpack_file(struct tar *tar, const struct tar_member *member, const char *path)
{
	char piece[PIECE];
	ssize_t got = 0;

	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return refuse(member->name, strerror(errno));
	bool good = true;
	while (good && (got = tar_read(tar, piece, sizeof(piece))) > 0)
		good = file_write_all(fd, piece, (size_t)got) && !hold_stopped(NULL);
	int why = errno;
	bool closed = close(fd) == 0;
	if (got < 0)
		return refuse(member->name, "it ends too early.");
	return (good && closed) || refuse(path, hold_stopped(NULL) ? "stopped." : strerror(why));
}

static bool
unpack_member(struct tar *tar, const struct tar_member *member, const char *folder)
{
	char path[PATH_MAX];

	if (!is_known(member))
		return refuse(member->name, "no backup has a file of that name.");
	if (snprintf(path, sizeof(path), "%s/%s", folder, member->name) >= (int)sizeof(path))
		return refuse(member->name, "its name is too long.");
	if (!member->folder)
		return unpack_file(tar, member, path);
	return file_make_dir(path) || refuse(member->name, strerror(errno));
}

/* ---- sums ---- */

static bool
sum_of_file(const char *path, char ret_hex[SUM_HEX + 1])
{
	char piece[PIECE];
	uint8_t sum[CRYPTO_HASH_SIZE];
	ssize_t got = -1;

	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct crypto_hash *hash = fd >= 0 ? crypto_hash_new() : NULL;
	while (hash != NULL && !hold_stopped(NULL) && (got = read(fd, piece, sizeof(piece))) > 0)
		crypto_hash_add(hash, piece, (size_t)got);
	crypto_hash_end(hash, sum);
	if (fd >= 0)
		close(fd);
	for (int i = 0; i < CRYPTO_HASH_SIZE; i++)
		snprintf(ret_hex + 2 * i, 3, "%02x", sum[i]);
	return hash != NULL && got == 0;
}

/* Checks each file that the sums name. Counts them. */
static bool
check_listed(FILE *list, const char *folder, int64_t *ret_count)
{
	char line[SUM_HEX + 2 + TAR_NAME_SIZE + 1], path[PATH_MAX], hex[SUM_HEX + 1];

	while (fgets(line, sizeof(line), list) != NULL) {
		size_t len = strcspn(line, "\n");
		if (len <= SUM_HEX + 2 || line[len] != '\n')
			return refuse(BACKUP_SUMS, "it cannot be read.");
		line[len] = '\0';
		/* A name that was not unpacked is not there, wherever it leads: the counts differ then. */
		if (snprintf(path, sizeof(path), "%s/%s", folder, line + SUM_HEX + 2) >= (int)sizeof(path) ||
		    !sum_of_file(path, hex) || strncmp(line, hex, SUM_HEX) != 0)
			return refuse(line + SUM_HEX + 2, "it is damaged: its sum differs.");
		*ret_count += 1;
	}
	return !ferror(list);
}

/* All `files` of them must be named in the sums, and fit. */
static bool
check_sums(const char *folder, int64_t files)
{
	char path[PATH_MAX];
	int64_t count = 0;

	snprintf(path, sizeof(path), "%s/%s", folder, BACKUP_SUMS);
	FILE *list = fopen(path, "re");
	if (list == NULL)
		return refuse(BACKUP_SUMS, "it is missing: the backup is not whole.");
	bool good = check_listed(list, folder, &count);
	fclose(list);
	return good && (count == files || refuse(BACKUP_SUMS, "it does not name the files that are there."));
}

bool
unpack_rest(struct tar *tar, const struct manifest *manifest, const char *folder)
{
	struct tar_member member;
	char path[PATH_MAX];
	const char *why = "";
	int64_t files = 1; /* the manifest */
	enum err_code err;

	snprintf(path, sizeof(path), "%s/%s", folder, BACKUP_MANIFEST);
	if (file_write_whole(path, manifest->text, strlen(manifest->text)) != ERR_OK)
		return refuse(path, strerror(errno));
	while ((err = tar_next(tar, &member, &why)) == ERR_OK) {
		if (!unpack_member(tar, &member, folder))
			return false;
		files += !member.folder && strcmp(member.name, BACKUP_SUMS) != 0;
	}
	return err == ERR_NOT_FOUND ? check_sums(folder, files) : refuse("", why);
}

bool
unpack_backup(int fd, const char *folder)
{
	struct arena *arena = arena_new();
	struct tar tar = {.fd = fd};
	struct manifest manifest;

	bool good = arena != NULL && crypto_open() && unpack_manifest(&tar, arena, &manifest) &&
	            unpack_rest(&tar, &manifest, folder);
	arena_free(arena);
	int dir = good ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (good && (dir < 0 || syncfs(dir) < 0 || file_sync_dir_of(folder) != ERR_OK))
		good = refuse(folder, strerror(errno));
	if (dir >= 0)
		close(dir);
	return good;
}
