/* API keys: the words of their scopes. */
#include "model/key.h"

#include <stddef.h>
#include <string.h>

static const char *const words[] = {
    [KEY_SCOPE_ALL] = "all", [KEY_SCOPE_READ] = "read", [KEY_SCOPE_ADMIN] = "admin"};

const char *
key_scope_word(enum key_scope scope)
{
	return words[scope];
}

enum key_scope
key_scope_of(const char *word)
{
	if (word != NULL && strcmp(word, words[KEY_SCOPE_ALL]) == 0)
		return KEY_SCOPE_ALL;
	return word != NULL && strcmp(word, words[KEY_SCOPE_ADMIN]) == 0 ? KEY_SCOPE_ADMIN : KEY_SCOPE_READ;
}
