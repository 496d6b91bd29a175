/* Files of other tools, and what is made of them. */
#ifndef IMPORT_H
#define IMPORT_H

#include "unit.h"

#include "policy/import.h"

#define HEAD "apiVersion: sriovctl/v1\nkind: SriovHost\npfs:\n"
#define IMPORT_FILES 8

struct shop {
	struct arena arena;
	struct problems problems;
	struct source sources[IMPORT_FILES];
	size_t count;
	struct error err;
	char *text;           /* the document */
	char warnings[32768]; /* "NAME:LINE:COLUMN: OBJECT: message\n" each, in order */
};

int shop_setup(void **state);
int shop_teardown(void **state);
void shop_add(struct shop *s, const char *name, const char *text);
/* 0, or -1 with s->err. */
int shop_import(struct shop *s, const char *format);
/* The document that one text becomes. */
const char *shop_document(struct shop *s, const char *format, const char *name, const char *text);

#define SHOP_TEST(t) cmocka_unit_test_setup_teardown(t, shop_setup, shop_teardown)

#endif
