/* tasks: lists, shows, cancels and deletes tasks, and says what can be made. Also answers all paths below
 * /api/ and /v1/ that no other program has (404 or 405, as JSON). */
#include "api/call.h"
#include "api/program.h"
#include "api/task_view.h"
#include "handlers.h"
#include "made.h"
#include "store/store.h"

static const struct route routes[] = {
    {"GET", "/api/video/tasks", tasks_list, ACCESS_USER, "The user's tasks, filtered, a page at a time",
     TAKES_QUERY},
    {"GET", "/api/video/tasks/:videoId", task_show, ACCESS_USER, "One task, with an ETag"},
    {"DELETE", "/api/video/tasks/:videoId", tasks_delete, ACCESS_USER, "Deletes it: hidden for good"},
    {"POST", "/api/video/tasks/:videoId/cancel", tasks_cancel, ACCESS_USER, "Cancels an open task"},
    {"GET", "/api/video/tasks/:videoId/lineage", tasks_lineage, ACCESS_USER,
     "Its ancestors, and all its remixes"},
    {"POST", "/api/video/tasks/recover", tasks_recover, ACCESS_USER,
     "Finds tasks by the client's own request ids", TAKES_BODY | READS},
    {"GET", "/api/video/stats", tasks_stats, ACCESS_USER, "Counts, success rate, durations", TAKES_QUERY},
    {"GET", "/api/about", tasks_about, ACCESS_PUBLIC, "What this server is"},
    {"GET", "/api/account", tasks_account, ACCESS_USER, "Balance, budgets and limits"},
    {"GET", "/api/account/statement", tasks_statement, ACCESS_USER, "The transfers, the latest first",
     TAKES_QUERY},
    {"GET", "/api/account/charges", tasks_charges, ACCESS_USER, "What attempts cost, a row each",
     TAKES_QUERY},
    {"GET", "/api/account/charges.csv", tasks_charges_csv, ACCESS_USER, "The same for a spreadsheet",
     TAKES_QUERY},
    {"GET", "/api/account/usage", tasks_usage, ACCESS_USER, "Sums by day, model or key", TAKES_QUERY},
    {"POST", "/api/account/redeem", tasks_redeem, ACCESS_USER, "Credit for a code", TAKES_BODY},
    {"GET", "/api/prices", tasks_prices, ACCESS_USER, "What videos cost the caller, with an ETag"},
    {"POST", "/api/prices/quote", tasks_quote, ACCESS_USER, "What a creation would cost", TAKES_BODY | READS},
    {"GET", "/api/models", tasks_models, ACCESS_USER, "What can be made, with an ETag"},
    {"GET", "/v1/videos", tasks_v1_list, ACCESS_USER, "OpenAI's: the user's tasks, a page at a time",
     TAKES_QUERY},
    {"POST", "/v1/videos", NULL, ACCESS_USER, "(relay)"},
    {"GET", "/v1/videos/:videoId", NULL, ACCESS_USER, "(updates)"},
    {"DELETE", "/v1/videos/:videoId", tasks_v1_delete, ACCESS_USER, "OpenAI's: deletes it"},
    {"GET", "/v1/models", tasks_v1_models, ACCESS_USER, "OpenAI's: the models that can be named"},
    {"GET", "/v1/models/*model", tasks_v1_model, ACCESS_USER, "OpenAI's: one model"},
};

int
main(int argc, char **argv)
{
	static const struct program tasks = {
	    .name = "tasks",
	    .routes = {routes, sizeof(routes) / sizeof(routes[0])},
	    .mode = STORE_WRITE,
	    .threads = 2, /* as many as cores: more only wait for each other */
	    .snapshot = true,
	    .open = made_open,
	    .close = made_close,
	};
	return program_main(argc, argv, &tasks);
}
