/* The configuration: what is taken, what is refused and in which words, which source wins, and that
 * conf/longreel.conf.example says the same as config.def. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/config.h"
#include "base/file.h"
#include "base/limits.h"
#include "support/tmpdir.h"
#include "support/test.h"

static char *dir;
static char why[512];

static int
set_up(void **state)
{
	(void)state;
	clearenv();
	dir = tmpdir_make();
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tmpdir_remove(dir);
	return 0;
}

static struct config *
load(const char *text)
{
	if (text)
		tmpdir_write(dir, "longreel.conf", text);
	return config_load(dir, why, sizeof why);
}

static struct config *
good(const char *text)
{
	struct config *config = load(text);

	if (!config)
		fail_msg("refused: %s", why);
	assert_string_equal(why, "");
	return config;
}

/* Refused with the sentence that is the file's path and `behind`. */
static void
refused(const char *text, const char *behind)
{
	char expected[512];

	assert_null(load(text));
	snprintf(expected, sizeof expected, "%s/longreel.conf%s", dir, behind);
	assert_string_equal(why, expected);
}

TEST(test_defaults)
{
	struct config *config = good(NULL);
	char *real = realpath(dir, NULL);

	assert_string_equal(config->data, real);
	assert_string_equal(config->registration, "open");
	assert_int_equal(config->rate_create, 30);
	assert_int_equal(config->poll_interval_min, 2000);
	assert_int_equal(config->token_lifetime, 30LL * 24 * 3600 * 1000);
	assert_string_equal(config->upstream_base, "");
	assert_string_equal(config->upstream_dialect, "sora");
	config_free(config);
	config_free(NULL);
	free(real);
}

TEST(test_file)
{
	struct config *config = good("\xEF\xBB\xBF# a comment\r\n"
	                             "  registration=closed  \r\n"
	                             "\n"
	                             "\trate_create\t=\t7 # a few\n"
	                             "upstream_key = sk#1=2#\n"
	                             "upstream_base = https://api.example.com/v1//\n"
	                             "cors_origins = https://a.example https://b.example\n"
	                             "lighttpd =\n"
	                             "log_level = debug");

	assert_string_equal(config->registration, "closed");
	assert_int_equal(config->rate_create, 7);
	assert_string_equal(config->upstream_key, "sk#1=2#");
	assert_string_equal(config->upstream_base, "https://api.example.com/v1");
	assert_string_equal(config->cors_origins, "https://a.example https://b.example");
	assert_string_equal(config->lighttpd, "");
	assert_string_equal(config->log_level, "debug");
	config_free(config);
	config_free(good(""));
}

TEST(test_times)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {{"0.05", 50},    {"2", 2000},        {"2s", 2000},    {"200ms", 200}, {"5m", 300000},
	            {"1h", 3600000}, {"0.5 h", 1800000}, {"1.25s", 1250}, {"10ms", 10}};
	char line[64];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(line, sizeof line, "poll_interval_min = %s\npoll_interval_max = 1h", rows[i].text);
		struct config *config = good(line);
		assert_int_equal(config->poll_interval_min, rows[i].ms);
		config_free(config);
	}
}

