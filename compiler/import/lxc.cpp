// lxc.cpp: LXC's and LXD's seccomp policies, versions 1 and 2 -> the model, one profile.
//
//   2                                  the version
//   denylist errno 1                   what all other calls get: else allow, or kill behind `allowlist`
//   [x86_64]                           rules from here on are for machines that run this; [all] for each
//   ioctl errno 1 [1,0x5412,SCMP_CMP_MASKED_EQ,0xffffffff]
// Source: lxc.container.conf(5), lxc/lxc src/lxc/seccomp.c of 5.0.2 to 7.0.0 (parse_config_v1, parse_config_v2,
// parse_v2_rules, do_resolve_add_rule). The filter is libseccomp's, for this machine's ABI and those that it runs
// besides. Tested by test/cli/import_lxc.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/multiplexer_rules.h"
#include "import/oci_names.h"

namespace sbpc::importer {
namespace {

using target::Abi;
using target::Action;
using target::Verdict;

// As sscanf(3) reads with "%d": no other base than ten (src/lxc/seccomp.c, get_v2_default_action() and
// parse_config_v1()).
std::optional<uint32_t> decimal(std::string_view text) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

// The first word, which goes.
std::string_view take_word(std::string_view& text) {
  text = trim(text);
  const size_t end = std::min(text.find_first_of(" \t["), text.size());
  const std::string_view word = text.substr(0, end);
  text = trim(text.substr(end));
  return word;
}

// LXC's names of sections: as here, or in upper case throughout.
std::optional<Abi> section_abi(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Abi>, 17> sections = {{{"x86", Abi::i386},
                                                                          {"x86_64", Abi::x86_64},
                                                                          {"x32", Abi::x32},
                                                                          {"arm", Abi::arm},
                                                                          {"arm64", Abi::aarch64},
                                                                          {"ppc", Abi::ppc},
                                                                          {"ppc64", Abi::ppc64},
                                                                          {"ppc64le", Abi::ppc64le},
                                                                          {"mips", Abi::mips},
                                                                          {"mips64", Abi::mips64},
                                                                          {"mips64n32", Abi::mips64n32},
                                                                          {"mipsel", Abi::mipsel},
                                                                          {"mipsel64", Abi::mipsel64},
                                                                          {"mipsel64n32", Abi::mipsel64n32},
                                                                          {"s390", Abi::s390},
                                                                          {"s390x", Abi::s390x},
                                                                          {"loongarch64", Abi::loongarch64}}};
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_lower = [](char c) { return c >= 'a' && c <= 'z'; };
  if (std::ranges::any_of(name, is_upper) && std::ranges::any_of(name, is_lower)) return std::nullopt;
  const auto found = std::ranges::find(sections, to_lower(name), &std::pair<std::string_view, Abi>::first);
  return found != sections.end() ? std::optional(found->second) : std::nullopt;
}

struct LxcLine {
  std::string_view text;  // trimmed, without comment
  std::string_view comment;
  bool is_indented;
  Span span;
};

class LxcReader {
 public:
  LxcReader(Source& source, Profile& profile) : source_(source), profile_(profile) {}

  bool read() {
    const auto version = next_rule();
    if (!version || (version->text != "1" && version->text != "2"))
      return fail(version, "line 1 is the version, 1 or 2");
    const auto kind = next_rule();
    if (!kind || !read_kind(*kind, version->text == "2"))
      return fail(kind, "line 2 is `allowlist` or `denylist`, in version 2 with an action behind it");
    std::string comment;
    while (const auto line = next_line()) {
      if (!line->comment.empty()) comment += (comment.empty() ? "" : "\n") + std::string(line->comment);
      if (line->text.empty()) {
        // A comment apart from all rules is the file's.
        if (line->comment.empty() && profile_.rules.empty() && !comment.empty())
          profile_.comment += (profile_.comment.empty() ? "" : "\n") + std::exchange(comment, {});
        continue;
      }
      if (!(version->text == "1" ? read_number(*line) : read_rule(*line, comment))) return false;
      if (line->text.front() != '[') comment.clear();  // above a section: the first of its rules has it
      if (profile_.rules.size() <= limits::kImportRules) continue;
      source_.sink.report(diag::kinds::ImportTooLarge, line->span,
                          fmt::format("it has more than {} rules", limits::kImportRules));
      return false;
    }
    tell_multiplexed();
    return true;
  }

