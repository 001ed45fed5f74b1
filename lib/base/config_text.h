/* What the texts among the configuration's values must be. Thread-safe. */
#ifndef BASE_CONFIG_TEXT_H
#define BASE_CONFIG_TEXT_H

/* What is wrong with the value of a key, as the end of a sentence that names the key, or NULL. The value is
 * UTF-8 without control characters; the slashes at the end of addresses are taken off. */
const char *config_text_fault(const char *key, char *value);

#endif
