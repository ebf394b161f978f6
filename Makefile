# polyton: builds the library, the inspector, the fixtures and the tests; everything goes to build/.
#
#   make                        the library and the program
#   make check                  every check and test, then the tests again under ASan and UBSan
#   make check SAN=address,undefined   the tests under those sanitizers only
#   make demo                   the first fixture, and what polyton says of it
#   make help                   all targets
#
# CC, AR, LD, OBJCOPY, CFLAGS, CPPFLAGS, LDFLAGS, PREFIX, DESTDIR are yours to set; V=1 shows the commands.

.DEFAULT_GOAL := all
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.SUFFIXES:

VERSION := $(shell sed -n 's/^.define POLYTON_VERSION_[A-Z]* \([0-9]*\)$$/\1/p' lib/polyton.h | paste -sd.)
SONAME := libpolyton.so.0

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
PYTHON ?= $(if $(wildcard /usr/bin/python3),/usr/bin/python3,python3)
CLANG_FORMAT ?= $(or $(shell command -v clang-format-14 2>/dev/null),clang-format)

# Sanitized objects never mix with plain ones; fixtures are never sanitized.
BUILD := build$(if $(SAN),/san)
FIXTURES_BUILD := build/fixtures
SAN_FLAGS := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')

# Features that a machine may lack are probed with a program of a few lines, once per build folder.
define probe
printf '#include <%s>\nint main(void)\n{\n\treturn !%s;\n}\n' '$(2)' '$(3)' | \
	$(CC) $(CPPFLAGS) -x c - -o $(BUILD)/probe $(LDFLAGS) $(4) 2>/dev/null && \
	echo 'HAVE_$(1) := $(4)' || echo 'HAVE_$(1) :=';
endef
# Distributions disagree on the folder of libdwarf's headers, and Debian 13's pkg-config file names one that is not there.
define probe_dwarf
for flags in "$$(pkg-config --cflags libdwarf 2>/dev/null)" -I/usr/include/libdwarf-2 -I/usr/include/libdwarf-0 \
	-I/usr/include/libdwarf; do \
	printf '#include <libdwarf.h>\n#include <dwarf.h>\nint main(void)\n{\n\treturn !dwarf_package_version();\n}\n' | \
	$(CC) $(CPPFLAGS) $$flags -x c - -o $(BUILD)/probe $(LDFLAGS) -ldwarf 2>/dev/null && \
	{ echo "DWARF_CPPFLAGS := $$flags"; break; }; done;
endef
$(BUILD)/config.mk: Makefile
	$(Q)mkdir -p $(@D)
	$(Q){ $(call probe,ZSTD,zstd.h,ZSTD_versionNumber(),-lzstd) \
	      $(call probe,LZMA,lzma.h,lzma_version_number(),-llzma) \
	      $(probe_dwarf) } > $@; rm -f $(BUILD)/probe
ifneq ($(MAKECMDGOALS),clean)
-include $(BUILD)/config.mk
endif

WARNINGS := -Wall -Wextra -Wshadow -Wmissing-prototypes -Wvla -Wformat=2 -Wpointer-arith -Wimplicit-fallthrough \
	$(if $(WERROR),-Werror)
POLYTON_CPPFLAGS := -Ilib -I$(BUILD)/made -D_GNU_SOURCE $(if $(HAVE_ZSTD),-DHAVE_ZSTD) $(if $(HAVE_LZMA),-DHAVE_LZMA) \
	$(shell pkg-config --cflags libelf jansson libxxhash)
POLYTON_CFLAGS := -std=gnu11 -fPIC -fvisibility=hidden $(WARNINGS) $(SAN_FLAGS)
POLYTON_LIBS := -pthread -ldl $(shell pkg-config --libs libelf jansson) -liberty -lz $(HAVE_ZSTD) $(HAVE_LZMA)