TEST(test_refused_values)
{
#define TIME_WORDS ": seconds, or a number with ms, s, m, h or d behind it"
#define BASE_WORDS                                                                                           \
	"must be empty or an address such as https://api.example.com, without user name, query and fragment"
#define PATH_WORDS "must be a path such as /reel, of letters, digits and -._~, without a slash at its end"
#define ORIGIN_WORDS                                                                                         \
	"must be origins such as https://app.example.com, without a path or a slash at the end, separated "  \
	"by blanks; or *"
#define NETWORK_WORDS "must be addresses, or networks such as 10.0.0.0/8, separated by blanks"
#define ZONE_WORDS    "must be UTC, or a time zone that this machine's tzdata has, such as Europe/Berlin"
	static const char *const rows[][3] = {
	    {"rate_create", "x", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "-1", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "1000001", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "7 8", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "1.5", "must be a whole number from 0 to 1000000"},
	    {"rate_create", "99999999999999999999999", "must be a whole number from 0 to 1000000"},
	    {"max_connections", "0x40", "must be a whole number from 0 to 32000"},
	    {"poll_interval_min", "9ms", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "1w", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "-1s", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "1.", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", ".5", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "1e3", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "inf", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "9999999999999999999d", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"poll_interval_min", "61m", "must be a time from 10ms to 1h" TIME_WORDS},
	    {"late_window", "31d", "must be a time from 0s to 30d" TIME_WORDS},
	    {"registration", "Open", "must be open or closed or invite"},
	    {"registration", "ope", "must be open or closed or invite"},
	    {"registration", "open|closed", "must be open or closed or invite"},
	    {"registration", "", "must be open or closed or invite"},
	    {"log_level", "all", "must be error or warn or info or debug"},
	    {"upstream_dialect", "../x", "must be the name of a file in conf/dialects, without .json"},
	    {"upstream_dialect", "", "must be the name of a file in conf/dialects, without .json"},
	    {"upstream_key", "a b", "must be of visible ASCII characters, without blanks"},
	    {"upstream_base", "api.example.com", BASE_WORDS},
	    {"upstream_base", "ftp://api.example.com", BASE_WORDS},
	    {"upstream_base", "https://", BASE_WORDS},
	    {"upstream_base", "https:///v1", BASE_WORDS},
	    {"upstream_base", "https://:8080", BASE_WORDS},
	    {"upstream_base", "https://u:p@api.example.com", BASE_WORDS},
	    {"upstream_base", "https://api.example.com?a=b", BASE_WORDS},
	    {"upstream_base", "https://api.example.com/#a", BASE_WORDS},
	    {"upstream_base", "https://api example.com", BASE_WORDS},
	    {"base_path", "/reel/", PATH_WORDS},
	    {"base_path", "reel", PATH_WORDS},
	    {"listen", "a:", "must be a port, HOST:PORT, [IPV6]:PORT or unix:/PATH"},
	    {"cors_origins", "app.example.com", ORIGIN_WORDS},
	    {"cors_origins", "https://app.example.com/", ORIGIN_WORDS},
	    {"cors_origins", "https://a.example https://b.example/page", ORIGIN_WORDS},
	    {"cors_origins", "https://a.example,https://b.example", ORIGIN_WORDS},
	    {"cors_origins", "https://*.example.com", ORIGIN_WORDS},
	    {"cors_origins", "https://", ORIGIN_WORDS},
	    {"trusted_proxies", "localhost", NETWORK_WORDS},
	    {"trusted_proxies", "127.0.0.1 999.1.1.1", NETWORK_WORDS},
	    {"trusted_proxies", "10.0.0", NETWORK_WORDS},
	    {"trusted_proxies", "10.0.0.0/33", NETWORK_WORDS},
	    {"trusted_proxies", "10.0.0.0/", NETWORK_WORDS},
	    {"trusted_proxies", "fd00::/129", NETWORK_WORDS},
	    {"trusted_proxies", "127.0.0.1:8080", NETWORK_WORDS},
	    {"timezone", "Mars/Olympus", ZONE_WORDS},
	};
	char text[128], expected[256];

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(text, sizeof text, "# first\n%s = %s\n", rows[i][0], rows[i][1]);
		snprintf(expected, sizeof expected, ", line 2: %s: %s", rows[i][0], rows[i][2]);
		refused(text, expected);
	}
}

TEST(test_lists)
{
	static const char *const rows[][2] = {
	    {"cors_origins", "*"},
	    {"cors_origins", "http://localhost:5173  https://[::1]:8080 null chrome-extension://abc"},
	    {"trusted_proxies", "127.0.0.1, ::1  10.0.0.0/8 fd00::/8 ::ffff:10.0.0.1 0.0.0.0/0"},
	};
	char text[128];
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		snprintf(text, sizeof text, "%s = %s\n", rows[i][0], rows[i][1]);
		struct config *config = load(text);
		assert_non_null(config);
		config_free(config);
	}
}

