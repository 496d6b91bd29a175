/* The line that tells of progress, on a terminal whose other end is ours. */
#include "unit.h"

#include "kernel/change.h"
#include "output/progress.h"
#include "util/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

struct test {
	int screen; /* what is written to the terminal comes out here */
	int terminal, stderr_kept;
	struct options o;
	struct progress_line line;
	char text[65536];
};

static int setup(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	struct test *t = calloc(1, sizeof(*t));

	if (!t || openpty(&t->screen, &t->terminal, NULL, NULL, &size) < 0)
		return -1;
	fcntl(t->screen, F_SETFL, O_NONBLOCK);
	t->stderr_kept = fcntl(2, F_DUPFD_CLOEXEC, 10);
	dup2(t->terminal, 2);
	setenv("TERM", "xterm", 1);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct test *t = *state;

	dup2(t->stderr_kept, 2);
	close(t->stderr_kept);
	close(t->terminal);
	close(t->screen);
	free(t);
	return 0;
}

/* What has come out since the last time. */
static const char *seen(struct test *t)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(t->screen, t->text + len, sizeof(t->text) - 1 - len)) > 0)
		len += (size_t)n;
	t->text[len] = 0;
	return t->text;
}

static void creating(struct test *t, size_t done)
{
	watcher_tell(&t->line.watcher, &(struct progress){"eth0", "creating VFs", done, 64, false});
}

static void start(struct test *t)
{
	assert_non_null(progress_start(&t->line, &t->o));
}

/* It has lasted long enough to be shown. */
static void start_slow(struct test *t)
{
	start(t);
	creating(t, 0);
	poll(NULL, 0, 310);
}

static void test_what_is_quick_is_not_shown(void **state)
{
	struct test *t = *state;

	start(t);
	for (size_t i = 0; i < 64; i++)
		creating(t, i);
	watcher_tell(&t->line.watcher, NULL);
	progress_end(&t->line);
	assert_string_equal(seen(t), "");
}

static void test_it_comes_and_goes(void **state)
{
	struct test *t = *state;

	start_slow(t);
	creating(t, 12);
	assert_string_equal(seen(t), "\reth0: creating VFs 12/64\033[K");
	watcher_tell(&t->line.watcher, NULL);
	assert_string_equal(seen(t), "\r\033[K");
	progress_end(&t->line);
	assert_string_equal(seen(t), "");
}

static void test_at_most_ten_times_a_second(void **state)
{
	struct test *t = *state;
	int64_t until;
	size_t draws = 0;

	start_slow(t);
	until = clock_ms() + 500;
	for (size_t i = 0; clock_ms() < until; i++)
		creating(t, i);
	seen(t);
	for (const char *p = t->text; (p = strchr(p, '\r')); p++)
		draws++;
	assert_in_range(draws, 2, 6);
	progress_end(&t->line);
}

static void test_other_words(void **state)
{
	struct test *t = *state;

	start_slow(t);
	watcher_tell(
		&t->line.watcher, &(struct progress){"eth0", "waiting for \033[2J", 0, 0, true});
	assert_string_equal(seen(t), "\reth0: undoing: waiting for \\x1b[2J\033[K");
	progress_end(&t->line);
	assert_string_equal(seen(t), "\r\033[K");
}

static void test_it_fits_the_terminal(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 10};
	struct test *t = *state;

	start_slow(t);
	ioctl(t->terminal, TIOCSWINSZ, &size);
	creating(t, 12);
	seen(t);
	assert_memory_equal(t->text, "\reth0", 5);
	assert_in_range(strlen(t->text), 5, strlen("\r") + 9 + strlen("\033[K"));
	progress_end(&t->line);
}

static void test_who_does_not_want_it(void **state)
{
	struct test *t = *state;
	int pipe_ends[2];

	t->o = (struct options){.quiet = true};
	assert_null(progress_start(&t->line, &t->o));
	t->o = (struct options){.json = true};
	assert_null(progress_start(&t->line, &t->o));
	t->o = (struct options){0};
	setenv("TERM", "dumb", 1);
	assert_null(progress_start(&t->line, &t->o));
	unsetenv("TERM");
	assert_null(progress_start(&t->line, &t->o));
	setenv("TERM", "xterm", 1);
	assert_non_null(progress_start(&t->line, &t->o));
	assert_int_equal(pipe(pipe_ends), 0);
	dup2(pipe_ends[1], 2);
	assert_null(progress_start(&t->line, &t->o));
	watcher_tell(NULL, NULL);
	progress_end(&t->line);
	close(pipe_ends[0]);
	close(pipe_ends[1]);
}

