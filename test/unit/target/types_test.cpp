// Argument types, their fields, and what a selector makes of the other arguments.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/policy_limits.h"
#include "target/syscalls.h"

namespace sbpc::target {
namespace {

const ArgType& type(std::string_view name) { return arg_type(find_type(name).value()); }

bool lists(const ArgType& of, std::string_view constant) { return std::ranges::count(of.constants, constant) == 1; }

// "NAME", "~NAME" or "0x..." on one ABI; nullopt where the ABI lacks the constant.
std::optional<__int128> mask_value(std::string_view text, Abi abi) {
  const bool inverted = text.starts_with('~');
  if (inverted) text.remove_prefix(1);
  std::optional<__int128> value;
  if (text.starts_with("0x")) {
    value = std::stoull(std::string(text), nullptr, 16);
  } else {
    value = constant_value(find_constant(text).value(), abi);
  }
  if (value && inverted) value = ~*value;
  return value;
}

TEST(Types, names_are_found) {
  for (uint32_t i = 0; i < type_count(); ++i) {
    EXPECT_EQ(find_type(arg_type(TypeId(i)).name), TypeId(i));
  }
  EXPECT_FALSE(find_type("open_flag"));
  EXPECT_FALSE(find_type(""));
}

TEST(Types, every_listed_constant_exists_and_leads_back) {
  for (uint32_t i = 0; i < type_count(); ++i) {
    const ArgType& row = arg_type(TypeId(i));
    for (const std::string_view name : row.constants) {
      const auto constant = find_constant(name);
      ASSERT_TRUE(constant) << row.name << " lists " << name;
      EXPECT_EQ(std::ranges::count(constant_types(*constant), TypeId(i)), 1) << row.name << " " << name;
    }
  }
}

TEST(Types, field_constants_belong_to_the_type_and_lie_in_the_mask) {
  for (uint32_t i = 0; i < type_count(); ++i) {
    const ArgType& row = arg_type(TypeId(i));
    for (const Field& field : row.fields) {
      EXPECT_FALSE(field.constants.empty()) << row.name;
      for (const std::string_view name : field.constants) {
        EXPECT_TRUE(lists(row, name)) << row.name << " " << name;
        for (const AbiInfo& abi : abis()) {
          const auto mask = mask_value(field.mask, abi.abi);
          const auto value = constant_value(find_constant(name).value(), abi.abi);
          EXPECT_TRUE(!mask || !value || (*value & ~*mask) == 0) << row.name << " " << name << " on " << abi.name;
        }
      }
    }
  }
}

TEST(Types, fields) {
  EXPECT_EQ(type("open_flags").fields[0].mask, "O_ACCMODE");
  EXPECT_EQ(type("open_flags").fields[0].constants.size(), 3U);
  EXPECT_EQ(type("open_flags").fields.size(), 1U) << "the flag part is no field";
  EXPECT_EQ(type("sock_type").fields[0].mask, "SOCK_TYPE_MASK");
  EXPECT_EQ(type("clone_flags").fields[0].mask, "CSIGNAL");
  EXPECT_TRUE(lists(type("clone_flags"), "SIGCHLD"));
  EXPECT_EQ(type("futex_op").fields[0].mask, "FUTEX_CMD_MASK");
  EXPECT_EQ(type("mknod_mode").fields[0].mask, "S_IFMT");
  EXPECT_EQ(type("mmap_flags").fields[0].mask, "MAP_TYPE");
  EXPECT_EQ(type("mmap_flags").fields[1].mask, "0xfc000000");
  EXPECT_EQ(type("memfd_flags").fields[0].mask, "0xfc000000");
}

TEST(Types, kinds_and_widths) {
  EXPECT_EQ(type("open_flags").kind, TypeKind::flags);
  EXPECT_EQ(type("fd").kind, TypeKind::fd);
  EXPECT_TRUE(type("fd").is_signed);
  EXPECT_EQ(type("mode").width, 16);
  EXPECT_EQ(type("uid16").width, 16);
  EXPECT_EQ(type("clone_flags").width, 32) << "clone cuts its flags";
  EXPECT_EQ(type("unshare_flags").width, 0);
  EXPECT_EQ(type("loff").width, 64);
  EXPECT_EQ(type("ptr").kind, TypeKind::pointer);
  EXPECT_TRUE(lists(type("sock_family"), "PF_INET")) << "the other names of the families";
}

TEST(Dependent, selectors) {
  const auto selector = [](std::string_view name) { return selector_of(find_call(name).value()); };
  EXPECT_EQ(selector("fcntl"), "cmd");
  EXPECT_EQ(selector("fcntl64"), "cmd");
  EXPECT_EQ(selector("ioctl"), "request");
  EXPECT_EQ(selector("prctl"), "option");
  EXPECT_EQ(selector("getsockopt"), "level");
  EXPECT_EQ(selector("read"), "");
  EXPECT_EQ(selector_mask(find_call("futex").value()), "FUTEX_CMD_MASK");
  EXPECT_EQ(selector_mask(find_call("io_uring_register").value()), "0x7fffffff");
  EXPECT_EQ(selector_mask(find_call("fcntl").value()), "");
  EXPECT_EQ(command_bits(find_call("futex").value(), Abi::x86_64, 32), 0xfffffe7fU);
  EXPECT_EQ(command_bits(find_call("io_uring_register").value(), Abi::x86_64, 32), 0x7fffffffU);
  EXPECT_EQ(command_bits(find_call("fcntl").value(), Abi::x86_64, 32), 0xffffffffU);
}

TEST(Dependent, commands_type_the_others) {
  const auto fcntl = dependent_args(find_call("fcntl").value(), "F_SETFD");
  ASSERT_EQ(fcntl.size(), 1U);
  EXPECT_EQ(fcntl[0].arg, "arg");
  EXPECT_EQ(arg_type(fcntl[0].type).name, "fd_flags");
  EXPECT_EQ(fcntl[0].width, 32);
  EXPECT_TRUE(dependent_args(find_call("fcntl").value(), "F_GETFD").empty()) << "takes no argument";
  EXPECT_TRUE(dependent_args(find_call("fcntl").value(), "NO_SUCH").empty());
  EXPECT_TRUE(dependent_args(find_call("read").value(), "F_SETFD").empty());

  const auto caps = dependent_args(find_call("prctl").value(), "PR_CAPBSET_DROP");
  ASSERT_EQ(caps.size(), 1U);
  EXPECT_EQ(arg_type(caps[0].type).name, "capability");
  EXPECT_EQ(caps[0].width, 0) << "prctl compares the whole word";

  const auto mdwe = dependent_args(find_call("prctl").value(), "PR_SET_MDWE");
  ASSERT_EQ(mdwe.size(), 4U);
  EXPECT_TRUE(lists(arg_type(mdwe[0].type), "PR_MDWE_REFUSE_EXEC_GAIN"));
  EXPECT_FALSE(mdwe[0].only);
  EXPECT_EQ(mdwe[1].only, 0) << "arg3, arg4 and arg5 must be 0";
  EXPECT_EQ(dependent_args(find_call("prctl").value(), "PR_SET_NO_NEW_PRIVS").at(0).only, 1);
}

// "arg2/32:prctl_x arg3/0:pid", "=0" where only one value is taken.
std::string rows(const std::vector<DependentArg>& args) {
  std::string text;
  for (const DependentArg& arg : args) {
    if (!text.empty()) text += ' ';
    text += std::string(arg.arg) + "/" + std::to_string(arg.width) + ":" + std::string(arg_type(arg.type).name);
    if (arg.only) text += "=" + std::to_string(*arg.only);
  }
  return text;
}

TEST(Dependent, kernel_functions_behind_prctl_cut_words) {
  const CallId prctl = find_call("prctl").value();
  EXPECT_EQ(rows(dependent_args(prctl, "PR_SCHED_CORE")),
            "arg2/32:prctl_pr_sched_core_arg2 arg3/32:pid arg4/32:prctl_pr_sched_core_arg4 arg5/0:ptr")
      << "sched_core_share_pid(unsigned int, pid_t, enum pid_type, unsigned long)";
  EXPECT_EQ(rows(dependent_args(prctl, "PR_SET_TSC")), "arg2/32:prctl_pr_set_tsc_arg2");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_CAPBSET_DROP")), "arg2/0:capability")
      << "cap_valid() looks at the whole word";
}

TEST(Dependent, setval_takes_another_half_on_big_endian) {
  const CallId semctl = find_call("semctl").value();
  EXPECT_EQ(rows(dependent_args(semctl, "SETVAL")), "arg/32:signed32");
  const auto counts = [&](Abi abi) {
    const Arg arg = find_arg(semctl, abi, "arg").value();
    return std::pair(narrow_commands(semctl, abi, arg).size(), upper_half_commands(semctl, abi, arg).size());
  };
  EXPECT_EQ(counts(Abi::x86_64), std::pair(size_t{1}, size_t{0}));
  EXPECT_EQ(counts(Abi::s390x), std::pair(size_t{0}, size_t{1}));
  EXPECT_EQ(counts(Abi::i386), std::pair(size_t{0}, size_t{0})) << "the whole register";
  EXPECT_EQ(counts(Abi::mips64n32), std::pair(size_t{0}, size_t{0})) << "its handler takes 32 bits";
}

TEST(Dependent, second_selectors) {
  const CallId prctl = find_call("prctl").value();
  EXPECT_EQ(second_selector(prctl, "PR_SET_MM"), "arg2");
  EXPECT_EQ(second_selector(prctl, "PR_SET_NAME"), "");
  EXPECT_EQ(second_selector(find_call("fcntl").value(), "F_SETFD"), "");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_SET_MM")), "arg2/32:prctl_pr_set_mm_arg2 arg5/0:unsigned_word=0");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_SET_MM", "PR_SET_MM_EXE_FILE")),
            "arg3/32:fd arg4/0:unsigned_word=0 arg5/0:unsigned_word=0");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_SET_MM", "PR_SET_MM_MAP")),
            "arg3/0:ptr arg4/0:unsigned_word arg5/0:unsigned_word=0");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_RAISE")),
            "arg3/0:capability arg4/0:unsigned_word=0 arg5/0:unsigned_word=0");
  EXPECT_EQ(rows(dependent_args(prctl, "PR_CAP_AMBIENT", "PR_CAP_AMBIENT_CLEAR_ALL")).substr(0, 22),
            "arg3/0:unsigned_word=0");
  EXPECT_TRUE(dependent_args(prctl, "PR_SET_MM", "NO_SUCH").empty());
}

