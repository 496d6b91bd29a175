/*
 * One row per attribute, many uses: heading, JSON key, type, range and help of what a
 * PF or VF has. Table, JSON, --columns, help and the parser walk these rows.
 */
#ifndef CORE_ATTR_H
#define CORE_ATTR_H

#include "core/bdf.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The C type behind each: see struct value and the offsets in pf.c and vf.c. */
enum value_type {
	VALUE_STRING,  /* const char * */
	VALUE_STRINGS, /* struct strings */
	VALUE_UINT,    /* uint32_t */
	VALUE_INT,     /* int32_t */
	VALUE_UINT64,  /* uint64_t */
	VALUE_BOOL,    /* bool */
	VALUE_HEX,     /* uint32_t, written 0x10c9 */
	VALUE_BDF,     /* struct bdf */
	VALUE_LLADDR,  /* struct lladdr: 6 bytes (Ethernet) or 20 (InfiniBand) */
	VALUE_GUID,    /* uint64_t, written 00:11:22:33:44:55:66:77 */
	VALUE_ENUM,    /* uint32_t, index into attr.names */
	VALUE_INTS,    /* struct ints */
	VALUE_REAL,    /* double */
	VALUE_ANY,     /* struct value, of any of the others */
};

struct strings {
	const char **items;
	size_t count;
};

struct ints {
	int32_t *items;
	size_t count;
};

bool strings_has(const struct strings *list, const char *s);

#define LLADDR_MAX 32
struct lladdr {
	uint8_t len;
	uint8_t bytes[LLADDR_MAX];
};

/* What must be asked to know an attribute, beyond the PFs themselves and the dump of
 * interfaces; a command asks only for what it shows. */
enum need {
	NEED_VFS = 1U << 0,         /* each VF's own sysfs links */
	NEED_CONFIG = 1U << 1,      /* PCI configuration space */
	NEED_NAMES = 1U << 2,       /* vendor and device names */
	NEED_NETNS = 1U << 3,       /* interfaces of VFs in other namespaces */
	NEED_STATS = 1U << 4,       /* VF statistics */
	NEED_SPEED = 1U << 5,       /* link speed: the driver may ask its firmware */
	NEED_USAGE = 1U << 6,       /* addresses, who holds what: looks at every process */
	NEED_PLACE = 1U << 7,       /* a VF's NUMA node and IOMMU group */
	NEED_BINDING = 1U << 8,     /* driver_override, other devices of the IOMMU group, drivers */
	NEED_MSIX = 1U << 9,        /* interrupt vectors, from the VF's configuration space */
	NEED_HOLDERS = 1U << 10,    /* the same put into words for each VF */
	NEED_LEASES = 1U << 11,     /* what is remembered of VFs that were handed out */
	NEED_ADDRESSES = 1U << 12,  /* addresses of VFs' interfaces, wherever they are */
	NEED_PROCESSES = 1U << 13,  /* every process and its namespace; looks into all of these */
	NEED_ROUTES = 1U << 14,     /* with it: routes, of which a router may have a million */
	NEED_PF_PLACE = 1U << 15,   /* a PF's NUMA node and IOMMU group */
	NEED_CLASS = 1U << 16,      /* what a PF is */
	NEED_IDS = 1U << 17,        /* its vendor and device, where its VFs are */
	NEED_FIRMWARE = 1U << 18,   /* of PFs: asks their drivers */
	NEED_INTERRUPTS = 1U << 20, /* of VFs: which, and how many */
	NEED_INSTANCE = 1U << 21,   /* to tell a VF from a later one in its place */
	NEED_IRQ_CPUS = 1U << 22,   /* with NEED_INTERRUPTS: where they go, asked of each */
	NEED_NODE = 1U << 23,       /* a VF's NUMA node alone */
	NEED_BLOCKED = 1U << 24,    /* who waits in the kernel: looks at every thread */
	NEED_BRIDGE = 1U << 25,     /* the port above a PF; not read where it would be waited for */
	/* what drivers of VFs count of their own: asks each */
	NEED_DRIVER_STATS = 1U << 19,
	/* everything there is to show, statistics apart */
	NEED_ALL = NEED_VFS | NEED_PLACE | NEED_CLASS | NEED_IDS | NEED_PF_PLACE | NEED_CONFIG |
		   NEED_NAMES | NEED_NETNS | NEED_SPEED | NEED_LEASES | NEED_FIRMWARE,
};

