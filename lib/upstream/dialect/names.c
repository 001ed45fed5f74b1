/* Names of members, against each other. */
#include <ctype.h>
#include <string.h>

#include "upstream/dialect/profile.h"

/* Returns the length of a pointer's step. */
static size_t
step_size(const char *p)
{
	return strcspn(p, "/");
}

/* True for a step that is an element of an array: digits, or the "-" of a list of images. */
static bool
is_index(const char *step)
{
	return isdigit((unsigned char)step[0]) || (step[0] == '-' && step_size(step) == 1);
}

bool
dialect_names_fit(const char *a, const char *b)
{
	if (a[0] != '/' || b[0] != '/') { /* plain names are members of the root */
		const char *plain = a[0] != '/' ? a : b, *other = a[0] != '/' ? b : a;
		if (other[0] != '/')
			return strcmp(plain, other) != 0;
		size_t len = step_size(other + 1);
		return strlen(plain) != len || strncmp(plain, other + 1, len) != 0;
	}
	while (*a == '/' && *b == '/') {
		size_t la = step_size(++a), lb = step_size(++b);
		if (la != lb || strncmp(a, b, la) != 0)
			return is_index(a) == is_index(b);
		a += la;
		b += lb;
	}
	return false;
}

bool
dialect_when_fits(struct dialect_when when, unsigned have)
{
	return (have & when.must) == when.must && (have & when.never) == 0;
}

const struct dialect_field *
dialect_field_for(const struct dialect_field *field, unsigned have)
{
	while (field && field->name && !dialect_when_fits(field->when, have))
		field = field->next;
	return field && field->name ? field : NULL;
}
