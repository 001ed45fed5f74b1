/* Keys that come on standard input, and are kept in files of DATA/keys: the service can read these, whoever
 * it is. */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

struct arena;
struct channel_row;
struct cli_call;

/* Reads a secret, one line of standard input, and writes it to a new file of mode 0600 in DATA/keys, which is
 * named after the channel call->operands[0]. Its absolute path in the arena; or NULL, after a message. */
const char *key_file_take(const struct cli_call *call, const char *prompt, struct arena *arena);

/* Removes the files of a channel that is gone, as far as they are ours. */
void key_file_drop(const struct cli_call *call, const struct channel_row *row, struct arena *arena);

#endif
