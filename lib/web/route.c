/* Finds a row of the route table. A table has few rows: to look at each is the fastest way. */
#include "web/route.h"

#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "base/limits.h"
#include "web/request.h"

struct match {
	size_t literals; /* segments that stand in the row as they stand in the path */
	size_t params;
	const char *from[REQUEST_PARAMS];
	size_t len[REQUEST_PARAMS];
};

static size_t
segment_len(const char *path)
{
	return (size_t)(strchrnul(path, '/') - path);
}

static bool
path_matches(const char *pattern, const char *path, struct match *ret_match)
{
	struct match match = {0};
	while (*pattern == '/' && *path == '/') {
		pattern++;
		path++;
		if (*pattern == ':' || *pattern == '*') {
			size_t got = *pattern == '*' ? strlen(path) : segment_len(path);
			if (got == 0 || match.params == REQUEST_PARAMS)
				return false;
			match.from[match.params] = path;
			match.len[match.params++] = got;
			pattern += segment_len(pattern);
			path += got;
			continue;
		}
		/* Most rows are another's, and differ soon: no length is measured before. */
		for (; *pattern == *path && *pattern != '/' && *pattern != '\0'; pattern++)
			path++;
		if ((*pattern != '/' && *pattern != '\0') || (*path != '/' && *path != '\0'))
			return false;
		match.literals++;
	}
	if (*pattern != '\0' || *path != '\0')
		return false;
	*ret_match = match;
	return true;
}

/* Matches a path that cannot be decoded, because of an encoded slash, against a row that ends with a "*name".
 */
static bool
rest_matches(const struct route *row, const struct request *request, struct match *ret_match)
{
	const char *star = strchr(row->path, '*');
	const char *rest = star != NULL ? request_rest(request, row->path, (size_t)(star - row->path)) : NULL;
	if (rest == NULL || strlen(rest) > LIMIT_PATH)
		return false;
	*ret_match = (struct match){.params = 1, .from = {rest}, .len = {strlen(rest)}};
	return true;
}

static bool
row_matches(const struct route *row, const struct request *request, struct match *ret_match)
{
	return request->path[0] != '\0' ? path_matches(row->path, request->path, ret_match)
	                                : rest_matches(row, request, ret_match);
}

static enum err_code
copy_params(struct request *request, const struct match *match)
{
	for (size_t i = 0; i < match->params; i++) {
		request->params[i] = arena_strndup(request->arena, match->from[i], match->len[i]);
		if (request->params[i] == NULL)
			return ERR_NO_MEMORY;
	}
	return ERR_OK;
}

/* Lists the methods that the path knows. NULL when memory is short. */
static const char *
allowed_methods(const struct route_table *table, struct request *request)
{
	const char *allow = NULL;
	struct match match;
	for (size_t i = 0; i < table->count; i++) {
		if (!row_matches(&table->rows[i], request, &match))
			continue;
		const char *method = table->rows[i].method;
		allow = arena_printf(request->arena, "%s%s%s%s", allow != NULL ? allow : "",
		                     allow != NULL ? ", " : "", method,
		                     strcmp(method, "GET") == 0 ? ", HEAD" : "");
	}
	return allow;
}

enum err_code
route_find(const struct route_table *table, struct request *request, const struct route **ret_route,
           const char **ret_allow)
{
	const struct route *best = NULL;
	struct match best_match = {0}, match;
	bool known = false;
	if (strlen(request->path) > LIMIT_PATH)
		return ERR_URI_TOO_LONG;
	for (size_t i = 0; i < table->count; i++) {
		const struct route *row = &table->rows[i];
		if (!row_matches(row, request, &match))
			continue;
		known = true;
		if (row->handler != NULL && strcmp(row->method, request->method) == 0 &&
		    (best == NULL || match.literals > best_match.literals)) {
			best = row;
			best_match = match;
		}
	}
	if (!known)
		return request->path[0] == '\0' ? ERR_BAD_REQUEST : ERR_NOT_FOUND;
	if (best == NULL) {
		*ret_allow = allowed_methods(table, request);
		return *ret_allow != NULL ? ERR_METHOD_NOT_ALLOWED : ERR_NO_MEMORY;
	}
	*ret_route = best;
	return copy_params(request, &best_match);
}
