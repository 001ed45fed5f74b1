/* Which addresses count as one. */

#include <string.h>

#include "base/netblock.h"
#include "support/test.h"

TEST(addresses_are_named_by_their_block)
{
	static const struct {
		const char *address, *counted, *known;
	} rows[] = {
	    {"192.0.2.7", "192.0.2.7", "192.0.2.0/24"},
	    {"::ffff:192.0.2.7", "192.0.2.7", "192.0.2.0/24"},
	    {"2001:db8::1", "2001:db8::/56", "2001:db8::/56"},
	    {"2001:DB8:0:ff:aaaa:bbbb:cccc:dddd", "2001:db8::/56", "2001:db8::/56"},
	    {"2001:db8:0:100::1", "2001:db8:0:100::/56", "2001:db8:0:100::/56"},
	    {"fe80::1%eth0", "fe80::/56", "fe80::/56"},
	    {"unix:", "unix:", "unix:"},
	    {"", "", ""},
	};
	char block[NETBLOCK_SIZE];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		netblock_counted(rows[i].address, block);
		assert_string_equal(block, rows[i].counted);
		netblock_known(rows[i].address, block);
		assert_string_equal(block, rows[i].known);
	}
}

TEST(what_is_no_address_is_cut)
{
	char long_text[1000], block[NETBLOCK_SIZE];
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	netblock_counted(long_text, block);
	assert_int_equal(strlen(block), NETBLOCK_SIZE - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(addresses_are_named_by_their_block),
	    cmocka_unit_test(what_is_no_address_is_cut),
	};
	return cmocka_run_group_tests_name("base/netblock", tests, NULL, NULL);
}
