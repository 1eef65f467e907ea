#include "export/unit_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "describe/names.h"
#include "import/meaning.h"
#include "import/systemd_restrict.h"

namespace sbpc::exporter {
namespace {

using importer::UnitSetting;
using importer::Width;
using ir::Diagram;
using ir::Ref;
using target::Abi;
using target::Action;
using target::Verdict;

// Those that are filters and nothing else, and that ask for more than a call's name. What ProtectClock=,
// ProtectKernelModules=, ProtectKernelLogs= and ProtectHostname= deny, a list denies as well; they take more away.
constexpr std::array kPlain = {UnitSetting::write_execute, UnitSetting::realtime, UnitSetting::suid_sgid,
                               UnitSetting::lock_personality};

// What passes a setting gets one of these.
constexpr std::array<Verdict, 2> kPassing = {{{Action::allow, 0}, {Action::log, 0}}};

// What a setting answers to one call on one ABI (kNone: nothing), as systemd compares and by the bits that the kernel
// looks at.
struct Said {
  Ref exact;
  Ref meant;
};

struct Candidate {
  std::string line;
  std::string too_much;  // a call of which the policy lets pass what this denies; empty: it can be written
  std::map<std::pair<std::string, Abi>, Said> said;
};

class Chooser {
 public:
  Chooser(const CallAnswers& answers, Diagram& diagram) : answers_(answers), diagram_(diagram) {}

  UnitSettings run() {
    std::set<std::string> open;
    for (const auto& [call, rows] : answers_) {
      if (!is_plain(rows)) open.insert(call);
    }
    if (open.empty()) return {};
    collect(open);
    std::set<std::string> solved;
    for (const std::string& call : open) {
      if (left_of(call)) solved.insert(call);
    }
    explain_near(open, solved);
    drop_unneeded(solved);
    UnitSettings made;
    for (const std::string& call : solved) made.left[call] = *left_of(call);
    for (const Candidate& candidate : chosen_) made.lines.push_back(candidate.line);
    made.reasons = std::move(reasons_);
    return made;
  }

 private:
  using Rows = std::vector<std::pair<Abi, Ref>>;

  // One answer everywhere: the lists say it.
  [[nodiscard]] bool is_plain(const Rows& rows) const {
    return std::ranges::all_of(
        rows, [&](const auto& row) { return diagram_.is_terminal(row.second) && row.second == rows.front().second; });
  }

  // ---- candidates: settings than which the policy is nowhere laxer ----

  void collect(const std::set<std::string>& open) {
    if (open.contains("socket")) families();
    if (open.contains("clone") || open.contains("unshare") || open.contains("setns")) namespaces();
    for (const UnitSetting setting : kPlain) take(setting, "yes");
  }

  // False: the policy lets pass what the setting denies, or the setting does nothing here.
  bool take(UnitSetting setting, const std::string& value) {
    auto made = candidate(setting, value);
    if (!made) return false;
    const bool can_be_written = made->too_much.empty();
    (can_be_written ? chosen_ : near_).push_back(std::move(*made));
    return can_be_written;
  }

  // nullopt: systemd does not know the value, or it does nothing here.
  std::optional<Candidate> candidate(UnitSetting setting, const std::string& value) {
    const auto unit = importer::unit_of(setting, value);
    if (!unit) return std::nullopt;
    Candidate made{fmt::format("{}={}", importer::name_of(setting), value), {}, {}};
    for (const Abi abi : abis()) {
      for (const importer::Restriction& one : importer::restrictions(*unit, setting, groups_, abi)) add(one, abi, made);
    }
    for (const auto& [key, said] : made.said) {
      const Ref policy = answer(key.first, key.second);
      if (is_laxer(policy, said.exact) && is_laxer(policy, said.meant) && made.too_much.empty())
        made.too_much = fmt::format("{}() on {}", key.first, target::info(key.second).name);
    }
    return made.said.empty() ? std::nullopt : std::optional(std::move(made));
  }

  void add(const importer::Restriction& one, Abi abi, Candidate& made) {
    const auto nr = importer::number_of({one.call, std::nullopt, {}}, abi);
    if (!nr || !answer(one.call, abi).valid()) return;
    importer::Profile filter;
    filter.guards_x32 = true;  // it is libseccomp's
    const std::vector<importer::AllOf> any = importer::as_applied(one.any, filter, abi);
    const auto where = [&](Width width) {
      const Ref holds = importer::condition(any, abi, *nr, width, diagram_);
      return diagram_.ite(holds, diagram_.terminal(target::encode(one.verdict)), diagram_.none());
    };
    const auto [known, is_new] = made.said.try_emplace({one.call, abi}, Said{diagram_.none(), diagram_.none()});
    known->second = {diagram_.over(known->second.exact, where(Width::exact)),
                     diagram_.over(known->second.meant, where(Width::meant))};
  }

