/* SPDX-License-Identifier: BSD-2-Clause
 *
 * dialog: the commands of a scenario over the milter protocol, one after the
 * other, and what can be seen of each: reply and delivered header. What the
 * filter decided stands in its log, which is the caller's to read. One thread
 * per dialog.
 */
#ifndef CM_TESTS_WIRE_DIALOG_H
#define CM_TESTS_WIRE_DIALOG_H

#include "scenario/observed.h"
#include "wire/mta.h"

struct dialog {
	struct arena *a; /* of what is seen */
	enum mta_kind kind;
	struct mta *mta; /* NULL: not connected */
	struct observed seen;
	struct header_list delivered;
	struct mta_answer answer; /* of the last command */
	/* Asked before each step of a message, by its command byte; false: the
	 * message ends there, as MTA_LOST. NULL: nobody asks. */
	bool (*go_on)(void *ctx, char step);
	void *ctx;
};

/* Opens a connection, if there is none, negotiates, and tells the client of
 * `e`. False: nobody listens, or the negotiation failed. */
bool dialog_connect(struct dialog *d, const char *socket, const char *queue_id,
    const struct scn_event *e);
/* Any other command but a reload and expectations. True if it was answered:
 * then `seen` is of it. */
bool dialog_do(struct dialog *d, const struct scn_event *e);
/* Reads the decision on a message off a line of the filter's log. False: it is
 * another line. */
bool dialog_decision(struct dialog *d, struct slice line);
/* The value of ` key=value` in such a line, without blanks inside; "": none. */
struct slice dialog_log_value(struct slice line, const char *key);
void dialog_close(struct dialog *d);

#endif
