/* check.c: the kernel's rules for a seccomp program, so that a refusal names the instruction.
 *
 * Exports sbp_check(). A program passes if and only if seccomp(SECCOMP_SET_MODE_FILTER) would not answer EINVAL for it:
 *   kernel/seccomp.c: seccomp_check_filter()       which opcodes, and which loads from seccomp_data
 *   net/core/filter.c: bpf_check_classic()         jumps, shifts, divisions, scratch slots, the final return
 *   net/core/filter.c: check_load_and_stores()     a scratch slot is written before it is read
 * Tested by test/unit/runtime/check_test.cpp, which holds it against the kernel.
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "text.h"

static enum sbp_status bad_insn(struct sbp_error* error, size_t pc, const char* what) {
  struct sbpi_text text = sbpi_error(error, SBP_E_INSN, 0);
  if (error != NULL) error->insn = (int32_t)pc;
  sbpi_put(&text, "instruction ");
  sbpi_put_u64(&text, pc);
  sbpi_put(&text, " ");
  sbpi_put(&text, what);
  sbpi_put(&text, ": the kernel would refuse the program; compile the policy again");
  return SBP_E_INSN;
}

/* What is wrong with an instruction wherever it stands, or NULL. The opcodes are those that seccomp_check_filter()
 * lists. */
static const char* wrong_alone(const struct sock_filter* insn) {
  switch (insn->code) {
    case BPF_LD | BPF_W | BPF_ABS:
      if (insn->k % 4 != 0) return "loads from an offset that is not a multiple of 4";
      return insn->k < sizeof(struct seccomp_data) ? NULL : "loads from behind seccomp_data (64 bytes)";
    case BPF_LD | BPF_W | BPF_LEN:
    case BPF_LDX | BPF_W | BPF_LEN:
    case BPF_LD | BPF_IMM:
    case BPF_LDX | BPF_IMM:
    case BPF_ALU | BPF_ADD | BPF_K:
    case BPF_ALU | BPF_ADD | BPF_X:
    case BPF_ALU | BPF_SUB | BPF_K:
    case BPF_ALU | BPF_SUB | BPF_X:
    case BPF_ALU | BPF_MUL | BPF_K:
    case BPF_ALU | BPF_MUL | BPF_X:
    case BPF_ALU | BPF_DIV | BPF_X:
    case BPF_ALU | BPF_AND | BPF_K:
    case BPF_ALU | BPF_AND | BPF_X:
    case BPF_ALU | BPF_OR | BPF_K:
    case BPF_ALU | BPF_OR | BPF_X:
    case BPF_ALU | BPF_XOR | BPF_K:
    case BPF_ALU | BPF_XOR | BPF_X:
    case BPF_ALU | BPF_LSH | BPF_X:
    case BPF_ALU | BPF_RSH | BPF_X:
    case BPF_ALU | BPF_NEG:
    case BPF_MISC | BPF_TAX:
    case BPF_MISC | BPF_TXA:
    case BPF_JMP | BPF_JA:
    case BPF_JMP | BPF_JEQ | BPF_K:
    case BPF_JMP | BPF_JEQ | BPF_X:
    case BPF_JMP | BPF_JGT | BPF_K:
    case BPF_JMP | BPF_JGT | BPF_X:
    case BPF_JMP | BPF_JGE | BPF_K:
    case BPF_JMP | BPF_JGE | BPF_X:
    case BPF_JMP | BPF_JSET | BPF_K:
    case BPF_JMP | BPF_JSET | BPF_X:
    case BPF_RET | BPF_K:
    case BPF_RET | BPF_A: return NULL;
    case BPF_ALU | BPF_DIV | BPF_K: return insn->k != 0 ? NULL : "divides by zero";
    case BPF_ALU | BPF_LSH | BPF_K:
    case BPF_ALU | BPF_RSH | BPF_K: return insn->k < 32 ? NULL : "shifts by 32 or more";
    case BPF_LD | BPF_MEM:
    case BPF_LDX | BPF_MEM:
    case BPF_ST:
    case BPF_STX: return insn->k < BPF_MEMWORDS ? NULL : "uses a scratch slot above 15";
    default:
      return "has an opcode that seccomp does not have"; /* opcodes are 16 bits from outside, not an enum of ours */
  }
}

static int is_conditional_jump(const struct sock_filter* insn) {
  return BPF_CLASS(insn->code) == BPF_JMP && BPF_OP(insn->code) != BPF_JA;
}

static const char* wrong_jump(const struct sock_filter* insn, size_t left) {
  if (BPF_CLASS(insn->code) != BPF_JMP) return NULL;
  int past = is_conditional_jump(insn) ? insn->jt >= left || insn->jf >= left : insn->k >= left;
  return past ? "jumps past the end" : NULL;
}

static int reads_slot(const struct sock_filter* insn) {
  return insn->code == (BPF_LD | BPF_MEM) || insn->code == (BPF_LDX | BPF_MEM);
}

/* Slots are a 16-bit set. `valid[pc]` is what every path seen so far has written when it arrives at pc; jumps only go
 * forward, so one pass sees all of them first. Not inlined: its two pages of stack are touched only by programs that
 * read slots, which are few. */
__attribute__((noinline)) static enum sbp_status check_slots(const struct sock_filter* insns, size_t count,
                                                             struct sbp_error* error) {
  uint16_t valid[SBP_MAX_INSNS];
  memset(valid, 0xff, count * sizeof valid[0]);
  uint16_t written = 0;
  for (size_t pc = 0; pc < count; pc++) {
    const struct sock_filter* insn = &insns[pc];
    written &= valid[pc];
    if (insn->code == BPF_ST || insn->code == BPF_STX) {
      written = (uint16_t)(written | 1U << insn->k);
    } else if (reads_slot(insn)) {
      if ((written & 1U << insn->k) == 0)
        return bad_insn(error, pc, "reads a scratch slot that some path has not written");
    } else if (is_conditional_jump(insn)) {
      valid[pc + 1 + insn->jt] &= written;
      valid[pc + 1 + insn->jf] &= written;
      written = 0xffff;
    } else if (BPF_CLASS(insn->code) == BPF_JMP) {
      valid[pc + 1 + insn->k] &= written;
      written = 0xffff;
    }
  }
  return SBP_OK;
}

enum sbp_status sbp_check(const struct sock_filter* insns, size_t count, struct sbp_error* error) {
  if (insns == NULL) return sbpi_fail(error, SBP_E_ARGUMENT, "sbp_check was given no instructions");
  if (count == 0)
    return sbpi_fail(error, SBP_E_FORMAT, "the program is empty: compile a policy with `sbpc FILE.sb -o FILE.bpf`");
  if (count > SBP_MAX_INSNS) {
    return sbpi_fail(
        error, SBP_E_TOO_LONG,
        "the program has more than 4096 instructions, the kernel's limit: split the policy into two filters");
  }
  int any_reads = 0;
  for (size_t pc = 0; pc < count; pc++) {
    any_reads |= reads_slot(&insns[pc]);
    const char* wrong = wrong_alone(&insns[pc]);
    if (wrong == NULL) wrong = wrong_jump(&insns[pc], count - pc - 1);
    if (wrong != NULL) return bad_insn(error, pc, wrong);
  }
  if (BPF_CLASS(insns[count - 1].code) != BPF_RET)
    return bad_insn(error, count - 1, "is the last one and does not return");
  return any_reads ? check_slots(insns, count, error) : SBP_OK;
}
