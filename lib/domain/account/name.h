/* Names of users: which may be registered, and which look alike. Pure functions, thread-safe. */
#ifndef DOMAIN_ACCOUNT_NAME_H
#define DOMAIN_ACCOUNT_NAME_H

#include <stdbool.h>

#include "base/limits.h"

enum { NAME_SHAPE_SIZE = 4 * LIMIT_USERNAME + 1 };

/* Says what is wrong with a new name, in one sentence that lives for ever; NULL = nothing. A name has 1 to
 * LIMIT_USERNAME characters: letters, ASCII digits and . _ - @ +, and begins with a letter, a digit or _. Its
 * letters are of one script of these: Latin (with the accents of Europe and Vietnam), Greek, Cyrillic,
 * Hebrew, Arabic, Georgian, or of those that are written together (Han, kana, Hangul, and Latin with them).
 * All are unchanged by NFC (UAX 15); there are no combining marks, compatibility forms, blanks or invisible
 * characters among them. A Greek or Cyrillic name has a letter that does not look like a Latin one. No name
 * looks like a reserved one, such as admin, without being it. */
const char *name_fault(const char *name);

/* True for a reserved name itself, such as admin, in any case of its letters: the operator may have it, and
 * who registers may not. */
bool name_is_reserved(const char *name);

/* Writes the shape of a name: two names with one shape can be mistaken for each other. Case and accents do
 * not matter; 1, i and l are the same, so are 0 and o, rn and m, vv and w, and kana that look like each other
 * or like Han: a compact rule after the idea of UTS 39. False, with nothing written, for a name
 * with a character that none may have, such as one from before that rule. */
bool name_shape(const char *name, char ret_shape[NAME_SHAPE_SIZE]);

#endif
