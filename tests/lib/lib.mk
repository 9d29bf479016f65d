## SPDX-License-Identifier: BSD-2-Clause
check_LIBRARIES += libtest.a
libtest_a_SOURCES = %D%/tap.c %D%/tap.h
EXTRA_DIST += %D%/count.sh
libtest_a_SOURCES += %D%/test_keys.c %D%/test_keys.h
