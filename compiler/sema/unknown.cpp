#include "sema/unknown.h"

#include <algorithm>

#include "diag/kinds/names.def"
#include "diag/suggest.h"

namespace sbpc::sema {
namespace {

namespace kinds = diag::kinds;

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

// Whether the word is nearer to some of `these` than to all of `others`.
bool is_nearest(std::string_view word, const std::vector<std::string_view>& these,
                const std::vector<std::string_view>& others) {
  const auto one = near_name(word, these);
  const auto other = near_name(word, others);
  return one && (!other || closer(word, *one, *other));
}

// A module that this file imports and that declares the name.
std::string imported_owner(const Context& context, FileIndex file, Space space, std::string_view name) {
  for (const ModuleName& import : context.module.files[file].imports) {
    if (import.file != kNoFile && context.names.find(space, import.file, name).valid()) return import.name;
  }
  return {};
}

}  // namespace

std::optional<std::string_view> near_name(std::string_view word, const std::vector<std::string_view>& candidates) {
  return diag::suggest(word, candidates);
}

bool closer(std::string_view word, std::string_view a, std::string_view b) {
  constexpr size_t kFar = 8;
  return diag::edit_distance(word, a, kFar) < diag::edit_distance(word, b, kFar);
}

bool add_suggestion(diag::Builder& report, Span span, std::string_view word,
                    const std::vector<std::string_view>& candidates) {
  const std::vector<std::string_view> near = diag::suggest_all(word, candidates);
  if (near.empty()) return false;
  std::string names;
  for (size_t i = 0; i < near.size(); ++i)
    names += (i == 0 ? "" : i + 1 == near.size() ? " or " : ", ") + quoted(near[i]);
  report.note("did you mean " + names + "?");
  for (const std::string_view each : near) report.fix("write " + quoted(each), span, std::string(each));
  return true;
}

void report_unknown(Context& context, const Found& found, const ast::QName& name, const UnknownName& unknown) {
  if (found.kind == Found::Kind::poison || found.kind == Found::Kind::declared) return;
  if (found.kind == Found::Kind::unknown_module) {
    const std::string module = qualifier(name);
    const Span span = join(name.parts.front().span, name.parts[name.parts.size() - 2].span);
    const LoadedFile& file = context.module.files[found.file];
    std::vector<std::string_view> modules;
    std::vector<std::string_view> missed(file.missed.begin(), file.missed.end());
    for (const ModuleName& import : file.imports) (import.file == kNoFile ? missed : modules).push_back(import.name);
    if (is_nearest(module, missed, modules) || context.refused_names.contains(module)) return;  // said at the import
    auto report = context.report(kinds::UnknownModule, span, module);
    if (!add_suggestion(report, span, module, modules)) {
      const bool is_library = module == "std" || module.starts_with("std.");
      report.note(is_library
                      ? "add `import " + std::string(context.text(name.span)) +
                            ";` if it is a module, or `import std.MODULE;` of which it is a name; `std` alone is none"
                      : "a module is bound by `import std." + module + ";` or `import \"" + module + ".sb\";`");
    }
    return;
  }
  if (name.parts.size() == 1 && context.refused_names.contains(name.last())) return;
  auto report = context.report(unknown.kind, name.span, context.text(name.span));
  if (!context.report.was_kept()) return;
  const bool is_qualified = name.parts.size() > 1;
  std::vector<std::string_view> candidates = context.names.all(unknown.space, found.file);
  if (!is_qualified && unknown.extra) {
    const std::vector<std::string_view> extra = unknown.extra();
    candidates.insert(candidates.end(), extra.begin(), extra.end());
  }
  const Span span = name.parts.back().span;
  const std::string owner =
      is_qualified ? std::string() : imported_owner(context, found.file, unknown.space, name.last());
  if (!owner.empty()) {
    report.note("the module " + quoted(owner) + " has it")
        .fix("write " + quoted(owner + "." + std::string(name.last())), span, owner + "." + std::string(name.last()));
  } else if (add_suggestion(report, span, name.last(), candidates)) {
    return;
  } else if (is_qualified) {
    report.note(quoted(context.module.files[found.file].path) + " declares no such name");
  } else if (!unknown.otherwise.empty()) {
    report.note(std::string(unknown.otherwise));
  }
}

std::string list_arguments(Context& context, CallRef call) {
  std::string text;
  for (target::Abi abi : context.facts.abis_with(call)) {
    const auto* args = context.facts.args(call, abi);
    if (args == nullptr) continue;
    for (const target::Arg& arg : *args) {
      if (!text.empty()) text += ", ";
      text += arg.name;
    }
    break;
  }
  return text;
}

namespace {

// What other pages, and newer ones, call an argument.
constexpr std::string_view kSameArguments[] = {
    " op cmd command operation request option code function how func call ",
    " path pathname filename file name file_name ",
    " fd fildes sockfd descriptor oldfd socket ",
    " dirfd dfd fd olddirfd ",
    " size len length count nbytes n ",
    " buf buffer data ",
    " sig signal signum signo ",
    " domain family af address_family ",
    " flags flag options ",
    " mode permissions perm ",
    " prot protection ",
};

bool has_word(std::string_view list, std::string_view word) {
  return list.find(" " + std::string(word) + " ") != std::string_view::npos;
}

// The one argument that may be meant by such a name; nullopt if there are several or none.
std::optional<std::string_view> same_argument(std::string_view word, const std::vector<std::string_view>& own) {
  for (const std::string_view names : kSameArguments) {
    if (!has_word(names, word)) continue;
    std::vector<std::string_view> found;
    for (const std::string_view name : own) {
      if (has_word(names, name) && std::ranges::find(found, name) == found.end()) found.push_back(name);
    }
    if (found.size() == 1) return found.front();
  }
  return std::nullopt;
}

}  // namespace

void report_unknown_argument(Context& context, const UnknownArgument& argument) {
  auto report = context.report(kinds::UnknownArgument, argument.span, context.facts.name(argument.call), argument.name);
  if (!context.report.was_kept()) return;
  std::vector<std::string_view> names;
  const bool is_number = argument.name.size() == 4 && argument.name.starts_with("arg") && argument.name[3] >= '0' &&
                         argument.name[3] <= '5';
  std::vector<std::string_view> in_slot;  // on all ABIs
  std::vector<std::string_view> own;
  for (target::Abi abi : context.facts.abis_with(argument.call)) {
    const auto* args = context.facts.args(argument.call, abi);
    if (args == nullptr) continue;
    for (const target::Arg& arg : *args) {
      const bool is_it = is_number && arg.slots.low == argument.name[3] - '0';
      if (is_it && std::ranges::find(in_slot, arg.name) == in_slot.end()) in_slot.push_back(arg.name);
      own.push_back(arg.name);
      names.push_back(arg.name);
      names.push_back(arg.kernel_name);
      names.insert(names.end(), arg.aliases.begin(), arg.aliases.end());
    }
  }
  if (is_number && in_slot.size() == 1) {
    report.note("arguments have names, which are compared in the bits that the kernel reads")
        .fix("write `" + std::string(in_slot.front()) + "`", argument.span, std::string(in_slot.front()));
  } else if (is_number) {
    const std::string slot = "$" + std::string(argument.name.substr(3));
    report.note("arguments have names; the raw register is `" + slot + "`")
        .fix("write `" + slot + "`", argument.span, slot);
  } else if (const auto same = same_argument(argument.name, own)) {
    report.note("here it is called " + quoted(*same)).fix("write " + quoted(*same), argument.span, std::string(*same));
  } else {
    add_suggestion(report, argument.span, argument.name, names);
  }
  const std::string list = list_arguments(context, argument.call);
  report.note(list.empty() ? "it takes no arguments" : "its arguments are " + list);
}

namespace {

// Functions that people know better than the calls they are made of. Those that libc_calls.tsv has measured need no
// row.
struct LibcFunction {
  std::string_view name;
  std::string_view calls;
};
constexpr LibcFunction kLibcFunctions[] = {
    {"printf", "write"},
    {"fprintf", "write"},
    {"puts", "write"},
    {"fputs", "write"},
    {"fwrite", "write"},
    {"putchar", "write"},
    {"fread", "read"},
    {"fgets", "read"},
    {"getline", "read"},
    {"scanf", "read"},
    {"fclose", "close"},
    {"fflush", "write"},
    {"opendir", "openat"},
    {"closedir", "close"},
    {"malloc", "brk, mmap"},
    {"calloc", "brk, mmap"},
    {"free", "munmap"},
    {"sleep", "clock_nanosleep"},
    {"wait", "wait4"},
    {"signal", "rt_sigaction"},
    {"abort", "tgkill"},
    {"execvp", "execve"},
    {"execl", "execve"},
    {"execlp", "execve"},
    {"execv", "execve"},
    {"pthread_mutex_lock", "futex"},
    {"sem_wait", "futex"},
    {"sem_post", "futex"},
    {"getaddrinfo", "socket, connect, sendto, recvfrom"},
    {"gethostbyname", "socket, connect, sendto, recvfrom"},
    {"syslog", "socket, connect, sendto"},
    {"localtime", "openat, read"},
};

// The calls that libc makes for its function of that name, as far as known.
std::string calls_of_function(std::string_view name) {
  constexpr std::string_view kMeasured = "glibc-2.36-x86_64";
  const auto* known = std::ranges::find(kLibcFunctions, name, &LibcFunction::name);
  if (known != std::end(kLibcFunctions)) return std::string(known->calls);
  std::string text;
  for (const target::LibcCall& made : target::libc_calls(kMeasured, name))
    text += (text.empty() ? "" : ", ") + std::string(target::call_name(made.call));
  return text;
}

// How C, the kernel and its tracers write a call.
constexpr std::string_view kCallPrefixes[] = {
    "__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__riscv_sys_", "__s390x_sys_", "__se_sys_", "__do_sys_", "sys_enter_",
    "sys_",       "SYS_",        "__NR_",        "__NR3264_",    "__NR",         "NR_",       "__SNR_",    "__PNR_"};

// What the kernel's own source calls the entry of a call (fs/stat.c, kernel/sys.c).
struct EntryName {
  std::string_view entry;
  std::string_view call;
};
constexpr EntryName kEntryNames[] = {
    {"newstat", "stat"}, {"newlstat", "lstat"}, {"newfstat", "fstat"}, {"newuname", "uname"}};

const EntryName* entry_name(std::string_view word) {
  const auto* row = std::ranges::find(kEntryNames, word, &EntryName::entry);
  return row == std::end(kEntryNames) ? nullptr : row;
}

std::vector<std::string_view> known_calls() {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < target::call_count(); ++i) names.push_back(target::call_name(target::CallId(i)));
  return names;
}

// `__NR_read`; false if the name is no other language's.
bool report_prefixed_call(Context& context, FileIndex file, const ast::QName& name) {
  const std::string_view word = name.last();
  const auto prefix =
      std::ranges::find_if(kCallPrefixes, [&](std::string_view each) { return word.starts_with(each); });
  const bool is_macro = word == "SCMP_SYS" || word == "SCNR";  // SCMP_SYS(read)
  if ((prefix == std::end(kCallPrefixes) && !is_macro) || near_name(word, context.names.all(Space::calls, file)))
    return false;
  auto report = context.report(kinds::UnknownCall, name.span, word);
  if (!context.report.was_kept()) return true;
  report.note("a system call is written by its name alone, as in `allow read;`");
  if (is_macro) return true;
  const std::string_view bare = word.substr(prefix->size());
  const EntryName* entry = entry_name(bare);
  const bool is_known = entry != nullptr || target::find_call(bare).has_value();
  const auto meant = entry != nullptr ? std::optional(entry->call)
                     : is_known       ? std::optional(bare)
                                      : near_name(bare, known_calls());
  if (meant) report.fix("write " + quoted(*meant), name.span, std::string(*meant), is_known);
  return true;
}

}  // namespace

