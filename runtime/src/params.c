/* params.c: run-time parameters: what they are, and their values put into the instructions.
 *
 * Exports sbp_set_bool(), sbp_set_u32(), sbp_set_u64(), sbp_param_at(), sbp_name(), sbp_install_flags(). Nothing is
 * compiled: a value is written over the constant of each instruction that compares with it, a bool over the distance of
 * each jump that it decides.
 *
 * Tested by test/unit/runtime/params_test.cpp.
 */
#include <string.h>

#include "program.h"

static const char* name_of(const sbp_program* program, const struct sbpi_param* param) {
  return program->strings + param->name;
}

static enum sbp_status wrong(struct sbp_error* error, const char* before, const char* name, const char* after) {
  struct sbpi_text text = sbpi_error(error, SBP_E_PARAMETER, 0);
  sbpi_put(&text, before);
  sbpi_put(&text, name);
  sbpi_put(&text, after);
  return SBP_E_PARAMETER;
}

static enum sbp_status unknown(const sbp_program* program, const char* name, struct sbp_error* error) {
  if (program->param_count == 0) {
    return wrong(error, "there is no run-time parameter `", name,
                 "`: this program has none; raw programs never have, compile the policy to a container (-o FILE.sbp)");
  }
  struct sbpi_text text = sbpi_error(error, SBP_E_PARAMETER, 0);
  sbpi_put(&text, "there is no run-time parameter `");
  sbpi_put(&text, name);
  sbpi_put(&text, "`; this program has ");
  for (uint32_t i = 0; i < program->param_count; i++) {
    if (i > 0) sbpi_put(&text, ", ");
    sbpi_put(&text, name_of(program, &program->params[i]));
  }
  return SBP_E_PARAMETER;
}

static enum sbp_status find(const sbp_program* program, const char* name, uint32_t* index, struct sbp_error* error) {
  if (program == NULL || name == NULL)
    return sbpi_fail(error, SBP_E_ARGUMENT, "a run-time parameter was set with a null pointer");
  for (*index = 0; *index < program->param_count; ++*index) {
    if (strcmp(name_of(program, &program->params[*index]), name) == 0) return SBP_OK;
  }
  return unknown(program, name, error);
}

static void fill(sbp_program* program, uint32_t index, uint64_t value) {
  for (uint32_t i = 0; i < program->patch_count; i++) {
    const struct sbpi_patch* patch = &program->patches[i];
    if (patch->param != index) continue;
    uint32_t* k = &program->insns[patch->insn].k;
    if (patch->kind == SBPI_PATCH_FLAG)
      *k = value != 0 ? 0 : patch->offset;
    else
      *k = (uint32_t)(patch->kind == SBPI_PATCH_HIGH ? value >> 32 : value);
  }
  program->params[index].is_set = 1;
}

enum sbp_status sbp_set_bool(sbp_program* program, const char* name, int value, struct sbp_error* error) {
  uint32_t index;
  enum sbp_status status = find(program, name, &index, error);
  if (status != SBP_OK) return status;
  if (program->params[index].kind != SBP_BOOL) {
    return wrong(error, "the run-time parameter `", name, "` is a number: use sbp_set_u32 or sbp_set_u64");
  }
  fill(program, index, value != 0);
  return SBP_OK;
}

/* A number fits if it lies in what the parameter's type holds, or is a negative one's two's complement of 32 or 64
 * bits. */
static int fits(const struct sbpi_param* param, uint64_t value, unsigned from) {
  if (from == 32)
    value = (uint64_t)(int64_t)(int32_t)(uint32_t)value; /* sign-extended, so that both forms look alike */
  if (param->width == 64) return 1;
  uint64_t most = ((uint64_t)1 << param->width) - 1;
  if (from == 32 && param->width == 32) return 1;
  return value <= most || ~value <= most >> 1;
}

static enum sbp_status set_number(sbp_program* program, const char* name, uint64_t value, unsigned from,
                                  struct sbp_error* error) {
  uint32_t index;
  enum sbp_status status = find(program, name, &index, error);
  if (status != SBP_OK) return status;
  const struct sbpi_param* param = &program->params[index];
  if (param->kind == SBP_BOOL) return wrong(error, "the run-time parameter `", name, "` is a bool: use sbp_set_bool");
  if (!fits(param, value, from)) {
    return wrong(error, "the value does not fit the run-time parameter `", name,
                 param->width == 16 ? "`, which has 16 bits" : "`, which has 32 bits");
  }
  /* A comparison of 16 bits is made on the masked word. */
  if (param->width == 16) value &= 0xffff;
  if (from == 32 && param->width == 64 && param->kind == SBP_SIGNED)
    value = (uint64_t)(int64_t)(int32_t)(uint32_t)value;
  fill(program, index, value);
  return SBP_OK;
}

enum sbp_status sbp_set_u32(sbp_program* program, const char* name, uint32_t value, struct sbp_error* error) {
  return set_number(program, name, value, 32, error);
}

enum sbp_status sbp_set_u64(sbp_program* program, const char* name, uint64_t value, struct sbp_error* error) {
  return set_number(program, name, value, 64, error);
}

int sbp_param_at(const sbp_program* program, size_t index, struct sbp_param* out) {
  if (program == NULL || out == NULL || index >= program->param_count) return 0;
  const struct sbpi_param* param = &program->params[index];
  out->name = name_of(program, param);
  out->kind = (enum sbp_param_kind)param->kind;
  out->width = param->width;
  out->is_set = param->is_set;
  return 1;
}

const char* sbp_name(const sbp_program* program) { return program == NULL ? "" : program->strings + program->name; }

unsigned sbp_install_flags(const sbp_program* program) { return program == NULL ? 0 : program->install_flags; }

enum sbp_status sbpi_check_set(const sbp_program* program, struct sbp_error* error) {
  uint32_t unset = 0;
  struct sbpi_text text = {NULL, NULL};
  for (uint32_t i = 0; i < program->param_count; i++) {
    const struct sbpi_param* param = &program->params[i];
    if (param->is_set) continue;
    if (unset++ == 0) {
      text = sbpi_error(error, SBP_E_UNSET, 0);
      sbpi_put(&text, "run-time parameters have no value: ");
    } else {
      sbpi_put(&text, ", ");
    }
    sbpi_put(&text, name_of(program, param));
    sbpi_put(&text, param->kind == SBP_BOOL ? " (sbp_set_bool)"
                    : param->width == 64    ? " (sbp_set_u64)"
                                            : " (sbp_set_u32)");
  }
  return unset == 0 ? SBP_OK : SBP_E_UNSET;
}
