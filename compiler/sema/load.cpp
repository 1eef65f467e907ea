#include "sema/load.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>

#include "base/limits.h"
#include "diag/kinds/files.def"
#include "diag/kinds/names.def"
#include "diag/suggest.h"
#include "parse/parse.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

std::string_view directory_of(std::string_view path) {
  const size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash + 1);
}

// "site/common.sb" -> "common".
std::string_view stem_of(std::string_view path) {
  path.remove_prefix(directory_of(path).size());
  return path.substr(0, path.find('.'));
}

bool is_identifier(std::string_view text) {
  if (text.empty() || std::isdigit(static_cast<unsigned char>(text[0])) != 0) return false;
  return std::ranges::all_of(text, [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0; });
}

std::string dotted(const ast::QName& name) {
  std::string text;
  for (const ast::Name& part : name.parts) {
    if (!text.empty()) text += '.';
    text += part.text;
  }
  return text;
}

class Loader {
 public:
  Loader(SourceMap& sources, FileReader& reader, diag::Sink& sink) : sources_(sources), reader_(reader), sink_(sink) {}

  Result<Module> run(const std::string& root) {
    auto text = reader_.read(root);
    if (!text) {
      sink_.report(kinds::CannotRead, Span{}, root, text.error());
      return failed();
    }
    const std::string name = root == "-" ? "<stdin>" : root;
    if (add({normalize_path(root), name, std::move(*text), false, Span{}}) == kNoFile) return failed();
    return std::move(module_);
  }

 private:
  struct Source {
    std::string key;   // normalized path or module name
    std::string name;  // how messages call it
    std::string text;
    bool is_standard;
    Span imported_at;
  };

  FileIndex add(Source source) {
    if (module_.files.size() >= limits::kFiles) {
      if (!std::exchange(too_many_, true)) sink_.report(kinds::TooManyFiles, source.imported_at, limits::kFiles);
      return kNoFile;
    }
    const FileId id = sources_.add(std::move(source.name), std::move(source.text), source.imported_at);
    auto parsed = parse::parse(sources_, id, sink_, {source.imported_at, reader_.recordings()});
    if (!parsed) {
      known_.emplace(std::move(source.key), kNoFile);
      return kNoFile;
    }
    const auto index = static_cast<FileIndex>(module_.files.size());
    known_.emplace(source.key, index);
    module_.files.push_back({std::move(*parsed), std::move(source.key), source.is_standard, {}, source.imported_at});
    open_.push_back({index, source.imported_at});
    load_imports(index);
    open_.pop_back();
    return index;
  }

  void load_imports(FileIndex index) {
    // files may grow and move while imports are loaded: nothing of this file is held by reference.
    for (size_t item = 0; item < module_.files[index].ast.items.size(); ++item) {
      const ast::Item& node = module_.files[index].ast.items[item];
      if (std::holds_alternative<ast::Import>(node.node)) {
        const ast::Import import = std::get<ast::Import>(node.node);
        const FileIndex file = import.path ? load_path(index, import) : load_standard(index, import);
        bind(index, import, file);
      } else if (const auto* policy = std::get_if<ast::Policy>(&node.node)) {
        load_frequencies(index, *policy);
      }
    }
  }

  FileIndex load_path(FileIndex index, const ast::Import& import) {
    std::vector<std::string> tried;
    const LoadedFile& importer = module_.files[index];
    if (!importer.is_standard && !import.path->starts_with('/')) {
      tried.push_back(std::string(directory_of(importer.path)) + std::string(*import.path));
    } else {
      tried.emplace_back(*import.path);
    }
    if (!import.path->starts_with('/')) {
      for (const std::string& directory : reader_.include_directories())
        tried.push_back(directory + "/" + std::string(*import.path));
    }
    std::string reason;
    for (const std::string& path : tried) {
      std::string key = normalize_path(path);
      if (auto found = known_.find(key); found != known_.end()) return again(found->second, import);
      auto text = reader_.read_imported(key);
      if (text) return add({key, key, std::move(*text), false, import.target_span});
      if (reason.empty()) reason = text.error();
    }
    auto report = sink_.report(kinds::CannotRead, import.target_span, *import.path, reason);
    for (const std::string& path : tried) {
      const std::string key = normalize_path(path);
      report.note(key.empty() ? "a file is imported by its path: `import \"site.sb\";`" : "looked for `" + key + "`");
    }
    return kNoFile;
  }

  FileIndex load_standard(FileIndex index, const ast::Import& import) {
    std::string name = dotted(import.module);
    if (auto found = known_.find(name); found != known_.end()) return again(found->second, import);
    if (auto text = reader_.standard_module(name)) {
      return add({name, name, std::string(*text), true, import.target_span});
    }
    auto report = sink_.report(kinds::UnknownStandardModule, import.target_span, name);
    if (name == "std") {
      std::string modules;
      for (const std::string_view module : reader_.standard_modules())
        modules += (modules.empty() ? "`" : ", `") + std::string(module) + "`";
      report.note("a module is imported by its own name; there are " + modules);
      return kNoFile;
    }
    const auto meant = meant_module(name);
    if (!meant) {
      report.note("a file of your own is imported by its path: `import \"" + std::string(import.module.last()) +
                  ".sb\";`");
      return kNoFile;
    }
    const std::string module(*meant);
    const std::string last = module.substr(module.rfind('.') + 1);
    if (name.starts_with(module + ".")) {
      report.note("a module is imported whole; what is in it is then called `" + last + name.substr(module.size()) +
                  "`");
    } else {
      report.note("did you mean `" + module + "`?");
    }
    report.fix("write `" + module + "`", import.target_span, module);
    if (!import.alias)
      for (const std::string& each : {last, module}) module_.files[index].missed.push_back(each);
    return kNoFile;
  }