void report_unknown_call(Context& context, const Found& found, const ast::QName& name) {
  const bool means_all = name.parts.size() == 1 && (name.last() == "all" || name.last() == "everything");
  if (found.kind == Found::Kind::none && means_all) {
    context.report(kinds::UnknownCall, name.span, name.last())
        .note("there is no word for all calls: `default` answers those that no statement names");
    return;
  }
  if (found.kind == Found::Kind::none && name.parts.size() == 1 &&
      context.names.find(Space::groups, found.file, name.last()).valid()) {
    context.report(kinds::UnknownCall, name.span, name.last())
        .note("there is a group of that name; a group is written with `@`")
        .fix("write `@" + std::string(name.last()) + "`", name.span, "@" + std::string(name.last()));
    return;
  }
  const std::string made_of = name.parts.size() == 1 ? calls_of_function(name.last()) : std::string();
  if (!made_of.empty()) {
    auto report = context.report(kinds::UnknownCall, name.span, name.last());
    report.note("it is a function of libc, which makes it of " + made_of);
    if (made_of.find(',') == std::string::npos) report.fix("write `" + made_of + "`", name.span, made_of);
    return;
  }
  const bool is_lone = found.kind == Found::Kind::none && name.parts.size() == 1;
  if (const EntryName* entry = is_lone ? entry_name(name.last()) : nullptr) {
    context.report(kinds::UnknownCall, name.span, name.last())
        .note("it is the kernel's entry of " + quoted(entry->call))
        .fix("write " + quoted(entry->call), name.span, std::string(entry->call), true);
    return;
  }
  if (is_lone && report_prefixed_call(context, found.file, name)) return;
  report_unknown(context, found, name, {kinds::UnknownCall, Space::calls, known_calls});
}

