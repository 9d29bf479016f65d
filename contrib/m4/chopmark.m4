dnl SPDX-License-Identifier: BSD-2-Clause
dnl The project's own configure macros.

dnl CM_TRY_CFLAG(VARIABLE, FLAG): appends FLAG to VARIABLE if compiler and linker take it.
AC_DEFUN([CM_TRY_CFLAG], [
  AS_VAR_PUSHDEF([cache], [cm_cv_flag_$2])
  AC_CACHE_CHECK([whether $CC takes $2], [cache], [
    cm_saved=$CFLAGS
    CFLAGS="$CFLAGS -Werror $2"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]],
      [[char b[8]; memset(b, 0, sizeof(b)); return b[0];]])],
      [AS_VAR_SET([cache], [yes])], [AS_VAR_SET([cache], [no])])
    CFLAGS=$cm_saved])
  AS_VAR_IF([cache], [yes], [$1="$$1 $2"])
  AS_VAR_POPDEF([cache])
])

AC_DEFUN([CM_WARNINGS], [
  AC_ARG_ENABLE([werror], [AS_HELP_STRING([--enable-werror],
    [treat compiler warnings as errors])], [], [enable_werror=no])
  CM_WARN=
  m4_foreach_w([flag], [-Wall -Wextra -Wpedantic -Wshadow -Wconversion
    -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
    -Wcast-qual -Wcast-align -Wwrite-strings -Wformat=2 -Wundef -Wvla -Walloca
    -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wdouble-promotion
    -Wframe-larger-than=16384 -Wlogical-op -Wduplicated-cond
    -Wduplicated-branches -Wrestrict -Wcomma -Wassign-enum],
    [CM_TRY_CFLAG([CM_WARN], flag)])
  AS_VAR_IF([enable_werror], [yes], [CM_WARN="$CM_WARN -Werror"])
  AC_SUBST([CM_WARN])
])

AC_DEFUN([CM_HARDENING], [
  CM_HARDEN=
  AS_CASE([" $CFLAGS "], [*" -O0 "*], [],
    [AS_VAR_IF([enable_sanitize], [], [CM_HARDEN="-U_FORTIFY_SOURCE"
      CM_TRY_CFLAG([CM_HARDEN], [-D_FORTIFY_SOURCE=3])])])
  dnl Indirect calls and returns that lead nowhere else: x86-64's way, ARM's.
  m4_foreach_w([flag], [-fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full -mbranch-protection=standard],
    [CM_TRY_CFLAG([CM_HARDEN], flag)])
  CM_TRY_CFLAG([CM_HARDEN], [-fPIE])
  CM_HARDEN_LD=
  CM_TRY_CFLAG([CM_HARDEN_LD], [-pie])
  CM_TRY_CFLAG([CM_HARDEN_LD], [-Wl,-z,relro])
  CM_TRY_CFLAG([CM_HARDEN_LD], [-Wl,-z,now])
  CM_TRY_CFLAG([CM_HARDEN_LD], [-Wl,-z,noexecstack])
  CM_TRY_CFLAG([CM_HARDEN_LD], [-Wl,--as-needed])
  AC_SUBST([CM_HARDEN])
  AC_SUBST([CM_HARDEN_LD])
])

AC_DEFUN([CM_SANITIZE], [
  AC_ARG_ENABLE([sanitize], [AS_HELP_STRING([--enable-sanitize@<:@=LIST@:>@],
    [build with sanitizers: address,undefined (default of the switch) or thread])],
    [], [enable_sanitize=no])
  CM_SANITIZE_FLAGS=
  AS_CASE([$enable_sanitize],
    [no], [],
    [yes], [CM_SANITIZE_FLAGS="-fsanitize=address,undefined"],
    [CM_SANITIZE_FLAGS="-fsanitize=$enable_sanitize"])
  AS_IF([test -n "$CM_SANITIZE_FLAGS"], [
    CM_SANITIZE_FLAGS="$CM_SANITIZE_FLAGS -fno-sanitize-recover=all -fno-omit-frame-pointer"
    CM_HARDEN="-fPIE"])
  AC_SUBST([CM_SANITIZE_FLAGS])
])