enum attr_flag {
	ATTR_LIST = 1U << 0,     /* a default column of lists */
	ATTR_BRIEF = 1U << 1,    /* a column of --brief */
	ATTR_IF_ANY = 1U << 2,   /* a default column only when some row has a value */
	ATTR_STATS = 1U << 3,    /* there only with --statistics */
	ATTR_KEEP = 1U << 4,     /* configuration that survives a change of the VF count */
	ATTR_NONZERO = 1U << 5,  /* the value 0 means "none": shown blank, not kept */
	ATTR_PROSE = 1U << 6,    /* words for people: may be cut to fit the screen */
	ATTR_SET = 1U << 7,      /* can be set: KEY VALUE */
	ATTR_AUTO = 1U << 8,     /* takes the word `auto` as well */
	ATTR_COSTLY = 1U << 9,   /* lists ask for it only when told to; null otherwise */
	ATTR_REBINDS = 1U << 10, /* setting it may take the driver to start anew */
	ATTR_PREFIX = 1U << 12,  /* of a list of IP addresses: with the bits of their network */
	ATTR_TOKEN = 1U << 13,   /* of a string: any word, rather than an interface's name */
	ATTR_INSTEAD = 1U << 14, /* a default column only where attr.instead_of is not known */
	ATTR_LEND = 1U << 11,    /* can be set where a VF is handed over (`netns attach`) */
};

struct attr {
	const char *key; /* keyword and JSON key */
	const char *heading;
	const char *help;
	enum value_type type;
	unsigned flags;
	unsigned need;
	size_t offset;            /* of the field in its record */
	const char *const *names; /* of a VALUE_ENUM, NULL-terminated */
	size_t instead_of;        /* with ATTR_INSTEAD: another attribute of the same record */
	const char *unit;         /* for people, "Mbit/s"; may be NULL */
	/* of those that can be set */
	const char *keyword;  /* where it is not the key */
	const char *set_help; /* where help says what it is rather than what to give */
	const char *off;      /* a switch of two words, `up` and `down`, without a value */
	uint32_t min, max;    /* of a number (VALUE_REAL: its thousandths); max 0: no limit */
};

/* A kind of record: a table of attributes. attrs[i] is known where bit i of the
 * record's uint64_t at known_offset is set. */
struct record_type {
	const char *name; /* "pf", "vf" */
	const struct attr *attrs;
	size_t count;
	size_t known_offset;
	const char *listed_by; /* the command that lists them: "vf list"; NULL: none */
};

/* One attribute's value out of its record; strings stay owned by the record. */
struct value {
	bool known;
	enum value_type type;
	const char *name; /* of a VALUE_ENUM */
	union {
		const char *string;
		const struct strings *strings;
		const struct ints *ints;
		uint64_t uint; /* UINT, UINT64, HEX, GUID, ENUM */
		int64_t num;   /* INT */
		bool on;
		double real;
		struct bdf bdf;
		struct lladdr lladdr;
	};
};

/* One KEY VALUE of a command line. */
struct setting {
	size_t attr;
	struct value value;
	bool automatic; /* `auto`: the value is still to be found */
};

#define VALUE_TEXT_MAX 512

const struct attr *attr_find(const struct record_type *type, const char *key);
/* The attribute of that key, or else heading, in any case; type->count when there is none. */
size_t attr_index(const struct record_type *type, const char *name);
/* That there is none, with the nearest that there is. -1. */
int attr_unknown(const struct record_type *type, const char *name, struct error *err);
struct value attr_get(const struct record_type *type, size_t index, const void *record);
/* Put a known value of the attribute's type into its record. */
void attr_set(const struct record_type *type, size_t index, void *record, const struct value *v);
/* How `set` calls an attribute. */
const char *attr_keyword(const struct attr *a);
/* Is that how `set` calls it: its keyword, or `down`? */
bool attr_is_called(const struct attr *a, const char *word);
/* The attribute that a word sets (its keyword, or `down`), or NULL. */
const struct attr *attr_find_settable(const struct record_type *type, const char *word);
/* A value from the command line, checked against what the attribute can have on any
 * device. 0, or -1 with *err. Strings are not copied. */
int attr_parse(const struct attr *a, const char *text, struct setting *setting, struct error *err);
/* "0..4094", "on|off", "MAC|auto": what attr_parse takes. */
void attr_syntax(const struct attr *a, char *out, size_t size);
struct value value_uint(uint64_t v);
struct value value_bool(bool on);
struct value value_string(const char *s);
/* As people read it; "" when unknown. Lists are comma-separated and may be cut. */
void value_format(const struct value *v, char *out, size_t size);
bool value_equal(const struct value *a, const struct value *b);
/* Zero, empty, an all-zero address: the "nothing set" of its type. */
bool value_is_zero(const struct value *v);
/* Unknown, or a list of nothing. */
bool value_is_absent(const struct value *v);
/* Unknown, a list of nothing, or a 0 that means "none": what people are shown as "-". */
bool attr_is_blank(const struct attr *a, const struct value *v);

bool lladdr_equal(const struct lladdr *a, const struct lladdr *b);
bool lladdr_is_zero(const struct lladdr *a);
/* "52:54:00:00:00:01": two hex digits a byte. False when it is none. */
bool lladdr_parse(const char *s, struct lladdr *addr);

#endif
