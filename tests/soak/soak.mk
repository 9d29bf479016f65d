## SPDX-License-Identifier: BSD-2-Clause
## Mixed traffic for long. `make check` runs a short piece.
check_PROGRAMS += %D%/soak
TESTS += %D%/soak
%C%_soak_SOURCES = %D%/soak.c %D%/soak.h \
	%D%/hostile.c %D%/lookups.c %D%/sender.c \
	%D%/watch.c %D%/watch.h %D%/world.c %D%/world.h
EXTRA_DIST += %D%/README %D%/traffic.scn

SOAK_MINUTES = 2
SOAK_RATE = 100
soak: chopmarkd %D%/soak$(EXEEXT)
	@$(AM_TESTS_ENVIRONMENT) SOAK_MINUTES=$(SOAK_MINUTES) SOAK_RATE=$(SOAK_RATE) \
		./%D%/soak$(EXEEXT)
.PHONY: soak
