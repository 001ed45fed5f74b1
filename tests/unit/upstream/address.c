/* Which addresses are public: the first and last address of each range, and their neighbours. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>
#include <cmocka.h>

#include "upstream/address.h"

static bool
is_public(const char *text)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_public((const struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_is_public((const struct sockaddr *)&in6);
}

static void
expect(const char *const *texts, bool wanted)
{
	for (; *texts; texts++)
		if (is_public(*texts) != wanted)
			fail_msg("%s is %spublic", *texts, wanted ? "not " : "");
}

static void
special_ipv4_is_not_public(void **state)
{
	static const char *const texts[] = {
	    "0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",  "100.64.0.0",
	    "100.127.255.255", "127.0.0.1",       "127.255.255.255", "169.254.169.254", "172.16.0.0",
	    "172.31.255.255",  "192.0.0.1",       "192.0.2.1",       "192.88.99.1",     "192.168.0.0",
	    "192.168.255.255", "198.18.0.0",      "198.19.255.255",  "198.51.100.7",    "203.0.113.7",
	    "224.0.0.1",       "239.255.255.255", "240.0.0.1",       "255.255.255.255", NULL};
	(void)state;
	expect(texts, false);
}

static void
neighbours_are_public(void **state)
{
	static const char *const texts[] = {"1.0.0.0",      "9.255.255.255",
	                                    "11.0.0.0",     "100.63.255.255",
	                                    "100.128.0.0",  "126.255.255.255",
	                                    "128.0.0.0",    "169.253.255.255",
	                                    "169.255.0.0",  "172.15.255.255",
	                                    "172.32.0.0",   "192.0.1.0",
	                                    "192.0.3.0",    "192.88.98.255",
	                                    "192.88.100.0", "192.167.255.255",
	                                    "192.169.0.0",  "198.17.255.255",
	                                    "198.20.0.0",   "198.51.99.255",
	                                    "198.51.101.0", "203.0.112.255",
	                                    "203.0.114.0",  "223.255.255.255",
	                                    "8.8.8.8",      NULL};
	(void)state;
	expect(texts, true);
}

static void
special_ipv6_is_not_public(void **state)
{
	static const char *const texts[] = {
	    "::",          "::1",     "::8.8.8.8",   "100::1",  "64:ff9b:1::1", "2001::1", "2001:1ff:ffff::1",
	    "2001:db8::1", "3fff::1", "3fff:fff::1", "4000::1", "5f00::1",      "fc00::1", "fd12:3456::1",
	    "fe80::1",     "fec0::1", "ff02::1",     NULL};
	(void)state;
	expect(texts, false);
}

static void
global_unicast_is_public(void **state)
{
	static const char *const texts[] = {"2000::1",      "2001:200::1",     "2001:db7:ffff::1",
	                                    "2001:db9::1",  "2606:4700::1111", "2a00:1450::1",
	                                    "3ffe:ffff::1", "3fff:1000::1",    NULL};
	(void)state;
	expect(texts, true);
}

static void
ipv4_inside_ipv6_is_judged_by_itself(void **state)
{
	static const char *const hidden[] = {"::ffff:127.0.0.1",
	                                     "::ffff:10.1.2.3",
	                                     "::ffff:169.254.169.254",
	                                     "64:ff9b::192.168.1.1",
	                                     "2002:7f00:1::1",
	                                     "2002:c0a8:101::1",
	                                     NULL};
	static const char *const open[] = {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", NULL};
	(void)state;
	expect(hidden, false);
	expect(open, true);
}

static void
other_families_are_not_public(void **state)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	(void)state;
	assert_false(address_is_public((const struct sockaddr *)&local));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(special_ipv4_is_not_public),
	    cmocka_unit_test(neighbours_are_public),
	    cmocka_unit_test(special_ipv6_is_not_public),
	    cmocka_unit_test(global_unicast_is_public),
	    cmocka_unit_test(ipv4_inside_ipv6_is_judged_by_itself),
	    cmocka_unit_test(other_families_are_not_public),
	};
	return cmocka_run_group_tests_name("upstream/address", tests, NULL, NULL);
}
