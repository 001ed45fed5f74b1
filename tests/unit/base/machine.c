/* What a machine carries: memory as the machine and its control groups allow it, and the clients of it. */
#include <stdio.h>
#include <sys/stat.h>

#include "base/machine.h"
#include "support/tmpdir.h"
#include "support/test.h"

#define MB (1024 * 1024LL)

static char *root;

static int
set_up(void **state)
{
	static const char *const dirs[] = {"proc",
	                                   "proc/self",
	                                   "sys",
	                                   "sys/fs",
	                                   "sys/fs/cgroup",
	                                   "sys/fs/cgroup/a",
	                                   "sys/fs/cgroup/a/b",
	                                   "sys/fs/cgroup/memory",
	                                   "sys/fs/cgroup/memory/c"};
	(void)state;
	root = tmpdir_make();
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		char *dir = tmpdir_path(root, dirs[i]);
		assert_int_equal(mkdir(dir, 0700), 0);
		free(dir);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	tmpdir_remove(root);
	return 0;
}

TEST(test_memory_without_groups)
{
	int64_t all = machine_memory_below(root);
	assert_true(all > 64 * MB);
	tmpdir_write(root, "proc/self/cgroup", "0::/a/b\n"); /* whose files are not there */
	assert_int_equal(machine_memory_below(root), all);
	tmpdir_write(root, "sys/fs/cgroup/a/b/memory.max", "max\n");
	assert_int_equal(machine_memory_below(root), all);
	tmpdir_write(root, "sys/fs/cgroup/a/b/memory.max", "9223372036854771712\n");
	assert_int_equal(machine_memory_below(root), all);
	tmpdir_write(root, "proc/self/cgroup", "nonsense\n\n:\n::\n");
	assert_int_equal(machine_memory_below(root), all);
}

/* The least of all groups around us. */
TEST(test_memory_of_a_group)
{
	tmpdir_write(root, "proc/self/cgroup", "1:name=systemd:/\n0::/a/b\n");
	tmpdir_write(root, "sys/fs/cgroup/a/b/memory.max", "50331648\n");
	assert_int_equal(machine_memory_below(root), 48 * MB);
	tmpdir_write(root, "sys/fs/cgroup/a/memory.max", "33554432\n");
	assert_int_equal(machine_memory_below(root), 32 * MB);
	tmpdir_write(root, "sys/fs/cgroup/memory.max", "16777216\n");
	assert_int_equal(machine_memory_below(root), 16 * MB);
}

TEST(test_memory_of_a_group_of_the_first_version)
{
	tmpdir_write(root, "proc/self/cgroup", "5:cpu,cpuacct:/a\n4:memory:/c\n");
	tmpdir_write(root, "sys/fs/cgroup/memory/c/memory.limit_in_bytes", "33554432\n");
	assert_int_equal(machine_memory_below(root), 32 * MB);
}

TEST(test_connections)
{
	assert_int_equal(machine_connections(0, 512 * MB, 65536), 4096);
	assert_int_equal(machine_connections(0, 512 * MB, 4096), 1843);
	assert_int_equal(machine_connections(0, 1024 * 1024 * MB, INT32_MAX), 29490);
	assert_int_equal(machine_connections(0, 0, 65536), 1);
	assert_int_equal(machine_connections(300, 512 * MB, 65536), 300);
	assert_int_equal(machine_connections(9000, 512 * MB, 65536), 9000);
	assert_int_equal(machine_connections(9000, 512 * MB, 1024), 460);
	assert_int_equal(machine_connections(9000, 512 * MB, 0), 1);
}

TEST(test_waiters)
{
	assert_int_equal(machine_waiters(0, 4096), 3072);
	assert_int_equal(machine_waiters(0, 30), 23);
	assert_int_equal(machine_waiters(0, 1), 1);
	assert_int_equal(machine_waiters(9000, 9500), 9000);
}

TEST(test_connections_of_the_web_server)
{
	assert_int_equal(machine_web_connections(4096, 512 * MB, 65536), 5120);
	assert_int_equal(machine_web_connections(120, 512 * MB, 65536), 1920);
	assert_int_equal(machine_web_connections(120, 64 * MB, 65536), 512);
	assert_int_equal(machine_web_connections(120, 0, 65536), 150);
	assert_int_equal(machine_web_connections(120, 512 * MB, 1024), 460);
	assert_int_equal(machine_web_connections(9000, 512 * MB, 20000), 10000);
	assert_int_equal(machine_web_connections(460, 512 * MB, 1024), 512);
	assert_int_equal(machine_web_connections(1, 0, 1), 1);
	for (int64_t descriptors = 1024; descriptors < 100000; descriptors += 997) {
		int64_t connections = machine_connections(0, INT64_MAX, descriptors);
		int64_t web = machine_web_connections(connections, INT64_MAX, descriptors);
		assert_true(web > connections && 2 * web <= machine_web_descriptors(web, descriptors));
	}
}

/* 90 % of the descriptors are two for each connection. */
TEST(test_descriptors_of_the_web_server)
{
	assert_int_equal(machine_web_descriptors(16, 65536), 256);
	assert_int_equal(machine_web_descriptors(4096, 65536), 9166);
	assert_int_equal(machine_web_descriptors(4096, 5000), 5000);
	assert_int_equal(machine_web_descriptors(32000, INT32_MAX), 65535);
	for (int64_t descriptors = 1024; descriptors < 100000; descriptors += 997) {
		int64_t connections = machine_connections(0, INT64_MAX, descriptors);
		assert_true(2 * connections <= machine_web_descriptors(connections, descriptors) * 9 / 10);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_memory_without_groups, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_memory_of_a_group, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_memory_of_a_group_of_the_first_version, set_up, tear_down),
	    cmocka_unit_test(test_connections),
	    cmocka_unit_test(test_waiters),
	    cmocka_unit_test(test_connections_of_the_web_server),
	    cmocka_unit_test(test_descriptors_of_the_web_server),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
