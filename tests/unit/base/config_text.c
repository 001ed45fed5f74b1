/* Texts of the configuration that must have a form: those about money. */

#include <stdio.h>

#include "base/config_text.h"
#include "support/test.h"

TEST(money_has_its_form)
{
	static const struct {
		const char *key, *value;
		bool good;
	} rows[] = {
	    {"currency", "USD", true},      {"currency", "", false},
	    {"currency", "US D", false},    {"currency", "DUBLOONES", false},
	    {"currency", "\"", false},      {"currency", "元", false},
	    {"signup_credit", "0.5", true}, {"signup_credit", "-1", false},
	    {"signup_credit", "", false},   {"signup_credit", "1.0000001", false},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char value[32];
		snprintf(value, sizeof(value), "%s", rows[i].value);
		if ((config_text_fault(rows[i].key, value) == NULL) != rows[i].good)
			fail_msg("%s = %s", rows[i].key, rows[i].value);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(money_has_its_form)};
	return cmocka_run_group_tests_name("base/config_text", tests, NULL, NULL);
}