# Debug info is read by a program of its own, polyton-dwarf; the library has no more of it than the talk with that one.
DWARF_LIBS ?= -ldwarf
DWARF_TALK := $(patsubst %,lib/dwarf/%.c,pack wire wire_answer channel)
DWARF_CLIENT := lib/dwarf/spawn.c lib/dwarf/client.c
LIB_SRC := $(sort $(filter-out lib/dwarf/%,$(wildcard lib/*.c lib/*/*.c)) $(DWARF_TALK) $(DWARF_CLIENT))
READER_SRC := $(sort $(filter-out $(DWARF_CLIENT),$(wildcard lib/dwarf/*.c)))
READER_BELOW := $(wildcard lib/base/*.c lib/elf/*.c lib/arch/*.c) lib/model/type.c
# What a project has decided: .polyton.yml and earlier reports. Its rooms know nothing of the rest of the inspector, and
# so the unit tests can open them.
POLICY_SRC := $(sort $(wildcard inspector/policy/*.c))
POLICY_LIBS := $(shell pkg-config --libs yaml-0.1 jansson)
# What the full screen shows, without the screen, and what `run` has looked at: likewise.
VIEW_SRC := $(sort $(wildcard inspector/view/*.c inspector/live/*.c)) inspector/subject.c inspector/together.c
CURSES_LIBS := $(shell pkg-config --libs ncursesw)
INSPECTOR_SRC := $(sort $(wildcard inspector/*.c inspector/*/*.c))
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
SUPPORT_SRC := $(sort $(wildcard tests/support/*.c))
# A file of tests/support with a main() is a program of its own, the others belong to the unit tests.
TOOL_SRC := $(if $(SUPPORT_SRC),$(shell grep -l '^int main\b' $(SUPPORT_SRC)))
SUPPORT_LIB_SRC := $(filter-out $(TOOL_SRC),$(SUPPORT_SRC))
C_FILES := $(sort $(wildcard lib/*.[ch] lib/*/*.[ch] inspector/*.[ch] inspector/*/*.[ch] tests/*/*.[ch]))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))
LIB_OBJ := $(call object,$(LIB_SRC))
READER_OBJ := $(call object,$(READER_SRC))
INSPECTOR_OBJ := $(call object,$(INSPECTOR_SRC))
POLICY_OBJ := $(call object,$(POLICY_SRC))
VIEW_OBJ := $(call object,$(VIEW_SRC))
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(UNIT_SRC))
TOOLS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TOOL_SRC))

.PHONY: all
all: $(BUILD)/$(SONAME) $(BUILD)/libpolyton.so $(BUILD)/libpolyton.a $(BUILD)/polyton.pc $(BUILD)/polyton $(BUILD)/polyton-dwarf ## the library and the program

# The switches are part of the name of what they build: other switches, other objects.
$(BUILD)/flags: FORCE
	$(Q)mkdir -p $(@D)
	$(Q)echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(SAN)' | cmp -s - $@ || \
		echo '$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) $(SAN)' > $@
.PHONY: FORCE
FORCE:

$(READER_OBJ) $(BUILD)/obj/tests/unit/test_dwarf_shim.o: POLYTON_CPPFLAGS += $(DWARF_CPPFLAGS)
$(INSPECTOR_OBJ): POLYTON_CPPFLAGS += $(shell pkg-config --cflags yaml-0.1)

# Style and script of the HTML report, as C strings.
HTML_PARTS := $(BUILD)/made/html_parts.h
$(HTML_PARTS): $(wildcard lib/report/html*.css lib/report/html*.js lib/report/html_parts.sh)
	$(Q)mkdir -p $(@D)
	$(Q)sh lib/report/html_parts.sh lib/report > $@
$(BUILD)/obj/lib/report/html.o: | $(HTML_PARTS)

$(BUILD)/obj/lib/model/%.o $(BUILD)/obj/lib/report/%.o: WARNINGS += -Wswitch-enum

$(BUILD)/obj/%.o: %.c $(BUILD)/flags
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(POLYTON_CPPFLAGS) $(CPPFLAGS) $(POLYTON_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

$(BUILD)/$(SONAME): $(LIB_OBJ) lib/polyton.map
	$(call say,LINK,$@)
	$(Q)$(CC) -shared $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -Wl,-soname,$(SONAME) -Wl,--version-script=lib/polyton.map \
		-Wl,--exclude-libs,ALL -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,--build-id -o $@ $(LIB_OBJ) $(POLYTON_LIBS)

$(BUILD)/libpolyton.so: $(BUILD)/$(SONAME)
	$(Q)ln -sf $(SONAME) $@

# One relocatable object in which only the public names are global: nothing of a user's program can clash.
$(BUILD)/libpolyton.a: $(LIB_OBJ) lib/polyton.map
	$(call say,AR,$@)
	$(Q)sed -n 's/^\t\(polyton_[a-z_]*\);$$/\1/p' lib/polyton.map > $(BUILD)/public-names
	$(Q)$(LD_R) -o $(BUILD)/libpolyton.o $(LIB_OBJ)
	$(Q)$(OBJCOPY) --keep-global-symbols=$(BUILD)/public-names $(BUILD)/libpolyton.o
	$(Q)rm -f $@ && $(AR) rcs $@ $(BUILD)/libpolyton.o
LD_R := $(LD) -r
OBJCOPY ?= objcopy

$(BUILD)/polyton-dwarf: $(READER_OBJ) $(call object,$(READER_BELOW))
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -pie -Wl,-z,relro -Wl,-z,now -Wl,--build-id -o $@ $^ \
		-pthread $(DWARF_LIBS) $(shell pkg-config --libs libelf) -lz $(HAVE_ZSTD) $(HAVE_LZMA)

# The unit tests reach inside, so they link with all names.
$(BUILD)/libinternal.a: $(LIB_OBJ) $(filter-out %/worker.o,$(READER_OBJ)) $(call object,$(SUPPORT_LIB_SRC)) $(POLICY_OBJ) $(VIEW_OBJ)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/polyton: $(INSPECTOR_OBJ) $(BUILD)/libpolyton.so
	$(call say,LINK,$@)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -pie -Wl,-z,relro -Wl,-z,now -Wl,--build-id -o $@ $(INSPECTOR_OBJ) \
		-L$(BUILD) -lpolyton -pthread $(POLICY_LIBS) $(CURSES_LIBS) '-Wl,-rpath,$$ORIGIN:$$ORIGIN/../lib'

# Made anew each time: it holds PREFIX, which may be another one for `make install`.
$(BUILD)/polyton.pc: lib/polyton.pc.in FORCE
	$(Q)sed -e 's,@PREFIX@,$(PREFIX),' -e 's,@LIBDIR@,$(LIBDIR),' -e 's,@VERSION@,$(VERSION),' \
		-e 's,@PRIVATE@,zlib$(if $(HAVE_ZSTD), libzstd)$(if $(HAVE_LZMA), liblzma),' $< > $@

$(UNIT_TESTS): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libinternal.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(POLYTON_LIBS) $(POLICY_LIBS) $(DWARF_LIBS) $(shell pkg-config --libs cmocka)

$(TOOLS): $(BUILD)/tests/%: $(BUILD)/obj/tests/%.o $(BUILD)/libpolyton.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SAN_FLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(POLYTON_LIBS)

# Fixtures ---------------------------------------------------------------------------------------------------

FIXTURE_TARGETS :=
include $(sort $(wildcard fixtures/*/build.mk))
.PHONY: fixtures
fixtures: $(FIXTURE_TARGETS) ## the programs that the tests look at

# Those of C and C++ for aarch64, to be looked at as files, if there is a compiler for it.
ARM := aarch64-linux-gnu
ARM_FIXTURES := fixtures-portable
.PHONY: fixtures-aarch64 fixtures-portable
fixtures-portable: $(patsubst %,fixture-%,04_c_statics 05_cxx_statics 06_shared_library 07_interposed 10_merged \
	11_libraries_twice 13_static_tls) $(patsubst %,$(FIXTURES_BUILD)/09_causes/%,$(F09_PROGRAMS))
fixtures-aarch64:
ifneq ($(shell command -v $(ARM)-g++),)
	$(Q)$(MAKE) --no-print-directory CC=$(ARM)-gcc CXX=$(ARM)-g++ F09_CLANGXX='clang++ --target=$(ARM)' \
		FIXTURES_BUILD=$(FIXTURES_BUILD)/aarch64 $(ARM_FIXTURES)
else
	@echo 'SKIP fixtures for aarch64: no $(ARM)-g++'
endif

.PHONY: demo
demo: all fixture-01_tokio_modules ## the first fixture, and what polyton says of it
	@sh fixtures/demo.sh $(BUILD)/polyton $(FIXTURES_BUILD)/01_tokio_modules

# Checks -----------------------------------------------------------------------------------------------------

TEST_ENV = POLYTON=$(CURDIR)/$(BUILD)/polyton POLYTON_BUILD=$(CURDIR)/$(BUILD) POLYTON_FIXTURES=$(CURDIR)/$(FIXTURES_BUILD) \
	ASAN_OPTIONS=detect_leaks=1:exitcode=99 UBSAN_OPTIONS=print_stacktrace=1 PYTHONDONTWRITEBYTECODE=1
PYTEST_FLAGS ?= -q -rsfE

.PHONY: check
ifdef SAN
check: check-unit check-cli ## every check and test; with SAN=address,undefined the tests under those sanitizers
	@echo 'Without tests/gdb: a GDB that is not sanitized cannot load a library with AddressSanitizer.' \
		'"make check-gdb SAN=undefined" runs them under the other one.'
else
check:
	$(Q)$(MAKE) --no-print-directory WERROR=1 all fixtures fixtures-aarch64
	$(Q)$(MAKE) --no-print-directory WERROR=1 check-structure check-unit
	$(Q)$(MAKE) --no-print-directory WERROR=1 check-cli
	$(Q)$(MAKE) --no-print-directory WERROR=1 check-gdb
	$(Q)$(MAKE) --no-print-directory WERROR=1 check SAN=address,undefined
	@sh tests/checks/totals.sh build build/san
endif

.PHONY: check-structure check-format check-layers check-state check-exports check-sizes check-words check-shell check-man check-curses
check-structure: check-format check-layers check-state check-exports check-sizes check-words check-shell check-man check-curses
check-format: ## the layout of the C files
	$(call say,CHECK,format)
	$(Q)$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)
