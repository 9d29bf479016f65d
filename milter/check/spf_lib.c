/* SPDX-License-Identifier: BSD-2-Clause
 *
 * spf_lib: see spf_lib.h. What of the library is avoided and why:
 *   - It ends the process when a lookup returns NULL, so a spare answer is
 *     kept for the day when memory runs out; and when memory runs out while it
 *     makes a server, so that (a public struct) is filled here. Without its
 *     default explanation it is faster, too.
 *   - A prefix length of 0 means "none" to it (LIBRARY-DEFECTS): for ip4 and
 *     ip6 the caller settles /0, for a and mx every address is shown to it as
 *     the client's own.
 *   - After 508 compiled bytes of one record its compiler overruns or drops
 *     terms (CVE-2023-42118): 20 networks make 400.
 *   - Names come and go as C strings: one with a NUL is never shown to it.
 */
#include "check/spf_lib.h"

#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <spf2/spf.h>
#include <spf2/spf_dns.h>

#include "base/err.h"
#include "base/log.h"
#include "mail/domain.h"

struct spf_lib {
	SPF_dns_server_t dns;
	SPF_server_t server;
	SPF_request_t *request;
	SPF_dns_rr_t *spare;
	struct ip client;
	spf_lib_ask_fn ask;
	void *ctx;
	/* prefix length 0: each address counts as the client's */
	bool any_address;
	bool dns_error; /* it was told of one */
	bool no_memory;
	char target[DOMAIN_MAX + 1];
};

/* It ends the process after an error whatever this does: say why at least.
 * Nothing that is known leads here (see above). */
static A_NORETURN void
complain(const char *file, int line, const char *text)
{
	log_text(LOG_LEVEL_ERROR, "libspf2: %s (%s line %d)", text, file, line);
	abort();
}

static void
keep_quiet(const char *file A_UNUSED, int line A_UNUSED,
    const char *text A_UNUSED)
{
}

static void
take_over_messages(void)
{
	SPF_error_handler = complain;
	SPF_warning_handler = keep_quiet;
	SPF_info_handler = keep_quiet;
	SPF_debug_handler = keep_quiet;
}

/* The size of what an address, or a name with its NUL, takes in an answer. */
static size_t
record_size(ns_type type, const struct dns_record *rr)
{
	switch ((int)type) {
	case ns_t_a:
		return sizeof(struct in_addr);
	case ns_t_aaaa:
		return sizeof(struct in6_addr);
	default:
		return rr->name.n + 1;
	}
}

static bool
add_record(struct spf_lib *l, SPF_dns_rr_t *to, const struct dns_record *rr)
{
	const struct ip *ip = l->any_address ? &l->client : &rr->ip;
	SPF_dns_rr_data_t *data;

	if (SPF_dns_rr_buf_realloc(to, to->num_rr,
		record_size(to->rr_type, rr)) != SPF_E_SUCCESS)
		return false;
	data = to->rr[to->num_rr];
	if (to->rr_type == ns_t_a) {
		memcpy(&data->a, ip->b, sizeof(data->a));
	} else if (to->rr_type == ns_t_aaaa) {
		memcpy(&data->aaaa, ip->b, sizeof(data->aaaa));
	} else {
		/* declared as char[1], allocated as long as we asked for */
		char *name = (void *)data;

		memcpy(name, rr->name.p, rr->name.n);
		name[rr->name.n] = '\0';
	}
	to->num_rr++;
	return true;
}

static bool
showable(ns_type type, const struct dns_record *rr)
{
	if (type == ns_t_a)
		return rr->ip.family == 4;
	if (type == ns_t_aaaa)
		return rr->ip.family == 6;
	return rr->name.n > 0 && slice_chr(rr->name, '\0') == SLICE_NONE;
}

static SPF_dns_rr_t *
out_of_memory(struct spf_lib *l, SPF_dns_rr_t *partial)
{
	SPF_dns_rr_t *spare = l->spare;

	if (partial != NULL)
		SPF_dns_rr_free(partial);
	l->spare = NULL;
	l->no_memory = true;
	return spare;
}

static SPF_dns_rr_t *
lookup(SPF_dns_server_t *dns, const char *domain, ns_type type,
    int cache A_UNUSED)
{
	struct spf_lib *l = dns->hook;
	struct spf_lib_reply reply =
	    l->ask(l->ctx, (enum dns_type)type, slice_c(domain));
	SPF_dns_rr_t *out = SPF_dns_rr_new_init(dns, domain, type, 0, NO_DATA);

	if (out == NULL)
		return out_of_memory(l, NULL);
	if (reply.status == DNS_TEMPFAIL || reply.status == DNS_BOGUS)
		out->herrno = TRY_AGAIN;
	l->dns_error = l->dns_error || out->herrno == TRY_AGAIN;
	if (reply.status != DNS_OK)
		return out;
	for (size_t i = 0; i < reply.n; i++)
		if (showable(type, &reply.rr[i]) &&
		    !add_record(l, out, &reply.rr[i]))
			return out_of_memory(l, out);
	/* Success without records would leak. */
	if (out->num_rr > 0)
		out->herrno = NETDB_SUCCESS;
	return out;
}

static bool
set_client(SPF_request_t *rq, const struct ip *ip)
{
	struct in_addr v4;
	struct in6_addr v6;

	if (ip->family == 4) {
		memcpy(&v4, ip->b, sizeof(v4));
		return SPF_request_set_ipv4(rq, v4) == SPF_E_SUCCESS;
	}
	memcpy(&v6, ip->b, sizeof(v6));
	return SPF_request_set_ipv6(rq, v6) == SPF_E_SUCCESS;
}

