/* Reads passwords. At a terminal echo and signals are off meanwhile, so that no way out leaves the terminal
 * without echo; a Ctrl-C is then a character, which no password may have. */
#include "password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/utf8.h"
#include "cli.h"

/* Reads a line without its end. False where there is none, or it is too long. */
static bool
read_line(FILE *in, char *ret_line, int size)
{
	if (!fgets(ret_line, size, in))
		return false;
	size_t len = strcspn(ret_line, "\n");
	if (ret_line[len] == '\0' && !feof(in))
		return false;
	if (len > 0 && ret_line[len - 1] == '\r')
		len--;
	ret_line[len] = '\0';
	return true;
}

bool
password_ask(const char *prompt, char *ret_line, int size)
{
	struct termios before, silent;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return read_line(stdin, ret_line, size);
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	/* Without echo first: what is typed after the prompt is never shown, nor thrown away. */
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	fputs(prompt, stderr);
	bool good = read_line(stdin, ret_line, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return good;
}

/* Says why a password is none. True for a good one. */
static bool
check(const char *password)
{
	size_t len = strlen(password);
	ssize_t count = utf8_count(password, len);

	if (count >= LIMIT_PASSWORD_MIN && count <= LIMIT_PASSWORD && !utf8_has_control(password, len))
		return true;
	cli_fail("a password must have %d to %d characters, in UTF-8, and no control characters.",
	         LIMIT_PASSWORD_MIN, LIMIT_PASSWORD);
	return false;
}

bool
password_read(char ret_password[PASSWORD_SIZE])
{
	char password[PASSWORD_SIZE], again[PASSWORD_SIZE];

	if (!password_ask("Password: ", password, sizeof(password))) {
		cli_fail("cannot read a password from standard input.");
		return false;
	}
	if (!check(password))
		return false;
	if (isatty(STDIN_FILENO) &&
	    (!password_ask("Again: ", again, sizeof(again)) || strcmp(password, again) != 0)) {
		cli_fail("the two passwords differ.");
		return false;
	}
	memcpy(ret_password, password, strlen(password) + 1);
	return true;
}

bool
password_read_from(const char *file, char ret_password[PASSWORD_SIZE])
{
	char password[PASSWORD_SIZE];

	if (file == NULL || strcmp(file, "-") == 0)
		return password_read(ret_password);
	FILE *in = fopen(file, "re");
	bool good = in != NULL && read_line(in, password, sizeof(password));
	if (!good)
		cli_fail("cannot read a password from %s%s%s", file, in ? "" : ": ",
		         in ? "" : strerror(errno));
	if (in != NULL)
		fclose(in);
	if (!good || !check(password))
		return false;
	memcpy(ret_password, password, strlen(password) + 1);
	return true;
}
