// Laws of the language, on random rule sets: order changes no byte; merging is associative, commutative and idempotent;
// a further `use` never makes less strict what S decides. Equality of meanings is the prover's: the bytes of one policy
// against the other's meaning.
//
// The fast tests try a few hundred policies, the slow ones 10,000 and more. SBPC_SEED sets where they begin (printed).
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "language/compiled.h"
#include "lower/decide.h"
#include "lower/lower.h"
#include "prove/prove.h"

namespace sbpc::language {
namespace {

constexpr size_t kSets = 3;

uint64_t first_seed() {
  const char* value = std::getenv("SBPC_SEED");
  const uint64_t seed = value != nullptr ? std::strtoull(value, nullptr, 0) : 20240;
  printf("first seed %llu\n", static_cast<unsigned long long>(seed));
  return seed;
}

// Statements over a handful of calls, so that they meet.
class RandomSets {
 public:
  explicit RandomSets(uint64_t seed) : random_(seed) {}

  std::vector<std::string> statements() {
    std::vector<std::string> result;
    for (uint64_t k = 2 + below(4); k > 0; --k) result.push_back(statement());
    return result;
  }
  template <class T>
  void shuffle(std::vector<T>& list) {
    std::shuffle(list.begin(), list.end(), random_);
  }
  target::SeccompData event() {
    static constexpr const char* kCalls[] = {"read", "write", "openat", "mmap"};
    target::SeccompData data = language::event(target::Abi::x86_64, kCalls[below(4)]);
    for (uint64_t& arg : data.args) arg = below(6) | (below(4) == 0 ? uint64_t{1} << 32 : 0);
    return data;
  }

 private:
  uint64_t below(uint64_t limit) { return random_() % limit; }
  std::string statement() {
    switch (below(8)) {
      case 0: return "fallback " + action() + " " + call() + ";";
      case 1: return "require " + target() + " else " + action() + ";";
      case 2: return action() + " " + target() + " else " + action() + ";";
      case 3: return "override { " + action() + " " + call() + "; override " + action() + " " + target() + "; }";
      case 4: return action() + " { " + call() + ", write }(" + argument() + ") except " + call() + ";";
      default: return action() + " " + target() + ";";
    }
  }
  // One errno and one trap number: two would be conflicts, which are errors and not laws.
  std::string action() {
    static constexpr const char* kActions[] = {"allow",        "allow",        "allow",       "log",
                                               "errno(EPERM)", "errno(EPERM)", "kill_thread", "trap"};
    return kActions[below(8)];
  }
  std::string call() {
    static constexpr const char* kCalls[] = {"read", "write", "openat", "mmap"};
    return kCalls[below(4)];
  }
  std::string argument() { return "$" + std::to_string(below(2)) + comparison(); }
  std::string comparison() {
    const std::string value = std::to_string(below(5));
    switch (below(5)) {
      case 0: return " == " + value;
      case 1: return " >= " + value;
      case 2: return " & 3 == " + std::to_string(below(4));
      case 3: return " in { 1, " + std::to_string(3 + below(2)) + " }";
      default: return " != " + value;
    }
  }
  std::string target() {
    return below(3) == 0 ? call() : call() + "(" + argument() + (below(3) == 0 ? " || " + argument() : "") + ")";
  }

