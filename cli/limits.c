/* Limits as options: see limits.h. */
#include "limits.h"

#include <stdio.h>
#include <string.h>

#include "base/amount.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/networks.h"
#include "base/utf8.h"
#include "options.h"
#include "store/audit.h"
#include "store/store.h"

enum { LIST_MOST = 8192 /* bytes */, MULTIPLIER_MOST = 1000000000, DETAIL_MOST = 64 * 1024, NOTE_MOST = 500 };

/* Refuses what is too long, or would harm a terminal. */
static bool
is_list(const char *option, const char *text)
{
	size_t len = strlen(text);
	if (len <= LIST_MOST && utf8_count(text, len) >= 0 && !utf8_has_control(text, len))
		return true;
	cli_fail("--%s must be text of at most %d bytes.", option, LIST_MOST);
	return false;
}

bool
limits_models(const char *text, struct arena *arena, const char **ret_models)
{
	if (text == NULL)
		return true;
	if (!is_list("models", text))
		return false;
	char *list = arena_strdup(arena, text);
	if (list == NULL) {
		cli_fail("not enough memory.");
		return false;
	}
	/* Nothing but separators would be a list that allows nothing. */
	*ret_models = list[strspn(list, " ,")] == '\0' ? "" : list;
	return true;
}

bool
limits_addresses(const char *text, const char **ret_addresses)
{
	if (text == NULL)
		return true;
	if (!is_list("address", text))
		return false;
	if (!networks_valid(text)) {
		cli_fail("--address must be addresses, or networks such as 10.0.0.0/8, separated by commas.");
		return false;
	}
	*ret_addresses = text[strspn(text, " \t,")] == '\0' ? "" : text;
	return true;
}

bool
limits_multiplier(const char *text, int64_t *ret_ppm)
{
	int64_t ppm;
	if (text == NULL)
		return true;
	if (!amount_read(text, &ppm) || ppm < 0 || ppm > MULTIPLIER_MOST) {
		cli_fail("--multiplier must be a number from 0 to 1000, with at most six decimals.");
		return false;
	}
	*ret_ppm = ppm;
	return true;
}

bool
limits_budget(const struct cli_call *call, enum window_kind window, int64_t *ret_micro)
{
	const char *text = call->budgets[window];
	char what[48];
	int64_t micro = -1;
	if (text == NULL)
		return true;
	snprintf(what, sizeof(what), "--budget-%s", window_word(window));
	if (strcmp(text, "none") != 0 && !cli_read_amount(what, text, 0, &micro))
		return false;
	*ret_micro = micro;
	return true;
}

bool
limits_budgets_apply(const struct cli_call *call, int64_t budgets[WINDOW__MAX])
{
	for (int i = 0; i < WINDOW__MAX; i++)
		if (!limits_budget(call, (enum window_kind)i, &budgets[i]))
			return false;
	return true;
}

bool
limits_changes(const struct cli_call *call)
{
	return (call->given & ~(HAS(DATA) | HAS(JSON))) != 0;
}

bool
limits_note(const char *note)
{
	if (utf8_is_line(note, 0, NOTE_MOST))
		return true;
	cli_fail("--note must have at most %d characters, and no control characters.", NOTE_MOST);
	return false;
}

enum err_code
limits_audit(struct store *store, const struct cli_call *call, const char *action, const char *subject)
{
	struct buf detail;
	struct jsonw w;
	buf_init(&detail, DETAIL_MOST);
	jsonw_init(&w, &detail);
	option_write(&w, call);
	const struct audit audit = {.at = clock_wall_ms(),
	                            .actor = "cli",
	                            .address = "",
	                            .action = action,
	                            .subject = subject,
	                            .detail = buf_str(&detail),
	                            .request_id = ""};
	enum err_code err = detail.failed ? ERR_NO_MEMORY : store_audit_add(store, &audit);
	buf_free(&detail);
	return err;
}

bool
limits_audit_done(struct store *store, const struct cli_call *call, const char *action, const char *subject)
{
	enum err_code err = store_begin(store, STORE_DURABLE);
	if (err == ERR_OK)
		err = limits_audit(store, call, action, subject);
	err = store_end(store, err);
	if (err != ERR_OK)
		cli_fail("this was done, but the audit log cannot be written: %s", err_text(err, "en"));
	return err == ERR_OK;
}
