/* The doctor: how findings come about, and checks with no file of their own. */
#include "unit.h"

#include "doctor.h"

static void a_healthy_host(void **state)
{
	struct patient *p = *state;

	examine_patient(p, NULL);
	for (size_t i = 0; i < p->x.finding_count; i++)
		if (p->x.findings[i].severity != SEVERITY_OK)
			fail_msg("%s: %s", p->x.findings[i].check->id, p->x.findings[i].summary);
	assert_int_equal(p->x.vf_count, 8);
}

/* Words, few enough for a line; each once. */
static void rows(void **state)
{
	(void)state;
	for (size_t i = 0; checks[i]; i++) {
		const struct check *c = checks[i];

		assert_int_equal(
			strspn(c->id, "abcdefghijklmnopqrstuvwxyz0123456789-"), strlen(c->id));
		assert_ptr_equal(check_find(c->id), c);
		assert_int_equal(!!c->host + !!c->pf + !!c->vf, 1);
		assert_true(c->severity >= SEVERITY_INFO);
		assert_true(c->looks_at[0] && c->meaning[0] && c->see[0]);
		assert_true(strlen(c->id) <= 22);
	}
	assert_null(check_find("nosuch"));
}

static void choosing(void **state)
{
	struct patient *p = *state;
	struct error err = {0};
	const struct check **chosen;

	chosen = checks_choose("vf-no-driver,iommu-off", &p->facts.arena, &err);
	assert_string_equal(chosen[0]->id, "vf-no-driver");
	assert_string_equal(chosen[1]->id, "iommu-off");
	assert_null(chosen[2]);
	assert_null(checks_choose("vf-no-driver,", &p->facts.arena, &err));
	assert_int_equal(err.code, EXIT_USAGE);
	assert_null(checks_choose("vf-no-drivr", &p->facts.arena, &err));
	assert_contains(err.hint, "vf-no-driver");
}

static void order(void **state)
{
	struct patient *p = *state;

	world_unbind(world_vf(p->w, "eth1/2"));
	world_unbind(world_vf(p->w, "eth1/0"));
	world_unbind(world_vf(p->w, "eth0/3"));
	p->w->eth1->known &= ~PF_BIT(PF_DRIVER);
	fact_names(p, "/sys/class/iommu", "");
	examine_patient(p, NULL);
	assert_int_equal(p->x.counts[SEVERITY_PROBLEM], 3);
	assert_int_equal(p->x.counts[SEVERITY_WARNING], 2);
	assert_string_equal(p->x.findings[0].check->id, "iommu-off");
	for (size_t i = 1; i < p->x.finding_count; i++) {
		const struct finding *a = &p->x.findings[i - 1], *b = &p->x.findings[i];

		assert_true(!a->pf || (b->pf && a->pf <= b->pf));
		if (a->pf == b->pf)
			assert_true(a->severity >= b->severity);
		if (a->pf == b->pf && a->check == b->check && a->severity == b->severity)
			assert_true(a->vf < b->vf);
	}
}

static void iommu(void **state)
{
	struct patient *p = *state;

	silent(p, "iommu-off");
	fact(p, "/proc/cmdline", "quiet");
	fact_names(p, "/sys/class/iommu", "");
	world_vfio(&p->w->host, world_vf(p->w, "eth0/0"));
	world_vfio(&p->w->host, world_vf(p->w, "eth0/0"));
	assert_contains(finds(p, "iommu-off", SEVERITY_PROBLEM, NULL, "not switched on")->remedy,
		"intel_iommu=on");
	fact_gone(p, "/sys/firmware/acpi/tables/DMAR");
	finds(p, "iommu-off", SEVERITY_WARNING, NULL, "no IOMMU");
	fact_forget(p, "/sys/class/iommu");
	not_known(p, "iommu-off");
}

static void drivers(void **state)
{
	struct patient *p = *state;

	silent(p, "pf-no-driver");
	p->w->eth1->known &= ~PF_BIT(PF_DRIVER);
	finds(p, "pf-no-driver", SEVERITY_WARNING, "eth1", "no driver");
	silent(p, "vf-no-driver");
	world_unbind(world_vf(p->w, "eth0/3"));
	assert_string_equal(
		finds(p, "vf-no-driver", SEVERITY_PROBLEM, "eth0/3", "no driver")->remedy,
		"sriovctl vf bind {} default");
	p->w->eth0->autoprobe = false;
	silent(p, "vf-no-driver");
}

/* Texts that were read: a number of lines, a value, or not there at all. */
static void facts(void **state)
{
	struct patient *p = *state;

	facts_sort(&p->facts);
	assert_string_equal(
		facts_text(&p->facts, "/proc/%s", "sys/kernel/osrelease"), "6.12.117+deb12-amd64");
	assert_null(facts_text(&p->facts, "/sys/firmware/acpi/tables/IVRS"));
	assert_true(facts_absent(&p->facts, "/sys/firmware/acpi/tables/IVRS"));
	assert_false(facts_absent(&p->facts, "/nobody/looked"));
	assert_null(facts_find(&p->facts, "/nobody/looked"));
	assert_string_equal(facts_next(&p->facts, "/sys/firmware/", NULL)->path,
		"/sys/firmware/acpi/tables/DMAR");
	assert_null(facts_next(&p->facts, "/sys/firmware/",
		facts_find(&p->facts, "/sys/firmware/acpi/tables/IVRS")));
	assert_null(facts_next(&p->facts, "/zzz", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_healthy_host, patient_setup, patient_teardown),
		cmocka_unit_test(rows),
		cmocka_unit_test_setup_teardown(choosing, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(order, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(iommu, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(drivers, patient_setup, patient_teardown),
		cmocka_unit_test_setup_teardown(facts, patient_setup, patient_teardown),
	};

	return RUN(tests);
}