TEST(Dependent, commands_are_found_by_value) {
  const CallId setsockopt = find_call("setsockopt").value();
  const auto type_with = [&](Command command, Abi abi = Abi::x86_64) {
    const auto meaning = meaning_of(setsockopt, abi, command, "optname");
    return meaning ? arg_type(meaning->type).name : std::string_view("none");
  };
  EXPECT_EQ(type_with({find_constant("IPPROTO_TCP").value(), 6, 0xffffffff}), "tcp_option");
  EXPECT_EQ(type_with({find_constant("SOL_TCP").value(), 6, 0xffffffff}), "tcp_option");
  EXPECT_EQ(type_with({{}, 6, 0xffffffff}), "tcp_option");
  EXPECT_EQ(type_with({{}, 1, 0xffffffff}), "so_option");
  EXPECT_EQ(type_with({{}, 0xffff, 0xffffffff}, Abi::mips), "so_option");
  EXPECT_EQ(type_with({{}, 77, 0xffffffff}), "none");
}

TEST(Dependent, several_commands_share_type_or_width) {
  const CallId fcntl = find_call("fcntl").value();
  const Arg arg = find_arg(fcntl, Abi::x86_64, "arg").value();
  const auto shared = [&](std::vector<uint64_t> values) {
    std::vector<Command> commands;
    for (uint64_t value : values) commands.push_back({{}, value, 0xffffffff});
    return shared_meaning(fcntl, Abi::x86_64, commands, arg);
  };
  EXPECT_EQ(shared({2}).width, 32);
  EXPECT_TRUE(shared({2}).type.has_value());
  EXPECT_EQ(shared({2, 0}).width, 32) << "F_SETFD and F_DUPFD";
  EXPECT_FALSE(shared({2, 0}).type.has_value());
  EXPECT_FALSE(shared({2, 6}).width.has_value()) << "F_SETLK takes a pointer";
  EXPECT_FALSE(shared({2, 99}).width.has_value());
  EXPECT_FALSE(shared({}).width.has_value());
}