check-layers check-sizes check-words check-shell: check-%: ## floors and includes; room sizes; words; scripts
	$(call say,CHECK,$*)
	$(Q)sh tests/checks/$*.sh
check-state check-exports check-man check-curses: check-%: all ## no mutable state; exports; the manual's tables; curses at home
	$(call say,CHECK,$*)
	$(Q)BUILD=$(BUILD) sh tests/checks/$*.sh

.PHONY: check-newer
check-newer: ## the unit tests on a newer distribution with another libdwarf (root, debootstrap; NEWER_SUITE=sid)
	$(Q)sh tests/checks/newer.sh build/newer

# Further distributions have further GDBs: NEWER_SUITE=sid, see tests/checks/newer.sh.
.PHONY: check-newer-gdb
NEWER_GDB := gdb,gdbserver,gdb-multiarch,gcc-multilib,lld,libc6-dev-arm64-cross,qemu-user,procps,python3-pytest,python3-pexpect
NEWER_FOLDER ?= build/newer-gdb
check-newer-gdb: all fixtures ## the tests in GDB on a newer distribution with another GDB (root, debootstrap)
	$(Q)NEWER_MORE=$(NEWER_GDB) NEWER_FIXTURES=$(CURDIR)/$(FIXTURES_BUILD) sh tests/checks/newer.sh $(NEWER_FOLDER) \
		check-gdb-alone

