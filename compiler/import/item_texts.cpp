#include "import/item_texts.h"

#include <fmt/format.h>

#include <algorithm>

#include "describe/names.h"
#include "diag/kinds/import.def"

namespace sbpc::importer {
namespace {

namespace kinds = diag::kinds;
using target::Abi;

}  // namespace

std::optional<uint32_t> said_number(const Call& call, Abi abi) {
  constexpr uint32_t kBit31 = 0x80000000U;
  const auto nr = number_of(call, abi);
  return nr && ((*nr & kBit31) != 0 || ((*nr & target::kX32Bit) != 0 && abi != Abi::x32)) ? std::nullopt : nr;
}

const std::string& ItemTexts::action(target::Verdict verdict, Abi abi) {
  std::string& text = actions_[{verdict, abi}];
  if (text.empty()) text = describe::verdict_text(verdict, abi);
  return text;
}

std::string ItemTexts::name(const Call& call, Abi abi) {
  const uint32_t nr = *said_number(call, abi);
  if (const auto known = target::call_at(abi, nr)) return std::string(target::call_name(*known));
  std::string name = fmt::format("call_{}", nr);
  auto row = std::ranges::find(declared_, name, &Declared::name);
  if (row == declared_.end()) row = declared_.insert(row, {name, {}});
  row->numbers[nr].add(abi);
  return name;
}

std::vector<ItemText> ItemTexts::where(const std::string& action, ir::Diagram& diagram, ir::Ref where, const Call& call,
                                       const ClauseQuestion& asked) {
  const auto anyway = where == diagram.yes() ? std::optional(asked.verdict) : std::nullopt;
  std::vector<ItemText> texts;
  for (std::string& target : targets(diagram, where, call, asked)) texts.push_back({action, std::move(target), anyway});
  return texts;
}

// "socket(domain == AF_UNIX)" for each case; the bare name if always.
std::vector<std::string> ItemTexts::targets(ir::Diagram& diagram, ir::Ref where, const Call& call,
                                            const ClauseQuestion& asked) {
  const std::string name = this->name(call, asked.abi);
  if (where == diagram.no()) return {};
  if (where == diagram.yes()) return {name};
  std::vector<std::string> texts;
  for (const describe::Case& one : described_.cases(diagram, where, describe::frame_of(asked.abi, asked.nr)))
    texts.push_back(fmt::format("{}", fmt::join(one, ", ")));
  if (texts.empty()) texts = clauses(asked).value_or(texts);
  if (texts.empty()) {
    sink_
        .report(
            kinds::ImportCannotSay, call.span,
            fmt::format("the conditions of `{}` on {} have no short description", name, target::info(asked.abi).name))
        .note(
            "ranges or masks in place of lists of values, and fewer arguments of the call in a rule, make it "
            "smaller; "
            "so many comparisons are more than the 4,096 instructions that the kernel takes, whatever makes a filter "
            "of them");
  }
  for (std::string& text : texts) text = text.empty() ? name : fmt::format("{}({})", name, text);
  return texts;
}

}  // namespace sbpc::importer
