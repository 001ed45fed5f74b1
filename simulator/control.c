/* GET, PUT and DELETE /simulator/control: the settings that apply to all jobs. PUT replaces all of them,
 * DELETE restores the defaults; each answers with the settings then in force. */
#include "base/json.h"
#include "call.h"
#include "handlers.h"
#include "settings.h"
#include "web/field.h"

struct err
control_get(struct call *call)
{
	struct settings settings;
	struct jsonw w;

	enum err_code code = settings_load(call->arena, call->dir, &settings);
	if (code != ERR_OK)
		return err_of(code);
	reply_header(call->reply, "Content-Type", "application/json");
	jsonw_init(&w, &call->reply->body);
	settings_write(&w, &settings);
	return err_of(ERR_OK);
}

struct err
control_put(struct call *call)
{
	const struct json *object;
	struct settings settings;

	struct err err = field_read_body(call->request, &object);
	if (err.code == ERR_OK)
		err = settings_read(call->arena, object, &settings);
	if (err.code == ERR_OK)
		err = err_of(settings_store(call->arena, call->dir, &settings));
	return err.code == ERR_OK ? control_get(call) : err;
}

struct err
control_delete(struct call *call)
{
	enum err_code code = settings_store(call->arena, call->dir, NULL);

	return code == ERR_OK ? control_get(call) : err_of(code);
}