.PHONY: check-aarch64 test-programs
check-aarch64: ## the unit tests and the oracles on a Linux for aarch64 in qemu (Debian's packages are fetched)
	$(Q)$(PYTHON) tests/machine/aarch64.py build/aarch64
test-programs: $(UNIT_TESTS) $(TOOLS)

.PHONY: check-unit check-cli
check-unit: $(UNIT_TESTS) $(BUILD)/polyton-dwarf ## the unit tests
	$(Q)$(TEST_ENV) sh tests/checks/unit.sh $(BUILD) $(UNIT_TESTS)
check-cli: all fixtures fixtures-aarch64 $(TOOLS) $(BUILD)/tests/test_dwarf_client $(BUILD)/tests/test_report_formats ## the program on the fixtures
	$(Q)$(TEST_ENV) $(PYTHON) -m pytest $(PYTEST_FLAGS) -p no:cacheprovider tests/cli tests/robust tests/values tests/tui > $(BUILD)/pytest.log 2>&1; \
		status=$$?; cat $(BUILD)/pytest.log; exit $$status

.PHONY: check-gdb check-gdb-alone
check-gdb: fixtures ## the GDB extension
# Alone: with fixtures that somebody else has built.
check-gdb check-gdb-alone: all $(TOOLS)
	$(Q)$(TEST_ENV) $(PYTHON) -m pytest $(PYTEST_FLAGS) -p no:cacheprovider tests/gdb > $(BUILD)/pytest-gdb.log 2>&1; \
		status=$$?; cat $(BUILD)/pytest-gdb.log; exit $$status

