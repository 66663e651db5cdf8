#include "playground/contract/catalogue.h"

#include "engine/core/nearest_name.h"

namespace neural_ode {

const ExperimentEntry* Catalogue::find(std::string_view name) const {
  for (const ExperimentEntry& entry : entries_) {
    if (entry.name == name) return &entry;
  }
  return nullptr;
}

std::vector<std::string_view> Catalogue::names() const {
  return names_of(entries_);
}

const ExperimentInfo* Catalogue::info(std::string_view name) const {
  const ExperimentEntry* entry = find(name);
  return entry ? &entry->info() : nullptr;
}

bool Catalogue::makes(std::string_view name) const {
  const ExperimentEntry* entry = find(name);
  return entry && entry->make;
}

std::unique_ptr<Experiment> Catalogue::make(std::string_view name) const {
  return makes(name) ? find(name)->make() : nullptr;
}

std::string Catalogue::unknown(std::string_view name) const {
  return unknown_name("experiment", name, names());
}

}  // namespace neural_ode