TEST(test_refused_files)
{
	char big[LIMIT_CONFIG_FILE + 2];

	refused("rate_create = 1\n\nrate_create = 1\n", ", line 3: rate_create: occurs a second time");
	refused("rate_creat = 1\n", ", line 1: rate_creat: there is no such key; did you mean rate_create?");
	refused("colour = 1\n", ", line 1: colour: there is no such key");
	refused("RATE_CREATE = 1\n", ", line 1: (what is before the =): there is no such key");
	refused("c2VjcmV0Cg==\n", ", line 1: (what is before the =): there is no such key");
	refused("= 1\n", ", line 1: (what is before the =): there is no such key");
	refused("sk-secret\n", ", line 1: must read KEY = VALUE");
	refused("cors_origins = \xFF\n", ": is not a text in UTF-8");
	refused("cors_origins = \x1B[0m\n", ": is not a text in UTF-8");
	refused("cors_origins = a\tb\n",
	        ", line 1: cors_origins: must be text in UTF-8 without control characters");
	memset(big, '\n', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	refused(big, ": is larger than 65536 bytes");
	big[sizeof big - 2] = '\0';
	config_free(good(big));
	load("poll_interval_min = 2m\n");
	assert_string_equal(why, "poll_interval_min: must not be longer than poll_interval_max");
}

TEST(test_refused_places)
{
	char *path = tmpdir_path(dir, "longreel.conf"), *none = tmpdir_path(dir, "none");

	assert_null(config_load(none, why, sizeof why));
	assert_non_null(strstr(why, "none: No such file"));
	assert_int_equal(mkdir(path, 0700), 0);
	refused(NULL, ": Is a directory");
	char tiny[8];
	assert_null(config_load(dir, tiny, sizeof tiny));
	assert_int_equal(strlen(tiny), 7);
	free(path);
	free(none);
}

TEST(test_a_key_that_others_may_read)
{
	char *path = tmpdir_path(dir, "longreel.conf");

	config_free(good("upstream_key = sk-1\n"));
	assert_int_equal(chmod(path, 0640), 0);
	refused(NULL, ": upstream_key: others may read this file; run chmod 600 on it");
	tmpdir_write(dir, "longreel.conf", "upstream_key =\n");
	config_free(good(NULL));
	free(path);
}

TEST(test_environment)
{
	setenv("LONGREEL_RATE_CREATE", "9", 1);
	setenv("LONGREEL_CORS_ORIGINS", "", 1);
	setenv("SORA_API_BASE", "http://127.0.0.1:9/", 1);
	setenv("SORA_API_KEY", "sk-env", 1);
	struct config *config =
	    good("rate_create = 1\ncors_origins = *\nupstream_base = https://file.example\n");
	assert_int_equal(config->rate_create, 9);
	assert_string_equal(config->cors_origins, "");
	assert_string_equal(config->upstream_base, "http://127.0.0.1:9");
	assert_string_equal(config->upstream_key, "sk-env");
	config_free(config);

	setenv("LONGREEL_UPSTREAM_BASE", "https://own.example", 1);
	setenv("LONGREEL_UPSTREAM_KEY", "sk-own", 1);
	config = good(NULL);
	assert_string_equal(config->upstream_base, "https://own.example");
	assert_string_equal(config->upstream_key, "sk-own");
	config_free(config);

	setenv("LONGREEL_UPSTREAM_KEY", "sk-own\r\nX: y", 1);
	assert_null(load(NULL));
	assert_string_equal(why, "LONGREEL_UPSTREAM_KEY: must be text in UTF-8 without control characters");
	unsetenv("LONGREEL_UPSTREAM_KEY");
	setenv("LONGREEL_CORS_ORIGINS", "\x1B[0m", 1);
	assert_null(load(NULL));
	assert_string_equal(why, "LONGREEL_CORS_ORIGINS: must be text in UTF-8 without control characters");
	unsetenv("LONGREEL_CORS_ORIGINS");
	setenv("LONGREEL_RATE_CREATE", "many", 1);
	assert_null(load(NULL));
	assert_string_equal(why, "LONGREEL_RATE_CREATE: must be a whole number from 0 to 1000000");
}

TEST(test_an_empty_value_is_no_default)
{
	static const struct {
		const char *key, *variable, *why;
	} rows[] = {
	    {"registration", "LONGREEL_REGISTRATION", "must be open or closed or invite"},
	    {"rate_login", "LONGREEL_RATE_LOGIN", "must be a whole number from 0 to 1000000"},
	    {"token_lifetime", "LONGREEL_TOKEN_LIFETIME", "must be a time from 1m to 365d"},
	    {"upstream_dialect", "LONGREEL_UPSTREAM_DIALECT", "must be"},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char line[64];

		snprintf(line, sizeof line, "%s =  # nothing\n", rows[i].key);
		assert_null(load(line));
		assert_non_null(strstr(why, rows[i].key));
		assert_non_null(strstr(why, rows[i].why));
		setenv(rows[i].variable, "", 1);
		assert_null(load(""));
		assert_memory_equal(why, rows[i].variable, strlen(rows[i].variable));
		assert_non_null(strstr(why, rows[i].why));
		unsetenv(rows[i].variable);
	}
	config_free(
	    good("upstream_base =\nupstream_key =\ncors_origins =\ntrusted_proxies =\nbase_path =\n"));
}

TEST(test_variables_that_are_no_keys)
{
	static const struct {
		const char *variable, *why;
	} rows[] = {
	    {"LONGREEL_REGISTRATON",
	     "LONGREEL_REGISTRATON: there is no such variable; did you mean LONGREEL_REGISTRATION?"},
	    {"LONGREEL_rate_create",
	     "LONGREEL_rate_create: there is no such variable; did you mean LONGREEL_RATE_CREATE?"},
	    {"LONGREEL_TWO", "LONGREEL_TWO: there is no such variable"},
	    {"LONGREL_REGISTRATION",
	     "LONGREL_REGISTRATION: there is no such variable; did you mean LONGREEL_REGISTRATION?"},
	    {"LONG_REEL_RATE_LOGIN",
	     "LONG_REEL_RATE_LOGIN: there is no such variable; did you mean LONGREEL_RATE_LOGIN?"},
	    {"longreel_registration",
	     "longreel_registration: there is no such variable; did you mean LONGREEL_REGISTRATION?"},
	    {"SORA_API_BAS", "SORA_API_BAS: there is no such variable; did you mean SORA_API_BASE?"},
	    {"SORA_APIKEY", "SORA_APIKEY: there is no such variable; did you mean SORA_API_KEY?"},
	    {"SORAAPI_KEY", "SORAAPI_KEY: there is no such variable; did you mean SORA_API_KEY?"},
	    {"SORA_REGION", "SORA_REGION: there is no such variable"},
	};
	static const char *const known[] = {"LONGREEL_DATA", "LONGREEL_BUILD", "LONGREEL_TEST_ANY", "LONGREE",
	                                    "SORA",          "SERVER_PORT",    "LONGREEN_RATE_WAR"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		setenv(known[i], "x", 1);
	struct config *config = good(NULL);
	assert_null(config->strangers[0]);
	config_free(config);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		unsetenv(known[i]);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		setenv(rows[i].variable, i % 2 ? "x" : "", 1);
		config = good(NULL);
		assert_string_equal(config->strangers[0], rows[i].variable);
		assert_null(config->strangers[1]);
		config_explain(rows[i].variable, why, sizeof why);
		assert_string_equal(why, rows[i].why);
		config_free(config);
		unsetenv(rows[i].variable);
	}
}

TEST(test_on)
{
	assert_true(config_on("on") && config_on("open"));
	assert_false(config_on("off") || config_on("closed") || config_on(""));
}

/* --- the example ------------------------------------------------------------------------------- */

/* The line of the example behind "# what", which says what values there are; the default must be on the
 * line after it. */
static void
form_line(const char *example, const char *what, const char *preset, char ret_form[128])
{
	char start[256];

	snprintf(start, sizeof start, "\n# %s\n# ", what);
	const char *at = strstr(example, start);
	if (!at)
		fail_msg("the example lacks: %s", what);
	at += strlen(start);
	size_t len = strcspn(at, "\n");
	assert_true(len < 128);
	memcpy(ret_form, at, len);
	ret_form[len] = '\0';
	if (strncmp(at + len, preset, strlen(preset)) != 0)
		fail_msg("the example lacks: %s", preset);
}

/* Loads a configuration in which only `key` is set. Both times are set where one must not pass the other. */
static struct config *
with(const char *key, const char *value)
{
	char text[128];

	snprintf(text, sizeof text, "%s = %s\n%s", key, value,
	         strcmp(key, "poll_interval_min") == 0   ? "poll_interval_max = 1h"
	         : strcmp(key, "poll_interval_max") == 0 ? "poll_interval_min = 10ms"
	                                                 : "");
	return good(text);
}

static void
check_word(const char *form, const char *words)
{
	struct buf expected;

	buf_init(&expected, 128);
	buf_adds(&expected, "One of: ");
	for (const char *at = words; *at; at++)
		buf_adds(&expected, *at == '|' ? ", " : (char[]){*at, '\0'});
	buf_addc(&expected, '.');
	assert_string_equal(form, buf_str(&expected));
	buf_free(&expected);
}

static void
check_int(const char *form, int64_t least, int64_t most)
{
	char expected[128];

	snprintf(expected, sizeof expected, "A whole number from %" PRId64 " to %" PRId64 ".", least, most);
	assert_string_equal(form, expected);
}

/* The two times of the form, read by config.c itself, are the bounds. */
static void
check_time(const char *form, const char *key, size_t offset, const int64_t bounds[2])
{
	char times[2][32];

	assert_int_equal(sscanf(form, "A time from %31s to %31[^.].", times[0], times[1]), 2);
	for (int i = 0; i < 2; i++) {
		struct config *config = with(key, times[i]);
		int64_t ms;

		memcpy(&ms, (char *)config + offset, sizeof ms);
		assert_int_equal(ms, bounds[i]);
		config_free(config);
	}
}

TEST(test_example)
{
	struct buf example;
	char form[128];
	int keys = 0;

	buf_init(&example, LIMIT_CONFIG_FILE);
	assert_int_equal(file_read("conf/longreel.conf.example", &example), ERR_OK);
#define ROW(name, preset, what)                                                                              \
	keys++;                                                                                              \
	form_line(example.data, what, *preset ? "\n# " #name " = " preset "\n" : "\n# " #name " =\n", form)
#define CONFIG_WORD(name, preset, words, what)                                                               \
	ROW(name, preset, what);                                                                             \
	check_word(form, words);
#define CONFIG_INT(name, preset, least, most, what)                                                          \
	ROW(name, #preset, what);                                                                            \
	check_int(form, least, most);
#define CONFIG_TIME(name, preset, least, most, what)                                                         \
	ROW(name, preset, what);                                                                             \
	check_time(form, #name, offsetof(struct config, name), (const int64_t[]){least, most});
#define CONFIG_TEXT(name, preset, what)                                                                      \
	ROW(name, preset, what);                                                                             \
	assert_string_equal(form, "Text.");
#include "base/config.def"
	/* What the example shows is all there is, and as it stands it changes nothing. */
	for (const char *at = example.data; (at = strstr(at, "\n\n# ")); at++)
		keys--;
	assert_int_equal(keys, 0);
	config_free(good(example.data));
	buf_free(&example);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_file, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_times, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_values, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_lists, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_files, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_refused_places, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_a_key_that_others_may_read, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_environment, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_an_empty_value_is_no_default, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_variables_that_are_no_keys, set_up, tear_down),
	    cmocka_unit_test(test_on),
	    cmocka_unit_test_setup_teardown(test_example, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("base/config", tests, NULL, NULL);
}