// A condition that lists more commands names one that gives no argument a meaning: it fixes nothing, and none is
// missed.
TEST(Dependent, no_call_has_more_commands_than_a_condition_may_list) {
  for (uint32_t c = 0; c < call_count(); ++c) {
    for (const AbiInfo& abi : abis()) {
      for (const Arg& arg : call_args(CallId(c), abi.abi).value_or(std::vector<Arg>())) {
        EXPECT_LT(command_args(CallId(c), arg.name).size(), limits::kSelectorCommands)
            << call_name(CallId(c)) << "." << arg.name;
      }
    }
  }
}

TEST(Dependent, narrow_ones_have_one_width) {
  size_t cases = 0;
  for (uint32_t c = 0; c < call_count(); ++c) {
    for (const AbiInfo& abi : abis()) {
      for (const Arg& arg : call_args(CallId(c), abi.abi).value_or(std::vector<Arg>())) {
        for (const CommandArg& row : narrow_commands(CallId(c), abi.abi, arg)) {
          ++cases;
          EXPECT_EQ(row.meaning.width, kNarrowBits) << call_name(CallId(c)) << "." << arg.name;
          EXPECT_FALSE(arg.slots.high.has_value());
        }
      }
    }
  }
  EXPECT_GT(cases, 0U);
}

TEST(Dependent, every_row_names_an_argument_of_the_call) {
  for (uint32_t c = 0; c < call_count(); ++c) {
    const CallId call(c);
    if (selector_of(call).empty()) continue;
    size_t cases = 0;
    for (const AbiInfo& abi : abis()) {
      if (!call_args(call, abi.abi)) continue;
      const Arg selector = find_arg(call, abi.abi, selector_of(call)).value();
      for (const std::string_view constant : arg_type(selector.type).constants) {
        for (const DependentArg& dependent : dependent_args(call, constant)) {
          ++cases;
          EXPECT_TRUE(find_arg(call, abi.abi, dependent.arg))
              << call_name(call) << "." << dependent.arg << " on " << abi.name;
        }
      }
    }
    EXPECT_GT(cases, 0U) << call_name(call);
  }
}

}  // namespace
}  // namespace sbpc::target
