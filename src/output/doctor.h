/* What a doctor has found, for people or as JSON. */
#ifndef OUTPUT_DOCTOR_H
#define OUTPUT_DOCTOR_H

#include "core/options.h"
#include "doctor/doctor.h"

#include <stdio.h>

/* 0, or -1 when memory runs out. */
int output_doctor(const struct examination *x, const struct options *o, FILE *out);

#endif
