## SPDX-License-Identifier: BSD-2-Clause
## Figures, not tests: nothing here is built or run by `make check`.
EXTRA_PROGRAMS += %D%/corpus %D%/load %D%/null_filter %D%/canon_cost \
	%D%/micro
EXTRA_DIST += %D%/README %D%/bench.py %D%/names.py %D%/peers.py %D%/micro.py \
	%D%/micro.baseline
%C%_load_SOURCES = %D%/load.c %D%/load.h %D%/load_corpus.c %D%/load_send.c
%C%_load_LDADD =
%C%_null_filter_LDADD = $(MILTER_LIBS)

bench: chopmarkd %D%/corpus$(EXEEXT) %D%/load$(EXEEXT) %D%/null_filter$(EXEEXT) \
		%D%/canon_cost$(EXEEXT)
	$(AM_V_at)python3 -B $(srcdir)/%D%/bench.py $(BENCH)
.PHONY: bench

bench-micro: %D%/micro$(EXEEXT)
	$(AM_V_at)python3 $(srcdir)/%D%/micro.py
.PHONY: bench-micro

clean-local: bench-clean
bench-clean:
	rm -rf bench-corpus bench-work
.PHONY: bench-clean