AC_DEFUN([CM_FUZZ], [
  AC_ARG_ENABLE([fuzz], [AS_HELP_STRING([--enable-fuzz],
    [build the libFuzzer targets (needs clang)])], [], [enable_fuzz=no])
  AS_VAR_IF([enable_fuzz], [yes], [
    cm_saved=$CFLAGS
    CFLAGS="$CFLAGS -fsanitize=fuzzer-no-link"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])], [],
      [AC_MSG_ERROR([--enable-fuzz needs a compiler with -fsanitize=fuzzer: CC=clang and libclang-rt-dev])])
    CFLAGS=$cm_saved
    CM_SANITIZE_FLAGS="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer"
    CM_HARDEN="-fPIE"])
  AM_CONDITIONAL([FUZZ], [test "$enable_fuzz" = yes])
])

dnl CM_LIB(PREFIX, LIBRARY, FUNCTION, HEADER, DEBIAN-PACKAGE)
AC_DEFUN([CM_LIB], [
  AC_CHECK_HEADER([$4], [], [AC_MSG_ERROR([$4 not found: install $5])],
    [[#include <sys/types.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdio.h>
#ifndef __bool_true_false_are_defined
# include <stdbool.h>
#endif
]])
  cm_saved=$LIBS
  AC_CHECK_LIB([$2], [$3], [$1_LIBS="-l$2"],
    [AC_MSG_ERROR([lib$2 not found: install $5])], [-lpthread -lresolv])
  LIBS=$cm_saved
  AC_SUBST([$1_LIBS])
])

dnl CM_PKG(PREFIX, MODULE, DEBIAN-PACKAGE)
AC_DEFUN([CM_PKG], [
  PKG_CHECK_MODULES([$1], [$2], [],
    [AC_MSG_ERROR([$2 not found: install $3])])
])

dnl CM_OPTIONAL_PKG(PREFIX, MODULE, DEBIAN-PACKAGE): --with-prefix=yes|no|check
AC_DEFUN([CM_OPTIONAL_PKG], [
  AC_ARG_WITH(m4_tolower([$1]), [AS_HELP_STRING([--with-]m4_tolower([$1]),
    [use $2 (default: if it is there)])], [cm_with=$withval], [cm_with=check])
  cm_have=no
  AS_VAR_IF([cm_with], [no], [], [
    PKG_CHECK_MODULES([$1], [$2], [cm_have=yes], [
      AS_VAR_IF([cm_with], [yes], [AC_MSG_ERROR([$2 not found: install $3])])])])
  AS_VAR_IF([cm_have], [yes], [AC_DEFINE([HAVE_$1], [1], [Define if $2 is used.])])
  AM_CONDITIONAL([HAVE_$1], [test "$cm_have" = yes])
])

dnl Paths that programs and documents name.
AC_DEFUN([CM_PATHS], [
  AC_ARG_WITH([user], [AS_HELP_STRING([--with-user=NAME],
    [user and group the daemon runs as (chopmark)])], [], [with_user=chopmark])
  AC_ARG_WITH([confdir], [AS_HELP_STRING([--with-confdir=DIR],
    [configuration directory (SYSCONFDIR/chopmark)])], [], [with_confdir='${sysconfdir}/chopmark'])
  AC_ARG_WITH([rundir], [AS_HELP_STRING([--with-rundir=DIR],
    [directory of the socket (/run/chopmark)])], [], [with_rundir=/run/chopmark])
  AC_SUBST([confdir], [$with_confdir])
  AC_SUBST([rundir], [$with_rundir])
  AC_SUBST([cmuser], [$with_user])
  AC_ARG_WITH([systemdsystemunitdir], [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
    [where the unit file goes (PREFIX/lib/systemd/system); "no": none, nor its companions])],
    [], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'])
  AC_SUBST([unitdir], [$with_systemdsystemunitdir])
])

dnl The same commit gives the same tarball, whoever packs it and when: names in
dnl order, no owner, one time for all (SOURCE_DATE_EPOCH, the commit's, or, in an
dnl unpacked tarball, the one all files have). Needs GNU tar; others pack as ever.
AC_DEFUN([CM_SAME_TARBALL], [
  AS_IF([tar --version 2>/dev/null | grep GNU >/dev/null], [
    am__tar='tar --format=posix --pax-option=delete=atime,delete=ctime --sort=name'
    am__tar="$am__tar"' --owner=0 --group=0 --numeric-owner --mode=u+rw,go=u-w'
    am__tar="$am__tar"' --mtime="@$${SOURCE_DATE_EPOCH:-$$(git -C $(srcdir) log -1 --format=%ct 2>/dev/null || stat -c %Y $(srcdir)/configure.ac)}"'
    am__tar="$am__tar"' -chf - "$$tardir"'])
])
