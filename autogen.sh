#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Makes ./configure out of configure.ac. Needs autoconf and automake.
set -e
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --warnings=all,no-override
