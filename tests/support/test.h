/* What every unit test includes: cmocka with what it wants before it, and the head of a test. */
#ifndef TESTS_SUPPORT_TEST_H
#define TESTS_SUPPORT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

/* The head of a test, to be named in main() by cmocka_unit_test(name). `state` is what its set-up has left.
 */
#define TEST(name) static void name(void **state __attribute__((unused)))

#endif
