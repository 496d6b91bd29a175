/* A host for the doctor: the world of world.h, all well, with the facts that go with it. */
#ifndef TEST_DOCTOR_H
#define TEST_DOCTOR_H

#include "world.h"

#include "doctor/doctor.h"

struct patient {
	struct world *w;
	struct facts facts;
	struct examination x;
	const struct pf *pfs[FIXTURE_PFS];
	/* what may be known besides */
	struct intent intent;
	struct problems problems;
	bool has_policy;
	const char *policy_error;
	struct world *baseline;
	struct facts baseline_facts;
	const struct vf_sample *samples;
};

int patient_setup(void **state);
int patient_teardown(void **state);

/* What a file says from now on; of a directory what is in it, "a b"; that it is not there; that
 * nobody looked (of a captured host). */
void fact(struct patient *p, const char *path, const char *text);
void fact_names(struct patient *p, const char *path, const char *names);
void fact_gone(struct patient *p, const char *path);
void fact_forget(struct patient *p, const char *path);

/* Run the checks of "a,b" (NULL: all) into p->x. */
void examine_patient(struct patient *p, const char *ids);
/* The check has found just one thing: of this severity, about this object ("eth0", "eth0/3", NULL
 * for the host), with these words in its summary; with evidence, meaning, and from a warning on
 * a remedy. */
const struct finding *finds(struct patient *p, const char *id, enum severity severity,
	const char *object, const char *words);
/* It has found nothing, and could look. */
void silent(struct patient *p, const char *id);
/* It says that it could not look. */
void not_known(struct patient *p, const char *id);

#endif