 private:
  bool fail(const std::optional<LxcLine>& line, std::string note) {
    source_.sink
        .report(diag::kinds::ImportBadSyntax, line ? line->span : Span{source_.file, 0, 0},
                std::string_view("an LXC policy"))
        .note(std::move(note));
    return false;
  }

  std::optional<LxcLine> next_line() {
    const std::string_view text = source_.text();
    if (at_ >= text.size()) return std::nullopt;
    const size_t begin = at_;
    const size_t end = std::min(text.find('\n', begin), text.size());
    at_ = end + 1;
    const std::string_view whole = text.substr(begin, end - begin);
    const size_t hash = std::min(whole.find('#'), whole.size());
    return LxcLine{trim(whole.substr(0, hash)),
                   trim(whole.substr(std::min(hash + 1, whole.size()))),
                   whole.starts_with(' ') || whole.starts_with('\t'),
                   {source_.file, static_cast<uint32_t>(begin), static_cast<uint32_t>(end)}};
  }
  std::optional<LxcLine> next_rule() {
    auto line = next_line();
    while (line && line->text.empty()) line = next_line();
    return line;
  }

  bool read_kind(const LxcLine& line, bool has_action) {
    std::string_view rest = line.text;
    const std::string_view word = take_word(rest);
    const bool is_allowlist = word == "allowlist" || word == "whitelist";
    if (!is_allowlist && word != "denylist" && word != "blacklist") return false;
    if (!has_action && !is_allowlist) return false;  // version 1 knows the one only
    const Verdict allow{Action::allow, 0};
    const Verdict kill{Action::kill_thread, 0};
    profile_.otherwise = is_allowlist ? kill : allow;
    listed_ = is_allowlist ? allow : kill;
    return rest.empty() || (has_action && read_action(rest, profile_.otherwise) && rest.empty());
  }

  // "kill", "errno 1"; what was read goes from the text.
  static bool read_action(std::string_view& text, Verdict& verdict) {
    constexpr std::array<std::pair<std::string_view, Action>, 5> actions = {{{"kill", Action::kill_thread},
                                                                             {"trap", Action::trap},
                                                                             {"allow", Action::allow},
                                                                             {"notify", Action::notify},
                                                                             {"errno", Action::errno_}}};
    const std::string_view word = take_word(text);
    const auto found = std::ranges::find(actions, word, &std::pair<std::string_view, Action>::first);
    if (found == actions.end()) return false;
    verdict = {found->second, 0};
    if (word != "errno") return true;
    const auto value = decimal(take_word(text));
    if (!value || *value > target::kMaxErrno) return false;
    verdict.data = static_cast<uint16_t>(*value);
    return true;
  }

  // Version 1: a number of this machine's main ABI.
  bool read_number(const LxcLine& line) {
    const auto number = decimal(line.text);
    if (!number) return fail(line, "rules of version 1 are numbers of calls");
    const uint32_t nr = *number;
    const Abi abi = profile_.abis.has(target::host_abi()) ? target::host_abi() : profile_.abis.first();
    const auto known = target::call_at(abi, nr);
    add(line, {known ? std::string(target::call_name(*known)) : fmt::format("call_{}", nr), nr, line.span}, listed_, {},
        AbiSet(abi));
    return true;
  }

