#include "unit.h"

#include "kernel/change.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static int count_is(struct stopper *stop, int want)
{
	for (int i = 0; i < 100 && stopper_count(stop) < want; i++)
		poll(NULL, 0, 20);
	return stopper_count(stop) == want ? 0 : want;
}

/* In a child of the one that sends `first`; the rest it sends itself, as anybody else might. */
static int counting(int ready, int go)
{
	struct stopper stop;
	char c = 0;
	int rc;

	stopper_start(&stop);
	if (write(ready, &c, 1) != 1 || read(go, &c, 1) != 1 || (rc = count_is(&stop, 1)))
		return 10;
	raise(SIGTERM); /* the same again, not passed on */
	if ((rc = count_is(&stop, 1)))
		return rc;
	raise(SIGTERM);
	rc = count_is(&stop, 2);
	stopper_end(&stop);
	return rc;
}

/* One that is sent to a group comes twice when whoever started us passes it on. */
static void a_signal_passed_on_is_one(void **state)
{
	int ready[2], go[2], status;
	pid_t pid;
	char c = 0;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(counting(ready[1], go[0]));
	assert_int_equal(read(ready[0], &c, 1), 1);
	kill(pid, SIGTERM);
	assert_int_equal(write(go[1], &c, 1), 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_signal_passed_on_is_one)};

	return RUN(tests);
}
