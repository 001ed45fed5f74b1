/* The switches behind a model's colon: see model_switches.h. */
#include "model_switches.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW_MS = 30 * 1000, WORD_SIZE = 32 };

/* Reads "5s", "200ms", "1m" or "5" (seconds) as ms; -1 for anything else. */
static int64_t
time_of(const char *text)
{
	char *unit;

	if (!strchr("0123456789", *text) || strlen(text) > 12)
		return -1;
	int64_t number = strtoll(text, &unit, 10);
	if (number > 24 * 3600 * 1000)
		return -1;
	if (strcmp(unit, "ms") == 0)
		return number;
	if (strcmp(unit, "s") == 0 || *unit == '\0')
		return number * 1000;
	return strcmp(unit, "m") == 0 ? number * 60000 : -1;
}

/* Sets the switch `name` to `value`, the text behind its "=". False for an unknown switch or a bad value. */
static bool
set_valued(struct model_switches *switches, const char *name, const char *value)
{
	int64_t ms = time_of(value);
	char *end;

	if (strcmp(name, "slow") == 0) {
		switches->duration_ms = ms;
		return ms >= 0;
	}
	if (strcmp(name, "delay") == 0) {
		switches->delay_ms = ms;
		return ms >= 0;
	}
	if (strcmp(name, "poll") == 0) {
		switches->poll = fault_of(value);
		return switches->poll != FAULT__MAX;
	}
	if (strcmp(name, "times") == 0) {
		switches->poll_times = strtoll(value, &end, 10);
		return switches->poll_times > 0 && *end == '\0';
	}
	return false;
}

/* Sets a switch without a value. False for an unknown one. */
static bool
set_bare(struct model_switches *switches, const char *name)
{
	enum fault fault = fault_of(name);

	if (fault != FAULT__MAX)
		switches->submit = fault;
	else if (strcmp(name, "fast") == 0)
		switches->duration_ms = 0;
	else if (strcmp(name, "slow") == 0)
		switches->duration_ms = SLOW_MS;
	else if (strcmp(name, "fail") == 0)
		switches->end = END_FAILED;
	else if (strcmp(name, "cancelled") == 0)
		switches->end = END_CANCELLED;
	else if (strcmp(name, "never") == 0)
		switches->end = END_NEVER;
	else if (strcmp(name, "unknown-word") == 0)
		switches->strange = true;
	else if (strcmp(name, "no-url") == 0)
		switches->no_url = true;
	else
		return false;
	return true;
}

struct err
model_switches_read(const char *model, struct model_switches *ret_switches)
{
	struct model_switches switches = {.delay_ms = -1, .duration_ms = -1};
	const char *at = strchr(model, ':');

	while (at) {
		const char *word = at + 1;
		size_t len = strcspn(word, "+");
		char name[WORD_SIZE] = "";

		if (len < sizeof(name))
			memcpy(name, word, len);
		char *value = strchr(name, '=');
		if (value)
			*value++ = '\0';
		if (!(value ? set_valued(&switches, name, value) : set_bare(&switches, name)))
			return err_say(ERR_BAD_FIELD, "model", "The simulator has no switch \"%.*s\".",
			               len < 100 ? (int)len : 100, word);
		at = word[len] == '+' ? word + len : NULL;
	}
	*ret_switches = switches;
	return err_of(ERR_OK);
}
