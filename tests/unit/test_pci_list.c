/* Devices that are no PFs are asked once; those that come in their place are not taken for them. */
#include "unit.h"

#include "fixture.h"

#include "kernel/kernel.h"
#include "kernel/pci_list.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct kernel k;

static int setup(void **state)
{
	if (runtime_setup(state) < 0)
		return -1;
	k = (struct kernel){.root = -1, .pci = calloc(1, sizeof(*k.pci))};
	k.devices = k.sys = open(*state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return k.devices < 0 || !k.pci ? -1 : 0;
}

static int teardown(void **state)
{
	close(k.devices);
	pci_forget(k.pci);
	return runtime_teardown(state);
}

static void add_device(const char *name)
{
	assert_int_equal(mkdirat(k.devices, name, 0755), 0);
}

static void make_it_a_pf(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/sriov_totalvfs", name);
	fd = openat(k.devices, path, O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, "4\n", 2), 2);
	close(fd);
}

/* "0000:01:00.0 0000:03:00.0": all PFs */
static const char *pfs(void)
{
	static char text[256];
	struct host host;
	struct error err;
	size_t n = 0;

	text[0] = 0;
	assert_int_equal(discover(&k, 0, &host, &err), 0);
	for (size_t i = 0; i < host.pf_count; i++)
		n += (size_t)snprintf(
			text + n, sizeof(text) - n, "%s%s", i ? " " : "", host.pfs[i].name);
	assert_int_equal(host.pci_count, 3);
	host_free(&host);
	return text;
}

static void test_asked_once(void **state)
{
	(void)state;
	add_device("0000:03:00.0");
	add_device("0000:01:00.0");
	add_device("0000:02:00.0");
	make_it_a_pf("0000:01:00.0");
	assert_string_equal(pfs(), "0000:01:00.0");
	assert_int_equal(k.pci->count, 2);
	/* which cannot be: so this shows that it is not asked again */
	make_it_a_pf("0000:02:00.0");
	assert_string_equal(pfs(), "0000:01:00.0");
	pci_forget(k.pci);
	k.pci = NULL; /* nor need there be a memory */
	assert_string_equal(pfs(), "0000:01:00.0 0000:02:00.0");
}

static void test_another_in_its_place(void **state)
{
	(void)state;
	add_device("0000:01:00.0");
	add_device("0000:02:00.0");
	add_device("0000:03:00.0");
	make_it_a_pf("0000:03:00.0");
	assert_string_equal(pfs(), "0000:03:00.0");
	add_device("new");
	make_it_a_pf("new");
	assert_int_equal(renameat(k.devices, "0000:02:00.0", k.devices, "old"), 0);
	assert_int_equal(renameat(k.devices, "new", k.devices, "0000:02:00.0"), 0);
	assert_string_equal(pfs(), "0000:02:00.0 0000:03:00.0");
}

#define IN_DIR(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_DIR(test_asked_once),
		IN_DIR(test_another_in_its_place),
	};

	return RUN(tests);
}
