/* The log: one write() a line, so that lines of several processes never mix. Its global state is set once by
 * log_open(), and atomic because threads may be running already. Text may come from outside: the formats are
 * read here and not by printf, so that no string gets into a line unquoted, whichever call passes it. */
#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 2048, TEXT_MAX_BYTES = 256, PROGRAM_MAX_BYTES = 64 };

static const char cut_mark[] = "\xE2\x80\xA6\""; /* … and the end of the quotes */

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

enum log_level
log_level_of(const char *word)
{
	for (int i = 0; i < 4; i++)
		if (strcmp(word, words[i]) == 0)
			return (enum log_level)i;
	return LOG_LEVEL_INFO;
}

/* ---- a line in the making ---- */

struct line {
	char *at, *end; /* where the next byte goes, and where none may */
};

static void
put_bytes(struct line *line, const char *bytes, size_t len)
{
	size_t room = (size_t)(line->end - line->at);
	if (len > room)
		len = utf8_cut(bytes, room);
	memcpy(line->at, bytes, len);
	line->at += len;
}

static void
put_number(struct line *line, long long number)
{
	/* Digit by digit, as printf is slow. */
	char text[24], *at = text + sizeof(text);
	unsigned long long left = number < 0 ? 0 - (unsigned long long)number : (unsigned long long)number;
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--at = '-';
	put_bytes(line, at, (size_t)(text + sizeof(text) - at));
}

/* True for text that needs no quotes: it can neither end a field nor begin another. */
static bool
is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7F || text[i] == '"' || text[i] == '\\' || text[i] == '=')
			return false;
	return len > 0;
}

/* True for a character that is known to be visible and written from left to right. */
static bool
is_seen(uint32_t c)
{
	static const struct {
		uint32_t least, most;
	} seen[] = {
	    {0x20, 0x7E},     {0xC0, 0x24F},    {0x370, 0x377},   {0x386, 0x482},     {0x48A, 0x52F},
	    {0x1E00, 0x1FFC}, {0x2013, 0x2014}, {0x3001, 0x3029}, {0x3041, 0x3096},   {0x30A1, 0x30FF},
	    {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xAC00, 0xD7A3}, {0x20000, 0x2FA1D},
	};
	for (size_t i = 0; i < sizeof(seen) / sizeof(*seen); i++)
		if (c >= seen[i].least && c <= seen[i].most)
			return c != '"' && c != '\\' && c != '=';
	return false;
}

/* Writes one character as it is, or its bytes as \xNN. Returns the number of its bytes, at most 4; invalid
 * UTF-8 is taken byte by byte. */
static size_t
quote_char(const char *text, size_t len, char ret_quoted[4 * 4 + 1])
{
	uint32_t c;
	size_t size = utf8_read(text, len, &c);
	if (size > 0 && is_seen(c)) {
		memcpy(ret_quoted, text, size);
		ret_quoted[size] = '\0';
		return size;
	}
	size = size > 0 ? size : 1;
	for (size_t i = 0; i < size; i++)
		snprintf(ret_quoted + 4 * i, 5, "\\x%02x", (unsigned)(unsigned char)text[i]);
	return size;
}

/* Writes a string, as it is where it is plain and short, else in quotes. A long one is cut, so that it leaves
 * room for the other fields. */
static void
put_text(struct line *line, const char *text)
{
	char quoted[4 * 4 + 1];
	if (text == NULL)
		text = "-";
	size_t len = strlen(text), used = 0;
	if (len <= TEXT_MAX_BYTES && is_plain(text, len)) {
		put_bytes(line, text, len);
		return;
	}
	put_bytes(line, "\"", 1);
	while (len > 0) {
		size_t size = quote_char(text, len, quoted), more = strlen(quoted);
		if (used + more > TEXT_MAX_BYTES) {
			put_bytes(line, cut_mark, strlen(cut_mark));
			return;
		}
		put_bytes(line, quoted, more);
		used += more;
		text += size;
		len -= size;
	}
	put_bytes(line, "\"", 1);
}

/* Writes one conversion; `format` points behind its "%". Returns what follows it; NULL for an unknown one, as
 * the arguments behind it cannot be told apart then. */
static const char *
put_conversion(struct line *line, const char *format, va_list *args, int error)
{
	size_t longs = strspn(format, "l");
	char reason[128];
	format += longs;
	if (longs == 0 && *format == 's')
		put_text(line, va_arg(*args, const char *));
	else if (*format == 'd')
		put_number(line, longs == 0   ? va_arg(*args, int)
		                 : longs == 1 ? va_arg(*args, long)
		                              : va_arg(*args, long long));
	else if (longs == 0 && *format == 'z' && *++format == 'u')
		put_number(line, (long long)va_arg(*args, size_t));
	else if (longs == 0 && *format == 'm')
		put_text(line, strerror_r(error, reason, sizeof(reason)));
	else if (longs == 0 && *format == '%')
		put_bytes(line, "%", 1);
	else
		return NULL;
	return format + 1;
}

static void
put_format(struct line *line, const char *format, va_list *args, int error)
{
	while (format != NULL && *format != '\0') {
		size_t plain = strcspn(format, "%");
		put_bytes(line, format, plain);
		format += plain;
		if (*format == '%')
			format = put_conversion(line, format + 1, args, error);
	}
}

void
log_line(enum log_level level, const char *format, ...)
{
	static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};
	char text[LINE_MAX_BYTES + 1], when[CLOCK_TEXT_SIZE];
	int saved = errno;
	va_list args;

	if ((int)level > atomic_load(&log_level))
		return;
	clock_text(clock_wall_ms(), when);
	struct line line = {text, text + LINE_MAX_BYTES - 1};
	const char *program = atomic_load(&log_program);
	put_bytes(&line, when, strlen(when));
	put_bytes(&line, " ", 1);
	put_bytes(&line, words[level], strlen(words[level]));
	put_bytes(&line, " ", 1);
	put_bytes(&line, program, strnlen(program, PROGRAM_MAX_BYTES));
	put_bytes(&line, "[", 1);
	put_number(&line, getpid());
	put_bytes(&line, "] ", 2);
	const char *head = line.at;
	va_start(args, format);
	put_format(&line, format, &args, saved);
	va_end(args);
	*line.at = '\0';
	if (atomic_load(&log_syslog)) {
		syslog(priorities[level], "%s", head);
	} else {
		*line.at = '\n';
		/* Where the log cannot be written, there is no place to say so. */
		ssize_t written = write(STDERR_FILENO, text, (size_t)(line.at - text) + 1);
		(void)written;
	}
	errno = saved;
}
