/* Groups of users. Threads and errors as in store.h. */
#ifndef STORE_GROUP_H
#define STORE_GROUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "model/group.h"

struct arena;
struct store;

/* Adds a group (id ignored) and writes its id. ERR_CONFLICT where there is one of that name. */
enum err_code store_group_add(struct store *store, const struct group *group, int64_t *ret_id);

/* Replaces all of the group with that id but its name and its time of creation. ERR_NOT_FOUND. */
enum err_code store_group_set(struct store *store, const struct group *group);

/* Finds the group of that name; ASCII case does not matter. ERR_NOT_FOUND. */
enum err_code
store_group_by_name(struct store *store, struct arena *arena, const char *name, struct group *ret_group);

/* Finds the group with that id. ERR_NOT_FOUND. */
enum err_code store_group_get(struct store *store, struct arena *arena, int64_t id, struct group *ret_group);

/* Lists all groups by name: an array in the arena. */
enum err_code
store_group_list(struct store *store, struct arena *arena, struct group **ret_groups, size_t *ret_count);

/* Counts the users of the group. */
enum err_code store_group_users(struct store *store, int64_t id, int64_t *ret_count);

/* Removes the group. ERR_CONFLICT where it has users; ERR_NOT_FOUND. */
enum err_code store_group_remove(struct store *store, int64_t id);

#endif
