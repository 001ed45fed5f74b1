/* Tariffs: which rule a video is priced by, and what may be set. */
#ifndef DOMAIN_MONEY_TARIFF_H
#define DOMAIN_MONEY_TARIFF_H

#include <stdbool.h>
#include <stdint.h>

#include "model/tariff.h"
#include "store/tariff.h"

/* Returns the rule that prices the video: the most specific one that fits. An exact model comes before the
 * longest beginning of one; then one for the job, for the exact size, for its class, for an image or none,
 * for sound or none, for the most images of reference. Where no size is named only a rule for any fits, and
 * where nothing is said of sound only one for either. NULL where none fits. Pure, thread-safe. */
const struct tariff *tariff_choose(const struct tariffs *tariffs, const struct priced *priced);

/* Prices so many seconds of a video, 0 = it is not known how many, by the rule. False where the rule is for
 * each second, and they are not known, and where it would be more than any amount may be. Pure, thread-safe.
 */
bool tariff_price(const struct tariff *tariff, int64_t seconds, int64_t ppm, int64_t *ret_micro);

/* Returns what is wrong with the tariff's members, as a sentence's end ("must be …"), and which one that is;
 * NULL where nothing is, and it may be given to store_tariff_add(). Pure, thread-safe. */
const char *tariff_fault(const struct tariff *tariff, const char **ret_field);

#endif
