#include "unit.h"

#include "fixture.h"

#include "plan/lock.h"
#include "util/clock.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static const struct pf eth0 = {.name = "eth0", .handle = "pci/0000:21:00.0"};
static const struct pf eth1 = {.name = "eth1", .handle = "pci/0000:21:00.1"};

static void second_is_told(void **state)
{
	struct error err = {0};
	char pid[32];
	int first = lock_pf(&eth0, "vf create eth0 4", 0, NULL, &err), other;

	(void)state;
	assert_true(first >= 0);
	assert_int_equal(lock_pf(&eth0, "vf destroy eth0", 0, NULL, &err), -1);
	assert_int_equal(err.code, EXIT_LOCKED);
	assert_string_equal(err.object, "eth0");
	snprintf(pid, sizeof(pid), "pid %d ", (int)getpid());
	assert_contains(err.message, pid);
	assert_contains(err.message, "vf create eth0 4");
	assert_null(strstr(err.message, "destroy"));
	assert_contains(err.hint, "--lock-timeout");
	other = lock_pf(&eth1, "x", 0, NULL, &err); /* another PF is free */
	assert_true(other >= 0);
	close(other);
	close(first);
	first = lock_pf(&eth0, "vf destroy eth0", 0, NULL, &err);
	assert_true(first >= 0);
	assert_int_equal(lock_pf(&eth0, "z", 0, NULL, &err), -1);
	assert_contains(err.message, "vf destroy eth0)"); /* nothing of the longer one before */
	assert_null(strstr(err.message, "create"));
	close(first);
}

static void waits_as_long_as_told(void **state)
{
	struct error err = {0};
	int first = lock_pf(&eth0, "a", 0, NULL, &err);
	int64_t start = clock_ms(), took;

	(void)state;
	assert_int_equal(lock_pf(&eth0, "b", 150, NULL, &err), -1);
	took = clock_ms() - start;
	assert_in_range(took, 150, 5000);
	close(first);
}

/* Gone with its process, however that ended. */
static void released_by_death(void **state)
{
	struct error err = {0};
	int ready[2], fd, status;
	char c;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		fd = lock_pf(&eth0, "child", 0, NULL, &err);
		if (fd < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(lock_pf(&eth0, "b", 0, NULL, &err), -1);
	assert_contains(err.message, "child");
	kill(child, SIGKILL);
	fd = lock_pf(&eth0, "b", 5000, NULL, &err);
	assert_true(fd >= 0);
	waitpid(child, &status, 0);
	close(ready[0]);
	close(fd);
}

static void directory_is_ours_alone(void **state)
{
	struct error err = {0};
	char path[256];
	struct stat st;
	int fd;

	/* also when it has to be made */
	snprintf(path, sizeof(path), "%s/run", (const char *)*state);
	setenv("SRIOVCTL_RUNTIME_DIR", path, 1);
	assert_string_equal(runtime_dir(), path);
	fd = lock_pf(&eth0, "a", 0, NULL, &err);
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/run/lock", (const char *)*state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(path, sizeof(path), "%s/run/lock/pci-0000:21:00.0", (const char *)*state);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	close(fd);
}

static void cannot_be_used(void **state)
{
	struct error err = {0};
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/file", (const char *)*state);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	setenv("SRIOVCTL_RUNTIME_DIR", path, 1);
	assert_int_equal(lock_pf(&eth0, "a", 0, NULL, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
	assert_contains(err.message, path);
	assert_true(err.sys_errno > 0);
	setenv("SRIOVCTL_RUNTIME_DIR", "/nonesuch/run", 1);
	assert_int_equal(lock_pf(&eth0, "a", 0, NULL, &err), -1);
	assert_int_equal(err.code, EXIT_KERNEL);
}

static void names(void **state)
{
	struct pf pf = {.handle = "netdevsim/netdevsim10"};
	char name[64];

	(void)state;
	pf_file_name(&pf, name, sizeof(name));
	assert_string_equal(name, "netdevsim-netdevsim10");
	pf.handle = "../../etc/passwd"; /* stays where it belongs */
	pf_file_name(&pf, name, sizeof(name));
	assert_null(strchr(name, '/'));
	setenv("SRIOVCTL_RUNTIME_DIR", "", 1);
	assert_string_equal(runtime_dir(), "/run/sriovctl");
	unsetenv("SRIOVCTL_RUNTIME_DIR");
	assert_string_equal(runtime_dir(), "/run/sriovctl");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, runtime_setup, runtime_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(second_is_told),
		TEST(waits_as_long_as_told),
		TEST(released_by_death),
		TEST(directory_is_ours_alone),
		TEST(cannot_be_used),
		TEST(names),
	};

	return RUN(tests);
}