  bool read_rule(const LxcLine& line, const std::string& comment) {
    if (line.text.front() == '[') return read_section(line);
    if (!is_read_) return true;
    if (line.is_indented) {
      source_.sink.report(diag::kinds::ImportUnknownField, line.span, line.text)
          .note("LXC takes what stands before the first blank for the name: a rule begins its line");
      return true;
    }
    comment_ = comment;
    if (line.text == "reject_force_umount") {
      constexpr uint64_t kForce = 1;    // MNT_FORCE, include/linux/fs.h
      constexpr uint16_t kAccess = 13;  // EACCES
      add(line, {"umount2", std::nullopt, line.span}, {Action::errno_, kAccess},
          {{{1, CompareOp::eq, kForce, kForce, 64}}}, profile_.abis);
      return true;
    }
    std::string_view rest = line.text;
    const std::string_view name = take_word(rest);
    Verdict verdict = listed_;
    if (!rest.empty() && !read_action(rest, verdict))
      return fail(line, "behind the name stands kill, trap, allow, notify or errno NUMBER, then conditions");
    AllOf all;
    while (!rest.empty()) {
      const size_t close = rest.find(']');
      const auto compare = rest.front() == '[' && close != std::string_view::npos
                               ? read_compare(rest.substr(1, close - 1))
                               : std::nullopt;
      if (!compare)
        return fail(line, "a condition is `[INDEX,VALUE,SCMP_CMP_EQ]`, or `[INDEX,VALUE,SCMP_CMP_MASKED_EQ,MASK]`");
      all.push_back(*compare);
      rest = trim(rest.substr(close + 1));
    }
    if (std::ranges::any_of(
            all, [&](const Compare& one) { return std::ranges::count(all, one.index, &Compare::index) > 1; }))
      return fail(line, "libseccomp refuses two conditions on one argument, so LXC loads no such file");
    std::vector<AllOf> any;
    if (!all.empty()) any.push_back(std::move(all));
    const Call call{std::string(name), std::nullopt, line.span};
    const AbiSet abis = profile_.abis - multiplexed(call);
    if (verdict == profile_.otherwise && is_on_some(call, abis))
      return fail(line, "libseccomp refuses a rule that answers what all other calls get, so LXC loads no such file");
    add(line, call, verdict, std::move(any), abis);
    return true;
  }

  // A section says which machines read its rules; those that do give them to all their ABIs.
  bool read_section(const LxcLine& line) {
    if (line.text.back() != ']') return fail(line, "the `]` is missing");
    const std::string_view name = line.text.substr(1, line.text.size() - 2);
    is_read_ = name == "all" || name == "ALL";
    if (is_read_) return true;
    const auto abi = section_abi(name);
    if (!abi) return fail(line, fmt::format("`{}` is no architecture: all, x86_64, x86, x32, arm64, arm ...", name));
    for (const Abi one : profile_.abis) is_read_ = is_read_ || runs(one, *abi);
    if (is_read_ && profile_.abis != AbiSet(*abi) && !std::exchange(has_told_section_, true))
      source_.sink.report(diag::kinds::ImportSection, line.span, line.text);
    return true;
  }

  // Whether machines with the one ABI read sections of the other.
  static bool runs(Abi one, Abi section) {
    return target::info(one).family == target::info(section).family && (section != Abi::s390 || one == Abi::s390);
  }

  static bool is_on_some(const Call& call, AbiSet abis) {
    bool found = false;
    for (const Abi abi : abis) found = found || number_of(call, abi);
    return found;
  }

  // Where libseccomp's number for a call is not one of the ABI's, LXC passes it over.
  AbiSet multiplexed(const Call& call) {
    const AbiSet found = sub_call_abis(profile_, Rule(), call);
    if (!found.empty() && multiplexed_++ == 0) first_multiplexed_ = call;
    return found;
  }
  void tell_multiplexed() {
    if (multiplexed_ == 0) return;
    const std::string more = multiplexed_ > 1 ? fmt::format(" and {} more", multiplexed_ - 1) : "";
    source_.sink.report(diag::kinds::ImportMultiplexed, first_multiplexed_.span, first_multiplexed_.name, more);
  }

