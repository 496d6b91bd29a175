#include "unit.h"

#include "fixture.h"

#include "plan/tally.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const struct pf eth0 = {.name = "eth0", .handle = "pci/0000:21:00.0"};
static const struct pf eth1 = {.name = "eth1", .handle = "pci/0000:41:00.0"};

static void path_of(void **state, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/tally/%s", (const char *)*state, name);
}

static struct tally *read_all(struct arena *arena, size_t expected)
{
	struct tally *tallies;
	size_t count;

	assert_true(tally_read(arena, &tallies, &count));
	assert_int_equal(count, expected);
	return tallies;
}

static void adds_up(void **state)
{
	struct arena arena = {0};
	struct tally *t;

	(void)state;
	read_all(&arena, 0);
	tally_add(&(struct deed){.pf = &eth1, .code = EXIT_REFUSED, .failed = 3});
	tally_add(&(struct deed){.pf = &eth0, .created = 4, .took_ms = 1500});
	tally_add(&(struct deed){.pf = &eth0, .created = 6, .took_ms = 700});
	tally_add(&(struct deed){.pf = &eth0, .took_ms = 90000}); /* sets something up: no VFs */
	tally_add(&(struct deed){.pf = &eth0, .code = EXIT_PARTLY, .failed = 1});
	t = read_all(&arena, 2);
	assert_string_equal(t[0].handle, eth0.handle);
	assert_string_equal(t[0].name, "eth0");
	assert_int_equal(t[0].changes[EXIT_DONE], 3);
	assert_int_equal(t[0].changes[EXIT_PARTLY], 1);
	assert_int_equal(t[0].changes[EXIT_REFUSED], 0);
	assert_int_equal(t[0].vfs_created, 10);
	assert_int_equal(t[0].setups, 2);
	assert_int_equal(t[0].setup_ms, 2200);
	assert_int_equal(t[0].last_setup_ms, 700);
	assert_int_equal(t[0].failed_vfs, 1);
	assert_string_equal(t[1].name, "eth1");
	assert_int_equal(t[1].changes[EXIT_REFUSED], 1);
	assert_int_equal(t[1].failed_vfs, 3);
	assert_int_equal(t[1].setups, 0);
	arena_free(&arena);
}

/* Every exit code of a change has a word, and each its own. */
static void words(void **state)
{
	(void)state;
	for (size_t i = 0; i < TALLY_CODES; i++) {
		assert_non_null(tally_result_names[i]);
		assert_non_null(exit_code_text((enum exit_code)i));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(tally_result_names[i], tally_result_names[j]);
	}
}

#define WRITERS 8
#define DEEDS 200

static void none_is_lost(void **state)
{
	struct arena arena = {0};
	pid_t children[WRITERS];

	(void)state;
	for (size_t i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			for (size_t n = 0; n < DEEDS; n++)
				tally_add(&(struct deed){.pf = n % 2 ? &eth0 : &eth1});
			_exit(0);
		}
	}
	for (size_t i = 0; i < WRITERS; i++)
		waitpid(children[i], NULL, 0);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(read_all(&arena, 2)[i].changes[EXIT_DONE], WRITERS * DEEDS / 2);
	arena_free(&arena);
}

/* Killed anywhere: whole, and never less than before. */
static void killed(void **state)
{
	struct arena arena = {0};
	uint64_t before = 0;

	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		pid_t child = fork();
		struct tally *t;
		size_t count;

		if (child == 0)
			for (;;)
				tally_add(&(struct deed){.pf = &eth0});
		usleep(500 + 97 * i);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		assert_true(tally_read(&arena, &t, &count));
		if (count)
			assert_true(t[0].changes[EXIT_DONE] >= before);
		else
			assert_int_equal(before, 0);
		before = count ? t[0].changes[EXIT_DONE] : 0;
	}
	assert_true(before > 0);
	arena_free(&arena);
}

static void write_text(const char *path, const char *text)
{
	cleanup_file FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
}

static void damaged_starts_anew(void **state)
{
	static const char *const texts[] = {"", "{", "[]", "null", "{\"handle\": 5}",
		"{\"handle\":\"pci/0000:21:00.0\",\"pf\":\"eth0\",\"changes\":{}}",
		"\xff\xfe not JSON at all"};
	struct arena arena = {0};
	char path[256];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		tally_add(&(struct deed){.pf = &eth0, .created = 7, .took_ms = 1});
		path_of(state, "pci-0000:21:00.0", path, sizeof(path));
		write_text(path, texts[i]);
		read_all(&arena, 0);
		tally_add(&(struct deed){.pf = &eth0});
		assert_int_equal(read_all(&arena, 1)[0].changes[EXIT_DONE], 1);
		assert_int_equal(read_all(&arena, 1)[0].vfs_created, 0);
	}
	/* a negative count is none */
	write_text(
		path, "{\"handle\":\"pci/0000:21:00.0\",\"pf\":\"e\",\"changes\":{\"done\":-1}}");
	read_all(&arena, 0);
	arena_free(&arena);
}

/* A name may hold any bytes but a slash; they come back as they were. */
static void names_are_bytes(void **state)
{
	const struct pf odd = {.name = "e\xff\"\\\n", .handle = "pci/0000:21:00.0"};
	struct arena arena = {0};

	(void)state;
	tally_add(&(struct deed){.pf = &odd});
	assert_string_equal(read_all(&arena, 1)->name, odd.name);
	arena_free(&arena);
}

