// read.cpp: text -> Program, by recursive descent over one token of look-ahead.
//
// The first error stops the reading; everything after it sees an empty text. Tested by test/unit/ir/print_test.cpp.
#include "ir/read.h"

#include <fmt/format.h>

#include <array>

#include "base/check.h"
#include "ir/lexer.h"
#include "ir/meaning.h"
#include "ir/print.h"
#include "ir/verify.h"

namespace sbpc::ir {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : lexer_(text) {}

  tl::expected<Program, ReadError> read() {
    while (!lexer_.token().empty()) item();
    if (!error_) add_meanings();
    if (!error_) check();
    if (error_) return tl::unexpected<ReadError>(*error_);
    return std::move(program_);
  }

 private:
  void fail(std::string message) {
    if (!error_) error_ = ReadError{lexer_.line(), std::move(message)};
    lexer_.stop();
  }
  void expected(std::string_view what) { fail(fmt::format("expected {}, saw `{}`", what, lexer_.token())); }
  bool take(std::string_view token) {
    if (lexer_.token() != token) return false;
    lexer_.next();
    return true;
  }
  void need(std::string_view token) {
    if (!take(token)) expected(fmt::format("`{}`", token));
  }
  uint64_t number(uint64_t most) {
    std::optional<uint64_t> value = parse_number(lexer_.token());
    if (!value || *value > most) {
      expected(fmt::format("a number up to {:#x}", most));
      return 0;
    }
    lexer_.next();
    return *value;
  }
  uint32_t word32() { return static_cast<uint32_t>(number(0xffffffffU)); }
  // "n12" with prefix 'n' -> 12, below `limit`.
  uint32_t index(char prefix, size_t limit) {
    std::string_view token = lexer_.token();
    std::optional<uint64_t> value;
    if (!token.empty() && token[0] == prefix) value = parse_number(token.substr(1));
    if (!value || *value >= limit) {
      expected(fmt::format("{}0..{}{} (defined before it is used)", prefix, prefix, static_cast<int64_t>(limit) - 1));
      return 0;
    }
    lexer_.next();
    return static_cast<uint32_t>(*value);
  }

  void item() {
    if (take("program")) {
      program_.name = lexer_.raw_word();
      if (program_.name == "-") program_.name.clear();
      program_.big_endian = lexer_.token() == "big";
      if (!take("big")) need("little");
    } else if (take("hole")) {
      hole();
    } else if (take("foreign")) {
      program_.foreign = verdict();
    } else if (take("function")) {
      function();
    } else if (take("section")) {
      section();
    } else if (take("graph")) {
      graph();
    } else {
      expected("`program`, `hole`, `foreign`, `function`, `section` or `graph`");
    }
  }

  void hole() {
    new_index('h', program_.holes.size());
    Hole hole;
    hole.name = lexer_.raw_word();
    hole.is_bool = take("flag");
    if (!hole.is_bool) hole.width = static_cast<uint8_t>(number(64));
    program_.holes.push_back(std::move(hole));
  }
  void new_index(char prefix, size_t next) {
    if (lexer_.token() != fmt::format("{}{}", prefix, next))
      expected(fmt::format("`{}{}`: numbers rise by one", prefix, next));
    lexer_.next();
  }

  Verdict verdict() {
    std::optional<target::Action> action = target::find_action(lexer_.token());
    if (!action) {
      expected("an action");
      return {};
    }
    lexer_.next();
    Verdict result{*action, 0};
    if (take("(")) {
      result.data = static_cast<uint16_t>(number(0xffff));
      need(")");
    }
    return result;
  }
  std::vector<PlaceId> places() {
    std::vector<PlaceId> result;
    while (take("@")) result.push_back(word32());
    return result;
  }
  // The graph comes last: entries are checked by verify_structure.
  NodeId entry() {
    if (!take("entry")) return {};
    return NodeId(index('n', NodeId::kNone));
  }

  void function() {
    new_index('f', program_.functions.size());
    Function function;
    function.entry = entry();
    need(":");
    while (take("when")) {
      Clause clause;
      clause.when = any();
      need(":");
      clause.verdict = verdict();
      clause.places = places();
      function.clauses.push_back(std::move(clause));
    }
    if (!function.clauses.empty()) need("else");
    function.otherwise = verdict();
    function.otherwise_places = places();
    program_.functions.push_back(std::move(function));
  }

  void section() {
    Section section;
    section.arch = word32();
    while (std::optional<target::Abi> abi = target::find_abi(lexer_.token())) {
      section.abis.push_back(*abi);
      lexer_.next();
    }
    section.entry = entry();
    need(":");
    while (parse_number(lexer_.token())) {
      Range range = this->range();
      need(":");
      section.ranges.push_back({range.first, range.last, FunctionId(index('f', program_.functions.size()))});
    }
    program_.sections.push_back(std::move(section));
  }

  // ---- conditions ----

