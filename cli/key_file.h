/* Keys from standard input, kept in files of DATA/keys, which the user of the service can read. */
#ifndef CLI_KEY_FILE_H
#define CLI_KEY_FILE_H

struct arena;
struct channel_row;
struct cli_call;

/* Reads a secret, one line of standard input, and writes it to a new file of mode 0600 in DATA/keys, named
 * after the channel call->operands[0]. Returns its absolute path, in the arena; on failure says why and
 * returns NULL. */
const char *key_file_take(const struct cli_call *call, const char *prompt, struct arena *arena);

/* Writes a secret that was drawn here to such a file. Returns and says as above. */
const char *key_file_keep(const struct cli_call *call, const char *secret, struct arena *arena);

/* Removes those files of a removed channel that are in DATA/keys. */
void key_file_drop(const struct cli_call *call, const struct channel_row *row, struct arena *arena);

#endif
