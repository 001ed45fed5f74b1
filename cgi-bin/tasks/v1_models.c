/* GET /v1/models · GET /v1/models/MODEL
 *
 * {object:"list", data:[{id, object:"model", created, owned_by}]}: the models of GET /api/models, or one of
 * them, whose name may have slashes. Errors: not_found. */
#include <string.h>

#include "api/call.h"
#include "api/envelope.h"
#include "handlers.h"
#include "made.h"

/* The true `created` and `owned_by` of an upstream's model are not known here. */
static void
write_members(struct jsonw *w, const char *name)
{
	jsonw_string(w, "id", name);
	jsonw_string(w, "object", "model");
	jsonw_int(w, "created", 0);
	jsonw_string(w, "owned_by", "longreel");
}

struct err
tasks_v1_models(struct call *call)
{
	const char *const *names;
	enum err_code err = made_take_names(call, &names);
	if (err != ERR_OK)
		return err_of(err);
	struct jsonw w = openai_begin(call->reply);
	jsonw_string(&w, "object", "list");
	jsonw_array(&w, "data");
	for (; *names != NULL; names++) {
		jsonw_object(&w, NULL);
		write_members(&w, *names);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	openai_end(&w, call->request, call->reply);
	return err_of(ERR_OK);
}

struct err
tasks_v1_model(struct call *call)
{
	const char *const *names;
	enum err_code err = made_take_names(call, &names);
	if (err != ERR_OK)
		return err_of(err);
	while (*names != NULL && strcmp(*names, call->request->params[0]) != 0)
		names++;
	if (*names == NULL)
		return err_say(ERR_NOT_FOUND, "model", "There is no such model.");
	struct jsonw w = openai_begin(call->reply);
	write_members(&w, *names);
	openai_end(&w, call->request, call->reply);
	return err_of(ERR_OK);
}
