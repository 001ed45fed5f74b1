/* Text as search compares it: without case, and full-width forms as the plain ones. One character becomes one
 * character: Unicode's simple folding (CaseFolding.txt, status C and S) for Latin, Greek, Cyrillic and
 * Armenian; every other script is as it is. Thread-safe. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"

/* Folds a code point. Folding again changes nothing. */
uint32_t fold_character(uint32_t c);

/* Reads the character at *at, moves on to the next, and returns it folded; 0 at the end of the text. A byte
 * that is no UTF-8 is a character of its own, which no text in UTF-8 has. */
uint32_t fold_next(const char **at);

/* What is looked for, folded. */
struct fold_needle {
	size_t count; /* characters */
	uint32_t text[LIMIT_SEARCH];
	/* For each of them, how many of the first ones stand at the end of what is matched up to it. */
	uint16_t border[LIMIT_SEARCH];
};

/* Makes the needle of a text; of one with more than LIMIT_SEARCH characters the first ones. */
void fold_needle_init(struct fold_needle *needle, const char *text);

/* Tells whether the text contains the needle. The time depends on the length of the text alone. */
bool fold_contains(const char *text, const struct fold_needle *needle);

#endif
