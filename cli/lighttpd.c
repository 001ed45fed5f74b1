/* lighttpd's configuration: the template share/lighttpd.conf, filled in with what depends on the machine, the
 * configuration and the command line. */
#include "lighttpd.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/config.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/machine.h"
#include "cli.h"

enum {
	CONF_MAX = 256 * 1024, /* bytes of the template and of its result */
};

#define ASKED "-asked" /* after a program's name: asked before the body is sent, see api/authorize.h */

static const char *const programs[] = {"ops",   "auth",  "relay",     "updates", "content",
                                       "tasks", "hooks", "simulator", NULL};

/* The errors that lighttpd answers by itself, as rows of err.def. */
static const struct {
	int status;
	enum err_code code;
} errors[] = {
    {400, ERR_BAD_REQUEST},        {403, ERR_FORBIDDEN},    {404, ERR_NOT_FOUND},
    {405, ERR_METHOD_NOT_ALLOWED}, {408, ERR_BAD_REQUEST},  {411, ERR_LENGTH_REQUIRED},
    {413, ERR_TOO_LARGE},          {414, ERR_URI_TOO_LONG}, {416, ERR_RANGE_NOT_SATISFIABLE},
    {417, ERR_BAD_REQUEST},        {431, ERR_BAD_REQUEST},  {500, ERR_INTERNAL},
    {501, ERR_BAD_REQUEST},        {502, ERR_INTERNAL},     {503, ERR_BUSY},
    {504, ERR_INTERNAL},           {505, ERR_BAD_REQUEST},
};
enum { ERRORS = sizeof(errors) / sizeof(*errors) };

const char *const *
lighttpd_programs(void)
{
	return programs;
}

bool
lighttpd_find(struct arena *arena, const char *install, const struct config *config,
              struct lighttpd *ret_lighttpd)
{
	const char *beside = arena_printf(arena, "%s/lighttpd/usr/sbin/lighttpd", install);
	const char *program = *config->lighttpd                     ? arena_strdup(arena, config->lighttpd)
	                      : beside && access(beside, X_OK) == 0 ? beside
	                                                            : "/usr/sbin/lighttpd";

	if (program == NULL || access(program, X_OK) < 0)
		return false;
	/* PREFIX/sbin/lighttpd has its modules in PREFIX/lib/lighttpd. */
	const char *slash = strrchr(program, '/');
	const char *modules =
	    slash ? arena_printf(arena, "%.*s/../lib/lighttpd", (int)(slash - program), program) : NULL;
	if (modules && access(modules, X_OK) < 0)
		modules = NULL;
	*ret_lighttpd = (struct lighttpd){program, modules};
	return true;
}

/* ---- the fields of the template ---- */

static void
fill_error_types(struct buf *out)
{
	for (size_t i = 0; i < ERRORS; i++)
		buf_addf(out, "\t\"%d.html\" => \"application/json\",\n", errors[i].status);
}

/* Plain CGI cannot be asked before the body. */
static void
fill_program(const struct lighttpd_plan *plan, const char *name, bool asked, struct buf *out)
{
	if (plan->cgi) {
		buf_addf(out, "alias.url = ( \"/\" => \"%s/cgi-bin/%s/\" )", plan->install, name);
		return;
	}
	char docroot[2 * PATH_MAX + 32];
	const char *data = plan->config->data;
	snprintf(docroot, sizeof(docroot), "%s/archive/\", \"%s/uploads/\" )", data, data);
	buf_adds(out, "fastcgi.server = ( \"/\" => (");
	if (asked)
		buf_addf(out,
		         "( \"socket\" => \"run/%s.sock\", \"mode\" => \"authorizer\", \"check-local\" => "
		         "\"disable\", \"disable-time\" => 0 ), ",
		         name);
	buf_addf(out,
	         "( \"socket\" => \"run/%s.sock\", \"check-local\" => \"disable\", \"disable-time\" => "
	         "0%s%s%s )) )",
	         name,
	         /* A long poll ends when its client may have left; a creation is answered even then. */
	         strcmp(name, "updates") == 0 ? ", \"tcp-fin-propagate\" => \"enable\"" : "",
	         strcmp(name, "content") == 0
	             ? ", \"x-sendfile\" => \"enable\", \"x-sendfile-docroot\" => ( \""
	             : "",
	         strcmp(name, "content") == 0 ? docroot : "");
}

/* What connects to a unix socket is a proxy. False for a list with anything but addresses and networks. */
static bool
fill_proxies(const char *list, const char *address, struct buf *out)
{
	static const char blanks[] = " \t,";

	if (strncmp(address, "unix:", 5) == 0)
		return buf_adds(out, "server.modules += ( \"mod_extforward\" )\n"
		                     "extforward.headers = ( \"X-Forwarded-For\" )\n"
		                     "extforward.forwarder = ( \"all\" => \"trust\" )");
	if (*list == '\0')
		return true;
	if (list[strspn(list, "0123456789abcdefABCDEF.:/ \t,")] != '\0')
		return false;
	buf_adds(out, "server.modules += ( \"mod_extforward\" )\n"
	              "extforward.headers = ( \"X-Forwarded-For\" )\n"
	              "extforward.forwarder = (");
	for (list += strspn(list, blanks); *list; list += strspn(list, blanks)) {
		size_t len = strcspn(list, blanks);

		buf_addf(out, " \"%.*s\" => \"trust\",", (int)len, list);
		list += len;
	}
	buf_adds(out, " )");
	return true;
}

