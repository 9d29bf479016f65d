#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# builtin.sh POLICY REPLIES: prints builtin.c, the two files as arrays of bytes.
# Numbers and not a string literal, for C limits the length of those.
set -e

array()
{
	printf 'static const char %s[] = {\n' "$1"
	od -An -v -tu1 "$2" | sed 's/\([0-9][0-9]*\)/\1,/g'
	printf '};\nconst struct slice builtin_%s = { %s, sizeof(%s) };\n' \
	    "$1" "$1" "$1"
}

echo '/* Made by builtin.sh from the files in conf/; do not edit. */'
echo '#include "policy/builtin.h"'
array policy "$1"
array replies "$2"
