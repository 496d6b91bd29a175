/*
 * Files by which udev and systemd go, out of the facts: which of them count, and what they say of
 * the interfaces of PFs and VFs. Of what cannot be told for certain nothing is claimed.
 */
#ifndef DOCTOR_CONFIG_H
#define DOCTOR_CONFIG_H

#include "doctor/doctor.h"

enum match {
	MATCH_NO,
	MATCH_MAYBE, /* it depends on what is not known */
	MATCH_YES,
};

/* The interface of a PF (vf NULL) or VF that is in our namespace, as it would come now. */
struct device {
	const struct pf *pf;
	const struct vf *vf;
	const char *called; /* "eth0/3", or the PF's name */
	const char *ifname, *bdf;
	const char *driver;       /* "" for none */
	const struct lladdr *mac; /* an Ethernet one, else NULL */
	const char *mac_text;
	bool mac_changed; /* it may have come with another one */
	const struct lladdr *permanent_mac;
	const char *port_name; /* NULL: none */
	uint32_t vendor_id, device_id;
	bool ids_known;
};

struct devices {
	struct device *items; /* PFs in their order, each followed by its VFs */
	size_t count;
};

/* In the examination's arena, as all that follows. Of all PFs, not only those looked at. */
void devices_list(struct examination *x, struct devices *devices);

struct config_file {
	const char *name; /* "10-lan.link" */
	const struct fact *fact;
};

struct config_files {
	struct config_file *items;
	size_t count;
};

/* Those of a directory such as "udev/rules.d" below /etc, /run, /usr/local/lib and /usr/lib that
 * end in `suffix`, in the order of their names. One in /etc hides that of the same name in /run,
 * and so on; empty ones are left out: systemd.link(5), udev(7). */
void config_files(
	struct examination *x, const char *dir, const char *suffix, struct config_files *files);
/* Was any such directory looked at? */
bool config_known(const struct examination *x, const char *dir);
/* The next line that says something, trimmed; one that ends in a backslash goes on in the next.
 * NULL: no more. *number is that of its first line, to begin with 0. */
const char *config_line(
	struct arena *arena, const char **at, const char *comment, unsigned *number);
/* "0123" of "KEY=0123", the last that is said; NULL: not said. */
const char *config_value(struct arena *arena, const char *text, const char *key);

/* A .link file. */
struct link_file {
	const char *path, *text;
	struct link_match {
		const char *key, *value;
	} * matches;
	size_t match_count;
	const char *name;       /* NULL: none, or none that is constant */
	const char *mac_policy; /* NULL: not said */
	const char *mac;        /* that it gives; NULL: none */
	bool doubtful;          /* it could not be read whole, or drop-ins add to it */
};

struct link_files {
	struct link_file *items;
	size_t count;
};

void link_files(struct examination *x, struct link_files *files);
/* The one that applies to an interface when it comes; NULL: none, or not certain which. */
const struct link_file *link_file_of(const struct link_files *files, const struct device *d);

/* A line of udev's rules. */
struct rule {
	const char *file; /* "70-lan.rules" */
	const char *path;
	unsigned line;
	const char *text;
	struct rule_token {
		const char *key, *attr; /* ATTR, address; attr "" for none */
		const char *op;         /* "==", "=", ":=", ... */
		const char *value;
		bool of_functions; /* of KERNELS: it matches some PF or VF */
		bool odd;          /* written in a way that is not understood */
	} * tokens;
	size_t token_count;
	bool doubtful; /* of a file that could not be read: it may say anything */
};

struct rules {
	struct rule *items;
	size_t count;
};

/* Those of files that give names. */
void rules_list(struct examination *x, struct rules *rules);

/* Who gives a name to an interface: the last rule, or without any the .link file. It is the
 * policy's turn after that. */
struct naming {
	const char *name; /* NULL: nobody gives a constant one, or it is not certain */
	const char *path, *text;
	/* another constant name, which is overruled; NULL: none */
	const char *lost_name, *lost_path, *lost_text;
};

void naming_of(const struct rules *rules, const struct link_file *link, const struct device *d,
	struct naming *naming, struct arena *arena);

/* Does one of these patterns (fnmatch(3)), separated by any of `separators`, match? */
bool patterns_match(struct arena *arena, const char *list, const char *separators, const char *s);

#endif