/* A regular expression for base_path or nothing. Of the characters of a path, the dot alone needs quoting. */
static void
fill_base(const char *base, struct buf *out)
{
	if (*base == '\0')
		return;
	buf_adds(out, "(?:");
	for (; *base != '\0'; base++)
		buf_addf(out, *base == '.' ? "[%c]" : "%c", *base);
	buf_adds(out, ")?");
}

/* True for a name that the web server gives a program: no variable of ours may take its place. */
static bool
is_cgis_own(const char *name, size_t len)
{
	/* RFC 3875, section 4.1, and what servers add to it; "_" at the end is for all that begin so. */
	static const char *const own[] = {
	    "AUTH_TYPE",    "CONTENT_",  "DOCUMENT_ROOT", "GATEWAY_INTERFACE", "HTTPS",   "HTTP_",  "PATH_",
	    "QUERY_STRING", "REDIRECT_", "REMOTE_",       "REQUEST_",          "SCRIPT_", "SERVER_"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		size_t size = strlen(own[i]);

		if (len >= size && strncmp(name, own[i], size) == 0 &&
		    (len == size || own[i][size - 1] == '_'))
			return true;
	}
	return false;
}

/* lighttpd gives plain CGI programs a clean environment. They get the one that FastCGI programs have, as any
 * variable may hold a channel's key; but only names in capitals, since lighttpd writes all of them so. They
 * are listed by name, so that no secret stands in the file. */
static void
fill_environment(const struct lighttpd_plan *plan, struct buf *out)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

	if (!plan->cgi)
		return;
	/* By its whole path, and outside any condition: lighttpd 1.4.79 ignores it under a condition on the
	 * path, and sends the program as a file. */
	buf_adds(out, "cgi.assign = (");
	for (size_t i = 0; programs[i]; i++)
		buf_addf(out, " \"%s/cgi-bin/%s\" => \"\",", plan->install, programs[i]);
	buf_adds(out, " )\n");
	buf_adds(out, "setenv.set-environment = (");
	for (char **variable = environ; *variable; variable++) {
		size_t len = strspn(*variable, letters);

		if (len > 0 && (*variable)[len] == '=' && !is_cgis_own(*variable, len))
			buf_addf(out, "\n\t\"%.*s\" => env.%.*s,", (int)len, *variable, (int)len, *variable);
	}
	buf_adds(out, "\n)");
}

/* A regular expression for the host of HOST:PORT or [HOST]:PORT. */
static void
fill_host(const char *address, struct buf *out)
{
	const char *end = strrchr(address, ':');

	for (const char *at = address; at < end; at++) {
		if (*at != '[' && *at != ']')
			buf_addf(out, *at == '.' ? "[%c]" : "%c", *at);
	}
}

/* Appends the number @name@. False where it is none. */
static bool
fill_number(const struct lighttpd_plan *plan, const char *name, struct buf *out)
{
	int64_t connections = machine_web_connections(plan->connections, plan->memory, plan->descriptors);
	const struct {
		const char *name;
		int64_t value;
	} numbers[] = {
	    {"max-fds", machine_web_descriptors(connections, plan->descriptors)},
	    {"max-connections", connections},
	    {"max-request-kb", (LIMIT_FORM_BODY + LIMIT_BODY_MARGIN) / 1024},
	    {"max-header", plan->config->max_header_kb * 1024},
	    {"max-json-kb", (LIMIT_JSON_BODY + LIMIT_BODY_MARGIN) / 1024},
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		if (strcmp(name, numbers[i].name) != 0)
			continue;
		buf_addf(out, "%" PRId64, numbers[i].value);
		return true;
	}
	return false;
}

/* Appends the part of a program: @NAME@ or @NAME-asked@. False for another name. */
static bool
fill_named_program(const struct lighttpd_plan *plan, const char *name, struct buf *out)
{
	for (size_t i = 0; programs[i]; i++) {
		size_t len = strlen(programs[i]);
		bool asked = strncmp(name, programs[i], len) == 0 && strcmp(name + len, ASKED) == 0;

		if (!asked && strcmp(name, programs[i]) != 0)
			continue;
		if (strcmp(name, "simulator") != 0 || plan->simulator)
			fill_program(plan, programs[i], asked, out);
		return true;
	}
	return false;
}

/* Appends the parts that depend on base_path: @base@, @base-redirect@ or @base-alias@. False for another
 * name. */
static bool
fill_below(const struct lighttpd_plan *plan, const char *name, struct buf *out)
{
	const char *base = plan->config->base_path;

	if (strcmp(name, "base") == 0)
		fill_base(base, out);
	else if (strcmp(name, "base-redirect") == 0 && *base != '\0')
		buf_addf(out, "else $HTTP[\"url\"] == \"%s\" {\n\turl.redirect = ( \"\" => \"%s/\" )\n}\n",
		         base, base);
	else if (strcmp(name, "base-alias") == 0 && *base != '\0')
		buf_addf(out, "alias.url = ( \"%s/\" => \"%s/share/web/\" )", base, plan->install);
	return strncmp(name, "base", 4) == 0;
}

