#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# run.sh SECONDS SOURCE-DIRECTORY TARGET...: each libFuzzer target for so long,
# from its seeds and what earlier runs found (tests/fuzz/corpus in the build
# directory). Prints executions and coverage; a finding stops it and stays
# beside the corpus as crash-*.
set -u
seconds=$1 top=$2
shift 2
status=0

# The dictionary of a target.
dictionary() {
	case $1 in
	address | address_list | domain | from | header | received) echo mail ;;
	dkim_field | dkim_lib | signing) echo dkim ;;
	dmarc | dmarc_record) echo dmarc ;;
	engine | session) echo mail ;;
	spf | spf_record) echo spf ;;
	*) echo "$1" ;;
	esac
}

printf '%-20s %12s %10s %10s\n' target executions edges features
for target in "$@"; do
	name=${target##*/fuzz_}
	corpus=tests/fuzz/corpus/$name
	dict=$top/tests/fuzz/dict/$(dictionary "$name").dict
	mkdir -p "$corpus"
	# Beside the threads of a server no leak of one input can be told.
	case $name in
	dns_answer | milter | socketmap) leaks=0 ;;
	*) leaks=1 ;;
	esac
	set -- -max_total_time="$seconds" -print_final_stats=1 -artifact_prefix="$corpus-"
	[ -f "$dict" ] && set -- "$@" -dict="$dict"
	ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=$leaks "./$target" "$@" "$corpus" \
		"$top/tests/fuzz/seeds/$name" >"$corpus.log" 2>&1 || {
		status=1
		echo "$name: a finding, see $corpus.log"
		continue
	}
	awk -v name="$name" '/ cov: / { for (i = 1; i < NF; i++) {
			if ($i == "cov:") cov = $(i + 1)
			if ($i == "ft:") ft = $(i + 1) } }
		/stat::number_of_executed_units/ { runs = $2 }
		END { printf "%-20s %12d %10d %10d\n", name, runs, cov, ft }' "$corpus.log"
done
exit $status