  CondId any() { return joined("or", &Reader::all, &Conds::any); }
  CondId all() { return joined("and", &Reader::operand, &Conds::all); }
  CondId joined(std::string_view word, CondId (Reader::*part)(), CondId (Conds::*join)(std::vector<CondId>)) {
    std::vector<CondId> parts{(this->*part)()};
    while (take(word)) parts.push_back((this->*part)());
    return (program_.conds.*join)(std::move(parts));
  }
  CondId operand() {
    if (depth_ >= limits::kNesting) {
      fail(fmt::format("conditions nest deeper than {}", limits::kNesting));
      return program_.conds.never();
    }
    ++depth_;
    CondId result = operand_in();
    --depth_;
    return result;
  }
  CondId operand_in() {
    Conds& conds = program_.conds;
    if (take("not")) return conds.negation(operand());
    if (take("always")) return conds.always();
    if (take("never")) return conds.never();
    if (take("(")) {
      CondId inner = any();
      need(")");
      return inner;
    }
    if (!lexer_.token().empty() && lexer_.token()[0] == 'h')
      return conds.flag(HoleId(index('h', program_.holes.size())));
    Word word = this->word();
    uint32_t mask = take("&") ? word32() : 0xffffffffU;
    if (take("in")) return conds.member(word, mask, ranges());
    need("==");
    if (!lexer_.token().empty() && lexer_.token()[0] == 'h') {
      auto [hole, high] = hole_half();
      return conds.hole(word, hole, high, mask);
    }
    uint32_t value = word32();
    return conds.member(word, mask, {{value, value}});
  }
  std::pair<HoleId, bool> hole_half() {
    HoleId hole(index('h', program_.holes.size()));
    need(".");
    if (take("hi")) return {hole, true};
    need("lo");
    return {hole, false};
  }
  Word word() {
    std::string_view first = lexer_.token();
    for (int i = 0; i < target::kWordCount; ++i) {
      std::string name = word_name(static_cast<Word>(i));
      if (name == first) {
        lexer_.next();
        return static_cast<Word>(i);
      }
      size_t dot = name.find('.');
      if (dot == std::string::npos || first != std::string_view(name).substr(0, dot)) continue;
      lexer_.next();
      need(".");
      bool high = take("hi");
      if (!high) need("lo");
      return static_cast<Word>(i - i % 2 + (high ? 1 : 0));
    }
    expected("a word (nr, arch, ip.lo, arg0.hi ...) or a condition");
    return Word::nr;
  }
  Range range() {
    uint32_t first = word32();
    return {first, take("..") ? word32() : first};
  }
  std::vector<Range> ranges() {
    if (!take("{")) return {range()};
    std::vector<Range> result{range()};
    while (take(",")) result.push_back(range());
    need("}");
    return result;
  }

  // ---- graph ----

  void graph() {
    program_.entry = entry();
    need(":");
    while (!lexer_.token().empty() && lexer_.token()[0] == 'n') {
      new_index('n', program_.graph.size());
      need(":");
      size_t before = program_.graph.size();
      if (take("return")) {
        add_return(program_, verdict());
      } else {
        need("if");
        Node test = this->test();
        need("then");
        test.yes = NodeId(index('n', before));
        need("else");
        test.no = NodeId(index('n', before));
        if (!error_) add_test(program_, test);
      }
      if (!error_ && program_.graph.size() == before)
        fail("the same node was written before, or both its ways are the same");
      if (error_) return;
      Node& added = program_.graph.back();
      if (take("weight")) added.weight = number(~uint64_t{0});
      if (take("@")) added.place = word32();
    }
  }
  Node test() {
    Node node;
    if (take("?")) {
      node.op = Op::flag;
      node.hole_id = HoleId(index('h', program_.holes.size()));
      return node;
    }
    node.word = word();
    if (take("&")) {
      node.value = word32();
      if (lexer_.token() == "then") {
        node.op = Op::set;
        return node;
      }
      node.mask = node.value;
    }
    if (take("==?")) {
      node.op = Op::hole;
      node.value = 0;
      std::tie(node.hole_id, node.hole_high) = hole_half();
      return node;
    }
    if (take("==")) {
      node.op = Op::eq;
    } else if (take(">")) {
      node.op = Op::gt;
    } else if (take(">=")) {
      node.op = Op::ge;
    } else {
      expected("a test");
    }
    node.value = word32();
    return node;
  }

  // ---- afterwards ----

  void check() {
    std::vector<std::string> problems = verify_structure(program_);
    if (!problems.empty()) fail(problems[0]);
  }
  void add_meanings() {
    CondDiagrams conds(program_);
    for (Function& function : program_.functions) {
      program_.diagram.begin_part();
      Ref meaning = clauses_meaning(program_, function, conds);
      if (program_.diagram.end_part()) {
        function.meaning = meaning;
      } else {
        conds.forget();
      }
    }
  }

  Lexer lexer_;
  Program program_;
  std::optional<ReadError> error_;
  uint32_t depth_ = 0;
};

}  // namespace

tl::expected<Program, ReadError> read(std::string_view text) { return Reader(text).read(); }

}  // namespace sbpc::ir
