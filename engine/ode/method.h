// The method of a solve as an option: said by its name or by its table.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/core/result.h"
#include "engine/ode/tableau.h"

namespace neural_ode {

// Reads as a pointer to the table of the method, null where there is none. A name that no method
// has is remembered, so that the solve can say so.
class Method {
 public:
  Method() = default;
  Method(std::nullptr_t) {}
  Method(const ButcherTableau* table) : table_(table) {}
  Method(std::string_view name);
  Method(const std::string& name) : Method(std::string_view(name)) {}
  Method(const char* name) : Method(std::string_view(name)) {}

  operator const ButcherTableau*() const { return table_; }
  const ButcherTableau* operator->() const { return table_; }
  const ButcherTableau& operator*() const { return *table_; }

  // Neither a method nor the name of what could have been one.
  bool missing() const { return table_ == nullptr && unknown_.empty(); }
  // "unknown method 'dopri6'; there are: euler, ...; did you mean 'dopri5'?"
  Status check() const;

 private:
  const ButcherTableau* table_ = nullptr;
  std::string unknown_;  // the name given, where no method has it
};

}  // namespace neural_ode