  // `std.runtim`, `runtime`, `sdt.runtime` and `std.runtime.glibc` mean `std.runtime`.
  std::optional<std::string_view> meant_module(const std::string& name) const {
    const std::vector<std::string_view> modules = reader_.standard_modules();
    const auto within = [&](std::string_view module) { return name.starts_with(std::string(module) + "."); };
    const auto outer = std::ranges::find_if(modules, within);
    if (outer != modules.end()) return *outer;
    const auto same_module = std::ranges::find_if(modules, [&](std::string_view module) {
      return module.starts_with("std.") && name.ends_with(module.substr(3)) && name.find('.') == name.rfind('.');
    });
    if (same_module != modules.end()) return *same_module;
    return diag::suggest(name.starts_with("std.") ? name : "std." + name, modules);
  }

  // The file was met before: fine, unless it is one of those being loaded.
  FileIndex again(FileIndex file, const ast::Import& import) {
    auto from = std::ranges::find_if(open_, [&](const Open& open) { return open.file == file; });
    if (file == kNoFile || from == open_.end()) return file;
    std::string cycle;
    for (auto open = from; open != open_.end(); ++open) cycle += "`" + module_.files[open->file].path + "` imports ";
    cycle += "`" + module_.files[file].path + "`";
    auto report = sink_.report(kinds::ImportCycle, import.target_span, cycle);
    for (auto open = from + 1; open != open_.end(); ++open) report.label(open->imported_at, "imported here");
    report.note("move what both need into a third file that both import");
    return kNoFile;
  }

  void bind(FileIndex index, const ast::Import& import, FileIndex file) {
    if (import.alias) {
      bind_name(index, {std::string(import.alias->text), file, import.alias->span});
    } else if (import.path) {
      const std::string_view stem = stem_of(*import.path);
      if (!is_identifier(stem) && file == kNoFile) return;  // it cannot be read
      if (!is_identifier(stem)) {
        sink_.report(kinds::ImportNeedsAlias, import.target_span, stem)
            .fix("give it a name", Span{import.target_span.file, import.target_span.end, import.target_span.end},
                 " as NAME");
        return;
      }
      bind_name(index, {std::string(stem), file, import.target_span});
    } else {
      bind_name(index, {std::string(import.module.last()), file, import.target_span});
      if (import.module.parts.size() > 1) bind_name(index, {dotted(import.module), file, import.target_span});
    }
  }

  void bind_name(FileIndex index, ModuleName name) {
    auto& imports = module_.files[index].imports;
    auto same = std::ranges::find_if(imports, [&](const ModuleName& other) { return other.name == name.name; });
    if (same == imports.end()) {
      imports.push_back(std::move(name));
    } else if (name.name.find('.') == std::string::npos) {
      sink_.report(kinds::DuplicateName, name.span, "module", name.name)
          .label(same->span, "first bound here")
          .note("`as NAME` gives an import another name");
    }
  }

  void load_frequencies(FileIndex index, const ast::Policy& policy) {
    for (const ast::Statement& statement : policy.body) {
      const auto* line = std::get_if<ast::FrequencyLine>(&statement.node);
      if (line == nullptr || !line->file) continue;
      std::string path(*line->file);
      if (!path.starts_with('/')) path = normalize_path(std::string(directory_of(module_.files[index].path)) + path);
      auto text = reader_.read_imported(path);
      if (!text) sink_.report(kinds::CannotRead, statement.span, path, text.error());
      module_.frequencies.push_back({statement.span, text ? sources_.add(path, std::move(*text)) : FileId{}});
    }
  }

  struct Open {
    FileIndex file;
    Span imported_at;
  };
  SourceMap& sources_;
  FileReader& reader_;
  diag::Sink& sink_;
  Module module_;
  std::vector<Open> open_;                            // the files whose imports are being loaded
  std::unordered_map<std::string, FileIndex> known_;  // by normalized path or module name
  bool too_many_ = false;                             // said once
};

}  // namespace

std::string normalize_path(std::string_view path) {
  std::vector<std::string_view> parts;
  const bool absolute = path.starts_with('/');
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    path.remove_prefix(std::min(slash + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else if (part != ".." || !absolute) {
      parts.push_back(part);
    }
  }
  std::string result = absolute ? "/" : "";
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) result += '/';
    result += parts[i];
  }
  return result;
}

Result<Module> load(SourceMap& sources, FileReader& reader, const std::string& root, diag::Sink& sink) {
  return Loader(sources, reader, sink).run(root);
}

}  // namespace sbpc::sema
