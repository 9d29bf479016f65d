## SPDX-License-Identifier: BSD-2-Clause
## What goes wrong on purpose. Memory: the linker leads our own calls of malloc
## to the test, and arenas ask for each object by itself.
fault_wrap = -Wl,--wrap=malloc -Wl,--wrap=calloc -Wl,--wrap=realloc
fault_tests = %D%/test_busy_reload %D%/test_library_memory \
	%D%/test_no_descriptors %D%/test_no_disk %D%/test_no_memory %D%/test_no_memory_left \
	%D%/test_no_threads %D%/test_wire_faults %D%/test_wire_privs
%C%_test_no_memory_SOURCES = %D%/test_no_memory.c \
	%D%/alloc.c %D%/alloc.h %D%/play.c %D%/play.h \
	milter/base/arena.c milter/base/arena.h
%C%_test_no_memory_CPPFLAGS = $(AM_CPPFLAGS) -DBLOCK_EACH=1
%C%_test_no_memory_LDFLAGS = $(AM_LDFLAGS) $(fault_wrap)
%C%_test_library_memory_SOURCES = %D%/test_library_memory.c \
	%D%/play.c %D%/play.h
fault_tests += tests/unit/test_sandbox
tests_unit_test_sandbox_LDADD = libdaemon.a $(LDADD) $(SECCOMP_LIBS)
check_PROGRAMS += $(fault_tests)
TESTS += $(fault_tests)