/* Until it takes nothing, even after it had time to pass on what it has. */
static void fill(struct test *t)
{
	ssize_t n = 1;

	fcntl(t->terminal, F_SETFL, O_NONBLOCK);
	while (n > 0) {
		while (n > 0)
			n = write(t->terminal, t->text, sizeof(t->text));
		poll(NULL, 0, 110);
		n = write(t->terminal, "x", 1);
	}
}

/* Nobody reads: it must not wait, and takes the line away when that can be done. */
static void test_a_terminal_that_takes_nothing(void **state)
{
	struct test *t = *state;
	int64_t began;

	start_slow(t);
	creating(t, 1);
	fill(t);
	began = clock_ms();
	creating(t, 2);
	watcher_tell(&t->line.watcher, NULL);
	assert_true(clock_ms() - began < 100);
	progress_end(&t->line); /* waits for a second */
	assert_in_range(clock_ms() - began, 500, 5000);
	seen(t);
	start_slow(t);
	creating(t, 3);
	watcher_tell(&t->line.watcher, NULL);
	assert_string_equal(seen(t), "\reth0: creating VFs 3/64\033[K\r\033[K");
	progress_end(&t->line);
}

static void test_a_terminal_that_has_gone(void **state)
{
	struct test *t = *state;

	start_slow(t);
	creating(t, 1);
	close(t->screen);
	poll(NULL, 0, 110);
	creating(t, 2);
	watcher_tell(&t->line.watcher, NULL);
	progress_end(&t->line);
	t->screen = -1;
}

/* A signal ends us only when the line has gone. */
static void test_a_signal_finds_no_line(void **state)
{
	struct test *t = *state;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		start_slow(t);
		creating(t, 1);
		raise(SIGTERM);
		creating(t, 2);
		_exit(1); /* it should have ended there */
	}
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	assert_string_equal(seen(t), "\reth0: creating VFs 1/64\033[K\r\033[K");
}

static void test_signals_are_as_before(void **state)
{
	struct test *t = *state;
	sigset_t before, after;

	sigprocmask(SIG_SETMASK, NULL, &before);
	start_slow(t);
	creating(t, 1);
	sigprocmask(SIG_SETMASK, NULL, &after);
	assert_true(sigismember(&after, SIGINT));
	watcher_tell(&t->line.watcher, NULL);
	sigprocmask(SIG_SETMASK, NULL, &after);
	for (int i = 1; i < 32; i++)
		assert_int_equal(sigismember(&before, i), sigismember(&after, i));
	progress_end(&t->line);
}

/* The rest of it: nobody reads what others say during a change. */
static void test_a_change_survives_a_closed_pipe(void **state)
{
	struct sigaction then;
	struct stopper stop;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	stopper_start(&stop);
	assert_int_equal(write(ends[1], "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	stopper_end(&stop);
	sigaction(SIGPIPE, NULL, &then);
	assert_true(then.sa_handler == SIG_DFL);
	close(ends[1]);
}

#define ON_TERMINAL(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_TERMINAL(test_what_is_quick_is_not_shown),
		ON_TERMINAL(test_it_comes_and_goes),
		ON_TERMINAL(test_at_most_ten_times_a_second),
		ON_TERMINAL(test_other_words),
		ON_TERMINAL(test_it_fits_the_terminal),
		ON_TERMINAL(test_who_does_not_want_it),
		ON_TERMINAL(test_a_terminal_that_takes_nothing),
		ON_TERMINAL(test_a_terminal_that_has_gone),
		ON_TERMINAL(test_a_signal_finds_no_line),
		ON_TERMINAL(test_signals_are_as_before),
		cmocka_unit_test(test_a_change_survives_a_closed_pipe),
	};

	return RUN(tests);
}