.PHONY: check-bindings
check-bindings: all ## what references are bound to, against the loader's own log, on real programs
	$(Q)$(TEST_ENV) $(PYTHON) tests/bindings/check_bindings.py

.PHONY: check-mutants
MUTANTS ?= 700
check-mutants: all fixture-14_values ## MUTANTS damaged debug files of each language
	$(Q)$(TEST_ENV) $(PYTHON) tests/robust/mutants.py --count $(MUTANTS)

.PHONY: check-values
check-values: all fixture-14_values ## values against the programs' own words and GDB's (VALUES=all: each compiler and switch)
	$(Q)$(TEST_ENV) $(PYTHON) tests/values/check_values.py --by tests/values/by_polyton.py

# They reach inside, as the unit tests do.
BENCH_TOOLS := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/*.c))
$(BENCH_TOOLS): $(BUILD)/bench/%: $(BUILD)/obj/tests/bench/%.o $(BUILD)/libinternal.a
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(POLYTON_LIBS) $(DWARF_LIBS) $(shell pkg-config --libs cmocka)

# Programs to be measured against. libdw and libdwarf have names in common: nothing of polyton is in there.
PEERS := $(BUILD)/peers/libdw_walk
$(PEERS): $(BUILD)/peers/%: tests/peers/%.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 $(WARNINGS) -o $@ $< -ldw

.PHONY: bench
bench: all fixtures $(TOOLS) $(BENCH_TOOLS) $(PEERS) ## the figures of docs/performance.md
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/bench.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/bindings.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/dwarf_types.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/files.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/run.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/tui.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/tui_crowd.py
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/gdb_extension.py

.PHONY: bench-libraries
bench-libraries: all $(BENCH_TOOLS) ## files compared: 2,000 libraries of well-known programs, fetched into build/libraries (Debian)
	$(Q)sh tests/bench/libraries.sh build/libraries
	$(Q)$(TEST_ENV) $(PYTHON) tests/bench/files.py --folder build/libraries/root

FUZZ_SECONDS ?= 60
FUZZ_SUPPORT_SRC := $(patsubst %,tests/support/%.c,byte_target elf_writer elf_drive lookup_drive lookup_seeds \
	cache_writer cache_drive)
FUZZ_SCAN_SRC := tests/support/dwarf_writer.c \
	$(patsubst %,lib/dwarf/%.c,scan second forms abbrevs headers package walk names imports)
FUZZ_BUILD = clang $(POLYTON_CPPFLAGS) -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
.PHONY: fuzz
fuzz: $(BUILD)/config.mk $(HTML_PARTS) ## the file readers on made-up files, FUZZ_SECONDS long each
	$(Q)mkdir -p build/fuzz/corpus_elf build/fuzz/corpus_lookup build/fuzz/corpus_dwarf_wire \
		build/fuzz/corpus_dwarf_scan build/fuzz/corpus_policy build/fuzz/corpus_ldcache
	$(Q)$(FUZZ_BUILD) -o build/fuzz/write_seeds tests/fuzz/write_seeds.c $(FUZZ_SUPPORT_SRC) $(LIB_SRC) $(POLYTON_LIBS)
	$(Q)build/fuzz/write_seeds build/fuzz/corpus_lookup
	$(Q)for name in elf lookup dwarf_wire dwarf_scan policy ldcache; do \
		$(FUZZ_BUILD) -fsanitize=fuzzer -o build/fuzz/fuzz_$$name tests/fuzz/fuzz_$$name.c $(FUZZ_SUPPORT_SRC) \
			$(FUZZ_SCAN_SRC) $(POLICY_SRC) $(LIB_SRC) $(POLYTON_LIBS) $(POLICY_LIBS) && \
		build/fuzz/fuzz_$$name -max_len=65536 -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
			build/fuzz/corpus_$$name || exit 1; done

# gcc 12 does not know that process_vm_readv(2) and ptrace(2) fill buffers through iovecs.
.PHONY: analyze
analyze: compile_commands.json $(HTML_PARTS) ## gcc -fanalyzer, clang-tidy, cppcheck
	$(Q)for file in $(LIB_SRC) $(INSPECTOR_SRC); do \
		gcc $(POLYTON_CPPFLAGS) $(POLYTON_CFLAGS) -O1 -Werror -fanalyzer \
		-Wno-analyzer-use-of-uninitialized-value -c -o /dev/null $$file || exit 1; done
	$(Q)clang-tidy --quiet --warnings-as-errors='*' $(LIB_SRC) $(INSPECTOR_SRC)
	$(Q)cppcheck --quiet --error-exitcode=1 --enable=warning,portability --inline-suppr --suppress=missingIncludeSystem \
		--suppress=normalCheckLevelMaxBranches -Ilib $(LIB_SRC) $(INSPECTOR_SRC)

.PHONY: format
format: ## lay out the C files
	$(Q)$(CLANG_FORMAT) -i $(C_FILES)

compile_commands.json: Makefile $(LIB_SRC) $(INSPECTOR_SRC) $(UNIT_SRC) ## for editors and clang tools
	$(Q){ echo '['; separator=; \
	for file in $(LIB_SRC) $(INSPECTOR_SRC) $(UNIT_SRC) $(SUPPORT_SRC); do \
		printf '%s{"directory":"%s","file":"%s","command":"%s"}' "$$separator" '$(CURDIR)' "$$file" \
			"$(CC) $(POLYTON_CPPFLAGS) $(CPPFLAGS) $(POLYTON_CFLAGS) $(CFLAGS) -c $$file"; \
		separator=', '; done; echo ']'; } > $@

# Packaging --------------------------------------------------------------------------------------------------

# The GDB extension, which GDB does not load unless asked to: by name, or by a file in the folder whose files every GDB
# of the machine reads at its start (/etc/gdb/gdbinit.d on Debian), for which GDBINIT_DIR is.
GDB_DIR = $(PREFIX)/share/polyton/gdb
GDBINIT_DIR ?=

.PHONY: install uninstall dist clean help
install: all ## DESTDIR= PREFIX= LIBDIR= GDBINIT_DIR=
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(PREFIX)/include \
		$(DESTDIR)$(PREFIX)/libexec/polyton $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/man/man7 \
		$(DESTDIR)$(PREFIX)/share/doc/polyton $(DESTDIR)$(GDB_DIR)/polyton_gdb $(DESTDIR)$(GDB_DIR)/gdbinit.d
	install -m 755 $(BUILD)/polyton $(DESTDIR)$(PREFIX)/bin/polyton
	install -m 755 $(BUILD)/polyton-dwarf $(DESTDIR)$(PREFIX)/libexec/polyton/polyton-dwarf
	install -m 644 $(BUILD)/$(SONAME) $(DESTDIR)$(LIBDIR)/libpolyton.so.$(VERSION)
	ln -sf libpolyton.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libpolyton.so
	install -m 644 $(BUILD)/libpolyton.a $(DESTDIR)$(LIBDIR)/libpolyton.a
	install -m 644 $(BUILD)/polyton.pc $(DESTDIR)$(LIBDIR)/pkgconfig/polyton.pc
	install -m 644 lib/polyton.h lib/polyton_run.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 docs/polyton.1 $(DESTDIR)$(PREFIX)/share/man/man1/polyton.1
	install -m 644 docs/polyton-gdb.7 $(DESTDIR)$(PREFIX)/share/man/man7/polyton-gdb.7
	install -m 644 gdb/polyton-gdb.py $(DESTDIR)$(GDB_DIR)/polyton-gdb.py
	install -m 644 gdb/polyton_gdb/*.py $(DESTDIR)$(GDB_DIR)/polyton_gdb/
	echo '$(LIBDIR)/$(SONAME)' > $(DESTDIR)$(GDB_DIR)/polyton_gdb/installed
	echo 'source $(GDB_DIR)/polyton-gdb.py' > $(DESTDIR)$(GDB_DIR)/gdbinit.d/polyton.gdb
	$(if $(GDBINIT_DIR),install -d $(DESTDIR)$(GDBINIT_DIR) && \
		install -m 644 $(DESTDIR)$(GDB_DIR)/gdbinit.d/polyton.gdb $(DESTDIR)$(GDBINIT_DIR)/polyton.gdb)
	install -m 644 docs/polyton.schema.json docs/polyton-baseline.schema.json docs/polyton-diff.schema.json docs/format.md \
		docs/formats.md docs/policy.md docs/ci.md docs/gdb.md $(DESTDIR)$(PREFIX)/share/doc/polyton

uninstall: ## what install brought
	rm -f $(DESTDIR)$(PREFIX)/bin/polyton $(DESTDIR)$(LIBDIR)/libpolyton.so.$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME) \
		$(DESTDIR)$(LIBDIR)/libpolyton.so $(DESTDIR)$(LIBDIR)/libpolyton.a $(DESTDIR)$(LIBDIR)/pkgconfig/polyton.pc \
		$(DESTDIR)$(PREFIX)/include/polyton.h $(DESTDIR)$(PREFIX)/include/polyton_run.h \
		$(DESTDIR)$(PREFIX)/share/man/man1/polyton.1 $(DESTDIR)$(PREFIX)/share/man/man7/polyton-gdb.7 \
		$(if $(GDBINIT_DIR),$(DESTDIR)$(GDBINIT_DIR)/polyton.gdb)
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/polyton $(DESTDIR)$(PREFIX)/share/polyton $(DESTDIR)$(PREFIX)/libexec/polyton

dist: ## polyton-VERSION.tar.gz of what is committed
	$(Q)mkdir -p build
	git archive --format=tar.gz --prefix=polyton-$(VERSION)/ -o build/polyton-$(VERSION).tar.gz HEAD

clean: ## remove build/
	rm -rf build compile_commands.json

help:
	@sed -n 's/^\([a-z][a-z_.-]*\)[^:]*:.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 26
