/* A socket that is kept: what is left over from earlier requests is never taken for an answer. */
#include "unit.h"

#include "kernel/rtnl.h"
#include "nl.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

/* A conversation whose other end is ours; its last request had number 5. */
struct talk {
	struct rtnl r;
	int kernel;
};

static int setup(void **state)
{
	struct talk *t = calloc(1, sizeof(*t));
	int ends[2];

	if (!t || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	t->r = (struct rtnl){.netns = -1, .fd = ends[0], .seq = 5};
	t->kernel = ends[1];
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct talk *t = *state;

	rtnl_close(&t->r);
	if (t->kernel >= 0)
		close(t->kernel);
	free(t);
	return 0;
}

static void say(const struct talk *t, const struct nlmsghdr *nlh)
{
	assert_int_equal(send(t->kernel, nlh, nlh->nlmsg_len, 0), nlh->nlmsg_len);
}

/* error 0: an acknowledgement */
static void say_error(const struct talk *t, uint32_t seq, int error)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlmsgerr *e = mnl_nlmsg_put_extra_header(nlh, sizeof(*e));

	nlh->nlmsg_type = NLMSG_ERROR;
	nlh->nlmsg_seq = seq;
	e->error = error;
	say(t, nlh);
}

static void say_link(const struct talk *t, uint32_t seq, const char *name)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_link(buf, 3, 0, name);

	nlh->nlmsg_seq = seq;
	say(t, nlh);
}

static void say_done(const struct talk *t, uint32_t seq)
{
	char buf[256];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	int *error = mnl_nlmsg_put_extra_header(nlh, sizeof(*error));

	nlh->nlmsg_type = NLMSG_DONE;
	nlh->nlmsg_seq = seq;
	*error = 0;
	say(t, nlh);
}

/* The number of the next request that went out. */
static uint32_t heard(const struct talk *t)
{
	struct {
		struct nlmsghdr nlh;
		char rest[1024];
	} buf;

	assert_true(recv(t->kernel, &buf, sizeof(buf), MSG_DONTWAIT) > 0);
	return buf.nlh.nlmsg_seq;
}

static int change_something(struct talk *t)
{
	char buf[256], extack[64];

	return rtnl_transact(&t->r, nl_link(buf, 3, 0, "eth0"), 0, extack, sizeof(extack));
}

/* "eth0 eth1": the interfaces in an answer */
static const char *names_in(const struct buffer *answer)
{
	static char text[256];
	struct host host = {0};

	text[0] = 0;
	rtnl_decode_links(&host, NULL, answer->data, answer->len);
	for (size_t i = 0; i < host.link_count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, host.links[i].name);
	}
	host_free(&host);
	return text;
}

static void test_each_request_has_its_number(void **state)
{
	struct talk *t = *state;

	say_error(t, 6, 0);
	say_error(t, 7, -EBUSY);
	assert_int_equal(change_something(t), 0);
	assert_int_equal(change_something(t), -EBUSY);
	assert_int_equal(heard(t), 6);
	assert_int_equal(heard(t), 7);
}

static void test_a_late_acknowledgement_is_not_the_next_ones(void **state)
{
	struct talk *t = *state;

	say_error(t, 4, 0);
	say_error(t, 5, 0); /* of one that was given up */
	say_error(t, 6, -EPERM);
	assert_int_equal(change_something(t), -EPERM);
	assert_true(t->r.fd >= 0);
}

static void test_the_rest_of_a_list_is_not_the_next_one(void **state)
{
	struct talk *t = *state;
	struct buffer answer = {0};

	say_link(t, 5, "old0");
	say_done(t, 5);
	say_link(t, 6, "eth0");
	say_link(t, 6, "eth1");
	say_done(t, 6);
	assert_int_equal(rtnl_dump(&t->r, RTNL_LINKS, &answer), 0);
	assert_string_equal(names_in(&answer), "eth0 eth1");
	/* and the answer to a question for one is that one's */
	say_link(t, 6, "eth1");
	say_link(t, 7, "eth0");
	answer.len = 0;
	assert_int_equal(rtnl_ask_link(&t->r, 3, NULL, &answer), 0);
	assert_string_equal(names_in(&answer), "eth0");
	buffer_free(&answer);
}

static void test_a_list_that_ends_in_an_error(void **state)
{
	struct talk *t = *state;
	struct buffer answer = {0};

	say_link(t, 6, "eth0");
	say_error(t, 6, -EOPNOTSUPP);
	say_done(t, 6); /* nobody has asked for more */
	say_link(t, 7, "eth1");
	say_done(t, 7);
	assert_int_equal(rtnl_dump(&t->r, RTNL_LINKS, &answer), -EOPNOTSUPP);
	assert_int_equal(rtnl_dump(&t->r, RTNL_LINKS, &answer), 0);
	assert_string_equal(names_in(&answer), "eth1");
	buffer_free(&answer);
}

