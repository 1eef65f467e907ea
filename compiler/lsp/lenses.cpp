// lenses.cpp: code lenses: run a test, what a policy costs, statements that never decide; and the commands behind them.
// Tested by test/lsp/lenses.test.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lsp/find_again.h"
#include "lsp/handlers.h"
#include "lsp/uri.h"

namespace sbpc::lsp {
namespace {

constexpr std::string_view kRunTest = "sbpc.runTest";
constexpr std::string_view kShowCost = "sbpc.showCost";

Json lens(const Range& range, std::string title, std::string_view command, Json arguments) {
  return {{"range", to_json(range)},
          {"command", {{"title", std::move(title)}, {"command", command}, {"arguments", std::move(arguments)}}}};
}

std::string cost_title(const PolicyCost& cost, bool name_abis) {
  std::string title =
      fmt::format("{} instructions, {:.1f} run on average, at most {}", cost.insns, cost.mean, cost.worst);
  if (!cost.worst_call.empty()) title += fmt::format(" ({})", cost.worst_call);
  return name_abis ? fmt::format("{}: {}", fmt::join(cost.abis, ", "), title) : title;
}

void add_costs(const Workspace& workspace, const std::string& path, const Range& range, std::string_view policy,
               Json& list) {
  const auto checked = workspace.checked.find(path);
  if (checked == workspace.checked.end()) return;
  const auto is_it = [&](const PolicyCost& cost) { return cost.name == policy; };
  const bool has_several = std::ranges::count_if(checked->second.costs, is_it) > 1;  // families of ABIs
  for (const PolicyCost& cost : checked->second.costs) {
    if (is_it(cost))
      list.push_back(
          lens(range, cost_title(cost, has_several), kShowCost, {uri_for(workspace, path), std::string(policy)}));
  }
}

// Of whichever check read it.
void add_idle(const Workspace& workspace, const std::string& path, const Analysis& analysis, Json& list) {
  std::set<Written> idle;
  for (const auto& [root, checked] : workspace.checked) {
    for (const Written& each : checked.idle) {
      if (each.file == path) idle.insert(each);
    }
  }
  std::vector<const ast::Statement*> found = find_again(analysis, {idle.begin(), idle.end()});
  std::erase(found, nullptr);
  std::ranges::sort(found, {}, [](const ast::Statement* each) { return each->span; });
  for (const ast::Statement* each : found)
    list.push_back(lens(range_of(workspace, analysis, each->span), "never decides", "", Json::array()));
}

// ---- commands ----

struct Arguments {
  std::string path;
  std::string name;
};
tl::expected<Arguments, Error> arguments_of(const Workspace& workspace, const Json& params) {
  const Json* given = find(params, "arguments");
  if (given == nullptr || !given->is_array() || given->size() != 2)
    return error(ErrorCode::invalid_params, "the arguments are the document's URI and a name");
  const auto uri = text_at(&(*given)[0]);
  const auto name = text_at(&(*given)[1]);
  if (!uri || !name) return error(ErrorCode::invalid_params, "the arguments are the document's URI and a name");
  const std::string path = path_of(*uri);
  if (workspace.documents.find(path) == nullptr) return error(ErrorCode::invalid_params, "`" + *uri + "` is not open");
  return Arguments{path, *name};
}

// Asked for the first time it begins; then, until it has ended, the answer is to come. That is of the text as it is
// when it is answered: the server runs the test again if an edit overtook it.
Answer run_test(Workspace& workspace, const Arguments& arguments) {
  constexpr int kError = 1, kInfo = 3;  // MessageType
  const auto asked = std::ranges::find_if(workspace.tests, [&](const AskedTest& test) {
    return test.path == arguments.path && test.title == arguments.name;
  });
  if (asked == workspace.tests.end()) {
    workspace.tests.push_back({arguments.path, arguments.name, 0, 0, std::nullopt});
    return error(ErrorCode::later, {});
  }
  if (!asked->done || asked->change != workspace.change_of(asked->path)) return error(ErrorCode::later, {});
  const TestDone test = std::move(*asked->done);
  workspace.tests.erase(asked);
  if (test.has_errors)
    return error(ErrorCode::request_failed, "the file has errors: its tests run when they are mended");
  if (!test.is_there) return error(ErrorCode::request_failed, "no test is called `" + arguments.name + "`");
  workspace.send("window/showMessage", {{"type", test.passed ? kInfo : kError}, {"message", test.report}});
  return Json{{"passed", test.passed}, {"report", test.report}};
}

Answer show_cost(Workspace& workspace, const Arguments& arguments) {
  constexpr int kInfo = 3;
  std::string text;
  if (const auto checked = workspace.checked.find(arguments.path); checked != workspace.checked.end()) {
    for (const PolicyCost& cost : checked->second.costs) {
      if (cost.name == arguments.name)
        text += fmt::format("{} on {}\n", cost_title(cost, false), fmt::join(cost.abis, ", "));
    }
  }
  if (text.empty())
    return error(ErrorCode::request_failed,
                 "what `" + arguments.name + "` costs is not known yet, or the file has errors");
  workspace.send("window/showMessage", {{"type", kInfo}, {"message", text}});
  return Json{{"report", text}};
}

}  // namespace

bool asks_for(const Json& params, const AskedTest& test) {
  const Json* given = find(params, "arguments");
  if (text_at(find(params, "command")) != kRunTest || given == nullptr || !given->is_array() || given->size() != 2)
    return false;
  return text_at(&(*given)[1]) == test.title && path_of(text_at(&(*given)[0]).value_or("")) == test.path;
}

Answer code_lenses(Workspace& workspace, const Json& params) {
  const auto outline = outline_of(workspace, params);
  if (!outline) return tl::unexpected(outline.error());
  Json list = Json::array();
  if (!*outline) return list;
  const Analysis& analysis = (*outline)->analysis;
  const Document& document = (*outline)->document;
  for (const ast::Item& item : analysis.ast().items) {
    if (const auto* test = std::get_if<ast::Test>(&item.node); test != nullptr && test->title_span.valid()) {
      list.push_back(lens(range_of(workspace, analysis, test->title_span), "run test", kRunTest,
                          {document.uri, std::string(test->title)}));
    } else if (const auto* policy = std::get_if<ast::Policy>(&item.node);
               policy != nullptr && policy->name.span.valid()) {
      add_costs(workspace, analysis.root, range_of(workspace, analysis, policy->name.span), policy->name.text, list);
    }
  }
  add_idle(workspace, analysis.root, analysis, list);
  return list;
}

Answer execute(Workspace& workspace, const Json& params) {
  struct Executable {
    std::string_view name;
    Answer (*handler)(Workspace&, const Arguments&);
  };
  static constexpr Executable kExecutables[] = {
#define EXECUTABLE(name, handler) {name, handler},
#include "lsp/commands.def"
  };
  const std::string command = text_at(find(params, "command")).value_or("");
  const auto* row = std::ranges::find(kExecutables, command, &Executable::name);
  if (row == std::end(kExecutables))
    return error(ErrorCode::invalid_params, "`" + command + "` is no command of this server");
  const auto arguments = arguments_of(workspace, params);
  if (!arguments) return tl::unexpected(arguments.error());
  return row->handler(workspace, *arguments);
}

}  // namespace sbpc::lsp
