/* The metrics of money: see money_metrics.h. */
#include "money_metrics.h"

#include <inttypes.h>
#include <stddef.h>

#include "api/call.h"
#include "base/buf.h"
#include "base/config.h"
#include "store/account.h"
#include "store/charge.h"

/* Reasons are the names of moves, in lower case: they need no escape. */
static enum err_code
charge_metrics(struct call *call, struct buf *out)
{
	struct charge_kind *kinds = NULL;
	size_t count = 0;
	enum err_code err = store_charge_kinds(call->store, call->arena, &kinds, &count);
	buf_addf(out,
	         "# HELP longreel_charges Charges by state and reason.\n# TYPE longreel_charges gauge\n");
	for (size_t i = 0; i < count; i++)
		buf_addf(out, "longreel_charges{state=\"%s\",reason=\"%s\"} %" PRId64 "\n", kinds[i].state,
		         kinds[i].reason, kinds[i].count);
	return err;
}

enum err_code
money_metrics(struct call *call, struct buf *out)
{
	struct ledger_totals totals;
	if (!config_on(call->config->billing))
		return ERR_OK;
	enum err_code err = store_ledger_totals(call->store, &totals);
	if (err != ERR_OK)
		return err;
	const struct {
		const char *name, *help;
		int64_t value;
	} rows[] = {
	    {"credit_available_micro", "What users have to spend.", totals.available},
	    {"credit_held_micro", "What is on hold for their tasks.", totals.held},
	    {"revenue_micro", "What they have paid, less what was refunded.", totals.revenue},
	    {"ledger_imbalance", "1 where accounts and charges do not hold the same.", totals.imbalance != 0},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		buf_addf(out, "# HELP longreel_%s %s\n# TYPE longreel_%s gauge\nlongreel_%s %" PRId64 "\n",
		         rows[i].name, rows[i].help, rows[i].name, rows[i].name, rows[i].value);
	return charge_metrics(call, out);
}
