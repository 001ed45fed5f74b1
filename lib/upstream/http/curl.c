/* libcurl, loaded when it is first needed. With what it brings along it takes four megabytes of each process
 * that has it, and an instance at rest has three that may need it one day. The functions have libcurl's own
 * names and types, so that no caller knows; where there is no libcurl they fail as if memory were short,
 * and curl_missing() says so at the start. */
#define CURL_DISABLE_TYPECHECK /* its macros stand for calls; these are the functions */
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

#include "upstream/http/curl.h"

static const char library[] = "libcurl.so.4";

#define FUNCTIONS(X)                                                                                         \
	X(curl_easy_cleanup)                                                                                 \
	X(curl_easy_getinfo)                                                                                 \
	X(curl_easy_header)                                                                                  \
	X(curl_easy_init)                                                                                    \
	X(curl_easy_perform)                                                                                 \
	X(curl_easy_reset)                                                                                   \
	X(curl_easy_setopt)                                                                                  \
	X(curl_easy_strerror)                                                                                \
	X(curl_free)                                                                                         \
	X(curl_getdate)                                                                                      \
	X(curl_global_init)                                                                                  \
	X(curl_mime_addpart)                                                                                 \
	X(curl_mime_data)                                                                                    \
	X(curl_mime_data_cb)                                                                                 \
	X(curl_mime_filename)                                                                                \
	X(curl_mime_free)                                                                                    \
	X(curl_mime_init)                                                                                    \
	X(curl_mime_name)                                                                                    \
	X(curl_mime_type)                                                                                    \
	X(curl_multi_add_handle)                                                                             \
	X(curl_multi_cleanup)                                                                                \
	X(curl_multi_info_read)                                                                              \
	X(curl_multi_init)                                                                                   \
	X(curl_multi_remove_handle)                                                                          \
	X(curl_multi_setopt)                                                                                 \
	X(curl_multi_socket_action)                                                                          \
	X(curl_slist_append)                                                                                 \
	X(curl_slist_free_all)                                                                               \
	X(curl_url)                                                                                          \
	X(curl_url_cleanup)                                                                                  \
	X(curl_url_get)                                                                                      \
	X(curl_url_set)                                                                                      \
	X(curl_version_info)

/* Written once, before anybody reads it. */
static struct {
#define MEMBER(name) __typeof__(&(name)) name;
	FUNCTIONS(MEMBER)
#undef MEMBER
	bool loaded;
} real;

static void
load_all(void)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	bool good = handle != NULL;
	/* The way that POSIX shows for a function's address (dlsym, "application usage"). */
#define LOAD(name) good = good && (*(void **)&real.name = dlsym(handle, #name)) != NULL;
	FUNCTIONS(LOAD)
#undef LOAD
	real.loaded = good && real.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

static bool
load(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, load_all);
	return real.loaded;
}

bool
curl_missing(void)
{
	int status;
	pid_t child = fork();
	if (child == 0) /* in a process of its own, so that this one stays as small as it is */
		_exit(dlopen(library, RTLD_LAZY) == NULL);
	return child > 0 && waitpid(child, &status, 0) == child && status != 0;
}

/* ---- what takes more than three arguments or none of a kind ---- */

/* What an option's argument is, by its number: curl.h, CURLOPTTYPE_. */
#define PASS(function, handle, option)                                                                       \
	switch ((option) / CURLOPTTYPE_OBJECTPOINT * CURLOPTTYPE_OBJECTPOINT) {                              \
	case CURLOPTTYPE_LONG:                                                                               \
		code = real.function(handle, option, va_arg(args, long));                                    \
		break;                                                                                       \
	case CURLOPTTYPE_OFF_T:                                                                              \
		code = real.function(handle, option, va_arg(args, curl_off_t));                              \
		break;                                                                                       \
	default:                                                                                             \
		code = real.function(handle, option, va_arg(args, void *));                                  \
	}

CURLcode(curl_easy_setopt)(CURL *easy, CURLoption option, ...)
{
	va_list args;
	CURLcode code = CURLE_FAILED_INIT;
	if (!load())
		return code;
	va_start(args, option);
	PASS(curl_easy_setopt, easy, option)
	va_end(args);
	return code;
}

