/* GET /health
 *
 * {status:"ok"} where process and database answer. Errors: the store's. Reads data_version. */
#include "api/call.h"
#include "handlers.h"
#include "store/database.h"

struct err
ops_health(struct call *call)
{
	int64_t version;
	enum err_code err = store_data_version(call->store, &version);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = call_answer_begin(call);
	jsonw_string(&w, "status", "ok");
	return call_answer_end(call, &w, 200);
}
