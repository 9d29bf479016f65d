## SPDX-License-Identifier: BSD-2-Clause
check_LIBRARIES += libtest.a
libtest_a_SOURCES = %D%/tap.c %D%/tap.h
EXTRA_DIST += %D%/count.sh %D%/tap.py
libtest_a_SOURCES += %D%/test_keys.c %D%/test_keys.h
libtest_a_SOURCES += %D%/dns_reply.c %D%/dns_reply.h %D%/dns_server.c %D%/dns_server.h \
	%D%/dns_stand.c %D%/dns_stand.h
check_PROGRAMS += %D%/dns_server
%C%_dns_server_SOURCES = %D%/dns_server_main.c
libtest_a_SOURCES += %D%/dkim_signer.c %D%/dkim_signer.h
libtest_a_SOURCES += %D%/delivered.c %D%/delivered.h
libtest_a_SOURCES += %D%/dkim_world.c %D%/dkim_world.h
libtest_a_SOURCES += %D%/evaluation.c %D%/evaluation.h
libtest_a_SOURCES += %D%/sign_stand.c %D%/sign_stand.h
libtest_a_SOURCES += %D%/srs_stand.c %D%/srs_stand.h
libtest_a_SOURCES += %D%/seal_stand.c %D%/seal_stand.h
libtest_a_SOURCES += %D%/arc_signer.c %D%/arc_signer.h
libtest_a_SOURCES += %D%/quiet.c %D%/quiet.h
