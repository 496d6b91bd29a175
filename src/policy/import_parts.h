/* What the readers of import.h have in common. */
#ifndef POLICY_IMPORT_PARTS_H
#define POLICY_IMPORT_PARTS_H

#include "policy/draft.h"

struct import {
	struct draft draft;
	struct problems *problems;
	const struct source *sources;
	size_t count;
	/* Which of two contradicting values counts: the later one, or the first, and the other is
	 * a warning. */
	bool later_wins;
};

void import_ip(struct import *im);
void import_netplan(struct import *im);
void import_networkd(struct import *im);
void import_networkmanager(struct import *im);

/* Values in words of ours (on, off, 802.1ad); what is wrong with one is a warning. */
void import_pf_count(
	struct import *im, struct draft_pf *pf, const char *text, struct origin origin);
void import_pf_set(struct import *im, struct draft_pf *pf, enum pf_attr attr, const char *text,
	struct origin origin);
void import_eswitch(struct import *im, struct draft_pf *pf, const char *mode, struct origin origin);
void import_vf_set(struct import *im, struct draft_pf *pf, uint32_t index, enum vf_attr attr,
	const char *text, struct origin origin);

/* A VF's number; false with a warning when it is none. */
bool import_index(struct import *im, const char *text, uint32_t *index, struct origin origin);
/* The PF of the draft that an interface of that name must be a VF of, as udev names them:
 * ens1f0v3 is VF 3 of ens1f0. NULL when there is none. */
struct draft_pf *import_pf_of_vf(const struct import *im, const char *ifname, uint32_t *index);
/* "on" or "off" for what systemd, NetworkManager and YAML take for a truth value, else NULL. */
const char *import_switch(const char *text);
/* "0000:21:00.0" of udev's ID_PATH "pci-0000:21:00.0"; false when it is something else. */
bool import_path(const char *text, char bdf[BDF_SIZE]);
/* "mac:52:54:..." of an address with whatever between its bytes, in the arena; NULL when it is
 * none. */
const char *import_mac(struct import *im, const char *text);
/* Does it name one interface, or is it a pattern for several? */
bool import_is_pattern(const char *text);
/* The last part of a path. */
const char *import_basename(const char *path);

/* One `key = value` of a file with [sections]. */
struct ini_line {
	const char *section;
	unsigned section_number; /* tells sections of the same name apart */
	const char *key;         /* NULL: the section begins */
	const char *value;
	struct origin origin;
};

enum ini_style {
	INI_SYSTEMD, /* ; is a comment as well, a backslash continues the line */
	INI_KEYFILE, /* as GLib has them */
};

struct ini {
	struct ini_line *lines;
	size_t count;
};

/* Lines that are neither are skipped, with a warning. */
struct ini ini_read(struct import *im, const struct source *source, enum ini_style style);

#endif
