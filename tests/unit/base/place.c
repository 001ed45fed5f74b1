/* Where a server listens: what is read as which host, port or socket, and what is refused. */
#include "base/place.h"

#include <string.h>

#include "support/test.h"

TEST(hosts_ports_and_sockets_are_read)
{
	static const struct {
		const char *text;
		bool local;
		const char *name;
		int port;
	} rows[] = {
	    {"8080", false, "", 8080},
	    {"0", false, "", 0},
	    {"127.0.0.1", false, "127.0.0.1", -1},
	    {"127.0.0.1:8080", false, "127.0.0.1", 8080},
	    {"localhost:65535", false, "localhost", 65535},
	    {"reel.example.com", false, "reel.example.com", -1},
	    {":80", false, "0.0.0.0", 80},
	    {"::", false, "::", -1},
	    {"::1", false, "::1", -1},
	    {"[::]", false, "::", -1},
	    {"[::1]:8080", false, "::1", 8080},
	    {"[::ffff:10.0.0.1]:1", false, "::ffff:10.0.0.1", 1},
	    {"unix:/run/longreel.sock", true, "/run/longreel.sock", -1},
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct place place;
		if (!place_read(rows[i].text, &place))
			fail_msg("%s is refused", rows[i].text);
		assert_int_equal(place.local, rows[i].local);
		assert_string_equal(place.name, rows[i].name);
		assert_int_equal(place.port, rows[i].port);
	}
}

TEST(what_is_no_place_is_refused)
{
	static const char *const bad[] = {
	    "",      ":",     "65536",  "123456",      "-1",         "127.0.0.1:",     "127.0.0.1:x",
	    "[]",    "[]:80", "[::1",   "[::1]80",     "[::1]:",     "[::1]:70000",    "[host]:80",
	    "::x",   "a b",   "a/b:80", "http://a:80", "unix:",      "unix:relative",  "unix:/",
	    "a:b:c", "a\n",   ":x",     "*:80",        "unix:./a.s", "[fe80::1%eth0]",
	};
	char path[PLACE_PATH_MOST + 7] = "unix:/";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct place place = {.port = 7};
		if (place_read(bad[i], &place))
			fail_msg("%s is taken", bad[i]);
		assert_int_equal(place.port, 7);
	}
	memset(path + 6, 'a', PLACE_PATH_MOST);
	path[sizeof path - 1] = '\0';
	struct place place;
	assert_false(place_read(path, &place));
	path[sizeof path - 2] = '\0';
	assert_true(place_read(path, &place));
	assert_int_equal(strlen(place.name), PLACE_PATH_MOST);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(hosts_ports_and_sockets_are_read),
	    cmocka_unit_test(what_is_no_place_is_refused),
	};
	return cmocka_run_group_tests_name("base/place", tests, NULL, NULL);
}
