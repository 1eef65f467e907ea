// settings.cpp: few choices of capabilities and kernel that together show all there is to a profile. A call's answer
// depends on the questions of its own rules only (a multiplexer's, of the rules for what it leads to), so calls that
// ask different ones are tried at once.
#include <algorithm>
#include <map>
#include <optional>

#include "import/items.h"
#include "import/multiplexer_rules.h"
#include "import/questions.h"
#include "target/multiplexers.h"

namespace sbpc::importer {
namespace {

using target::KernelVersion;

struct Partial {
  std::map<std::string, bool> caps;
  std::optional<KernelVersion> kernel;

  [[nodiscard]] bool fits(const Partial& other) const {
    if (kernel && other.kernel && *kernel != *other.kernel) return false;
    return std::ranges::all_of(other.caps, [&](const auto& entry) {
      const auto known = caps.find(entry.first);
      return known == caps.end() || known->second == entry.second;
    });
  }
  void take(const Partial& other) {
    caps.insert(other.caps.begin(), other.caps.end());
    if (other.kernel) kernel = other.kernel;
  }
};

// The last kernel before `version` that is old enough to be told from it.
KernelVersion just_before(KernelVersion version) {
  if (version.minor > 0) return {version.major, static_cast<uint8_t>(version.minor - 1)};
  return {static_cast<uint8_t>(version.major - 1), 255};
}

// All answers to the questions of one call; with very many capabilities none, all, and each alone.
std::vector<Partial> answers(const Questions& questions) {
  constexpr size_t kMost = 8;
  const std::vector<std::string> caps(questions.caps.begin(), questions.caps.end());
  std::vector<std::vector<bool>> choices;
  if (caps.size() <= kMost) {
    for (size_t bits = 0; bits < size_t{1} << caps.size(); ++bits) {
      std::vector<bool>& choice = choices.emplace_back();
      for (size_t i = 0; i < caps.size(); ++i) choice.push_back((bits >> i & 1U) != 0);
    }
  } else {
    choices = {std::vector<bool>(caps.size(), false), std::vector<bool>(caps.size(), true)};
    for (size_t i = 0; i < caps.size(); ++i) {
      choices.emplace_back(caps.size(), false);
      choices.back()[i] = true;
    }
  }
  std::vector<std::optional<KernelVersion>> kernels;
  if (questions.versions.empty())
    kernels.emplace_back();
  else
    kernels.emplace_back(just_before(*questions.versions.begin()));
  for (const KernelVersion version : questions.versions) kernels.emplace_back(version);
  std::vector<Partial> found;
  for (const auto& kernel : kernels) {
    for (const auto& choice : choices) {
      Partial partial;
      for (size_t i = 0; i < caps.size(); ++i) partial.caps[caps[i]] = choice[i];
      partial.kernel = kernel;
      found.push_back(std::move(partial));
    }
  }
  return found;
}

}  // namespace

std::vector<Setting> deciding_settings(const Profile& profile, KernelVersion newest) {
  std::map<std::string, Questions> by_call;
  for (const Rule& rule : profile.rules) {
    for (const Call& call : rule.calls) {
      add_questions(rule.guard, by_call[call.name]);
      if (!profile.joins_multiplexers) continue;
      for (const target::Abi abi : sub_call_abis(profile, rule, call)) {
        const auto sub = target::sub_call(*known_call(call), abi);
        add_questions(rule.guard, by_call[std::string(target::call_name(sub->multiplexer))]);
      }
    }
  }
  std::set<Questions> distinct;
  for (const auto& [name, questions] : by_call) distinct.insert(questions);
  std::vector<Partial> chosen{{}};
  for (const Questions& questions : distinct) {
    for (const Partial& wanted : answers(questions)) {
      auto place = std::ranges::find_if(chosen, [&](const Partial& partial) { return partial.fits(wanted); });
      if (place == chosen.end()) place = chosen.insert(place, Partial{});
      place->take(wanted);
    }
  }
  std::vector<Setting> settings;
  for (const Partial& partial : chosen) {
    Setting setting{{}, partial.kernel.value_or(newest)};
    for (const auto& [cap, held] : partial.caps) {
      if (held) setting.caps.insert(cap);
    }
    settings.push_back(std::move(setting));
  }
  return settings;
}

}  // namespace sbpc::importer
