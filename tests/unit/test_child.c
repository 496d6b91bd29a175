#include "unit.h"

#include "kernel/child.h"

#include <signal.h>
#include <unistd.h>

static void nothing(void *arg, size_t done)
{
	(void)arg;
	(void)done;
}

static int return_it(void *arg, int out)
{
	return write(out, "x", 1) == 1 ? *(int *)arg : 99;
}

static int die(void *arg, int out)
{
	(void)arg;
	(void)out;
	raise(SIGKILL);
	return 0;
}

static void what_became_of_them(void **state)
{
	struct child children[3];
	int codes[] = {0, 8};

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(child_start(&children[i], return_it, &codes[i]), 0);
	assert_int_equal(child_start(&children[2], die, NULL), 0);
	children_wait(children, 3, nothing, NULL);
	assert_int_equal(children[0].status, 0);
	assert_int_equal(children[1].status, 8);
	assert_int_equal(children[2].status, -SIGKILL);
	assert_int_equal(lseek(children[1].out, 0, SEEK_END), 1);
	children_close(children, 3);
}

/* As some who start us leave it: the kernel then keeps nothing to be waited for. */
static void with_children_ignored(void **state)
{
	struct child child;
	int code = 3;

	(void)state;
	signal(SIGCHLD, SIG_IGN);
	alarm(20);
	assert_int_equal(child_start(&child, return_it, &code), 0);
	children_wait(&child, 1, nothing, NULL);
	alarm(0);
	assert_int_equal(child.status, 3);
	children_close(&child, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_became_of_them),
		cmocka_unit_test(with_children_ignored),
	};

	return RUN(tests);
}
