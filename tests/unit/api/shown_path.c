/* No token of a path gets into a log. */
#include <stdio.h>
#include <string.h>

#include "api/shown_path.h"
#include "support/test.h"

TEST(tokens_are_masked)
{
	static const char *const rows[][2] = {
	    {"/api/video/tasks/video_8efddf51-4a0e-4c9e-8a11-0c2f6f1a9b77/content",
	     "/api/video/tasks/video_8efddf51-4a0e-4c9e-8a11-0c2f6f1a9b77/content"},
	    {"/api/video/webhook/fal", "/api/video/webhook/fal"},
	    {"/api/video/webhook/fal/c2VjcmV0", "/api/video/webhook/fal/***"},
	    {"/api/video/webhook/fal/c2VjcmV0/more", "/api/video/webhook/fal/***/more"},
	    {"//api/video/webhook//fal//c2VjcmV0", "//api/video/webhook//fal//***"},
	    {"/token/abc", "/token/***"},
	    {"/api/share/abc/video", "/api/share/***/video"},
	    {"/v1/sk-0123", "/v1/***"},
	    {"/lr_0123", "/***"},
	    {"/v1/videos", "/v1/videos"},
	    {"/", "/"},
	    {"", ""},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char shown[LIMIT_PATH + 1];
		shown_path(rows[i][0], shown);
		assert_string_equal(shown, rows[i][1]);
	}
}

TEST(a_long_path_is_cut_off)
{
	char path[3 * LIMIT_PATH], shown[LIMIT_PATH + 1];
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	shown_path(path, shown);
	assert_int_equal(strlen(shown), LIMIT_PATH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(tokens_are_masked),
	    cmocka_unit_test(a_long_path_is_cut_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
