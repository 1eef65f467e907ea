#include "describe/split.h"

#include "base/check.h"

namespace sbpc::describe {
namespace {

class Splitter {
 public:
  Splitter(const ir::Diagram& diagram, target::Word word, size_t most) : diagram_(diagram), word_(word), most_(most) {}

  std::optional<std::vector<WordPart>> run(ir::Ref function) {
    walk(function, 32, 0);
    if (parts_.size() > most_) return std::nullopt;
    return std::move(parts_);
  }

 private:
  // Every value whose bits from `bit` up are `first`'s. Depth: the bits of a word.
  void walk(ir::Ref ref, uint32_t bit, uint32_t first) {
    if (parts_.size() > most_) return;
    const bool decided = diagram_.is_terminal(ref) || diagram_.is_later(ref, word_);
    if (decided) return add(first, bit == 32 ? 0xffffffffU : first | ((uint32_t{1} << bit) - 1), ref);
    const ir::Diagram::Branch branch = diagram_.branch(ref);
    CHECK(!branch.is_opaque && branch.word == word_ && branch.bit < bit);
    const uint32_t next = bit - 1;
    const bool tested = branch.bit == next;
    walk(tested ? branch.zero : ref, next, first);
    walk(tested ? branch.one : ref, next, first | uint32_t{1} << next);
  }
  void add(uint32_t first, uint32_t last, ir::Ref rest) {
    if (!parts_.empty() && parts_.back().rest == rest) {
      parts_.back().last = last;
    } else {
      parts_.push_back({first, last, rest});
    }
  }

  const ir::Diagram& diagram_;
  target::Word word_;
  size_t most_;
  std::vector<WordPart> parts_;
};

}  // namespace

std::optional<std::vector<WordPart>> split(const ir::Diagram& diagram, ir::Ref function, target::Word word,
                                           size_t most) {
  CHECK(function.valid());
  return Splitter(diagram, word, most).run(function);
}

bool each_stretch(const ir::Diagram& diagram, ir::Ref region,
                  ir::FunctionRef<void(uint32_t arch, const WordPart& numbers)> visit) {
  const auto is_no = [&](ir::Ref rest) {
    return diagram.is_terminal(rest) && diagram.payload(rest) == ir::Diagram::kNo;
  };
  const auto arches = split(diagram, region, target::Word::arch);
  if (!arches) return false;
  for (const WordPart& arch : *arches) {
    if (is_no(arch.rest)) continue;
    const auto numbers = split(diagram, arch.rest, target::Word::nr);
    if (!numbers) return false;
    for (const WordPart& number : *numbers) {
      if (!is_no(number.rest)) visit(arch.first, number);
    }
  }
  return true;
}

}  // namespace sbpc::describe
