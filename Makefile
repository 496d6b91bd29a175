# sriovctl. `make` builds build/sriovctl; see `make help`.

PREFIX ?= /usr/local
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(PREFIX)/share/man
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
SYSTEMDUNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVRULESDIR ?= $(PREFIX)/lib/udev/rules.d
DATADIR ?= $(PREFIX)/share/sriovctl
DESTDIR ?=

CC ?= cc
PKG_CONFIG ?= pkg-config
INSTALL ?= install
CFLAGS ?= -O2 -g
V ?= 0
B ?= build

VERSION := 0.1.0
# Ours are apart from CFLAGS, so that a packager's CFLAGS= cannot break the build.
PKGS := libmnl jansson smartcols
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) libpci libkmod libfyaml 2>/dev/null)
PKG_LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef \
	-Wwrite-strings -Wformat=2 -Wswitch-enum
WERROR ?=
SAN ?=
SANFLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CPPFLAGS_ALL = -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Isrc $(PKG_CFLAGS) $(CPPFLAGS)
CFLAGS_ALL = -std=c17 $(WARN) $(WERROR) -fstack-protector-strong $(SANFLAGS) $(CFLAGS)
LDFLAGS_ALL = -Wl,--as-needed -Wl,-z,relro $(SANFLAGS) $(LDFLAGS)

SRC := $(wildcard src/*.c src/*/*.c)
OBJ := $(SRC:src/%.c=$(B)/obj/%.o)
Q := $(if $(filter 1,$(V)),,@)
# one word for each thing built; nothing with V=1, which shows the commands, or make -s
SHORT := $(if $(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS)))),:,$(if $(Q),echo,:))

.PHONY: all help clean distclean install uninstall check demo lab bench FORCE
all: $(B)/sriovctl

help:
	@echo 'make            build build/sriovctl (no root, no network)'
	@echo 'make install    install below PREFIX=$(PREFIX) (DESTDIR=, uninstall too)'
	@echo 'make demo       as root: install what is missing, build, show it on an emulated NIC'
	@echo 'make check      as root: install what is missing, build and run every test'
	@echo 'make lab        a shell in the test VM, with SR-IOV NICs'
	@echo 'make bench      measure against ip, lspci, driverctl, dpdk-devbind in the VM'
	@echo 'make unit       the unit tests; make fuzz: the fuzzers (clang)'
	@echo 'make clean      remove build products, but not the cache of kernels: make distclean'

# Objects depend on the flags they were built with.
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(CC) $(subst ','\'',$(CPPFLAGS_ALL)) $(CFLAGS_ALL)' | cmp -s - $@ || \
		echo '$(CC) $(subst ','\'',$(CPPFLAGS_ALL)) $(CFLAGS_ALL)' > $@

$(B)/obj/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	@$(SHORT) '  CC    $<'
	$(Q)$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/sriovctl: $(OBJ)
	@$(SHORT) '  LINK  $@'
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $(OBJ) $(PKG_LIBS) -ldl

-include $(OBJ:.o=.d)

MAN := $(notdir $(wildcard man/*.8))
UNITS := $(notdir $(wildcard contrib/systemd/*.service contrib/systemd/*.timer))
# Not where udev and networkd would read them: what becomes of VFs is for the administrator to say.
OFFERED := contrib/udev/80-sriovctl-vf.rules contrib/systemd/network/10-sriovctl-vf.network

install: $(B)/sriovctl
	$(INSTALL) -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(MANDIR)/man8 $(DESTDIR)$(BASHCOMPDIR) \
		$(DESTDIR)$(ZSHCOMPDIR) $(DESTDIR)$(FISHCOMPDIR) $(DESTDIR)$(SYSTEMDUNITDIR) \
		$(DESTDIR)$(UDEVRULESDIR) $(DESTDIR)$(DATADIR)
	$(INSTALL) -m 0755 $(B)/sriovctl $(DESTDIR)$(SBINDIR)/sriovctl
	$(INSTALL) -m 0644 man/*.8 $(DESTDIR)$(MANDIR)/man8/
	$(INSTALL) -m 0644 completions/sriovctl.bash $(DESTDIR)$(BASHCOMPDIR)/sriovctl
	$(INSTALL) -m 0644 completions/_sriovctl $(DESTDIR)$(ZSHCOMPDIR)/_sriovctl
	$(INSTALL) -m 0644 completions/sriovctl.fish $(DESTDIR)$(FISHCOMPDIR)/sriovctl.fish
	for unit in $(UNITS); do \
		sed 's|@SBINDIR@|$(SBINDIR)|' contrib/systemd/$$unit >$(DESTDIR)$(SYSTEMDUNITDIR)/$$unit && \
		chmod 0644 $(DESTDIR)$(SYSTEMDUNITDIR)/$$unit || exit 1; \
	done
	$(INSTALL) -m 0644 contrib/udev/90-sriovctl-policy.rules $(DESTDIR)$(UDEVRULESDIR)/
	$(INSTALL) -m 0644 $(OFFERED) $(DESTDIR)$(DATADIR)/

uninstall:
	rm -f $(DESTDIR)$(SBINDIR)/sriovctl $(addprefix $(DESTDIR)$(MANDIR)/man8/,$(MAN)) \
		$(DESTDIR)$(BASHCOMPDIR)/sriovctl $(DESTDIR)$(ZSHCOMPDIR)/_sriovctl \
		$(DESTDIR)$(FISHCOMPDIR)/sriovctl.fish \
		$(addprefix $(DESTDIR)$(SYSTEMDUNITDIR)/,$(UNITS)) \
		$(DESTDIR)$(UDEVRULESDIR)/90-sriovctl-policy.rules \
		$(addprefix $(DESTDIR)$(DATADIR)/,$(notdir $(OFFERED)))

check:
	scripts/install-deps build test lab
	scripts/check

demo:
	scripts/install-deps build lab
	scripts/demo

lab: $(B)/sriovctl
	@tests/lab/vmrun -i

bench:
	scripts/install-deps build test lab bench
	tests/bench/run

clean:
	find $(B) -mindepth 1 -maxdepth 1 ! -name lab -exec rm -rf {} + 2>/dev/null || true

distclean:
	rm -rf $(B)

-include tests/unit/unit.mk tests/fuzz/fuzz.mk
