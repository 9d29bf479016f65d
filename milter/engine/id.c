/* SPDX-License-Identifier: BSD-2-Clause
 *
 * id: time, process and counter in base 36.
 */
#include "engine/id.h"

#include "base/clock.h"
#include "crypt/sig.h"

#define FOUR_DIGITS UINT64_C(1679616) /* 36^4 */

static _Atomic uint64_t process; /* 0 = not drawn yet, else value + 1 */
static _Atomic uint64_t counter;

static void
digits(char *out, size_t n, uint64_t value)
{
	static const char set[] = "0123456789abcdefghijklmnopqrstuvwxyz";

	for (size_t i = n; i > 0; i--) {
		out[i - 1] = set[value % 36];
		value /= 36;
	}
}

/* A number of this process. Without random octets the clock's low bits do:
 * uniqueness inside the process comes from the counter alone. */
static uint64_t
process_number(void)
{
	uint64_t have = atomic_load_explicit(&process, memory_order_relaxed);
	uint64_t fresh = 0;

	if (have != 0)
		return have - 1;
	if (sig_random((uint8_t *)&fresh, sizeof(fresh)) != 0)
		fresh = (uint64_t)clock_mono_ms();
	fresh = fresh % FOUR_DIGITS + 1;
	if (atomic_compare_exchange_strong(&process, &have, fresh))
		return fresh - 1;
	return have - 1;
}

void
id_make(char out[MESSAGE_ID_LEN + 1])
{
	uint64_t n =
	    atomic_fetch_add_explicit(&counter, 1, memory_order_relaxed);

	digits(out, 8, (uint64_t)clock_epoch_ms());
	digits(out + 8, 4, process_number());
	digits(out + 12, 4, n % FOUR_DIGITS);
	out[MESSAGE_ID_LEN] = '\0';
}
