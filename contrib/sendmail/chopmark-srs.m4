dnl SPDX-License-Identifier: BSD-2-Clause
dnl
dnl Sendmail: forward with SRS by chopmarkd. In sendmail.mc, behind the MAILER
dnl lines:
dnl
dnl   define(`CHOPMARK_SRS_SOCKET', `local:/run/chopmark/srs.sock')dnl
dnl   LOCAL_DOMAIN(`srs.example.com')dnl
dnl   include(`/usr/share/chopmark/sendmail/chopmark-srs.m4')dnl
dnl
dnl srs.example.com is SRSDomain of chopmark.conf; SRSSocket is the socket in
dnl the spelling of chopmark.conf (unix:/run/chopmark/srs.sock).
dnl
dnl Senders of domains in class w are never asked for, nor is the null sender;
dnl what else is not to be rewritten is known to chopmarkd (LocalDomains,
dnl SRSExcludeDomains). Mail waits in the queue while chopmarkd does not answer.
dnl
ifdef(`CHOPMARK_SRS_SOCKET', `',
	`define(`CHOPMARK_SRS_SOCKET', `local:/run/chopmark/srs.sock')')dnl
LOCAL_CONFIG
# -f: keys are not folded to lower case. -d: seconds to wait for an answer.
Kforward socket -f -d30 CHOPMARK_SRS_SOCKET
Kreverse socket -f -d30 -T<TMPF> CHOPMARK_SRS_SOCKET
Kchopmarksrs regex -a@SRS ^"?SRS[01][-+=]

MAILER_DEFINITIONS
# The envelope sender of what leaves by SMTP, as the last thing.
SEnvFromSMTP
R$+ < @ $=w . >		$@ $1 < @ $2 . >
R$+ < @ $=w >		$@ $1 < @ $2 >
R$+ < @ $+ . >		$1 < @ $2 >
R$+ < @ $+ >		$: $1 < @ $2 > $| $( forward $1@$2 $: NOTFOUND $)
R$+ $| NOTFOUND		$@ $1
R$+ $| $+		$@ $>canonify $2

LOCAL_RULE_0
# Bounces to addresses of ours go to whom they stand for.
R$+ < @ $=w . >		$: < $( chopmarksrs $1 $: NO $) > $1 < @ $2 . >
R< NO > $+		$: $1
R< @SRS > $+ < @ $+ . >	$: < SRS > $( reverse $1@$2 $: NOTFOUND $)
R< SRS > NOTFOUND	$#error $@ 5.1.1 $: "550 5.1.1 no forwarding address of ours, or it has expired"
R< SRS > $* < TMPF >	$#error $@ 4.4.3 $: "451 4.4.3 forwarding addresses cannot be looked up now"
R< SRS > $+		$@ $>parse $>canonify $1
