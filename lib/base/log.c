/* One line an event, written by one write() so that lines of several processes never mix.
 * The only mutable global state of the library: set once by log_open(), atomic because threads may
 * already be running. Text may come from strangers: whatever could move a terminal's cursor goes. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 2048 };

static _Atomic(const char *) log_program = "longreel";
static const char *const words[] = {"error", "warn", "info", "debug"};
static atomic_int log_level = LOG_LEVEL_INFO;
static atomic_bool log_syslog;

void
log_open(const char *program, enum log_level level, bool use_syslog)
{
	atomic_store(&log_program, program);
	atomic_store(&log_level, (int)level);
	if (use_syslog)
		openlog(program, LOG_PID, LOG_DAEMON);
	atomic_store(&log_syslog, use_syslog);
}

/* Replaces C0, DEL and C1 controls, and, where the text is not UTF-8, every byte above ASCII. */
static void
clean(char *text, size_t len)
{
	bool valid = utf8_count(text, len) >= 0;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c < 0x20 || c == 0x7F || (c >= 0x80 && !valid))
			text[i] = '?';
		else if (c == 0xC2 && (unsigned char)text[i + 1] < 0xA0)
			text[i] = text[i + 1] = '?';
	}
}

enum log_level
log_level_of(const char *word)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

void
log_line(enum log_level level, const char *format, ...)
{
	static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
	char line[LINE_MAX_BYTES + 1], when[CLOCK_TEXT_SIZE];
	int saved = errno;
	va_list args;

	if ((int)level > atomic_load(&log_level))
		return;
	clock_text(clock_wall_ms(), when);
	int head = snprintf(line, sizeof line, "%s %s %.64s[%d] ", when, words[level],
	                    atomic_load(&log_program), (int)getpid());
	va_start(args, format);
	int len = vsnprintf(line + head, sizeof line - (size_t)head, format, args);
	va_end(args);
	if (len < 0)
		line[head] = '\0';
	size_t end = utf8_cut(line, LINE_MAX_BYTES - 1);
	clean(line + head, end - (size_t)head);
	line[end] = '\0';
	if (atomic_load(&log_syslog)) {
		syslog(priorities[level], "%s", line + head);
	} else {
		line[end] = '\n';
		/* Nobody can be told that the log cannot be written. */
		ssize_t written = write(STDERR_FILENO, line, end + 1);
		(void)written;
	}
	errno = saved;
}
