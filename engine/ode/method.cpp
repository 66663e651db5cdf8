#include "engine/ode/method.h"

#include <vector>

#include "engine/core/nearest_name.h"

namespace neural_ode {

Method::Method(std::string_view name) : table_(find_method(name)) {
  if (table_ == nullptr) unknown_ = name;
}

Status Method::check() const {
  if (table_ != nullptr) return {};
  if (unknown_.empty()) return Error{"solver: expected a method"};
  return Error{unknown_name("method", unknown_, names_of(methods()))};
}

}  // namespace neural_ode
