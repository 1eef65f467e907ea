/* container.c: see container.h. Nothing in the bytes is believed: every number is held against what is there.
 *
 * Tested by test/unit/runtime/container_test.cpp and test/fuzz/container_fuzz.cpp.
 */
#include "container.h"

#include <linux/seccomp.h>
#include <string.h>

#include "native.h"

/* docs/format.md */
enum {
  VERSION = 1,
  HEADER = 24,
  SIZE_AT = 12,
  CHECKSUM_AT = 16,
  SECTION = 16,
  MOST_SECTIONS = 64,
  MOST_PROGRAMS = 256,
  MOST_PARAMS = 1024,
  MOST_ABIS = 64,
  MOST_PLACES = 65536,
  MOST_TEXT = 1023
};
static const unsigned char kMagic[8] = {0x89, 'S', 'B', 'P', 'C', '\r', '\n', 0x1a};
static const uint32_t kRecord[SBPI_SECTIONS] = {0, 52, 4, 8, 12, 16, 20, 20, 1};

static uint32_t get(const unsigned char* at) {
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static enum sbp_status damaged(struct sbp_error* error, const char* what) {
  struct sbpi_text text = sbpi_error(error, SBP_E_FORMAT, 0);
  sbpi_put(&text, "the container is damaged: ");
  sbpi_put(&text, what);
  sbpi_put(&text, "; copy or compile it again");
  return SBP_E_FORMAT;
}

/* ---- the head ---- */

int sbpi_is_container(const void* bytes, size_t size) { return size >= 8 && memcmp(bytes, kMagic, 5) == 0; }

size_t sbpi_said_size(const void* bytes) {
  uint32_t size = get((const unsigned char*)bytes + SIZE_AT);
  return size > SBPI_MAX_BYTES ? SBPI_MAX_BYTES + 1 : size;
}

/* CRC-32 as zlib and PNG have it, of the file with the checksum's own bytes as zeros. */
static uint32_t checksum(const unsigned char* bytes, size_t size) {
  uint32_t table[256];
  for (uint32_t byte = 0; byte < 256; byte++) {
    uint32_t value = byte;
    for (int bit = 0; bit < 8; bit++) value = value >> 1 ^ ((value & 1) != 0 ? 0xEDB88320U : 0);
    table[byte] = value;
  }
  uint32_t crc = 0xffffffffU;
  for (size_t i = 0; i < size; i++) {
    uint32_t byte = i >= CHECKSUM_AT && i < CHECKSUM_AT + 4 ? 0 : bytes[i];
    crc = table[(crc ^ byte) & 0xff] ^ crc >> 8;
  }
  return ~crc;
}

static enum sbp_status check_version(const struct sbpi_file* file, struct sbp_error* error) {
  uint32_t version = get(file->bytes + sizeof kMagic);
  if (version == VERSION) return SBP_OK;
  if (version == 0x01000000U) return damaged(error, "its numbers are in the other byte order");
  if (version == 0 || version > 0xffff) return damaged(error, "there is no such version");
  struct sbpi_text text = sbpi_error(error, SBP_E_VERSION, 0);
  sbpi_put(&text, "the container is of version ");
  sbpi_put_u64(&text, version);
  sbpi_put(&text,
           ", written by a newer sbpc, and this library reads version 1: update libsbp, or compile the policy with the "
           "older sbpc");
  return SBP_E_VERSION;
}

static enum sbp_status check_head(const struct sbpi_file* file, struct sbp_error* error) {
  if (memcmp(file->bytes, kMagic, sizeof kMagic) != 0) {
    return damaged(error, "line ends were changed on its way, as text transfers do");
  }
  if (file->size < HEADER)
    return sbpi_fail(error, SBP_E_FORMAT, "the container is cut short: its head is not complete");
  enum sbp_status status = check_version(file, error);
  if (status != SBP_OK) return status;
  uint32_t size = get(file->bytes + SIZE_AT);
  if (size > SBPI_MAX_BYTES)
    return sbpi_fail(error, SBP_E_TOO_LONG, "the container says that it is larger than 16 MiB, which none is");
  if (size != file->size) {
    struct sbpi_text text = sbpi_error(error, SBP_E_FORMAT, 0);
    sbpi_put(&text,
             file->size < size ? "the container is cut short: " : "something stands behind the container's end: ");
    sbpi_put_u64(&text, file->size);
    sbpi_put(&text, " bytes are there, and it says ");
    sbpi_put_u64(&text, size);
    return SBP_E_FORMAT;
  }
  if (checksum(file->bytes, size) != get(file->bytes + CHECKSUM_AT)) return damaged(error, "its checksum is wrong");
  return SBP_OK;
}

/* ---- sections ---- */

static const unsigned char* record(const struct sbpi_file* file, enum sbpi_section kind, uint32_t row) {
  return file->bytes + file->tables[kind].offset + (size_t)row * file->tables[kind].record;
}

static uint32_t word(const struct sbpi_file* file, enum sbpi_section kind, uint32_t row, int index) {
  return get(record(file, kind, row) + 4 * index);
}

static enum sbp_status read_sections(struct sbpi_file* file, struct sbp_error* error) {
  uint32_t count = get(file->bytes + HEADER - 4);
  if (count > MOST_SECTIONS || HEADER + (size_t)count * SECTION > file->size) {
    return damaged(error, "its table of sections is longer than the file");
  }
  for (uint32_t i = 0; i < count; i++) {
    const unsigned char* entry = file->bytes + HEADER + (size_t)i * SECTION;
    struct sbpi_table found = {get(entry + 4), get(entry + 8), get(entry + 12)};
    uint32_t kind = get(entry);
    if (found.offset > file->size || (uint64_t)found.count * found.record > file->size - found.offset) {
      return damaged(error, "a section reaches past the end");
    }
    if (kind == 0 || kind >= SBPI_SECTIONS) continue; /* of a later sbpc, and not needed */
    if (file->tables[kind].record != 0) return damaged(error, "a section is there twice");
    if (found.record < kRecord[kind]) return damaged(error, "the records of a section are too short");
    file->tables[kind] = found;
  }
  if (file->tables[SBPI_STRINGS].record > 1 || file->tables[SBPI_INSNS].record > 8) {
    return damaged(error, "its records have the wrong size");
  }
  return SBP_OK;
}

/* Bytes of the character at `at`, of which `left` are there; 0: it is no UTF-8, or a control character (C0, DEL, C1).
 */
static size_t plain_character(const unsigned char* at, size_t left) {
  static const uint32_t least[5] = {0, 0, 0xa0, 0x800, 0x10000}; /* by bytes: nothing longer than it must be */
  if (at[0] < 0x80) return at[0] < 0x20 || at[0] == 0x7f ? 0 : 1;
  const size_t size = at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
  if (at[0] < 0xc0 || at[0] > 0xf4 || size > left) return 0;
  uint32_t code = at[0] & (0x7fU >> size);
  for (size_t i = 1; i < size; i++) {
    if ((at[i] & 0xc0) != 0x80) return 0;
    code = code << 6 | (at[i] & 0x3fU);
  }
  const int is_surrogate = code >= 0xd800 && code <= 0xdfff;
  return code < least[size] || code > 0x10ffff || is_surrogate ? 0 : size;
}

static enum sbp_status check_strings(const struct sbpi_file* file, struct sbp_error* error) {
  const uint32_t count = file->tables[SBPI_STRINGS].count;
  const unsigned char* all = file->bytes + file->tables[SBPI_STRINGS].offset;
  if (count > 0 && all[count - 1] != 0) return damaged(error, "its texts do not end");
  uint32_t begin = 0;
  for (uint32_t i = 0; i < count;) {
    if (all[i] == 0) {
      begin = ++i;
      continue;
    }
    const size_t size = plain_character(all + i, count - i);
    if (size == 0) return damaged(error, "its texts hold control characters or are no UTF-8");
    i += (uint32_t)size;
    if (i - begin > MOST_TEXT) return damaged(error, "a text has more than 1023 bytes");
  }
  return SBP_OK;
}

static int is_string(const struct sbpi_file* file, uint32_t offset) {
  const unsigned char* all = file->bytes + file->tables[SBPI_STRINGS].offset;
  return offset < file->tables[SBPI_STRINGS].count && (offset == 0 || all[offset - 1] == 0);
}

/* "" where the offset is wrong, which no name that is asked for is. */
static const char* string_at(const struct sbpi_file* file, uint32_t offset) {
  return is_string(file, offset) ? (const char*)file->bytes + file->tables[SBPI_STRINGS].offset + offset : "";
}

/* ---- programs ---- */

/* Words of a program's record. */
enum { NAME, INSTALL, PROPERTIES, ABI, INSN = 5, PARAM = 7, PATCH = 9, RULE = 11 };

static struct sbpi_slice program_slice(const struct sbpi_file* file, uint32_t row, enum sbpi_section kind) {
  static const int index[SBPI_SECTIONS] = {0, 0, ABI, INSN, PARAM, PATCH, RULE, 0, 0};
  return (struct sbpi_slice){word(file, SBPI_PROGRAMS, row, index[kind]),
                             word(file, SBPI_PROGRAMS, row, index[kind] + 1)};
}

/* Each program's part of a section is there, and begins where the one before ended: what several shared would have to
 * be read for each of them. */
static enum sbp_status check_programs(const struct sbpi_file* file, struct sbp_error* error) {
  const uint32_t programs = file->tables[SBPI_PROGRAMS].count;
  if (programs == 0) return sbpi_fail(error, SBP_E_FORMAT, "the container holds no program");
  if (programs > MOST_PROGRAMS) return damaged(error, "it says that it holds more than 256 programs");
  for (int kind = SBPI_ABIS; kind <= SBPI_RULES; kind++) {
    uint32_t taken = 0;
    for (uint32_t row = 0; row < programs; row++) {
      const struct sbpi_slice part = program_slice(file, row, (enum sbpi_section)kind);
      if (part.first != taken) return damaged(error, "a program's part of a section does not follow the last one's");
      if (part.count > file->tables[kind].count - taken) return damaged(error, "a program reaches past a section");
      if (kind == SBPI_ABIS && part.count > MOST_ABIS) return damaged(error, "a program is for too many ABIs");
      taken += part.count;
    }
  }
  return SBP_OK;
}

enum sbp_status sbpi_open(struct sbp_bytes given, struct sbpi_file* file, struct sbp_error* error) {
  memset(file, 0, sizeof *file);
  file->bytes = given.bytes;
  file->size = given.size;
  enum sbp_status status = check_head(file, error);
  if (status == SBP_OK) status = read_sections(file, error);
  if (status == SBP_OK) status = check_strings(file, error);
  if (status == SBP_OK) status = check_programs(file, error);
  return status;
}

/* ---- choosing ---- */

static int is_for(const struct sbpi_file* file, uint32_t row, const char* abi) {
  const struct sbpi_slice abis = program_slice(file, row, SBPI_ABIS);
  for (uint32_t i = 0; i < abis.count; i++) {
    if (strcmp(string_at(file, word(file, SBPI_ABIS, abis.first + i, 0)), abi) == 0) return 1;
  }
  return 0;
}

static void put_names(const struct sbpi_file* file, struct sbpi_text* text) {
  const char* separator = "";
  for (uint32_t row = 0; row < file->tables[SBPI_PROGRAMS].count; row++) {
    if (!is_for(file, row, SBPI_NATIVE_ABI)) continue;
    sbpi_put(text, separator);
    sbpi_put(text, string_at(file, word(file, SBPI_PROGRAMS, row, NAME)));
    separator = ", ";
  }
}

static enum sbp_status not_chosen(const struct sbpi_file* file, const char* name, unsigned here,
                                  struct sbp_error* error) {
  struct sbpi_text text = sbpi_error(error, here == 0 ? SBP_E_ARCH : SBP_E_NAME, 0);
  if (here == 0) {
    sbpi_put(&text, "the container has no program for " SBPI_NATIVE_ABI ": it is for other machines (the first for ");
    const struct sbpi_slice abis = program_slice(file, 0, SBPI_ABIS);
    sbpi_put(&text, abis.count > 0 ? string_at(file, word(file, SBPI_ABIS, abis.first, 0)) : "none");
    sbpi_put(&text, "); compile the policy on this one's ABI, too");
    return SBP_E_ARCH;
  }
  if (name == NULL) {
    sbpi_put(&text, "the container has several programs: name one of ");
  } else {
    sbpi_put(&text, "the container has no program `");
    sbpi_put(&text, name);
    sbpi_put(&text, "` for " SBPI_NATIVE_ABI "; it has ");
  }
  put_names(file, &text);
  return SBP_E_NAME;
}

enum sbp_status sbpi_choose(const struct sbpi_file* file, const char* name, struct sbpi_choice* choice,
                            struct sbp_error* error) {
  unsigned here = 0, fitting = 0;
  for (uint32_t row = 0; row < file->tables[SBPI_PROGRAMS].count; row++) {
    if (!is_for(file, row, SBPI_NATIVE_ABI)) continue;
    here++;
    if (name != NULL && strcmp(string_at(file, word(file, SBPI_PROGRAMS, row, NAME)), name) != 0) continue;
    fitting++;
    choice->row = row;
  }
  if (fitting > 1 && name != NULL) return damaged(error, "two programs for this machine have one name");
  if (fitting != 1) return not_chosen(file, name, here, error);
  choice->insns = program_slice(file, choice->row, SBPI_INSNS);
  choice->params = program_slice(file, choice->row, SBPI_PARAMS);
  choice->patches = program_slice(file, choice->row, SBPI_PATCHES);
  choice->rules = program_slice(file, choice->row, SBPI_RULES);
  if (choice->insns.count > SBP_MAX_INSNS)
    return sbpi_fail(error, SBP_E_TOO_LONG, "the program has more than 4096 instructions, the kernel's limit");
  if (choice->params.count > MOST_PARAMS) return damaged(error, "a program has too many run-time parameters");
  return SBP_OK;
}

/* ---- taking ---- */

static enum sbp_status take_insns(const struct sbpi_file* file, const struct sbpi_choice* choice, sbp_program* program,
                                  struct sbp_error* error) {
  const uint32_t order = word(file, SBPI_PROGRAMS, choice->row, PROPERTIES);
  const uint16_t one = 1;
  const uint32_t native = *(const unsigned char*)&one == 0; /* 1: big-endian */
  if (order != native) return damaged(error, "its program is in the byte order of another machine");
  program->count = choice->insns.count;
  if (program->count > 0)
    memcpy(program->insns, record(file, SBPI_INSNS, choice->insns.first), program->count * sizeof program->insns[0]);
  return sbp_check(program->insns, program->count, error);
}

/* FNV-1a */
static uint32_t hash(const char* text) {
  uint32_t value = 0x811c9dc5U;
  for (; *text != '\0'; text++) value = (value ^ (unsigned char)*text) * 0x01000193U;
  return value;
}

/* Names are compared where their hashes are alike: a thousand long ones take no time. */
static enum sbp_status take_params(const struct sbpi_file* file, struct sbpi_slice in, sbp_program* program,
                                   struct sbp_error* error) {
  uint32_t hashes[MOST_PARAMS];
  program->param_count = in.count;
  for (uint32_t i = 0; i < in.count; i++) {
    struct sbpi_param* param = &program->params[i];
    param->name = word(file, SBPI_PARAMS, in.first + i, 0);
    uint32_t kind = word(file, SBPI_PARAMS, in.first + i, 1);
    uint32_t width = word(file, SBPI_PARAMS, in.first + i, 2);
    int fits = kind == SBP_BOOL ? width == 1 : width == 16 || width == 32 || width == 64;
    const char* name = string_at(file, param->name);
    if (kind > SBP_SIGNED || !fits || name[0] == '\0')
      return damaged(error, "a run-time parameter has a kind that there is not");
    hashes[i] = hash(name);
    for (uint32_t other = 0; other < i; other++) {
      if (hashes[other] == hashes[i] && strcmp(string_at(file, program->params[other].name), name) == 0)
        return damaged(error, "two run-time parameters have one name");
    }
    param->kind = (uint8_t)kind;
    param->width = (uint8_t)width;
    param->is_set = 0;
  }
  return SBP_OK;
}

/* In order; of the parameter's kind; in an instruction that can take any of its values. */
static int patch_fits(const sbp_program* program, const struct sbpi_patch* patch) {
  if (patch->insn >= program->count || patch->param >= program->param_count) return 0;
  const struct sbpi_param* param = &program->params[patch->param];
  const struct sock_filter* insn = &program->insns[patch->insn];
  if (patch->kind == SBPI_PATCH_FLAG) {
    return param->kind == SBP_BOOL && insn->code == (BPF_JMP | BPF_JA) && insn->k == patch->offset;
  }
  int has_half = patch->kind == SBPI_PATCH_LOW || (patch->kind == SBPI_PATCH_HIGH && param->width == 64);
  return param->kind != SBP_BOOL && has_half && insn->code == (BPF_JMP | BPF_JEQ | BPF_K) && insn->k == 0 &&
         patch->offset == 0;
}

static enum sbp_status take_patches(const struct sbpi_file* file, struct sbpi_slice in, sbp_program* program,
                                    struct sbp_error* error) {
  program->patch_count = in.count;
  for (uint32_t i = 0; i < in.count; i++) {
    struct sbpi_patch* patch = &program->patches[i];
    patch->insn = word(file, SBPI_PATCHES, in.first + i, 0);
    patch->kind = word(file, SBPI_PATCHES, in.first + i, 1);
    patch->param = word(file, SBPI_PATCHES, in.first + i, 2);
    patch->offset = word(file, SBPI_PATCHES, in.first + i, 3);
    int in_order = i == 0 || program->patches[i - 1].insn < patch->insn;
    if (!in_order || !patch_fits(program, patch)) {
      return damaged(error, "a hole does not fit its instruction and its run-time parameter");
    }
  }
  return SBP_OK;
}

static enum sbp_status take_map(const struct sbpi_file* file, struct sbpi_slice rules, sbp_program* program,
                                struct sbp_error* error) {
  program->place_count = file->tables[SBPI_PLACES].count;
  if (program->place_count > MOST_PLACES) return damaged(error, "it names too many statements");
  for (uint32_t i = 0; i < program->place_count; i++) {
    const struct sbpi_place place = {word(file, SBPI_PLACES, i, 0), word(file, SBPI_PLACES, i, 1),
                                     word(file, SBPI_PLACES, i, 2), word(file, SBPI_PLACES, i, 3),
                                     word(file, SBPI_PLACES, i, 4)};
    if (!is_string(file, place.file) || !is_string(file, place.text) || !is_string(file, place.reason)) {
      return damaged(error, "a text lies behind its texts, or begins inside of another");
    }
    program->places[i] = place;
  }
  program->rule_count = rules.count;
  for (uint32_t i = 0; i < rules.count; i++) {
    const uint32_t row = rules.first + i;
    const struct sbpi_rule rule = {word(file, SBPI_RULES, row, 0), word(file, SBPI_RULES, row, 1),
                                   word(file, SBPI_RULES, row, 2), word(file, SBPI_RULES, row, 3),
                                   word(file, SBPI_RULES, row, 4)};
    if (rule.first > rule.last || rule.place >= program->place_count)
      return damaged(error, "a row of its source map is wrong");
    program->rules[i] = rule;
  }
  return SBP_OK;
}

enum sbp_status sbpi_take(const struct sbpi_file* file, const struct sbpi_choice* choice, sbp_program* program,
                          struct sbp_error* error) {
  program->name = word(file, SBPI_PROGRAMS, choice->row, NAME);
  program->install_flags = word(file, SBPI_PROGRAMS, choice->row, INSTALL);
  if (string_at(file, program->name)[0] == '\0') return damaged(error, "a program has no name");
  /* SBP_KEEP_PRIVS and SBP_POLICY_FLAGS are the caller's to say. */
  if (program->install_flags > UINT16_MAX) return damaged(error, "its install flags are not the kernel's");
  memcpy(program->strings, file->bytes + file->tables[SBPI_STRINGS].offset, file->tables[SBPI_STRINGS].count);
  enum sbp_status status = take_insns(file, choice, program, error);
  if (status == SBP_OK) status = take_params(file, choice->params, program, error);
  if (status == SBP_OK) status = take_patches(file, choice->patches, program, error);
  if (status == SBP_OK) status = take_map(file, choice->rules, program, error);
  return status;
}
