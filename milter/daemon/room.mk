## SPDX-License-Identifier: BSD-2-Clause
## The room is a library of its own, so that tests can link it without main().
noinst_LIBRARIES += libdaemon.a
libdaemon_a_SOURCES = \
	%D%/apply.c %D%/apply.h \
	%D%/background.c %D%/background.h \
	%D%/callbacks.c %D%/callbacks.h \
	%D%/crowd.c %D%/crowd.h \
	%D%/kick.c %D%/kick.h \
	%D%/listen.c %D%/listen.h \
	%D%/map_jobs.c %D%/map_jobs.h \
	%D%/map_server.c %D%/map_server.h \
	%D%/macros.c %D%/macros.h \
	%D%/negotiate.c %D%/negotiate.h \
	%D%/notify.h \
	%D%/privs.c %D%/privs.h \
	%D%/mta_flow.c %D%/mta_flow.h \
	%D%/mta_io.c %D%/mta_io.h \
	%D%/publish.c %D%/publish.h \
	%D%/reload.c %D%/reload.h \
	%D%/sandbox.c %D%/sandbox.h %D%/sandbox_landlock.c \
	%D%/session.c %D%/session.h \
	%D%/shortage.c %D%/shortage.h \
	%D%/threads.c %D%/threads.h
if HAVE_SECCOMP
libdaemon_a_SOURCES += %D%/sandbox_seccomp.c
else
libdaemon_a_SOURCES += %D%/sandbox_no_seccomp.c
endif
if HAVE_SYSTEMD
libdaemon_a_SOURCES += %D%/notify_systemd.c
else
libdaemon_a_SOURCES += %D%/notify_none.c
endif

sbin_PROGRAMS += chopmarkd
chopmarkd_SOURCES = %D%/main.c %D%/sigwait.c
chopmarkd_LDADD = libdaemon.a libchopmark.a $(CHOPMARK_LIBS) $(MILTER_LIBS) \
	$(SYSTEMD_LIBS) $(SECCOMP_LIBS)
dist_man_MANS += %D%/chopmarkd.8
