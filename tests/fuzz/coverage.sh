#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# coverage.sh SOURCE-DIRECTORY TARGET...: how many lines of the files that a
# target aims at (tests/fuzz/aims) it reaches with its seeds and what was found
# by `make fuzz` in this build directory. Builds the targets once more, for
# clang's source coverage, in fuzz-coverage. Files below three quarters are
# named.
set -eu
top=$(cd "$1" && pwd)
shift
corpora=$(pwd)/tests/fuzz/corpus
mkdir -p fuzz-coverage
cd fuzz-coverage
[ -f Makefile ] || "$top/configure" --quiet CC=clang --enable-fuzz \
	CFLAGS='-g -O1 -fprofile-instr-generate -fcoverage-mapping' >configure.out 2>&1
make -s -j"$(nproc)" "$@" >make.out 2>&1 || {
	tail -20 make.out
	exit 1
}
printf '%-14s %7s %7s %6s\n' target lines reached '%'
for target in "$@"; do
	name=${target##*/fuzz_}
	files=$(awk -v name="$name" '$1 == name { $1 = ""; print }' "$top/tests/fuzz/aims")
	[ -n "$files" ] || {
		echo "$name aims at nothing: tests/fuzz/aims"
		exit 1
	}
	mkdir -p "$corpora/$name"
	ASAN_OPTIONS=detect_leaks=0 LLVM_PROFILE_FILE="$name.raw" "./$target" -runs=0 \
		"$corpora/$name" "$top/tests/fuzz/seeds/$name" >"$name.log" 2>&1 ||
		echo "$name: a finding, see fuzz-coverage/$name.log"
	llvm-profdata merge -o "$name.profile" "$name.raw"
	paths=
	for file in $files; do
		paths="$paths $top/milter/$file"
	done
	# shellcheck disable=SC2086 # a list of files
	llvm-cov export -summary-only -instr-profile "$name.profile" "./$target" $paths |
		python3 "$top/tests/fuzz/coverage.py" "$name"
	rm -f "$name.raw"
done
