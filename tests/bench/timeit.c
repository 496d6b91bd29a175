/*
 * timeit ROUNDS COMMAND...: how long the commands take.
 *
 * A COMMAND is one argument: words separated by blanks, no quoting; "a b && c" runs
 * "a b", then "c", and counts as one. What stands before " ; " prepares: "a ; b" times b only, and
 * is called b. "@3 a b", for what takes long, is run in the first three rounds only. "<FILE X=Y a"
 * runs a with FILE as its standard input and X=Y in its environment. Every round runs each command
 * once, so that what else the machine does meets all of them alike; a round before the first
 * (without those with an "@"), not counted, warms the caches. Standard output goes to /dev/null.
 *
 * Prints a line per command, fields separated by tabs: wall time (median), wall time (least),
 * user time, system time and both together (medians), all in milliseconds, peak memory in KiB
 * (largest), the command. (The kernel knows both together better than how they are divided.)
 * Exit status 1, and no numbers, when a command fails.
 *
 * A shell's own loop would not do: in an emulated CPU starting a process takes longer than
 * some of these commands run.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_MAX 1000
#define WORDS_MAX 64

extern char **environ;

struct sample {
	double wall, user, sys;
	long rss;
};

struct command {
	const char *text;       /* of what is timed */
	char *words[WORDS_MAX]; /* programs, each ended by NULL, then one more NULL */
	char **timed;           /* the first of them that is timed */
	size_t rounds;
	bool cold; /* no round before the first */
	struct sample samples[ROUNDS_MAX];
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "timeit: %s: %s\n", what, why);
	exit(1);
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double ms(struct timeval t)
{
	return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3;
}

static void split(struct command *c, size_t rounds)
{
	char *copy, *rest, *word;
	size_t n = 0;

	c->rounds = rounds;
	if (c->text[0] == '@') {
		c->cold = true;
		c->rounds = strtoul(c->text + 1, &rest, 10);
		if (c->rounds < 1 || c->rounds > rounds)
			c->rounds = rounds;
		c->text = rest + strspn(rest, " ");
	}
	copy = strdup(c->text);
	if (!copy)
		die(c->text, strerror(errno));
	c->timed = c->words;
	for (word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		if (n + 2 >= WORDS_MAX)
			die(c->text, "too many words");
		if (strcmp(word, ";") == 0)
			c->timed = &c->words[n + 1];
		c->words[n++] = strcmp(word, "&&") == 0 || strcmp(word, ";") == 0 ? NULL : word;
	}
	if (!*c->timed)
		die(c->text, "no command");
	if (c->timed != c->words)
		c->text = strstr(c->text, " ; ") + 3;
}

static int start(pid_t *pid, char **words)
{
	posix_spawn_file_actions_t actions;
	const char *input = NULL;
	char **program;
	int rc;

	if (words[0][0] == '<')
		input = *words++ + 1;
	for (program = words; *program && strchr(*program, '='); program++)
		if (putenv(*program))
			return errno;
	if (!*program)
		return EINVAL;
	rc = posix_spawn_file_actions_init(&actions);
	if (!rc)
		rc = posix_spawn_file_actions_addopen(
			&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	if (!rc && input)
		rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, input, O_RDONLY, 0);
	if (!rc)
		rc = posix_spawnp(pid, *program, &actions, NULL, program, environ);
	posix_spawn_file_actions_destroy(&actions);
	for (char **w = words; w < program; w++) {
		char *name = strndup(*w, strcspn(*w, "="));

		if (!name || unsetenv(name))
			return errno;
		free(name);
	}
	return rc;
}

static void run_program(char **words, struct sample *sum)
{
	struct rusage used;
	int rc, status;
	pid_t pid;

	rc = start(&pid, words);
	if (rc)
		die(words[0], strerror(rc));
	while (wait4(pid, &status, 0, &used) < 0)
		if (errno != EINTR)
			die(words[0], strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		die(words[0], "failed");
	sum->user += ms(used.ru_utime);
	sum->sys += ms(used.ru_stime);
	if (used.ru_maxrss > sum->rss)
		sum->rss = used.ru_maxrss;
}

static struct sample run(struct command *c)
{
	struct sample s = {0};
	double begin = 0;

	for (char **w = c->words; *w; w++) {
		if (w == c->timed) {
			s = (struct sample){0};
			begin = now_ms();
		}
		run_program(w, &s);
		while (*w)
			w++;
	}
	s.wall = now_ms() - begin;
	return s;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
	qsort(values, n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void report(const struct command *c)
{
	double wall[ROUNDS_MAX], user[ROUNDS_MAX], sys[ROUNDS_MAX], cpu[ROUNDS_MAX], middle;
	size_t rounds = c->rounds;
	long rss = 0;

	for (size_t i = 0; i < rounds; i++) {
		wall[i] = c->samples[i].wall;
		user[i] = c->samples[i].user;
		sys[i] = c->samples[i].sys;
		cpu[i] = user[i] + sys[i];
		rss = c->samples[i].rss > rss ? c->samples[i].rss : rss;
	}
	middle = median(wall, rounds);
	printf("%.2f\t%.2f\t%.2f\t%.2f\t%.2f\t%ld\t%s\n", middle, wall[0], median(user, rounds),
		median(sys, rounds), median(cpu, rounds), rss, c->text);
}

int main(int argc, char **argv)
{
	struct command *commands;
	size_t rounds, count;

	if (argc < 3) {
		fputs("usage: timeit ROUNDS COMMAND...\n", stderr);
		return 1;
	}
	rounds = strtoul(argv[1], NULL, 10);
	count = (size_t)argc - 2;
	if (rounds < 1 || rounds > ROUNDS_MAX)
		die(argv[1], "not a number of rounds");
	commands = calloc(count, sizeof(*commands));
	if (!commands)
		die("start", strerror(errno));
	for (size_t i = 0; i < count; i++) {
		commands[i].text = argv[i + 2];
		split(&commands[i], rounds);
		if (!commands[i].cold)
			run(&commands[i]);
	}
	for (size_t r = 0; r < rounds; r++)
		for (size_t i = 0; i < count; i++)
			if (r < commands[i].rounds)
				commands[i].samples[r] = run(&commands[i]);
	for (size_t i = 0; i < count; i++)
		report(&commands[i]);
	return 0;
}
