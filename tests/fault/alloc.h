/* SPDX-License-Identifier: BSD-2-Clause
 *
 * alloc: allocations that fail when told to. In a program that is linked with
 * the flags of tests/fault/fault.mk these stand between our own code and
 * malloc; libraries keep the real one. Together with an arena that asks for
 * every object by itself each single request can fail. One thread.
 */
#ifndef CM_TESTS_FAULT_ALLOC_H
#define CM_TESTS_FAULT_ALLOC_H

#include "base/slice.h"

/* Counts from now on; the first `first` requests succeed, then `failing` in a
 * row fail, then all succeed again. */
void alloc_plan(size_t first, size_t failing);
/* Whether requests count and fail at all. */
void alloc_faults(bool on);
/* Requests counted since alloc_plan. */
size_t alloc_count(void);

#endif
