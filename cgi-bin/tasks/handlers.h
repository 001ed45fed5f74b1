/* The handlers of tasks.c's route table. */
#ifndef TASKS_HANDLERS_H
#define TASKS_HANDLERS_H

#include "base/err.h"

struct call;

struct err tasks_about(struct call *call);
struct err tasks_cancel(struct call *call);
struct err tasks_delete(struct call *call);
struct err tasks_lineage(struct call *call);
struct err tasks_list(struct call *call);
struct err tasks_models(struct call *call);
struct err tasks_recover(struct call *call);
struct err tasks_stats(struct call *call);
struct err tasks_v1_delete(struct call *call);
struct err tasks_v1_list(struct call *call);
struct err tasks_v1_model(struct call *call);
struct err tasks_v1_models(struct call *call);

struct err tasks_about(struct call *call);
struct err tasks_account(struct call *call);
struct err tasks_statement(struct call *call);
struct err tasks_charges(struct call *call);
struct err tasks_charges_csv(struct call *call);
struct err tasks_usage(struct call *call);
struct err tasks_redeem(struct call *call);
struct err tasks_prices(struct call *call);
struct err tasks_quote(struct call *call);

#endif
