#include "unit.h"

#include "fixture.h"

#include "util/clock.h"
#include "util/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void in(void **state, const char *name, char *path)
{
	snprintf(path, 256, "%s/%s", (const char *)*state, name);
}

static void put(const char *path, const char *text)
{
	cleanup_file FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
}

static void assert_has(const char *path, const char *text)
{
	cleanup_file FILE *f = fopen(path, "r");
	char there[100] = "";

	assert_non_null(f);
	assert_int_equal(fread(there, 1, sizeof(there) - 1, f), strlen(text));
	assert_string_equal(there, text);
}

static int replace(const char *path, const char *text, struct error *err)
{
	struct outfile o;

	if (outfile_open(&o, path, err) < 0) {
		assert_null(o.f);
		return -1;
	}
	fputs(text, o.f);
	return outfile_commit(&o, err);
}

static void replaced_whole(void **state)
{
	char path[256], tmp[256], link[256];
	struct error err = {0};
	struct outfile o;
	struct stat st;

	in(state, "m.prom", path);
	in(state, ".m.prom.tmp", tmp);
	umask(077);
	assert_int_equal(replace(path, "new\n", &err), 0);
	umask(022);
	assert_has(path, "new\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(access(tmp, F_OK), -1);
	/* the old one until the end, and for good when it is given up */
	assert_int_equal(outfile_open(&o, path, &err), 0);
	fputs("half", o.f);
	fflush(o.f);
	assert_has(path, "new\n");
	outfile_abandon(&o);
	outfile_abandon(&o);
	assert_has(path, "new\n");
	assert_int_equal(access(tmp, F_OK), -1);
	/* what someone who was killed has left is used, not added to */
	put(tmp, "much longer than what comes\n");
	assert_int_equal(replace(path, "next\n", &err), 0);
	assert_has(path, "next\n");
	assert_int_equal(access(tmp, F_OK), -1);
	/* a link stays one */
	in(state, "link", link);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(replace(link, "far\n", &err), 0);
	assert_has(path, "far\n");
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	/* in the directory we are in */
	assert_int_equal(chdir(*state), 0);
	assert_int_equal(replace("m.prom", "near\n", &err), 0);
	assert_has(path, "near\n");
	assert_int_equal(chdir("/"), 0);
}

static void assert_refused(const char *path, enum exit_code code, const char *words)
{
	struct error err = {0};

	assert_int_equal(replace(path, "x", &err), -1);
	assert_int_equal(err.code, code);
	assert_contains(err.message, path);
	assert_true(strstr(err.message, words) || strstr(err.kernel, words));
}

static void bad_names(void **state)
{
	char path[256], big[400];

	assert_refused("", EXIT_USAGE, "empty");
	assert_refused((const char *)*state, EXIT_USAGE, "directory");
	assert_refused("/dev/null", EXIT_USAGE, "not a file");
	in(state, "nonesuch/m.prom", path);
	assert_refused(path, EXIT_NOT_FOUND, "No such file");
	in(state, "new/", path);
	assert_refused(path, EXIT_KERNEL, "directory");
	in(state, "pipe", path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(path, EXIT_USAGE, "not a file");
	in(state, "file", path);
	put(path, "");
	in(state, "file/m.prom", path);
	assert_refused(path, EXIT_NOT_FOUND, "Not a directory");
	snprintf(big, sizeof(big), "%s/%0252d", (const char *)*state, 1);
	assert_refused(big, EXIT_KERNEL, "too long");
	/* somebody else's link in the place of the hidden file leads nowhere */
	in(state, ".m.tmp", path);
	assert_int_equal(symlink("/dev/null", path), 0);
	in(state, "m", path);
	assert_refused(path, EXIT_KERNEL, "symbolic");
	/* and a link to be kept needs something to lead to */
	in(state, "link.prom", path);
	assert_int_equal(symlink("nonesuch/m.prom", path), 0);
	assert_refused(path, EXIT_NOT_FOUND, "leads nowhere");
}

/* What lies there in wait is not written to. */
static void laid_out(void **state)
{
	char path[256], tmp[256], other[256];
	struct error err = {0};
	struct stat st;

	in(state, "m.prom", path);
	in(state, ".m.prom.tmp", tmp);
	in(state, "other", other);
	put(other, "of value\n");
	assert_int_equal(link(other, tmp), 0);
	assert_int_equal(replace(path, "new\n", &err), 0);
	assert_has(other, "of value\n");
	assert_has(path, "new\n");
	if (geteuid() != 0)
		return;
	put(tmp, "");
	assert_int_equal(chown(tmp, 65534, 65534), 0);
	assert_int_equal(replace(path, "next\n", &err), 0);
	assert_has(path, "next\n");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 0);
}

static void no_room(void **state)
{
	char path[256], tmp[256];
	struct error err = {0};
	struct outfile o;
	FILE *full;

	in(state, "m.prom", path);
	in(state, ".m.prom.tmp", tmp);
	put(path, "old\n");
	assert_int_equal(outfile_open(&o, path, &err), 0);
	/* what its descriptor writes to is full */
	full = fopen("/dev/full", "w");
	assert_non_null(full);
	fclose(o.f);
	o.f = full;
	fputs("new\n", o.f);
	assert_int_equal(outfile_commit(&o, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
	assert_int_equal(err.sys_errno, ENOSPC);
	assert_contains(err.message, path);
	assert_has(path, "old\n");
	assert_int_equal(access(tmp, F_OK), -1);
}

#define WRITERS 6

/* Several at once, and readers: always one whole text or another. */
static void at_once(void **state)
{
	char path[256], text[4096];
	pid_t children[WRITERS];
	struct error err = {0};
	bool mixed = false;
	int left = WRITERS, status;

	in(state, "m.prom", path);
	memset(text, 'x', sizeof(text));
	assert_int_equal(replace(path, "", &err), 0);
	for (int i = 0; i < WRITERS; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			size_t len = (size_t)(i + 1) * 600;
			int failed = 0;

			memset(text, 'a' + i, len);
			text[len] = 0;
			for (int n = 0; n < 100; n++)
				failed |= replace(path, text, &err) < 0;
			_exit(failed);
		}
	}
	while (left) {
		cleanup_file FILE *f = fopen(path, "r");
		size_t n = f ? fread(text, 1, sizeof(text), f) : 1;

		mixed |= n && n != (size_t)(text[0] - 'a' + 1) * 600;
		for (size_t i = 1; i < n; i++)
			mixed |= text[i] != text[0];
		if (waitpid(-1, &status, WNOHANG) > 0) {
			assert_int_equal(status, 0);
			left--;
		}
	}
	assert_false(mixed);
}

static void others_do_not_end(void **state)
{
	char path[256], tmp[256];
	struct error err = {0};
	int64_t start = clock_ms();
	struct outfile o;
	int fd;

	in(state, "m.prom", path);
	in(state, ".m.prom.tmp", tmp);
	assert_int_equal(outfile_open(&o, path, &err), 0);
	fd = fcntl(fileno(o.f), F_GETFD);
	assert_true(fd & FD_CLOEXEC);
	assert_int_equal(replace(path, "x", &err), -1);
	assert_int_equal(err.code, EXIT_LOCKED);
	assert_contains(err.message, path);
	assert_true(clock_ms() - start < 20000);
	assert_int_equal(outfile_commit(&o, &err), 0);
	assert_int_equal(replace(path, "x", &err), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, runtime_setup, runtime_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(replaced_whole),
		TEST(bad_names),
		TEST(laid_out),
		TEST(no_room),
		TEST(at_once),
		TEST(others_do_not_end),
	};

	return RUN(tests);
}
