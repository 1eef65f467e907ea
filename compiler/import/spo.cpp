// spo.cpp: Kubernetes' security-profiles-operator: YAML documents of kind SeccompProfile, whose `spec` is an OCI table
// -> the model.
//
// Source: kubernetes-sigs/security-profiles-operator api/seccompprofile (SeccompProfileSpec). `baseProfileName` unites
// the rules with those of another profile (spo_union.h): taken from the same file where it is there, else reported.
// Tested by test/cli/import_spo.test.
#include <fmt/format.h>

#include <algorithm>

#include "diag/kinds/import.def"
#include "import/formats.h"
#include "import/oci.h"
#include "import/spo_union.h"
#include "import/tree.h"

namespace sbpc::importer {
namespace {

using Kind = Value::Kind;

struct Document {
  std::string name;
  std::string base;
  Span base_span;
};

std::optional<Document> read_document(Source& source, Value& root, Fields& fields, Foreign& foreign) {
  fields.only(root, {"apiVersion", "kind", "metadata", "spec", "status"});
  const Value* metadata = fields.required(root, "metadata", Kind::table);
  const Value* spec = fields.required(root, "spec", Kind::table);
  if (metadata == nullptr || spec == nullptr) return std::nullopt;
  for (Value& item : root.items) {
    if (&item == spec) fields.any_case(item, oci_field_names(), diag::kinds::ImportKeyRefused, true);
  }
  Document document;
  document.name = fields.text(*metadata, "name");
  document.base = fields.text(*spec, "baseProfileName");
  if (const Value* base = spec->find("baseProfileName")) document.base_span = base->span;
  Profile profile;
  profile.name = document.name;
  if (!read_oci_table(source, *spec, OciKeys::engine, profile)) return std::nullopt;
  if (const Value* annotations = fields.optional(*metadata, "annotations", Kind::table))
    profile.comment = fields.text(*annotations, "description");
  foreign.profiles.push_back(std::move(profile));
  return document;
}

// The rules of the base profile, and of its base, with the profile's own.
void add_bases(Source& source, const std::vector<Document>& documents, Foreign& foreign) {
  const std::vector<Profile> alone = foreign.profiles;
  for (size_t i = 0; i < documents.size(); ++i) {
    size_t at = i;
    std::vector<const Profile*> bases;
    while (!documents[at].base.empty()) {
      const auto base = std::ranges::find(documents, documents[at].base, &Document::name);
      if (base == documents.end() || bases.size() == documents.size()) {
        source.sink.report(diag::kinds::ImportBase, documents[at].base_span, documents[at].base)
            .note(base == documents.end() ? "import that profile, too, and `use` its rules"
                                          : "the profiles name each other in a circle");
        break;
      }
      at = static_cast<size_t>(base - documents.begin());
      bases.push_back(&alone[at]);
    }
    unite_with_bases(foreign.profiles[i], bases, source.sink);
  }
}

// The objects of a document: those of a list, which is what `kubectl get -o yaml` makes.
std::vector<Value*> objects(Value& document, Fields& fields) {
  const std::string kind = document.find("defaultAction") == nullptr ? fields.text(document, "kind") : std::string();
  if (kind != "List" && kind != "SeccompProfileList") return {&document};
  std::vector<Value*> found;
  const Value* list = fields.required(document, "items", Kind::list);
  for (Value& item : document.items) {
    if (&item != list) continue;
    for (Value& object : item.items) {
      if (fields.expect(object, Kind::table, "items")) found.push_back(&object);
    }
  }
  return found;
}

}  // namespace

bool looks_spo(Source& source) {
  const std::string_view text = source.text();
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos || text[first] == '{') return false;
  return text.find("kind: SeccompProfile") != text.npos ||
         (text.find("defaultAction:") != text.npos && text.find("SCMP_ACT_") != text.npos);
}

Result<Foreign> read_spo(Source& source) {
  auto documents = read_yaml(source.sources, source.file, source.sink);
  if (!documents) return failed();
  Fields fields(source.sink);
  Foreign foreign;
  foreign.kind = "Seccomp profiles of Kubernetes' security-profiles-operator";
  std::vector<Document> read;
  std::string other;  // kind of an object that is passed over
  for (Value& document : *documents) {
    if (document.is(Kind::null) || !fields.expect(document, Kind::table, "a document")) continue;
    for (Value* root : objects(document, fields)) {
      if (root->find("defaultAction") != nullptr) {  // an OCI table by itself
        fields.any_case(*root, oci_field_names(), diag::kinds::ImportKeyRefused, true);
        foreign.kind = "OCI profile as YAML";
        Profile profile;
        if (!read_oci_table(source, *root, OciKeys::engine, profile)) return failed();
        foreign.profiles.push_back(std::move(profile));
        read.emplace_back();
        continue;
      }
      if (const std::string kind = fields.text(*root, "kind"); kind != "SeccompProfile") {
        other = kind;  // such may stand in the same file
        continue;
      }
      auto one = read_document(source, *root, fields, foreign);
      if (!one) return failed();
      read.push_back(std::move(*one));
    }
  }
  if (!fields.ok()) return failed();
  if (foreign.profiles.empty()) {
    source.sink.report(diag::kinds::ImportMissingField, Span{source.file, 0, 0}, "kind: SeccompProfile")
        .note(fmt::format("{}a profile is a document of its own, or stands in the `items` of a `kind: List`",
                          other.empty() ? "" : fmt::format("here is `kind: {}`; ", other)));
    return failed();
  }
  add_bases(source, read, foreign);
  return foreign;
}

}  // namespace sbpc::importer
