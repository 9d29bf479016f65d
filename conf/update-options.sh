#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# update-options.sh CHOPMARK DIRECTORY: writes the sample configuration and the
# list of options of the manual anew, from what the program says.
set -e

"$1" config --sample --shipped >"$2/chopmark.conf.tmp"
mv "$2/chopmark.conf.tmp" "$2/chopmark.conf"

{
	sed '/^\.\\" The list is made from/q' "$2/chopmark.conf.5"
	"$1" config --manual --shipped
	sed -n '/^\.\\" End of the list/,$p' "$2/chopmark.conf.5"
} >"$2/chopmark.conf.5.tmp"
mv "$2/chopmark.conf.5.tmp" "$2/chopmark.conf.5"
