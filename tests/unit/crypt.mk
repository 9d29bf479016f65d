## SPDX-License-Identifier: BSD-2-Clause
unit_crypt = %D%/test_key %D%/test_key_cache %D%/test_key_stand_in %D%/test_sig
check_PROGRAMS += $(unit_crypt)
TESTS += $(unit_crypt)
