// meaning.h: what a foreign filter answers, as a decision diagram: the independent half of an import's proof.
//
// It reads the model alone and knows nothing of how the writer puts it into SB, nor of the compiler. Tested by
// test/unit/import/meaning_test.cpp, and against libseccomp by test/agree/import_test.cpp.
#pragma once

#include <vector>

#include "import/model.h"
#include "ir/diagram.h"
#include "target/seccomp_data.h"

namespace sbpc::importer {

// Which bits of a register a comparison looks at: all that the format compares, or those of them that the kernel looks
// at.
enum class Width : uint8_t { exact, meant };

// Where a call is made, and which bits are looked at.
struct Registers {
  target::Abi abi{};
  uint32_t nr = 0;
  Width width = Width::exact;
};

// A rule as it stands on one ABI.
struct Applied {
  target::Verdict verdict;
  std::vector<AllOf> any;  // none: always
  const Rule* rule = nullptr;
};
struct AppliedCall {
  uint32_t nr = 0;
  std::vector<Applied> rules;  // in the file's order
};

// The alternatives as libseccomp makes rules of them: a masked equality without a bit in its mask becomes no test, so a
// rule of nothing else is one without conditions.
[[nodiscard]] std::vector<AllOf> without_idle(std::vector<AllOf> any);

// The alternatives as the filter has them on an ABI: libseccomp compares half a register where pointers have 32 bits,
// x32 and n32 among them, and cuts what is above (_db_rule_gen_32 of its db.c).
[[nodiscard]] std::vector<AllOf> as_applied(const std::vector<AllOf>& any, const Profile& profile, target::Abi abi);

// The rules that are there on `abi` under `setting`, by number; what reaches calls through socketcall and ipc with
// them.
[[nodiscard]] std::vector<AppliedCall> apply_rules(const Profile& profile, target::Abi abi, const Setting& setting);

// libseccomp's rule for a call that is reached through socketcall or ipc: its first argument is the number, what was
// said of the first argument is lost (x86_rule_add of its arch-x86.c, and the like).
[[nodiscard]] std::vector<AllOf> through_multiplexer(const std::vector<AllOf>& any, uint32_t selector);

// The comparison as the filter makes it on an ABI, with what its registers have, or with what the kernel looks at.
[[nodiscard]] Compare compared(const Compare& compare, target::Abi abi, uint32_t nr, Width width);

// One call's rules in the order in which the first that holds answers; else Profile::otherwise does.
[[nodiscard]] std::vector<Applied> answering_order(const Profile& profile, const std::vector<Applied>& rules);

// Yes where the condition holds.
[[nodiscard]] ir::Ref condition(const std::vector<AllOf>& any, target::Abi abi, uint32_t nr, Width width,
                                ir::Diagram& diagram);

// The answer of rules of which the first that holds counts: how a policy that says them in this order answers.
[[nodiscard]] ir::Ref first_answer(const std::vector<Applied>& order, target::Verdict otherwise,
                                   const Registers& registers, ir::Diagram& diagram);

// The answer of one call's rules, found as the format's own filter finds it: of libseccomp's in its tree
// (argument_tree.h), where answering_order is defined.
[[nodiscard]] ir::Ref answer(const Profile& profile, target::Abi abi, const AppliedCall& call, Width width,
                             ir::Diagram& diagram);

// The whole filter, from arch down. Invalid if the diagram's budget ran out.
[[nodiscard]] ir::Ref meaning(const Profile& profile, const Setting& setting, Width width, ir::Diagram& diagram);

// The same where each call's answer is what `answer_of` says.
using AnswerOf = ir::FunctionRef<ir::Ref(target::Abi, const AppliedCall&)>;
[[nodiscard]] ir::Ref meaning_of_answers(const Profile& profile, const Setting& setting, ir::Diagram& diagram,
                                         AnswerOf answer_of);

// One event's answer, found without a diagram.
[[nodiscard]] target::Verdict evaluate(const Profile& profile, const Setting& setting, const target::SeccompData& data);

// Whether `inner` holds only where `outer` does.
[[nodiscard]] bool implies(const Guard& inner, const Guard& outer);

// Whether two rules can be there at once.
[[nodiscard]] bool compatible(const Guard& a, const Guard& b);

}  // namespace sbpc::importer
