// The experiments that a program knows.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "playground/contract/experiment.h"

namespace neural_ode {

// What an experiment exports beside its class.
struct ExperimentEntry {
  std::string_view name;  // as in its info
  const ExperimentInfo& (*info)();
  std::unique_ptr<Experiment> (*make)();  // null: this program knows it and cannot make it
};

class Catalogue {
 public:
  constexpr explicit Catalogue(std::span<const ExperimentEntry> entries) : entries_(entries) {}

  std::vector<std::string_view> names() const;              // in the order of the picker
  const ExperimentInfo* info(std::string_view name) const;  // null when unknown
  bool makes(std::string_view name) const;
  std::unique_ptr<Experiment> make(std::string_view name) const;  // null where `makes` is false
  // "unknown experiment 'foo'; there are: dynamics, classify"
  std::string unknown(std::string_view name) const;

 private:
  const ExperimentEntry* find(std::string_view name) const;

  std::span<const ExperimentEntry> entries_;
};

}  // namespace neural_ode