  static std::optional<Compare> read_compare(std::string_view text) {
    std::array<std::string_view, 4> parts;
    size_t count = 0;
    while (!text.empty() && count < parts.size()) {
      const size_t comma = std::min(text.find(','), text.size());
      parts[count++] = trim(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> signs = {{{"==", "SCMP_CMP_EQ"},
                                                                                     {"!=", "SCMP_CMP_NE"},
                                                                                     {"<", "SCMP_CMP_LT"},
                                                                                     {"<=", "SCMP_CMP_LE"},
                                                                                     {">", "SCMP_CMP_GT"},
                                                                                     {">=", "SCMP_CMP_GE"},
                                                                                     {"&=", "SCMP_CMP_MASKED_EQ"}}};
    const auto sign = std::ranges::find(signs, parts[2], &std::pair<std::string_view, std::string_view>::first);
    const std::string_view op_name = sign != signs.end() ? sign->second : parts[2];
    const bool is_masked = op_name == "SCMP_CMP_MASKED_EQ";
    const auto op = is_masked ? std::optional(CompareOp::eq) : compare_of_scmp(op_name);
    const auto index = parse_c_number(parts[0]);
    const auto value = parse_c_number(parts[1]);
    const auto mask = !is_masked ? std::optional(~uint64_t{0}) : count == 4 ? parse_c_number(parts[3]) : 0;
    if (!text.empty() || !op || !index || *index > 5 || !value || !mask || count < 3) return std::nullopt;
    return Compare{static_cast<uint8_t>(*index), *op, *mask, is_masked ? *value & *mask : *value, 64};
  }

  void add(const LxcLine& line, Call call, Verdict verdict, std::vector<AllOf> any, AbiSet abis) {
    if (abis.empty()) return;
    Rule rule;
    rule.calls.push_back(std::move(call));
    rule.verdict = verdict;
    rule.any = std::move(any);
    rule.guard.abis = abis;
    rule.comment = std::exchange(comment_, {});
    rule.span = line.span;
    profile_.rules.push_back(std::move(rule));
  }

  Source& source_;
  Profile& profile_;
  bool is_read_ = true;  // the section's rules, by such machines
  bool has_told_section_ = false;
  size_t multiplexed_ = 0;  // how many rules' calls are, on some ABI
  Call first_multiplexed_;
  Verdict listed_;
  std::string comment_;
  size_t at_ = 0;
};

}  // namespace

bool looks_lxc(Source& source) {
  std::string_view text = source.text();
  if (text.find('\0') != std::string_view::npos) return false;
  std::array<std::string_view, 2> lines;
  for (size_t found = 0; found < lines.size() && !text.empty();) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, std::min(text.find('#'), end)));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty()) lines[found++] = line;
  }
  const bool has_version = !lines[0].empty() && lines[0].find_first_not_of("0123456789") == std::string_view::npos;
  constexpr std::array<std::string_view, 4> kinds = {"allowlist", "denylist", "whitelist", "blacklist"};
  return has_version && std::ranges::any_of(kinds, [&](std::string_view kind) { return lines[1].starts_with(kind); });
}

Result<Foreign> read_lxc(Source& source) {
  Foreign foreign;
  foreign.kind = "LXC policy";
  Profile& profile = foreign.profiles.emplace_back();
  profile.name = source.stem();
  profile.discipline = Discipline::libseccomp;
  profile.abis = source.abis.empty() ? machine_abis() : source.abis;
  profile.guards_x32 = true;
  profile.drops_absent = true;                  // src/lxc/seccomp.c, do_resolve_add_rule
  profile.bad_arch = {Action::kill_thread, 0};  // libseccomp's SCMP_FLTATR_ACT_BADARCH, which LXC leaves
  if (!LxcReader(source, profile).read() || source.sink.has_errors()) return failed();
  return foreign;
}

}  // namespace sbpc::importer