  // The list of those that pass, unless the policy lets families pass that have no name.
  void families() {
    constexpr uint64_t kLast = 63;  // well above AF_MAX of include/linux/socket.h
    const auto socket = target::find_call("socket");
    const auto args = target::call_args(*socket, target::host_abi());
    std::vector<std::string> passing, denied;
    for (uint64_t family = 1; family <= kLast; ++family) {
      const std::string name = describe::value_text(args->front(), target::host_abi(), family);
      if (!importer::unit_of(UnitSetting::address_families, name)) continue;
      (is_closed(UnitSetting::address_families, "~" + name) ? denied : passing).push_back(name);
    }
    const std::string list = fmt::format("{}", fmt::join(passing, " "));
    if (passing.empty() || take(UnitSetting::address_families, list) || denied.empty()) return;
    take(UnitSetting::address_families, fmt::format("~{}", fmt::join(denied, " ")));
  }

  void namespaces() {
    std::vector<std::string_view> closed;
    const std::vector<std::string_view> words = importer::namespace_words();
    for (const std::string_view word : words) {
      if (is_closed(UnitSetting::namespaces, fmt::format("~{}", word))) closed.push_back(word);
    }
    if (closed.empty()) return;
    if (closed.size() == words.size() && take(UnitSetting::namespaces, "yes")) return;
    take(UnitSetting::namespaces, fmt::format("~{}", fmt::join(closed, " ")));
  }

  bool is_closed(UnitSetting setting, const std::string& value) {
    const auto made = candidate(setting, value);
    return made && made->too_much.empty();
  }

  [[nodiscard]] std::set<Abi> abis() const {
    std::set<Abi> found;
    for (const auto& [call, rows] : answers_) {
      for (const auto& [abi, answer] : rows) found.insert(abi);
    }
    return found;
  }

  [[nodiscard]] Ref answer(const std::string& call, Abi abi) const {
    const auto rows = answers_.find(call);
    if (rows == answers_.end()) return {};
    const auto row = std::ranges::find(rows->second, abi, &std::pair<Abi, Ref>::first);
    return row == rows->second.end() ? Ref() : row->second;
  }

  // Somewhere `a` takes a weaker action than `b`.
  bool is_laxer(Ref a, Ref b) {
    const Ref where = diagram_.apply(a, b, [](uint32_t x, uint32_t y) {
      const bool is_weaker = y != Diagram::kNone && target::decode(y).action < target::decode(x).action;
      return is_weaker ? Diagram::kYes : Diagram::kNo;
    });
    return where != diagram_.no();
  }

  // ---- what they leave ----

  std::optional<Verdict> left_of(const std::string& call) {
    reasons_.erase(call);
    const Rows& rows = answers_.at(call);
    for (const Verdict passing : kPassing) {
      if (std::ranges::all_of(rows, [&](const auto& row) { return fits(call, row, passing); })) return passing;
    }
    return std::nullopt;
  }

  // The settings and the lists' word come to the policy's answer; where registers hold bits that the kernel does not
  // look at, they may be stricter.
  bool fits(const std::string& call, const std::pair<Abi, Ref>& row, Verdict passing) {
    Said all{diagram_.none(), diagram_.none()};
    for (const Candidate& candidate : chosen_) {
      const auto own = candidate.said.find({call, row.first});
      if (own == candidate.said.end()) continue;
      all = {diagram_.strictest(all.exact, own->second.exact), diagram_.strictest(all.meant, own->second.meant)};
    }
    const Ref rest = diagram_.terminal(target::encode(passing));
    const Ref exact = diagram_.over(all.exact, rest);
    if (exact == row.second) return exact.valid();
    if (diagram_.over(all.meant, rest) != row.second) return false;
    if (!is_laxer(exact, row.second)) return true;
    reasons_[call] =
        "its own filter compares whole registers there, so bits that the kernel ignores would walk round it (`$0 == "
        "...` in the policy is such a comparison, too)";
    return false;
  }

  // A setting that says what the call needs, and more than the policy does.
  void explain_near(const std::set<std::string>& open, const std::set<std::string>& solved) {
    for (const Candidate& near : near_) {
      chosen_.push_back(near);
      for (const std::string& call : open) {
        if (solved.contains(call) || reasons_.contains(call)) continue;
        if (left_of(call))
          reasons_[call] =
              fmt::format("`{}` says it, and denies {} as well, which the policy allows", near.line, near.too_much);
      }
      chosen_.pop_back();
    }
  }

  void drop_unneeded(const std::set<std::string>& solved) {
    for (size_t i = chosen_.size(); i-- > 0;) {
      const std::vector<Candidate> all = chosen_;
      chosen_.erase(chosen_.begin() + static_cast<std::ptrdiff_t>(i));
      if (!std::ranges::all_of(solved, [&](const std::string& call) { return left_of(call).has_value(); }))
        chosen_ = all;
    }
  }

  const CallAnswers& answers_;
  Diagram& diagram_;
  importer::UnitGroups groups_{{}};
  std::vector<Candidate> chosen_;
  std::vector<Candidate> near_;  // that the policy is laxer than
  std::map<std::string, std::string> reasons_;
};

}  // namespace

UnitSettings unit_settings(const CallAnswers& answers, Diagram& diagram) { return Chooser(answers, diagram).run(); }

}  // namespace sbpc::exporter
