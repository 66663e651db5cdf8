// An experiment whose data are all its own makes: there is nothing to draw or to paste.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "playground/contract/experiment.h"

namespace neural_ode {

// Base: the kind of experiment that it is.
template <class Base>
class WithoutOwnData : public Base {
 public:
  Status edit(const Edit& /*edit*/) override { return refusal(); }
  std::size_t edits() const override { return 0; }
  Result<std::string> set_data(std::string_view /*csv*/) override {
    return Error{refusal().error()};
  }
  std::string data_csv() const override { return {}; }

 protected:
  using Base::Base;

 private:
  Status refusal() const {
    return Error{"the experiment '" + this->info().name +
                 "' makes its own data and takes no others"};
  }
};

}  // namespace neural_ode
