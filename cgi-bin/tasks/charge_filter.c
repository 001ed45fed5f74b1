/* Which charges a caller wants to see: see charge_filter.h. */
#include "charge_filter.h"

#include <stddef.h>
#include <string.h>

#include "api/call.h"
#include "base/limits.h"
#include "id_cursor.h"
#include "web/field.h"

enum { PRESET = 20, SLACK_MS = 24 * 60 * 60 * 1000 /* by which a clock may have been set back */ };

struct query {
	const char *from, *to, *model, *state, *cursor;
	struct field_int key, limit;
	struct field_bool bom;
};

static const char *const states[] = {"held", "settled", "released", NULL};

#define COMMON                                                                                               \
	{"from", FIELD_LINE, offsetof(struct query, from), .min = 1, .max = LIMIT_WORD},                     \
	    {"to", FIELD_LINE, offsetof(struct query, to), .min = 1, .max = LIMIT_WORD},                     \
	    {"model", FIELD_LINE, offsetof(struct query, model), .min = 1, .max = LIMIT_WORD},               \
	    {"key", FIELD_INT, offsetof(struct query, key), .min = 0, .max = INT64_MAX},                     \
	{                                                                                                    \
		"state", FIELD_WORD, offsetof(struct query, state), .words = states                          \
	}

static const struct field page_fields[] = {
    COMMON,
    {"cursor", FIELD_LINE, offsetof(struct query, cursor), .min = 1, .max = LIMIT_WORD},
    {"limit", FIELD_INT, offsetof(struct query, limit), .min = 1, .max = LIMIT_PAGE_SIZE},
};

static const struct field csv_fields[] = {
    COMMON,
    {"bom", FIELD_BOOL, offsetof(struct query, bom)},
};

struct err
charge_filter_read(struct call *call, bool csv, struct charge_filter *ret_filter)
{
	struct query query = {0};
	struct charge_filter filter;
	struct err err = csv ? field_read_query(csv_fields, sizeof(csv_fields) / sizeof(csv_fields[0]),
	                                        call->request, &query)
	                     : field_read_query(page_fields, sizeof(page_fields) / sizeof(page_fields[0]),
	                                        call->request, &query);
	if (err.code == ERR_OK)
		err = period_read(query.from, query.to, &filter.period);
	if (err.code == ERR_OK && !id_cursor_read(query.cursor, &filter.before))
		err.code = ERR_BAD_CURSOR;
	if (err.code != ERR_OK)
		return err;
	filter.model = query.model;
	filter.key = query.key.set ? query.key.value : -1;
	filter.state = query.state != NULL ? charge_state_of(query.state) : CHARGE_NONE;
	filter.limit = query.limit.set ? query.limit.value : PRESET;
	filter.bom = query.bom.value;
	*ret_filter = filter;
	return err;
}

bool
charge_filter_fits(const struct charge_filter *filter, const struct charge *charge)
{
	return charge->created_at >= filter->period.from && charge->created_at < filter->period.until &&
	       (filter->model == NULL || strcmp(filter->model, charge->model) == 0) &&
	       (filter->key < 0 || filter->key == charge->api_key) &&
	       (filter->state == CHARGE_NONE || filter->state == charge->state);
}

bool
charge_filter_ends(const struct charge_filter *filter, const struct charge *charge)
{
	return charge->created_at < filter->period.from - SLACK_MS;
}