static void test_no_whole_message_ends_the_conversation(void **state)
{
	struct talk *t = *state;

	assert_int_equal(send(t->kernel, "abc", 3, 0), 3);
	say_error(t, 6, 0);
	assert_int_equal(change_something(t), -EPROTO);
	assert_int_equal(t->r.fd, -1);
}

static void test_an_answer_of_another_kind_ends_it(void **state)
{
	struct talk *t = *state;

	say_link(t, 6, "eth0");
	assert_int_equal(change_something(t), -EPROTO);
	assert_int_equal(t->r.fd, -1);
}

static void test_the_end_ends_it(void **state)
{
	struct talk *t = *state;
	struct buffer answer = {0};

	say_link(t, 6, "eth0");
	shutdown(t->kernel, SHUT_WR);
	assert_int_equal(rtnl_dump(&t->r, RTNL_LINKS, &answer), -EPROTO);
	assert_int_equal(t->r.fd, -1);
	buffer_free(&answer);
}

/* The rest is with the real kernel. */

static void ask_for_lo(struct rtnl *r)
{
	char buf[256];
	struct nlmsghdr *nlh = nl_link(buf, 1, 0, NULL);

	nlh->nlmsg_type = RTM_GETLINK;
	assert_int_equal(rtnl_send(r, nlh, 0), 0);
}

static void test_it_is_opened_once_and_not_handed_on(void **state)
{
	struct rtnl r = RTNL_IN(-1);
	struct buffer answer = {0};
	int fd;

	(void)state;
	assert_int_equal(rtnl_ask_link(&r, 0, "lo", &answer), 0);
	fd = r.fd;
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(rtnl_dump(&r, RTNL_LINKS, &answer), 0);
	assert_int_equal(r.fd, fd);
	answer.len = 0;
	assert_int_equal(rtnl_ask_link(&r, 0, "no-such-if", &answer), -ENODEV);
	answer.len = 0;
	assert_int_equal(rtnl_ask_link(&r, 1, NULL, &answer), 0);
	assert_string_equal(names_in(&answer), "lo");
	assert_int_equal(r.fd, fd);
	buffer_free(&answer);
	rtnl_close(&r);
}

/* Answers that nobody reads, until there is no room for more. */
static void overrun(struct rtnl *r)
{
	int small = 1;

	ask_for_lo(r);
	assert_int_equal(setsockopt(r->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
	for (int i = 0; i < 100; i++)
		ask_for_lo(r);
}

static void test_an_overrun_begins_anew(void **state)
{
	struct rtnl r = RTNL_IN(-1);
	struct buffer answer = {0};

	(void)state;
	overrun(&r);
	assert_int_equal(rtnl_ask_link(&r, 1, NULL, &answer), -ENOBUFS);
	assert_int_equal(r.fd, -1);
	answer.len = 0;
	assert_int_equal(rtnl_ask_link(&r, 1, NULL, &answer), 0);
	assert_string_equal(names_in(&answer), "lo");
	/* what only asks is asked again */
	overrun(&r);
	assert_int_equal(rtnl_dump(&r, RTNL_LINKS, &answer), 0);
	assert_non_null(strstr(names_in(&answer), "lo"));
	buffer_free(&answer);
	rtnl_close(&r);
}

static void test_a_kernel_opens_none_before_it_is_asked(void **state)
{
	struct kernel k;
	struct error err = {0};
	struct buffer answer = {0};

	(void)state;
	assert_int_equal(kernel_open(&k, NULL, &err), 0);
	assert_int_equal(k.rtnl->fd, -1);
	assert_int_equal(rtnl_ask(&k, RTNL_LINKS, NULL, &answer), 0);
	assert_true(k.rtnl->fd >= 0);
	kernel_close(&k);
	assert_null(k.rtnl);
	buffer_free(&answer);
	assert_int_equal(kernel_open(&k, "tests/fixtures/basic", &err), 0);
	assert_null(k.rtnl);
	assert_int_equal(rtnl_ask(&k, RTNL_LINKS, NULL, &answer), 0);
	assert_non_null(strstr(names_in(&answer), "lo"));
	kernel_close(&k);
	buffer_free(&answer);
}

#define WITH_TALK(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TALK(test_each_request_has_its_number),
		WITH_TALK(test_a_late_acknowledgement_is_not_the_next_ones),
		WITH_TALK(test_the_rest_of_a_list_is_not_the_next_one),
		WITH_TALK(test_a_list_that_ends_in_an_error),
		WITH_TALK(test_no_whole_message_ends_the_conversation),
		WITH_TALK(test_an_answer_of_another_kind_ends_it),
		WITH_TALK(test_the_end_ends_it),
		cmocka_unit_test(test_it_is_opened_once_and_not_handed_on),
		cmocka_unit_test(test_an_overrun_begins_anew),
		cmocka_unit_test(test_a_kernel_opens_none_before_it_is_asked),
	};

	return RUN(tests);
}