namespace {

// Calls of some ABIs, with what others have for them; beside these, names that end in 64, _time64 or 32.
struct OtherName {
  std::string_view call;
  std::string_view other;
};
constexpr OtherName kOtherNames[] = {
    {"_newselect", "select"},
    {"_llseek", "lseek"},
    {"fstatat64", "newfstatat"},
    {"newfstatat", "fstatat64"},
    {"waitpid", "wait4"},
    {"mmap2", "mmap"},
    {"mmap", "mmap2"},
    {"ugetrlimit", "getrlimit"},
    {"sigreturn", "rt_sigreturn"},
    {"sigaction", "rt_sigaction"},
    {"sigprocmask", "rt_sigprocmask"},
    {"sigsuspend", "rt_sigsuspend"},
    {"sigpending", "rt_sigpending"},
    {"send", "sendto"},
    {"recv", "recvfrom"},
    {"open", "openat"},
    {"creat", "openat"},
    {"stat", "newfstatat"},
    {"lstat", "newfstatat"},
    {"access", "faccessat"},
    {"mkdir", "mkdirat"},
    {"rmdir", "unlinkat"},
    {"unlink", "unlinkat"},
    {"rename", "renameat"},
    {"renameat", "renameat2"},
    {"rename", "renameat2"},
    {"link", "linkat"},
    {"symlink", "symlinkat"},
    {"readlink", "readlinkat"},
    {"chmod", "fchmodat"},
    {"chown", "fchownat"},
    {"mknod", "mknodat"},
    {"pipe", "pipe2"},
    {"dup2", "dup3"},
    {"fork", "clone"},
    {"vfork", "clone"},
    {"poll", "ppoll"},
    {"select", "pselect6"},
    {"epoll_wait", "epoll_pwait"},
    {"epoll_create", "epoll_create1"},
    {"eventfd", "eventfd2"},
    {"signalfd", "signalfd4"},
    {"inotify_init", "inotify_init1"},
    {"getdents", "getdents64"},
    {"utime", "utimensat"},
    {"utimes", "utimensat"},
    {"futimesat", "utimensat"},
    {"umount", "umount2"},
    {"sendfile64", "sendfile"},
};

}  // namespace

