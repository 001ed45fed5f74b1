/* Which addresses are public: the first and last address of each range, and their neighbours. */
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "upstream/http/address.h"
#include "support/test.h"

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

static bool
is_among(const char *text, const struct ifaddrs *list)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return address_is_among((const struct sockaddr *)&in, list);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return address_is_among((const struct sockaddr *)&in6, list);
}

static void
expect(const char *const *texts, bool wanted)
{
	for (; *texts; texts++)
		if (is_public(*texts) != wanted)
			fail_msg("%s is %spublic", *texts, wanted ? "not " : "");
}

TEST(special_ipv4_is_not_public)
{
	static const char *const texts[] = {
	    "0.0.0.0",         "0.255.255.255",   "10.0.0.0",        "10.255.255.255",
	    "100.64.0.0",      "100.127.255.255", "127.0.0.1",       "127.255.255.255",
	    "169.254.169.254", "172.16.0.0",      "172.31.255.255",  "192.0.0.1",
	    "192.0.2.1",       "192.88.99.1",     "192.168.0.0",     "192.168.255.255",
	    "198.18.0.0",      "198.19.255.255",  "198.51.100.7",    "203.0.113.7",
	    "168.63.129.16",   "100.100.100.200", "192.0.0.192",     "224.0.0.1",
	    "239.255.255.255", "240.0.0.1",       "255.255.255.255", NULL};
	expect(texts, false);
}

TEST(neighbours_are_public)
{
	static const char *const texts[] = {
	    "1.0.0.0",      "9.255.255.255",   "11.0.0.0",      "100.63.255.255",
	    "100.128.0.0",  "126.255.255.255", "128.0.0.0",     "169.253.255.255",
	    "169.255.0.0",  "172.15.255.255",  "172.32.0.0",    "192.0.1.0",
	    "192.0.3.0",    "192.88.98.255",   "192.88.100.0",  "192.167.255.255",
	    "192.169.0.0",  "198.17.255.255",  "198.20.0.0",    "198.51.99.255",
	    "198.51.101.0", "203.0.112.255",   "203.0.114.0",   "223.255.255.255",
	    "8.8.8.8",      "168.63.129.15",   "168.63.129.17", NULL};
	expect(texts, true);
}

TEST(special_ipv6_is_not_public)
{
	static const char *const texts[] = {"::",
	                                    "::1",
	                                    "::8.8.8.8",
	                                    "100::1",
	                                    "64:ff9b:1::1",
	                                    "2001::1",
	                                    "2001:1ff:ffff::1",
	                                    "2001:db8::1",
	                                    "3fff::1",
	                                    "3fff:fff::1",
	                                    "4000::1",
	                                    "5f00::1",
	                                    "fc00::1",
	                                    "fd12:3456::1",
	                                    "fd00:ec2::254",
	                                    "fd20:ce::254",
	                                    "fe80::a9fe:a9fe",
	                                    "fe80::1",
	                                    "fec0::1",
	                                    "ff02::1",
	                                    NULL};
	expect(texts, false);
}

TEST(global_unicast_is_public)
{
	static const char *const texts[] = {"2000::1",      "2001:200::1",     "2001:db7:ffff::1",
	                                    "2001:db9::1",  "2606:4700::1111", "2a00:1450::1",
	                                    "3ffe:ffff::1", "3fff:1000::1",    NULL};
	expect(texts, true);
}

TEST(ipv4_inside_ipv6_is_judged_by_itself)
{
	static const char *const hidden[] = {"::ffff:127.0.0.1",
	                                     "::ffff:10.1.2.3",
	                                     "::ffff:169.254.169.254",
	                                     "64:ff9b::192.168.1.1",
	                                     "2002:7f00:1::1",
	                                     "2002:c0a8:101::1",
	                                     "::ffff:168.63.129.16",
	                                     "64:ff9b::168.63.129.16",
	                                     "2002:a83f:8110::1",
	                                     "64:ff9b::169.254.169.254",
	                                     NULL};
	static const char *const open[] = {"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", NULL};
	expect(hidden, false);
	expect(open, true);
}

TEST(other_families_are_not_public)
{
	struct sockaddr_un local = {.sun_family = AF_UNIX};
	assert_false(address_is_public((const struct sockaddr *)&local));
}

/* The list of getifaddrs(3), with addresses of its own. */
TEST(own_addresses_are_known_in_every_form)
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6}, mapped = {.sin6_family = AF_INET6};
	struct sockaddr packet = {.sa_family = AF_PACKET};
	struct ifaddrs list[] = {{.ifa_next = &list[1], .ifa_addr = (struct sockaddr *)&four},
	                         {.ifa_next = &list[2], .ifa_addr = NULL},
	                         {.ifa_next = &list[3], .ifa_addr = &packet},
	                         {.ifa_next = &list[4], .ifa_addr = (struct sockaddr *)&six},
	                         {.ifa_addr = (struct sockaddr *)&mapped}};
	static const char *const own[] = {"8.8.8.8",         "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
	                                  "2002:808:808::1", "2a00:1450::1",   "9.9.9.9"};
	static const char *const others[] = {"8.8.8.9", "::ffff:8.8.4.4", "2a00:1450::2", "2002:808:809::1"};

	assert_int_equal(inet_pton(AF_INET, "8.8.8.8", &four.sin_addr), 1);
	assert_int_equal(inet_pton(AF_INET6, "2a00:1450::1", &six.sin6_addr), 1);
	assert_int_equal(inet_pton(AF_INET6, "::ffff:9.9.9.9", &mapped.sin6_addr), 1);
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		assert_true(is_among(own[i], list));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(is_among(others[i], list));
	assert_false(is_among("8.8.8.8", NULL));
	assert_false(address_is_among(&packet, list));
}

/* In a network of its own, where this machine has a public address: 0 = as it must be, 2 = there is none to
 * be had. */
static int
ask_with_a_public_address(void)
{
	struct ifreq request = {.ifr_name = "lo"};
	struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x08080808)}, other = own;
	int fd;

	other.sin_addr.s_addr = htonl(0x08080404);
	if (unshare(geteuid() == 0 ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER) != 0)
		return 2;
	memcpy(&request.ifr_addr, &own, sizeof own);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFADDR, &request) != 0)
		return 2;
	close(fd);
	return !address_may_be_asked((const struct sockaddr *)&own) &&
	               address_may_be_asked((const struct sockaddr *)&other)
	           ? 0
	           : 1;
}

TEST(own_public_address_is_not_asked)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(ask_with_a_public_address());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
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
	    cmocka_unit_test(own_addresses_are_known_in_every_form),
	    cmocka_unit_test(own_public_address_is_not_asked),
	    cmocka_unit_test(other_families_are_not_public),
	};
	return cmocka_run_group_tests_name("upstream/address", tests, NULL, NULL);
}
