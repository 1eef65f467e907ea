#include "bpf/opcode.h"

#include <array>

#include "base/check.h"

namespace sbpc::bpf {
namespace {

constexpr OpcodeInfo kRows[] = {
#define OPCODE(id, code, mnemonic, operand, emulated) {Opcode::id, code, #mnemonic, Operand::operand, emulated != 0},
#include "bpf/opcodes.def"
};

constexpr size_t kCodes = 0xad;  // one above the largest
constexpr uint8_t kNoRow = 0xff;

constexpr std::array<uint8_t, kCodes> rows_by_code() {
  std::array<uint8_t, kCodes> rows{};
  rows.fill(kNoRow);
  for (const OpcodeInfo& row : kRows) rows[row.code] = static_cast<uint8_t>(row.opcode);
  return rows;
}
constexpr std::array<uint8_t, kCodes> kRowsByCode = rows_by_code();

}  // namespace

const OpcodeInfo& info(Opcode opcode) { return kRows[static_cast<size_t>(opcode)]; }

std::span<const OpcodeInfo> opcodes() { return kRows; }

std::optional<Opcode> find_opcode(uint16_t code) {
  if (code >= kCodes || kRowsByCode[code] == kNoRow) return std::nullopt;
  return static_cast<Opcode>(kRowsByCode[code]);
}

Opcode opcode_of(uint16_t code) {
  const std::optional<Opcode> opcode = find_opcode(code);
  CHECK(opcode.has_value());
  return *opcode;
}

}  // namespace sbpc::bpf
