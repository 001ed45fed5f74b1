/* GET /v1/models · GET /v1/models/MODEL
 *
 * {object:"list", data:[{id, object:"model", created, owned_by}]}: the models that the channels list, or one
 * of them, whose name may have slashes. Channels that take any model list none. Errors: not_found. The
 * channels are read for each call, since calls are rare and the program needs channels for nothing else. */
#include <string.h>

#include "api/call.h"
#include "api/envelope.h"
#include "base/log.h"
#include "domain/channel/channels.h"
#include "handlers.h"

struct names {
	const char *const *list;
	size_t count;
};

static struct err
read_names(struct call *call, struct names *ret_names)
{
	char why[300];
	struct channels *channels = channels_open_installed(call->config, why, sizeof(why));
	if (channels == NULL) {
		log_error("cannot read the channels: %s", why);
		return err_of(ERR_INTERNAL);
	}
	channels_refresh(channels, call->store);
	enum err_code err = channels_models(channels, call->arena, &ret_names->list, &ret_names->count);
	channels_close(channels);
	return err_of(err);
}

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
	struct names names = {0};
	struct err err = read_names(call, &names);
	if (err.code != ERR_OK)
		return err;
	struct jsonw w = openai_begin(call->reply);
	jsonw_string(&w, "object", "list");
	jsonw_array(&w, "data");
	for (size_t i = 0; i < names.count; i++) {
		jsonw_object(&w, NULL);
		write_members(&w, names.list[i]);
		jsonw_object_end(&w);
	}
	jsonw_array_end(&w);
	openai_end(&w, call->request, call->reply);
	return err;
}

struct err
tasks_v1_model(struct call *call)
{
	struct names names = {0};
	struct err err = read_names(call, &names);
	for (size_t i = 0; err.code == ERR_OK && i < names.count; i++) {
		if (strcmp(names.list[i], call->request->params[0]) != 0)
			continue;
		struct jsonw w = openai_begin(call->reply);
		write_members(&w, names.list[i]);
		openai_end(&w, call->request, call->reply);
		return err;
	}
	return err.code != ERR_OK ? err : err_say(ERR_NOT_FOUND, "model", "There is no such model.");
}
