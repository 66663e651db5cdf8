#include "playground/picture/frame.h"

namespace neural_ode {

const Metric* Frame::find_metric(std::string_view name) const {
  for (const Metric& metric : metrics) {
    if (metric.name == name) return &metric;
  }
  return nullptr;
}

}  // namespace neural_ode
