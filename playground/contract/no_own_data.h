// An experiment whose data are all its own makes: there is nothing to draw or to paste.
#pragma once

#include <string>
#include <string_view>

#include "playground/contract/experiment.h"

namespace neural_ode {

class WithoutOwnData : public Experiment {
 public:
  Status edit(const Edit& /*edit*/) override { return refusal(); }
  Status set_data(std::string_view /*csv*/) override { return refusal(); }
  std::string data_csv() const override { return {}; }

 private:
  Status refusal() const {
    return Error{"the experiment '" + info().name + "' makes its own data and takes no others"};
  }
};

}  // namespace neural_ode