/* Appends the value of @name@. On an unknown name or a bad value says so and returns false. */
static bool
fill_field(const struct lighttpd_plan *plan, const char *name, struct buf *out)
{
	if (fill_number(plan, name, out) || fill_below(plan, name, out) ||
	    fill_named_program(plan, name, out))
		return true;
	if (strcmp(name, "web") == 0)
		return buf_addf(out, "%s/share/web", plan->install);
	if (strcmp(name, "errors") == 0)
		return buf_addf(out, "%s/run/errors/", plan->config->data);
	if (strcmp(name, "own-address") == 0) {
		fill_host(plan->address, out);
		return true;
	}
	if (strcmp(name, "error-types") == 0) {
		fill_error_types(out);
		return true;
	}
	if (strcmp(name, "environment") == 0) {
		fill_environment(plan, out);
		return true;
	}
	if (strcmp(name, "trusted-proxies") != 0)
		cli_fail("share/lighttpd.conf: unknown field @%s@.", name);
	else if (fill_proxies(plan->config->trusted_proxies, plan->address, out))
		return true;
	else
		cli_fail("trusted_proxies: must be addresses, or networks such as 10.0.0.0/8, separated by "
		         "blanks.");
	return false;
}

/* ---- the files ---- */

/* Writes a file without syncing it: it is made at each start. On failure says why and returns false. */
static bool
write_file(const char *path, const struct buf *bytes)
{
	bool good = false;

	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd >= 0) {
		good = !bytes->failed && file_write_all(fd, bytes->data, bytes->len);
		close(fd);
	}
	if (!good)
		cli_fail("cannot write %s: %m", path);
	return good;
}

/* An error as under /api. */
static void
plain_error(struct jsonw *w, enum err_code code)
{
	jsonw_bool(w, "success", false);
	jsonw_string(w, "error", err_text(code, "en"));
	jsonw_string(w, "code", err_word(code));
	jsonw_string(w, "requestId", "");
}

/* An error as under /v1, in OpenAI's form. */
static void
openai_error(struct jsonw *w, enum err_code code)
{
	jsonw_object(w, "error");
	jsonw_string(w, "message", err_text(code, "en"));
	jsonw_string(w, "type", err_status(code) >= 500 ? "server_error" : "invalid_request_error");
	jsonw_null(w, "param");
	jsonw_string(w, "code", err_word(code));
	jsonw_object_end(w);
}

static bool
write_error(const char *dir, int status, enum err_code code, void (*members)(struct jsonw *, enum err_code))
{
	char path[64];
	struct buf body;
	struct jsonw w;

	buf_init(&body, CONF_MAX);
	jsonw_init(&w, &body);
	jsonw_object(&w, NULL);
	members(&w, code);
	jsonw_object_end(&w);
	snprintf(path, sizeof(path), "%s/%d.html", dir, status);
	bool good = write_file(path, &body);
	buf_free(&body);
	return good;
}

/* Appends the template with its fields filled in. */
static bool
render(const struct lighttpd_plan *plan, const char *template, struct buf *out)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz-";
	char name[32];

	for (const char *at; (at = strchr(template, '@')); template = at) {
		size_t len = strspn(at + 1, letters);

		buf_add(out, template, (size_t)(at - template));
		if (len == 0 || len >= sizeof(name) || at[len + 1] != '@') {
			buf_addc(out, *at++);
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)len, at + 1);
		if (!fill_field(plan, name, out))
			return false;
		at += len + 2;
	}
	return buf_adds(out, template);
}

/* True where the path can stand in quotes in lighttpd's configuration. */
static bool
is_quotable(const char *path)
{
	while ((unsigned char)*path >= ' ' && !strchr("\"\\", *path))
		path++;
	return *path == '\0';
}

bool
lighttpd_write(struct arena *arena, const struct lighttpd_plan *plan)
{
	const char *path = arena_printf(arena, "%s/share/lighttpd.conf", plan->install);
	struct buf template, conf;
	bool good = false;

	buf_init(&template, CONF_MAX);
	buf_init(&conf, CONF_MAX);
	if (!is_quotable(plan->install) || !is_quotable(plan->config->data))
		cli_fail("neither %s nor %s may have quotes, backslashes or control characters: lighttpd "
		         "cannot quote them.",
		         plan->install, plan->config->data);
	else if (path == NULL || file_read(path, &template) != ERR_OK)
		cli_fail("cannot read %s.", path ? path : "share/lighttpd.conf");
	else if (render(plan, buf_str(&template), &conf))
		good = write_file(plan->file, &conf);
	for (size_t i = 0; good && i < ERRORS; i++)
		good = write_error("run/errors", errors[i].status, errors[i].code, plain_error) &&
		       write_error("run/errors/v1", errors[i].status, errors[i].code, openai_error);
	buf_free(&template);
	buf_free(&conf);
	return good;
}
