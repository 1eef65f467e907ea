#include "import/questions.h"

namespace sbpc::importer {

void add_questions(const Guard& guard, Questions& questions) {
  questions.caps.insert(guard.needs.begin(), guard.needs.end());
  questions.caps.insert(guard.lacks.begin(), guard.lacks.end());
  if (guard.since) questions.versions.insert(*guard.since);
  if (guard.before) questions.versions.insert(*guard.before);
}

}  // namespace sbpc::importer
