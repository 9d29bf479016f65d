/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dns_server: a small DNS server for tests, on loopback alone, UDP and TCP on
 * one port, that answers from zone text (dns/dns_zone.h) like a resolver:
 * CNAMEs followed, SOA with negative answers, EDNS, TC over the size the asker
 * takes. It counts what it is asked. `$DELAY` delays every answer. Beside the
 * faults of a zone file it knows:
 *
 *   REFUSED NOTIMP FORMERR   that RCODE
 *   WRONGID                  an answer with another id
 *   WRONGNAME                an answer to another question
 *   WRONGTYPE                records of another type than was asked
 *   CUT                      a packet that ends in the middle of a record
 *   POINTERLOOP              a compression pointer to itself
 *   LOOP                     a CNAME to itself
 *   BADDATA                  record data its type does not allow
 *   RANDOM                   256 pseudo-random bytes behind the id
 *   SHORT                    three bytes
 *   HUGE                     2000 records; TC over UDP
 *   TCPCLOSED                TC over UDP, and TCP closes without an answer
 *   EXTRA                    a record nobody asked for, and none that was
 *
 * TIMEOUT does not answer; BOGUS is SERVFAIL, as a validating resolver says it.
 * In a test the server runs in a thread of its own; tests/lib/dns_server is the
 * same as a program.
 */
#ifndef CM_TESTS_LIB_DNS_SERVER_H
#define CM_TESTS_LIB_DNS_SERVER_H

#include "dns/dns_zone.h"

struct dns_server;

/* Starts on 127.0.0.1 and a port (0: any that is free). NULL after saying why
 * on standard error. */
struct dns_server *dns_server_start(struct slice zone_text, uint16_t port);
uint16_t dns_server_port(const struct dns_server *s);
/* "127.0.0.1@PORT", as Nameservers takes it; lives as long as the server. */
struct slice dns_server_address(const struct dns_server *s);
/* Questions so far: for one name and type (a name with n == 0: all). */
unsigned dns_server_count(struct dns_server *s, struct slice name,
    enum dns_type type);
/* Of them, those that came over TCP. */
unsigned dns_server_tcp_count(struct dns_server *s);
/* Goes silent (drops every question) or speaks again. */
void dns_server_silence(struct dns_server *s, bool silent);
/* From now on every answer takes that long, in place of $DELAY. */
void dns_server_delay(struct dns_server *s, int64_t ms);

/* From now on questions for `name` and what is below it ("": all) wait until
 * they are let go. */
void dns_server_hold(struct dns_server *s, struct slice name);
/* How many questions wait; one that is repeated counts once. */
unsigned dns_server_held(struct dns_server *s);
/* Waits until at least n questions wait. False: a minute passed. */
bool dns_server_await_held(struct dns_server *s, unsigned n);
/* Answers those that wait, and their repetitions ever after; what comes next
 * waits again. How many they were. */
unsigned dns_server_let_go(struct dns_server *s);
void dns_server_stop(struct dns_server *s); /* NULL is harmless */

#endif
