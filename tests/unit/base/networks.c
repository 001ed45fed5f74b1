/* Which addresses a list of networks holds, and which lists are none. */
#include "base/networks.h"

#include "support/test.h"

TEST(addresses_and_networks_are_found)
{
	static const char list[] = "127.0.0.1, 10.0.0.0/8\t192.168.4.0/22 fd00::/8 ::1";
	static const char *const in[] = {"127.0.0.1",    "10.0.0.0", "10.255.255.255", "192.168.7.255",
	                                 "fd12:3456::1", "::1",      "::ffff:10.1.2.3"};
	static const char *const out[] = {
	    "127.0.0.2",       "11.0.0.1", "9.255.255.255", "192.168.8.0", "192.168.3.255", "fe80::1", "::2",
	    "::ffff:11.0.0.1", "",         "10.0.0",        "x",           "10.0.0.1 "};
	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		if (!networks_hold(list, in[i]))
			fail_msg("%s is missing", in[i]);
	for (size_t i = 0; i < sizeof out / sizeof *out; i++)
		if (networks_hold(list, out[i]))
			fail_msg("%s is found", out[i]);
	assert_false(networks_hold("", "127.0.0.1"));
}

TEST(a_network_that_is_none_holds_nothing)
{
	static const char *const bad[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x",
	                                  "/8",          "::/129",    "10/8",        "10.0.0.1/8/8"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (networks_hold(bad[i], "10.0.0.1"))
			fail_msg("%s", bad[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (networks_valid(bad[i]))
			fail_msg("%s is valid", bad[i]);
	assert_false(networks_valid("10.0.0.1 x"));
	assert_false(networks_valid("10.0.0.1,10.0.0.2/99 ::1"));
	assert_true(networks_valid("") && networks_valid(" , ") && networks_valid("10.0.0.0/8,::1 fd00::/8"));
	assert_true(networks_hold("0.0.0.0/0", "10.0.0.1"));
	assert_false(networks_hold("0.0.0.0/0", "fd00::1"));
	assert_true(networks_hold("::/0", "10.0.0.1"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_and_networks_are_found),
	    cmocka_unit_test(a_network_that_is_none_holds_nothing),
	};
	return cmocka_run_group_tests_name("base/networks", tests, NULL, NULL);
}
