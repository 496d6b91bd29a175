# Unit tests: `make unit` builds every tests/unit/test_*.c and runs them all. To be
# included by the top Makefile, behind its OBJ, PKG_LIBS and *_ALL variables.

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT_BIN := $(UNIT_SRC:tests/unit/%.c=$(B)/unit/%)
UNIT_HELPER := $(filter-out $(UNIT_SRC),$(wildcard tests/unit/*.c))
UNIT_HELPER_OBJ := $(UNIT_HELPER:tests/unit/%.c=$(B)/unit/%.o)
UNIT_OBJ := $(filter-out $(B)/obj/main.o,$(OBJ))

.PHONY: unit
.SECONDARY: $(UNIT_BIN:=.o) $(UNIT_HELPER_OBJ)

$(B)/unit/%.o: tests/unit/%.c $(B)/flags
	@mkdir -p $(@D)
	@$(SHORT) '  CC    $<'
	$(Q)$(CC) $(CPPFLAGS_ALL) -Itests/unit $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/unit/test_%: $(B)/unit/test_%.o $(UNIT_HELPER_OBJ) $(UNIT_OBJ)
	@$(SHORT) '  LINK  $@'
	$(Q)$(CC) $(CFLAGS_ALL) $(LDFLAGS_ALL) -o $@ $^ $(PKG_LIBS) -lcmocka -ldl

# All of them, even when one fails. One that crashes or hangs fails.
unit: $(UNIT_BIN)
	@failed=; for t in $(UNIT_BIN); do \
		echo "== $${t##*/}"; timeout 120 $$t || failed="$$failed $${t##*/}"; \
	done; \
	if [ -n "$$failed" ]; then echo "unit: FAILED:$$failed" >&2; exit 1; fi; \
	echo "unit: all $(words $(UNIT_BIN)) programs passed"

-include $(UNIT_BIN:=.d) $(UNIT_HELPER_OBJ:.o=.d)
