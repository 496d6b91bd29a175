# Fuzzing with clang's libFuzzer: `make fuzz` runs each harness for FUZZ_SECONDS. What it
# learns stays in $(B)/fuzz/corpus, what it finds in $(B)/fuzz/crash-*. To be included by
# the top Makefile, behind its SRC, PKG_LIBS and *_ALL variables.

FUZZ_SECONDS ?= 10
FUZZ_CC ?= clang
FUZZ_CFLAGS ?= -O1 -g
FUZZ_ALL = -std=c17 $(FUZZ_CFLAGS) -fno-omit-frame-pointer -fno-sanitize-recover=all
FUZZ_SAN := address,undefined
FUZZ_OBJ := $(patsubst src/%.c,$(B)/fuzz/obj/%.o,$(filter-out src/main.c,$(SRC)))
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_BIN := $(FUZZ_NAMES:%=$(B)/fuzz/fuzz_%)

.PHONY: fuzz
.SECONDARY: $(FUZZ_OBJ)

$(B)/fuzz/obj/%.o: src/%.c
	@mkdir -p $(@D)
	@$(SHORT) '  FUZZCC $<'
	$(Q)$(FUZZ_CC) $(CPPFLAGS_ALL) $(FUZZ_ALL) -fsanitize=fuzzer-no-link,$(FUZZ_SAN) \
		-MMD -MP -c $< -o $@

$(B)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(FUZZ_OBJ)
	@$(SHORT) '  LINK  $@'
	$(Q)$(FUZZ_CC) $(CPPFLAGS_ALL) $(FUZZ_ALL) -fsanitize=fuzzer,$(FUZZ_SAN) -o $@ $^ \
		$(PKG_LIBS) -ldl

# The host that it begins with is that of the unit tests.
FUZZ_DOCTOR_HELPER := tests/unit/doctor.c tests/unit/world.c tests/unit/fixture.c
$(B)/fuzz/fuzz_doctor: $(FUZZ_DOCTOR_HELPER)
$(B)/fuzz/fuzz_doctor: CPPFLAGS_ALL += -Itests/unit
$(B)/fuzz/fuzz_doctor: PKG_LIBS += -lcmocka

$(B)/fuzz/seeds: tests/fuzz/seeds.c tests/unit/nl.c tests/unit/nl.h
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(CPPFLAGS_ALL) -Itests/unit $(FUZZ_ALL) -o $@ $(filter %.c,$^) $(PKG_LIBS)

# Leaks are looked for too; a run that takes longer than 5 s is a hang.
fuzz: $(FUZZ_BIN) $(B)/fuzz/seeds
	@mkdir -p $(FUZZ_NAMES:%=$(B)/fuzz/corpus/%)
	@$(B)/fuzz/seeds $(B)/fuzz/corpus
	@failed=; for name in $(FUZZ_NAMES); do \
		dict=; [ ! -f tests/fuzz/$$name.dict ] || dict=-dict=tests/fuzz/$$name.dict; \
		seeds=; [ ! -d tests/fixtures/$$name ] || seeds=tests/fixtures/$$name; \
		echo "== fuzz_$$name"; \
		$(B)/fuzz/fuzz_$$name -max_total_time=$(FUZZ_SECONDS) -timeout=5 -max_len=4096 \
			-verbosity=0 -print_final_stats=1 $$dict \
			-artifact_prefix=$(B)/fuzz/ $(B)/fuzz/corpus/$$name $$seeds || \
			failed="$$failed fuzz_$$name"; \
	done; \
	if [ -n "$$failed" ]; then echo "fuzz: FAILED:$$failed" >&2; exit 1; fi

-include $(FUZZ_OBJ:.o=.d)
