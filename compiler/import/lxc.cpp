// lxc.cpp: LXC's and LXD's seccomp policies, versions 1 and 2 -> the model, one profile.
//
//   2                                  the version
//   denylist errno 1                   what listed calls get; with `allowlist` what all others get
//   [x86_64]                           rules from here on are for one ABI; [all] for each
//   ioctl errno 1 [1,0x5412,SCMP_CMP_MASKED_EQ,0xffffffff]
// Source: lxc.container.conf(5), lxc/lxc src/lxc/seccomp.c (parse_config_v1, parse_config_v2, parse_v2_rules). The
// filter is libseccomp's, for this machine's ABI and those that it runs besides. Tested by test/cli/import_lxc.test.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "base/limits.h"
#include "base/number.h"
#include "base/text.h"
#include "diag/kinds/import.def"
#include "import/formats.h"
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

// LXC's names of sections; most are uname's or libseccomp's.
std::optional<Abi> section_abi(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Abi>, 6> others = {{{"x86", Abi::i386},
                                                                       {"amd64", Abi::x86_64},
                                                                       {"arm64", Abi::aarch64},
                                                                       {"ppc64el", Abi::ppc64le},
                                                                       {"mips64", Abi::mips64},
                                                                       {"i686", Abi::i386}}};
  const auto found = std::ranges::find(others, name, &std::pair<std::string_view, Abi>::first);
  return found != others.end() ? std::optional(found->second) : target::find_abi(name);
}

struct LxcLine {
  std::string_view text;  // trimmed, without comment
  std::string_view comment;
  Span span;
};

class LxcReader {
 public:
  LxcReader(Source& source, Profile& profile) : source_(source), profile_(profile), section_(profile.abis) {}

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
    is_allowlist_ = word == "allowlist" || word == "whitelist";
    if (!is_allowlist_ && word != "denylist" && word != "blacklist") return false;
    if (!has_action && !is_allowlist_) return false;  // version 1 knows the one only
    Verdict named{Action::kill_thread, 0};
    if (!rest.empty() && (!has_action || !read_action(rest, named) || !rest.empty())) return false;
    profile_.otherwise = is_allowlist_ ? named : Verdict{Action::allow, 0};
    listed_ = is_allowlist_ ? Verdict{Action::allow, 0} : named;
    return true;
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
    comment_ = comment;
    if (line.text == "reject_force_umount") {
      constexpr uint64_t kForce = 1;    // MNT_FORCE, include/linux/fs.h
      constexpr uint16_t kAccess = 13;  // EACCES
      add(line, {"umount2", std::nullopt, line.span}, {Action::errno_, kAccess},
          {{{1, CompareOp::eq, kForce, kForce, 64}}}, section_);
      return true;
    }
    std::string_view rest = line.text;
    const std::string_view name = take_word(rest);
    Verdict verdict = listed_;
    if (!rest.empty() && rest.front() != '[' && !read_action(rest, verdict))
      return fail(line, "behind the name stands kill, trap, allow, notify or errno NUMBER");
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
    std::vector<AllOf> any;
    if (!all.empty()) any.push_back(std::move(all));
    add(line, {std::string(name), std::nullopt, line.span}, verdict, std::move(any), section_);
    return true;
  }

  bool read_section(const LxcLine& line) {
    if (line.text.back() != ']') return fail(line, "the `]` is missing");
    const std::string_view name = line.text.substr(1, line.text.size() - 2);
    if (name == "all") {
      section_ = profile_.abis;
      return true;
    }
    const auto abi = section_abi(name);
    if (!abi) return fail(line, fmt::format("`{}` is no architecture: all, x86_64, x86, x32, arm64, arm ...", name));
    section_ = AbiSet(*abi) & profile_.abis;  // what this machine does not run is passed over
    return true;
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
    const auto mask = is_masked ? parse_c_number(parts[3]) : std::optional(~uint64_t{0});
    if (!text.empty() || !op || !index || *index > 5 || !value || !mask || (count == 4) != is_masked)
      return std::nullopt;
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
  AbiSet section_;
  bool is_allowlist_ = true;
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
  profile.joins_multiplexers = true;
  profile.bad_arch = {Action::kill_thread, 0};  // libseccomp's SCMP_FLTATR_ACT_BADARCH, which LXC leaves
  if (!LxcReader(source, profile).read() || source.sink.has_errors()) return failed();
  return foreign;
}

}  // namespace sbpc::importer
