/* GET /health
 *
 * {status:"ok"} where process and database answer. Errors: the store's. Reads data_version. */
#include "api/call.h"
#include "api/envelope.h"
#include "handlers.h"
#include "store/database.h"

struct err
ops_health(struct call *call)
{
	int64_t version;
	enum err_code err = store_data_version(call->store, &version);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w;
	envelope_begin(&w, call->reply);
	jsonw_object(&w, "data");
	jsonw_string(&w, "status", "ok");
	jsonw_object_end(&w);
	envelope_end(&w, call->request, call->reply, 200);
	return err_of(ERR_OK);
}
