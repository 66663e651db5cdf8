// Pictures of what an analysis measured.
#pragma once

#include <string>
#include <vector>

#include "engine/analysis/convergence.h"
#include "engine/analysis/gradient_cost.h"
#include "engine/analysis/linearisation.h"
#include "playground/picture/frame.h"

namespace neural_ode {

// One method's row in a picture.
struct MethodCurve {
  std::string label;
  bool adaptive = false;  // its control is rtol, else the step size
  ErrorCurve curve;
  double order = 0;    // measured; of `order` only
  std::string family;  // "explicit"; those of one family follow each other
  int series = 0;      // its style: see series_style
};

// One method's row in a picture of samples that differ in one parameter.
struct BatchCurve {
  std::string label;
  std::vector<Count> own;  // cost of each sample, with its own steps
  double shared = 0;       // cost of a sample when all take the same steps
  int series = 0;
};

// One strategy's row in a picture.
struct GradientCurve {
  std::string label;
  std::vector<GradientCost> costs;
};

// `system` names it in titles, with its time span: "Lorenz, 0 to 10".
Frame precision_frame(const std::string& system, const std::vector<MethodCurve>& methods,
                      double reference_error);
Frame order_frame(const std::string& system, const std::vector<MethodCurve>& methods,
                  double rounding_floor);
// Bytes, work and error against steps. `solve`: the system, its time span and the method.
Frame memory_frame(const std::string& solve, const std::vector<GradientCurve>& curves);
// values: the parameter of each sample, increasing; logarithmic when positive.
Frame batch_frame(const std::string& system, const std::string& parameter,
                  const std::vector<double>& values, const std::vector<BatchCurve>& methods);
Frame stability_frame(const std::string& system, const std::vector<Linearisation>& along);

}  // namespace neural_ode