struct spf_lib *
spf_lib_new(const struct ip *client, spf_lib_ask_fn ask, void *ctx)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct spf_lib *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	(void)pthread_once(&once, take_over_messages);
	l->client = *client;
	l->ask = ask;
	l->ctx = ctx;
	l->dns = (SPF_dns_server_t){ .lookup = lookup,
		.name = "chopmark",
		.hook = l };
	l->server = (SPF_server_t){ .resolver = &l->dns,
		.rec_dom = unconst("r.invalid"),
		.max_dns_mech = INT_MAX,
		.max_dns_ptr = INT_MAX,
		.max_dns_mx = INT_MAX,
		.sanitize = 1 };
	l->spare = SPF_dns_rr_new_init(&l->dns, "", ns_t_any, 0, TRY_AGAIN);
	l->request = l->spare != NULL ? SPF_request_new(&l->server) : NULL;
	/* Fixed words where it wants identities: nothing here uses them. */
	if (l->request == NULL ||
	    SPF_request_set_helo_dom(l->request, "h.invalid") !=
		SPF_E_SUCCESS ||
	    SPF_request_set_env_from(l->request, "s@s.invalid") != 0 ||
	    !set_client(l->request, client)) {
		spf_lib_free(l);
		return NULL;
	}
	return l;
}

void
spf_lib_free(struct spf_lib *l)
{
	if (l == NULL)
		return;
	if (l->request != NULL)
		SPF_request_free(l->request);
	if (l->spare != NULL)
		SPF_dns_rr_free(l->spare);
	free(l);
}

/* Room for "v=spf1" and SPF_LIB_RUN longest directives, ip6 with prefix. */
#define DIRECTIVES_ROOM (8 + SPF_LIB_RUN * (6 + IP_TEXT + 4))

/* What the library made of a record. A temporary error that did not come from
 * an answer means that memory ran out. */
static int
read_response(const struct spf_lib *l, SPF_response_t *response,
    enum spf_lib_match *out)
{
	if (l->no_memory || SPF_response_errcode(response) == SPF_E_NO_MEMORY)
		return ERR_NOMEM;
	switch ((int)SPF_response_result(response)) {
	case SPF_RESULT_PASS:
		*out = SPF_LIB_YES;
		return 0;
	case SPF_RESULT_NEUTRAL:
		*out = SPF_LIB_NO;
		return 0;
	case SPF_RESULT_TEMPERROR:
		*out = SPF_LIB_DNS_ERROR;
		return l->dns_error ? 0 : ERR_NOMEM;
	default:
		return ERR_LIBRARY;
	}
}

/* Compiles and interprets one of our own little records. All its directives
 * are "+": pass is a match, running off its end is none. */
static int
run(struct spf_lib *l, const char *record, enum spf_lib_match *out)
{
	SPF_response_t *response = SPF_response_new(l->request);
	SPF_record_t *compiled = NULL;
	SPF_errcode_t code;
	int err = ERR_NOMEM;

	if (response == NULL)
		return ERR_NOMEM;
	l->dns_error = false;
	code = SPF_record_compile(&l->server, response, &compiled, record);
	if (code == SPF_E_SUCCESS && compiled != NULL) {
		response->spf_record_exp = compiled;
		(void)SPF_record_interpret(compiled, l->request, response, 0);
		err = read_response(l, response, out);
	} else if (code != SPF_E_NO_MEMORY) {
		err = ERR_LIBRARY;
	}
	if (compiled != NULL)
		SPF_record_free(compiled);
	SPF_response_free(response);
	return err;
}

int
spf_lib_networks(struct spf_lib *l, const struct spf_term *terms, size_t n,
    enum spf_lib_match *out)
{
	char text[DIRECTIVES_ROOM], ip[IP_TEXT];
	size_t at = (size_t)snprintf(text, sizeof(text), "v=spf1"), bare = at;

	*out = SPF_LIB_NO;
	for (size_t i = 0; i < n && i < SPF_LIB_RUN; i++) {
		bool v4 = terms[i].kind == SPF_IP4;
		unsigned bits = v4 ? terms[i].bits4 : terms[i].bits6;

		if (bits == 0 || terms[i].ip.family != l->client.family)
			continue;
		at +=
		    (size_t)snprintf(text + at, sizeof(text) - at, " +%s:%s/%u",
			v4 ? "ip4" : "ip6", ip_print(&terms[i].ip, ip), bits);
	}
	if (at == bare)
		return 0;
	l->request->cur_dom = "d.invalid";
	l->any_address = false;
	return run(l, text, out);
}

int
spf_lib_names(struct spf_lib *l, const struct spf_term *t, struct slice target,
    enum spf_lib_match *out)
{
	bool v4 = l->client.family == 4;
	unsigned bits = v4 ? t->bits4 : t->bits6;
	char text[32], prefix[8] = "";
	const char *word;

	*out = SPF_LIB_NO;
	if (target.n == 0 || target.n > DOMAIN_MAX)
		return ERR_BUG;
	memcpy(l->target, target.p, target.n);
	l->target[target.n] = '\0';
	l->request->cur_dom = l->target;
	switch ((int)t->kind) {
	case SPF_A:
		word = "a";
		break;
	case SPF_MX:
		word = "mx";
		break;
	case SPF_PTR:
		word = "ptr";
		break;
	case SPF_EXISTS:
		word = "exists:%{d}"; /* it must have an argument */
		break;
	default:
		return ERR_BUG;
	}
	l->any_address = bits == 0;
	if (bits > 0 && bits < (v4 ? 32U : 128U))
		(void)snprintf(prefix, sizeof(prefix), "%s%u", v4 ? "/" : "//",
		    bits);
	(void)snprintf(text, sizeof(text), "v=spf1 +%s%s", word, prefix);
	return run(l, text, out);
}