CURLMcode(curl_multi_setopt)(CURLM *multi, CURLMoption option, ...)
{
	va_list args;
	CURLMcode code = CURLM_INTERNAL_ERROR;
	if (!load())
		return code;
	va_start(args, option);
	PASS(curl_multi_setopt, multi, option)
	va_end(args);
	return code;
}

CURLcode(curl_easy_getinfo)(CURL *easy, CURLINFO info, ...)
{
	va_list args;
	if (!load())
		return CURLE_FAILED_INIT;
	va_start(args, info);
	CURLcode code = real.curl_easy_getinfo(easy, info, va_arg(args, void *));
	va_end(args);
	return code;
}

/* ---- all others ---- */

#define FORWARD(type, otherwise, name, parameters, arguments)                                                \
	type(name) parameters                                                                                \
	{                                                                                                    \
		return load() ? real.name arguments : (otherwise);                                           \
	}
#define RELEASE(name, type)                                                                                  \
	void(name)(type * what)                                                                              \
	{                                                                                                    \
		if (what != NULL && load())                                                                  \
			real.name(what);                                                                     \
	}

FORWARD(CURL *, NULL, curl_easy_init, (void), ())
FORWARD(time_t, -1, curl_getdate, (const char *date, const time_t *unused), (date, unused))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_easy_perform, (CURL * easy), (easy))
FORWARD(const char *, "libcurl is missing", curl_easy_strerror, (CURLcode code), (code))
FORWARD(CURLHcode, CURLHE_NOT_BUILT_IN, curl_easy_header,
        (CURL * easy, const char *name, size_t index, unsigned origin, int request,
         struct curl_header **header),
        (easy, name, index, origin, request, header))
RELEASE(curl_easy_cleanup, CURL)
RELEASE(curl_easy_reset, CURL)
RELEASE(curl_free, void)

FORWARD(CURLM *, NULL, curl_multi_init, (void), ())
FORWARD(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_remove_handle, (CURLM * multi, CURL *easy), (multi, easy))
FORWARD(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_cleanup, (CURLM * multi), (multi))
FORWARD(CURLMsg *, NULL, curl_multi_info_read, (CURLM * multi, int *left), (multi, left))
FORWARD(CURLMcode, CURLM_INTERNAL_ERROR, curl_multi_socket_action,
        (CURLM * multi, curl_socket_t socket, int events, int *running), (multi, socket, events, running))

FORWARD(curl_mime *, NULL, curl_mime_init, (CURL * easy), (easy))
FORWARD(curl_mimepart *, NULL, curl_mime_addpart, (curl_mime * mime), (mime))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_mime_name, (curl_mimepart * part, const char *name), (part, name))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_mime_type, (curl_mimepart * part, const char *type), (part, type))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_mime_filename, (curl_mimepart * part, const char *name),
        (part, name))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_mime_data, (curl_mimepart * part, const char *data, size_t size),
        (part, data, size))
FORWARD(CURLcode, CURLE_FAILED_INIT, curl_mime_data_cb,
        (curl_mimepart * part, curl_off_t size, curl_read_callback read, curl_seek_callback seek,
         curl_free_callback release, void *cookie),
        (part, size, read, seek, release, cookie))
RELEASE(curl_mime_free, curl_mime)

FORWARD(struct curl_slist *, NULL, curl_slist_append, (struct curl_slist * list, const char *text),
        (list, text))
RELEASE(curl_slist_free_all, struct curl_slist)

FORWARD(CURLU *, NULL, curl_url, (void), ())
/* Later versions promise not to change the URL that is read. */
typedef __typeof__(_Generic(&(curl_url_get), CURLUcode (*)(CURLU *, CURLUPart, char **, unsigned)
                            : (CURLU *)NULL, default
                            : (const CURLU *)NULL)) read_url;
FORWARD(CURLUcode, CURLUE_OUT_OF_MEMORY, curl_url_get,
        (read_url url, CURLUPart part, char **text, unsigned flags), (url, part, text, flags))
FORWARD(CURLUcode, CURLUE_OUT_OF_MEMORY, curl_url_set,
        (CURLU * url, CURLUPart part, const char *text, unsigned flags), (url, part, text, flags))
RELEASE(curl_url_cleanup, CURLU)

FORWARD(curl_version_info_data *, NULL, curl_version_info, (CURLversion version), (version))