static void cannot_be_written(void **state)
{
	struct arena arena = {0};
	struct tally *t;
	char path[256];
	size_t count;
	int dir;

	/* by whoever holds it: not waited for long */
	tally_add(&(struct deed){.pf = &eth0});
	path_of(state, "", path, sizeof(path));
	dir = open(path, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(dir, LOCK_EX), 0);
	tally_add(&(struct deed){.pf = &eth0});
	assert_int_equal(read_all(&arena, 1)->changes[EXIT_DONE], 1);
	close(dir);
	/* where its name is taken by something else: nothing is left lying about */
	path_of(state, "pci-0000:41:00.0", path, sizeof(path));
	assert_int_equal(mkdir(path, 0700), 0);
	tally_add(&(struct deed){.pf = &eth1});
	read_all(&arena, 1);
	path_of(state, "pci-0000:41:00.0.tmp", path, sizeof(path));
	assert_int_equal(access(path, F_OK), -1);
	/* no directory to be had */
	setenv("SRIOVCTL_RUNTIME_DIR", "/proc/nonesuch", 1);
	tally_add(&(struct deed){.pf = &eth0});
	setenv("SRIOVCTL_RUNTIME_DIR", "/dev/null", 1);
	tally_add(&(struct deed){.pf = &eth0});
	assert_false(tally_read(&arena, &t, &count));
	assert_int_equal(count, 0);
	arena_free(&arena);
}

static struct change changed(struct pf *pf, uint32_t goal, struct plan **plan)
{
	struct change change = {0};

	*plan = change_plan(&change, pf);
	(*plan)->goal.pf.num_vfs = goal;
	(*plan)->goal.pf.known = PF_BIT(PF_NUM_VFS);
	return change;
}

static void num_vfs(struct plan *plan, uint64_t from, uint64_t to, enum step_result result)
{
	struct step *s = plan_add(plan, STEP_NUM_VFS, "eth0", -1);

	s->old = value_uint(from);
	s->new = value_uint(to);
	s->result = result;
}

static void lease(struct plan *plan, const char *to, enum step_result result)
{
	struct step *s = plan_add(plan, STEP_LEASE, "eth0/0", 0);

	s->new = value_string(to);
	s->result = result;
}

static void of_steps(void **state)
{
	struct pf pf = {.name = "eth0",
		.handle = "pci/0000:21:00.0",
		.known = PF_BIT(PF_NUM_VFS),
		.num_vfs = 4};
	struct arena arena = {0};
	struct plan *plan;
	struct change change = changed(&pf, 6, &plan);
	struct tally *t;

	(void)state;
	assert_int_equal(tally_asked(plan), 2);
	tally_change(&change, EXIT_DONE, 5); /* no steps: nothing happened */
	read_all(&arena, 0);
	num_vfs(plan, 4, 0, RESULT_DONE);
	num_vfs(plan, 0, 6, RESULT_DONE);
	tally_change(&change, EXIT_DONE, 5); /* nothing that was different before */
	read_all(&arena, 0);
	plan->changed = true;
	tally_change(&change, EXIT_DONE, 2500);
	t = read_all(&arena, 1);
	assert_int_equal(t->vfs_created, 6); /* all are new to the kernel */
	assert_int_equal(t->setup_ms, 2500);
	assert_int_equal(t->failed_vfs, 0);
	plan->steps[1].result = RESULT_UNDONE;
	tally_change(&change, EXIT_KERNEL, 3000);
	t = read_all(&arena, 1);
	assert_int_equal(t->vfs_created, 6);
	assert_int_equal(t->setups, 1);
	assert_int_equal(t->failed_vfs, 2); /* there were four */
	assert_int_equal(t->changes[EXIT_KERNEL], 1);
	change_free(&change);

	change = changed(&pf, 0, &plan); /* nobody asked for VFs */
	assert_int_equal(tally_asked(plan), 0);
	num_vfs(plan, 4, 0, RESULT_FAILED);
	tally_change(&change, EXIT_TIMED_OUT, 3000);
	t = read_all(&arena, 1);
	assert_int_equal(t->failed_vfs, 2);
	assert_int_equal(t->changes[EXIT_TIMED_OUT], 1);
	change_free(&change);
	arena_free(&arena);
}

static void of_leases(void **state)
{
	struct pf pf = {.name = "eth0", .handle = "pci/0000:21:00.0"};
	struct change change = {0};
	struct plan *plan = change_plan(&change, &pf);
	struct arena arena = {0};

	(void)state;
	lease(plan, "blue", RESULT_UNDONE);
	lease(plan, "blue", RESULT_SKIPPED);
	lease(plan, "blue", RESULT_DONE);
	lease(plan, NULL, RESULT_FAILED); /* taken back */
	tally_change(&change, EXIT_KERNEL, 1);
	assert_int_equal(read_all(&arena, 1)->failed_vfs, 2);
	change_free(&change);
	arena_free(&arena);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, runtime_setup, runtime_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_up),
		TEST(words),
		TEST(none_is_lost),
		TEST(killed),
		TEST(damaged_starts_anew),
		TEST(names_are_bytes),
		TEST(cannot_be_written),
		TEST(of_steps),
		TEST(of_leases),
	};

	return RUN(tests);
}
