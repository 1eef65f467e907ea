#include "sema/names.h"

#include <algorithm>

namespace sbpc::sema {

Names::Names(const Module& module) : module_(module), tables_(module.files.size()) {}

bool Names::add(Space space, std::string_view name, Decl decl) {
  return tables_[decl.file][static_cast<size_t>(space)].emplace(name, decl.item).second;
}

Decl Names::find(Space space, FileIndex file, std::string_view name) const {
  const Table& table = tables_[file][static_cast<size_t>(space)];
  const auto found = table.find(name);
  return found == table.end() ? Decl{} : Decl{file, found->second};
}

Found Names::resolve(Space space, FileIndex from, const ast::QName& name) const {
  FileIndex file = from;
  if (name.parts.size() > 1) {
    const std::string module = qualifier(name);
    const auto& imports = module_.files[from].imports;
    const auto bound = std::ranges::find_if(imports, [&](const ModuleName& entry) { return entry.name == module; });
    if (bound == imports.end()) return {Found::Kind::unknown_module, {}, from};
    if (bound->file == kNoFile) return {Found::Kind::poison, {}, from};
    file = bound->file;
  }
  const Decl decl = find(space, file, name.last());
  return {decl.valid() ? Found::Kind::declared : Found::Kind::none, decl, file};
}

std::vector<std::string_view> Names::all(Space space, FileIndex file) const {
  std::vector<std::string_view> names;
  for (const auto& entry : tables_[file][static_cast<size_t>(space)]) names.push_back(entry.first);
  std::ranges::sort(names);
  return names;
}

std::string qualifier(const ast::QName& name) {
  std::string text;
  for (size_t i = 0; i + 1 < name.parts.size(); ++i) {
    if (i != 0) text += '.';
    text += name.parts[i].text;
  }
  return text;
}

}  // namespace sbpc::sema