  std::mt19937_64 random_;
};

std::string joined(const std::vector<std::string>& statements) {
  std::string text;
  for (const std::string& statement : statements) text += "  " + statement + "\n";
  return text;
}

std::string rules(const std::string& name, const std::vector<std::string>& statements) {
  return "rules " + name + " {\n" + joined(statements) + "}\n";
}

std::string policy(const std::string& body) {
  return "policy p on x86_64 {\n  kernel 6.12;\n  default kill_process;\n" + body + "}\n";
}

// Sets of one seed: each a file of its own, imported by the policy.
struct Sets {
  std::vector<std::vector<std::string>> sets;
  Files files(const std::vector<size_t>& imports, const std::string& body) const {
    Files result;
    std::string root;
    for (const size_t i : imports) {
      const std::string name = "m" + std::to_string(i);
      result[name + ".sb"] = rules("set", sets[i]);
      root += "import \"" + name + ".sb\";\n";
    }
    result["p.sb"] = root + body;
    return result;
  }
};

Sets random_sets(RandomSets& random) {
  Sets sets;
  for (size_t i = 0; i < kSets; ++i) sets.sets.push_back(random.statements());
  return sets;
}

driver::Options quick() {
  driver::Options options;
  options.prove = false;
  options.level = opt::Level::o0;
  return options;
}

// Idle overrides and exceptions are errors; such policies are counted and left out.
bool is_idle(const std::string& why) {
  return why.find("SB4506") != std::string::npos || why.find("SB4508") != std::string::npos ||
         why.find("SB4510") != std::string::npos || why.find("SB4512") != std::string::npos;
}

// Whether `b`'s bytes are `a`'s meaning.
void expect_same_meaning(driver::Compiled& a, const driver::Compiled& b, const char* law) {
  const prove::Proof proof = prove::prove(b.bytes, b.code.program.patches, a.program);
  EXPECT_EQ(proof.outcome, prove::Proof::Outcome::proved) << law;
}

struct Tally {
  size_t tried = 0;
  size_t idle = 0;
};

// ---- order ----

void try_order(uint64_t seed, Tally& tally) {
  RandomSets random(seed);
  Sets sets = random_sets(random);
  std::vector<std::string> own = random.statements();
  std::vector<std::string> uses = {"use m0.set;", "use m1.set;", "use m2.set;"};
  std::string why;
  driver::Options options = quick();
  options.level = seed % 2 == 0 ? opt::Level::o1 : opt::Level::o0;
  const auto before = try_compile(sets.files({0, 1, 2}, policy(joined(uses) + joined(own))), options, &why);
  random.shuffle(uses);
  random.shuffle(own);
  for (auto& set : sets.sets) random.shuffle(set);
  std::vector<size_t> imports = {0, 1, 2};
  random.shuffle(imports);
  const auto after = try_compile(sets.files(imports, policy(joined(own) + joined(uses))), options, nullptr);
  ++tally.tried;
  ASSERT_EQ(before.has_value(), after.has_value()) << why;
  if (!before) {
    ASSERT_TRUE(is_idle(why)) << why;
    ++tally.idle;
    return;
  }
  ASSERT_EQ(before->bytes, after->bytes) << sets.files(imports, policy(joined(own) + joined(uses))).at("p.sb");
}

// ---- algebra ----

void try_algebra(uint64_t seed, Tally& tally) {
  RandomSets random(seed);
  const Sets sets = random_sets(random);
  const std::string pairs = "rules left { use m0.set; use m1.set; }\nrules right { use m1.set; use m2.set; }\n";
  std::string why;
  auto flat = try_compile(sets.files({0, 1, 2}, policy("use m0.set; use m1.set; use m2.set;")), quick(), &why);
  ++tally.tried;
  if (!flat) {
    ASSERT_TRUE(is_idle(why)) << why;
    ++tally.idle;
    return;
  }
  const struct {
    const char* law;
    std::string body;
  } laws[] = {
      {"associative, left", pairs + policy("use left; use m2.set;")},
      {"associative, right", pairs + policy("use m0.set; use right;")},
      {"commutative", policy("use m2.set; use m0.set; use m1.set;")},
      {"idempotent", pairs + policy("use left; use m0.set; use right; use m2.set; use m2.set;")},
  };
  for (const auto& law : laws) {
    const auto other = try_compile(sets.files({0, 1, 2}, law.body), quick(), &why);
    ASSERT_TRUE(other) << law.law << "\n" << why;
    expect_same_meaning(*flat, *other, law.law);
  }
}

// ---- a further use ----

void try_further_use(uint64_t seed, Tally& tally) {
  RandomSets random(seed);
  const Sets sets = random_sets(random);
  std::string why;
  const auto before = try_compile(sets.files({0, 1, 2}, policy("use m0.set; use m1.set;")), quick(), &why);
  const auto after = try_compile(sets.files({0, 1, 2}, policy("use m0.set; use m1.set; use m2.set;")), quick(), &why);
  ++tally.tried;
  if (!before || !after) {
    ASSERT_TRUE(is_idle(why)) << why;
    ++tally.idle;
    return;
  }
  const auto no_holes = [](const ir::Diagram::Opaque&) { return false; };
  for (int i = 0; i < 100; ++i) {
    const target::SeccompData data = random.event();
    const lower::Decision was = lower::decide(before->policy, data, no_holes);
    if (was.source != lower::Decision::Source::strong) continue;
    const lower::Decision is = lower::decide(after->policy, data, no_holes);
    ASSERT_LE(is.verdict.action, was.verdict.action) << "seed " << seed;
  }
}

void repeat(void (*law)(uint64_t, Tally&), uint64_t count) {
  Tally tally;
  const uint64_t first = first_seed();
  for (uint64_t seed = first; seed < first + count && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    law(seed, tally);
  }
  printf("%zu policies, %zu of them left out because a statement does nothing\n", tally.tried, tally.idle);
  EXPECT_LT(tally.idle * 4, tally.tried * 3);
}

constexpr uint64_t kFast = 60;
constexpr uint64_t kSlow = 10'000;

TEST(Properties, OrderOfStatementsAndImportsChangesNoByte) { repeat(try_order, kFast); }
TEST(Properties, MergingIsAssociativeCommutativeIdempotent) { repeat(try_algebra, kFast); }
TEST(Properties, AFurtherUseNeverLoosensWhatIsDecided) { repeat(try_further_use, kFast); }
TEST(Properties, SlowOrderOfStatementsAndImportsChangesNoByte) { repeat(try_order, kSlow); }
TEST(Properties, SlowMergingIsAssociativeCommutativeIdempotent) { repeat(try_algebra, kSlow); }
TEST(Properties, SlowAFurtherUseNeverLoosensWhatIsDecided) { repeat(try_further_use, kSlow); }

}  // namespace
}  // namespace sbpc::language