std::string_view other_name(const Context& context, std::string_view call, AbiSet abis) {
  const auto is_there = [&](std::string_view name) {
    const auto known = target::find_call(name);
    if (!known) return false;
    for (const target::Abi abi : abis) {
      if (!context.facts.is_on(known->value, abi)) return false;
    }
    return true;
  };
  for (const OtherName& row : kOtherNames) {
    if (row.call == call && is_there(row.other)) return row.other;
  }
  for (const std::string_view ending : {"_time64", "64", "32"}) {
    if (call.ends_with(ending) && is_there(call.substr(0, call.size() - ending.size())))
      return call.substr(0, call.size() - ending.size());
  }
  return {};
}

void report_unknown_abi(Context& context, const ast::Name& name, std::vector<std::string_view> also) {
  std::vector<std::string_view> abis = std::move(also);
  for (const target::AbiInfo& row : target::abis()) abis.push_back(row.name);
  struct AbiName {
    std::string_view word;
    std::string_view abi;
  };
  static constexpr AbiName kAbiNames[] = {
      {"x64", "x86_64"},          {"amd64", "x86_64"},    {"x86", "i386"},       {"i686", "i386"},
      {"i586", "i386"},           {"ia32", "i386"},       {"arm64", "aarch64"},  {"armv7", "arm"},
      {"armhf", "arm"},           {"armel", "arm"},       {"arm32", "arm"},      {"ppc64el", "ppc64le"},
      {"powerpc64le", "ppc64le"}, {"powerpc64", "ppc64"}, {"powerpc", "ppc"},    {"hppa", "parisc"},
      {"loong64", "loongarch64"}, {"x86_32", "i386"},     {"x86_64_x32", "x32"},
  };
  auto report = context.report(kinds::UnknownAbi, name.span, name.text);
  if (!context.report.was_kept()) return;
  const auto* other = std::ranges::find(kAbiNames, name.text, &AbiName::word);
  if (other != std::end(kAbiNames)) {
    report.note("it is called " + quoted(other->abi) + " here")
        .fix("write " + quoted(other->abi), name.span, std::string(other->abi));
  } else if (!add_suggestion(report, name.span, name.text, abis)) {
    report.note("`sbpc --print targets` lists them");
  }
}

}  // namespace sbpc::sema
